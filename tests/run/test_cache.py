"""A cache saves time from one run to the next, and changes no number."""

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


def result_with(cache: ProcessCache | None, *overrides: str) -> RunResult:
    return run_experiment(run_config(*CI, *overrides), RecordingTracker(), Collaborators(cache=cache))


@pytest.mark.slow
@pytest.mark.parametrize("frozen_layers", [0, 1])
def test_a_warm_run_gives_the_numbers_of_a_cold_one(frozen_layers: int) -> None:
    """To the last bit, after runs that trained with other seeds, doses and lengths."""

    layers = f"model.frozen_layers={frozen_layers}"
    cache = ProcessCache()
    for other in (("seed=2",), ("mix.ratio=0", "training.batch_size=8"), ("training.max_length=16",), ()):
        result_with(cache, layers, *other)

    assert result_with(cache, layers).metrics == result_with(None, layers).metrics
    assert (cache.training.states.currsize > 0) == (frozen_layers > 0)


@pytest.mark.slow
@pytest.mark.parametrize("frozen_layers", [0, 4])
def test_a_pretrained_encoder_is_as_new_in_each_run(frozen_layers: int) -> None:
    """The run before trained its own copy."""

    small = ("model=minilm", "data.train_size=32", "data.dev_size=50", "data.test_size=50", "mix=real_only")
    layers, cache = f"model.frozen_layers={frozen_layers}", ProcessCache()
    result_with(cache, *small, layers, "seed=2")

    assert result_with(cache, *small, layers).metrics == result_with(None, *small, layers).metrics


def test_a_file_is_read_once_for_every_draw_from_it() -> None:
    """Subsets differ from seed to seed; the corpus behind them is one."""

    Path("own.csv").write_text(AB_CSV)
    cache = ProcessCache()
    configs = [run_config(*OWN, "data.train_size=10", f"seed={seed}") for seed in (1, 2)]

    one, other = (prepare(config, Collaborators(cache=cache)) for config in configs)

    assert len(cache.corpora) == 1
    assert one.corpus.split.train != other.corpus.split.train
    assert other == prepare(configs[1])


def test_a_changed_file_is_read_again() -> None:
    """Another modification time is enough, where the size is the same."""

    Path("own.csv").write_text(AB_CSV)
    cache, config = ProcessCache(), run_config(*OWN)
    before = prepare(config, Collaborators(cache=cache))
    Path("own.csv").write_text(AB_CSV.replace("sentence", "sentance"))
    os.utime("own.csv", ns=(1, 1))

    after = prepare(config, Collaborators(cache=cache))

    assert after == prepare(config) != before


def test_a_relative_path_means_the_file_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker may move between folders."""

    cache, config, words = ProcessCache(), run_config(*OWN), []
    for folder, word in (("one", "sentence"), ("two", "sentance")):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        Path("own.csv").write_text(AB_CSV.replace("sentence", word))
        os.utime("own.csv", ns=(1, 1))
        words.append(prepare(config, Collaborators(cache=cache)).corpus.split.train[0].text.split()[0])

    assert words == ["sentence", "sentance"]


@pytest.mark.parametrize("override", ["data.split_seed=2", "data.test_share=0.3", "labels.ids=[A]", "data.group=child"])
def test_another_reading_of_a_file_is_another_corpus(override: str) -> None:
    """Every key counts that shapes labels or parts."""

    Path("own.csv").write_text(AB_CSV)
    cache, config = ProcessCache(), run_config(*OWN, override)
    prepare(run_config(*OWN), Collaborators(cache=cache))

    assert prepare(config, Collaborators(cache=cache)).corpus == prepare(config).corpus
    assert len(cache.corpora) == 2
