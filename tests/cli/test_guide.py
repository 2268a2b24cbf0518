"""`synthsweep guide`: the shipped pages in a terminal."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer
from support.patience import LIMIT_S
from synthsweep.display import guide
from synthsweep.display.guide import for_terminal

TOPICS = {
    "index.md": "# Topics\n\n- [limits](limits.md): what it cannot do\n",
    "limits.md": "# Limits\n\nSee [few seeds](statistics.md#seeds), the [index](index.md), [MLflow](https://mlflow.org) "
    "and ![a plot](p.svg).\n\n```console\n$ echo [a](limits.md)\n```\n",
    "statistics.md": "# Statistics\n\nWords.\n",
}


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small guide in the place of the shipped one."""
    for name, text in TOPICS.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(guide, "FOLDER", tmp_path)


def test_without_a_topic_the_index_is_shown(cli: Callable[..., Answer]) -> None:
    """Each link says what to type; a pipe gets neither colours nor spaces at the ends of lines."""

    assert cli("guide").out.split("\n")[-2] == " • limits (synthsweep guide limits): what it cannot do"
    assert "\x1b" not in cli("guide").out


def test_without_an_index_the_topics_are_listed(cli: Callable[..., Answer], tmp_path: Path) -> None:
    """By their first headings."""
    (tmp_path / "index.md").unlink()

    assert cli("guide").out.split("\n")[-3:-1] == [
        " • synthsweep guide limits: Limits",
        " • synthsweep guide statistics: Statistics",
    ]


@pytest.mark.parametrize("topic", ["limits", "limits.md", "Limits"])
def test_a_topic_is_shown_with_its_links_as_commands(cli: Callable[..., Answer], topic: str) -> None:
    """Blocks of code stay as they are."""

    said = cli("guide", topic).out

    assert " ".join(said.split()) == (
        "Limits See few seeds (synthsweep guide statistics), the index, MLflow (https://mlflow.org) and (picture: a plot). "
        "$ echo [a](limits.md)"
    )


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("limts", "did you mean synthsweep guide limits? there are limits, statistics"),
        ("stat", "did you mean synthsweep guide statistics?"),
        ("few seeds", "guide few seeds: no such topic; these say something of it: limits"),
        ("zebra", "no such topic; there are limits, statistics"),
        ("limits statistics", "guide limits statistics: no such topic; did you mean synthsweep guide statistics?"),
    ],
)
def test_a_wrong_topic_is_one_line_and_status_2(cli: Callable[..., Answer], words: str, hint: str) -> None:
    """With the nearest topic and all there are."""

    answer = cli("guide", *words.split())

    assert (answer.status, answer.out, len(answer.err)) == (2, "", 1)
    assert hint in answer.err[0]


def test_links_to_files_of_the_repository_keep_their_words_alone() -> None:
    """An installed package does not have these files."""

    assert for_terminal("[the root file](../../../conf/run.yaml)<!-- a note -->") == "the root file"


@pytest.mark.slow
def test_the_guide_imports_nothing_heavy() -> None:
    """It is read before anything is set up; so does python -m synthsweep work."""
    program = "import sys; sys.argv[1:] = ['guide', 'decisions']; import runpy\n"
    program += "try: runpy.run_module('synthsweep', run_name='__main__')\nexcept SystemExit as end: print(end.code)\n"
    program += "print(sorted({'hydra', 'omegaconf', 'numpy', 'torch', 'mlflow'} & set(sys.modules)))"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT_S, env={**os.environ, "COLUMNS": "70"}
    ).stdout.splitlines()

    assert said[-2:] == ["0", "[]"]
    assert max(len(line) for line in said) <= 70
