"""What one run leaves to the next: time, and no trace in any number."""

import os
from pathlib import Path

import pytest

from support.builders import AB_CSV, run_config
from synthsweep.run.cache import ProcessCache
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.experiment import RunResult, run_experiment
from synthsweep.run.prepare import prepare
from synthsweep.track.writer import RecordingTracker

CI = ("experiment=ci", "training.threads=1", "tracking=none", "tracking.figures=false", "training.epochs=1")
OWN = ("data=csv", "labels=from_data", "data.path=own.csv", "mix=real_only", "model=tiny")


def result(reuse: ProcessCache | None, *overrides: str) -> RunResult:
    return run_experiment(run_config(*CI, *overrides), RecordingTracker(), Collaborators(cache=reuse))


@pytest.mark.slow
@pytest.mark.parametrize("frozen_layers", [0, 1])
def test_a_warm_run_gives_the_numbers_of_a_cold_one(frozen_layers: int) -> None:
    """To the last bit, after runs that trained with other seeds, doses and lengths."""
    layers = f"model.frozen_layers={frozen_layers}"
    reuse = ProcessCache()
    for other in (("seed=2",), ("mix.ratio=0", "training.batch_size=8"), ("training.max_length=16",), ()):
        result(reuse, layers, *other)

    assert result(None, layers).metrics == result(reuse, layers).metrics
    assert (reuse.training.states.currsize > 0) == (frozen_layers > 0)


@pytest.mark.slow
@pytest.mark.parametrize("frozen_layers", [0, 4])
def test_a_pretrained_encoder_is_as_new_in_each_run(frozen_layers: int) -> None:
    """The run before has trained another copy."""
    small = ("model=minilm", "data.train_size=32", "data.dev_size=50", "data.test_size=50", "mix=real_only")
    layers, reuse = f"model.frozen_layers={frozen_layers}", ProcessCache()
    result(reuse, *small, layers, "seed=2")

    assert result(None, *small, layers).metrics == result(reuse, *small, layers).metrics


def test_a_file_is_read_once_for_every_draw_from_it() -> None:
    """The subset differs from seed to seed; the corpus behind it is one."""
    Path("own.csv").write_text(AB_CSV)
    reuse, drawn = ProcessCache(), ("data.train_size=10",)
    config = run_config(*OWN, *drawn)
    warm = prepare(run_config(*OWN, *drawn, "seed=2"), Collaborators(cache=reuse)), prepare(config, Collaborators(cache=reuse))

    assert len(reuse.corpora) == 1
    assert warm[0].corpus.split.train != warm[1].corpus.split.train
    assert prepare(config) == warm[1]


def test_a_changed_file_is_read_again() -> None:
    """Another time is enough, where the size is as it was."""
    Path("own.csv").write_text(AB_CSV)
    reuse, config = ProcessCache(), run_config(*OWN)
    before = prepare(config, Collaborators(cache=reuse))
    Path("own.csv").write_text(AB_CSV.replace("sentence", "sentance"))
    os.utime("own.csv", ns=(1, 1))

    found = prepare(config, Collaborators(cache=reuse))
    assert found == prepare(config) != before


def test_a_name_means_the_file_of_the_folder_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker may move between folders."""
    reuse, config, found = ProcessCache(), run_config(*OWN), []
    for folder, word in (("one", "sentence"), ("two", "sentance")):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        Path("own.csv").write_text(AB_CSV.replace("sentence", word))
        os.utime("own.csv", ns=(1, 1))
        found.append(prepare(config, Collaborators(cache=reuse)).corpus.split.train[0].text.split()[0])

    assert found == ["sentence", "sentance"]


@pytest.mark.parametrize("override", ["data.split_seed=2", "data.test_share=0.3", "labels.ids=[A]", "data.group=child"])
def test_another_reading_of_a_file_is_another_corpus(override: str) -> None:
    """Whatever shapes labels or parts counts."""
    Path("own.csv").write_text(AB_CSV)
    reuse, config = ProcessCache(), run_config(*OWN, override)
    prepare(run_config(*OWN), Collaborators(cache=reuse))

    assert prepare(config, Collaborators(cache=reuse)).corpus == prepare(config).corpus
    assert len(reuse.corpora) == 2
