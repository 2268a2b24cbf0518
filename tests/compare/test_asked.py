"""The names in a question are checked before a file is read."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from support.kept_studies import CONTROL, Planted, keep_study
from synthsweep.compare.asked import require_known
from synthsweep.compare.comparison import compare_studies
from synthsweep.compare.read.placed_runs import PlacedRuns, place_runs
from synthsweep.compare.read.runs import StudyRun
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.roots import CompareConfig, CompareSettings
from synthsweep.errors import InputError
from synthsweep.progress import silent
from synthsweep.track.choose import existing_reader
from synthsweep.track.writer import Tracker

METRICS = {"test/support/A1": 3.0, "test/support/B 2": 4.0, "test/support/macro": 3.5}


def run(trial: int, assignment: Mapping[str, str]) -> StudyRun:
    return StudyRun(f"r{trial}", f"run {trial}", "mine", trial, assignment, {"seed": "1"}, METRICS, {}, f"r{trial}")


def placed() -> PlacedRuns:
    """A control, then two LLMs by two doses, in trials 0 to 4; one LLM is a path."""
    llms = ("gpt-mini", "texts/own file.jsonl")
    cells = [{"mix.ratio": dose, "llm": llm} for llm in llms for dose in ("0.5", "1")]
    return place_runs([run(trial, one) for trial, one in enumerate([{"mix.ratio": "0"}, *cells])])


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"factors": ["llm", "mix.ratio"]},
        {"baseline": "mix.ratio:0.50"},
        {"baseline": "llm=gpt-mini"},
        {"baseline": ["llm:own file", "mix.ratio:1"]},
        {"baseline": {"mix.ratio": 0}},
        {"baseline": "3"},
        {"baseline": "ratio=1 llm=gpt-mini"},
        {"compare": CompareSettings(threshold={"A1": 0.3, "default": 0.5})},
    ],
)
def test_a_name_that_the_runs_have_passes(given: dict[str, object]) -> None:
    """Levels are written as people write them."""
    require_known(CompareConfig(study="mine", **given), placed())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"factors": "ratio"}, "factors=ratio: the study varies no such key; did you mean factors=mix.ratio?"),
        ({"factors": "xyz"}, "factors=xyz: the study varies no such key; there are llm, mix.ratio"),
        ({"baseline": "mix.rato:0"}, "baseline=mix.rato:0: the study varies no mix.rato; did you mean baseline=mix.ratio:0?"),
        ({"baseline": "mix.ratio:7"}, "baseline=mix.ratio:7: mix.ratio has no such level; there are 0, 0.5, 1"),
        ({"baseline": "llm:gpt-mni"}, "baseline=llm:gpt-mni: llm has no such level; did you mean baseline=llm:gpt-mini?"),
        ({"baseline": ["mix.ratio:0", "llm:no"]}, "baseline=llm:no: llm has no such level; there are gpt-mini, own file"),
        ({"baseline": "17"}, "baseline=17: no finished trial has this number; there are 0, 1, 2, 3, 4"),
        (
            {"baseline": "typo"},
            "baseline=typo: this is no KEY:LEVEL, no number of a trial and no name of a configuration; there are ratio=0, "
            "ratio=0.5 llm=gpt-mini, ratio=1 llm=gpt-mini, ratio=0.5 llm=own file and 1 more",
        ),
        (
            {"compare": CompareSettings(threshold={"A2": 0.3, "default": 0.5})},
            "compare.threshold: there is no label A2; there are A1, B 2, and default for the others",
        ),
    ],
)
def test_a_name_that_no_run_has_is_refused_with_those_that_there_are(given: dict[str, object], said: str) -> None:
    """One line: the key, the word, what comes near."""

    with pytest.raises(InputError) as error:
        require_known(CompareConfig(study="mine", **given), placed())  # type: ignore[arg-type]

    assert str(error.value) == said


def test_a_wrong_name_is_refused_before_a_file_is_read(tracker: Tracker) -> None:
    """Without predictions, nothing but the names could be refused."""

    keep_study(tracker, "mine", [Planted(CONTROL), Planted({"mix.ratio": "1"})], [1, 2])
    for path in Path("mlruns").rglob("predictions.parquet"):
        path.unlink()

    unknown = CompareSettings(threshold={"x": 0.3, "default": 0.5})
    for given in ({"baseline": "typo"}, {"factors": "typo"}, {"compare": unknown}):
        with pytest.raises(InputError, match=r"typo|no label x"):
            compare_studies(CompareConfig(study="mine", **given), existing_reader(TrackingConfig()), silent, "")  # type: ignore[arg-type]
