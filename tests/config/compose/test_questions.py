"""The questions that sweeps/ asks."""

from pathlib import Path

from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.questions import questions


def test_every_shipped_sweep_asks_something() -> None:
    """One entry per file, by name."""

    names = sorted(file.stem for file in shipped("sweeps").glob("*.yaml"))

    assert [question.name for question in questions()] == names
    assert all("?" in question.text for question in questions())


def test_a_sweep_of_the_current_folder_hides_the_shipped_one() -> None:
    """Its whole first comment is the question, the package line aside."""

    Path("sweeps").mkdir()
    Path("sweeps/ci.yaml").write_text("# @package _global_\n# Is it mine?\n# It is.\nstudy: ci\n# not this\n")

    found = next(question for question in questions() if question.name == "ci")

    assert (found.text, found.place) == ("Is it mine? It is.", Path("sweeps").resolve())
