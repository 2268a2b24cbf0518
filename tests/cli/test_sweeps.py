"""`synthsweep sweeps` lists the questions that there are."""

from collections.abc import Callable
from pathlib import Path

from support.builders import Answer


def test_the_questions_are_listed(cli: Callable[..., Answer]) -> None:
    """The shipped ones, and those of the current folder, which replace shipped ones of the same name."""

    Path("sweeps").mkdir()
    Path("sweeps/ours.yaml").write_text("# @package _global_\n# Is ours the best?\nstudy: ours\n")
    Path("sweeps/ci.yaml").write_text("study: silent\n")

    lines = cli("sweeps").out.splitlines()

    assert any(line.split() == ["ours", "Is", "ours", "the", "best?"] for line in lines)
    assert any(line.startswith("ci ") and "says nothing" in line for line in lines)
    assert any(line.startswith("full_search ") for line in lines)
