"""What was asked, and where its report lies."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from synthsweep.compare.report.question import question_of
from synthsweep.config.roots import CompareConfig, CompareSettings
from synthsweep.config.rules import Acts, is_alias

REPORTS = Path("reports")
# A value that is not the default, for every key; a new key needs one.
OTHER = {
    "metric": "f1", "filter": "params.seed = '1'", "threshold": 0.5, "confirm": 3, "power": 0.9, "equivalence": 2.0,
}  # fmt: skip


def asked(study: Any = "demo", *, baseline: Any = None, factors: Any = None, **settings: Any) -> tuple[str, str]:
    """The folder of a question, and its place in the study's run."""
    found = question_of(CompareConfig(study, baseline, factors, CompareSettings(**settings)))
    return found.folder(REPORTS).relative_to(REPORTS).as_posix(), found.artifact_path


@pytest.mark.parametrize(
    ("question", "folder", "place"),
    [
        ({}, "demo", "report"),
        ({"threshold": None, "filter": ""}, "demo", "report"),
        ({"resamples": 300, "seed": 2, "tfidf_baseline": False, "storage": "sqlite:///x.db"}, "demo", "report"),
        ({"baseline": "real_only"}, "demo/baseline-real_only", "reports/baseline-real_only"),
        ({"baseline": ["prompt:plain", "mix.ratio=0.50"]}, *2 * ["{}baseline-mix.ratio=0.5,prompt=plain"]),
        ({"baseline": {"mix.ratio": 0.5, "prompt": "plain"}}, *2 * ["{}baseline-mix.ratio=0.5,prompt=plain"]),
        ({"factors": ["prompt", "llm"]}, *2 * ["{}factors-llm,prompt"]),
        ({"threshold": 1}, *2 * ["{}threshold-1"]),
        ({"threshold": "dev_f1", "baseline": 3}, *2 * ["{}baseline-3+threshold-dev_f1"]),
        ({"resamples": 300, "power": 0.9}, *2 * ["{}power-0.9"]),
        ({"study": ["a", "b"]}, "a+b", "reports/a+b"),
        ({"study": ["a", "b"], "metric": "f1"}, "a+b/metric-f1", "reports/a+b/metric-f1"),
    ],
)
def test_a_question_has_a_readable_folder_of_its_own(question: dict[str, Any], folder: str, place: str) -> None:
    """Named by what differs from the defaults; the usual question keeps the study's folder."""

    assert asked(**question) == (folder.format("demo/"), place.format("reports/"))


def test_every_setting_that_asks_something_else_makes_another_report() -> None:
    """And none lies where another one does, alone or with another setting."""

    names = [item.name for item in fields(CompareSettings) if not is_alias(item) and item.metadata.get("acts") != Acts.NEVER]
    single = [asked(**{name: OTHER[name]}) for name in names]
    pairs = [asked(**{one: OTHER[one], two: OTHER[two]}) for one in names for two in names if one < two]

    assert len({*single, *pairs, asked()}) == len(single) + len(pairs) + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"study": "a/b"}, {"study": "a_b"}),
        ({"study": "a+b"}, {"study": ["a", "b"]}),
        ({"study": None, "filter": "x"}, {"study": "filter", "filter": "x"}),
        ({"filter": "params.`a` = '1'"}, {"filter": 'params."a" = "1"'}),
        ({"baseline": "llm:a+threshold-1"}, {"baseline": "llm:a", "threshold": 1}),
        ({"baseline": "llm:a,prompt=b"}, {"baseline": ["llm:a", "prompt:b"]}),
        ({"baseline": "llm:x/y"}, {"baseline": "llm:x_y"}),
    ],
)
def test_questions_that_look_alike_have_two_folders(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert asked(**one)[0] != asked(**other)[0]


def test_a_password_is_in_no_name() -> None:
    folder, _ = asked(filter="postgresql://me:secret@host/db")

    assert "secret" not in folder
