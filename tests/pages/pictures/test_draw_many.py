"""Many pictures are drawn on all cores, and are the same on any number of them."""

import gc
import logging
import weakref
from functools import partial
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from support.slow_figures import DRAWN, plotted
from synthsweep.pages.pictures import draw_many
from synthsweep.pages.pictures.draw_many import draw_all, further_processes
from synthsweep.pages.pictures.picture import KINDS, Picture
from synthsweep.pages.pictures.scripts import say_that_letters_are_missing


def pictures(count: int, text: str = "", seconds: float = 0.0) -> list[Picture]:
    return [Picture(f"p{place}", "caption", "alt", partial(plotted, float(place), text, seconds)) for place in range(count)]


@pytest.mark.parametrize(
    ("count", "cores", "others"), [(0, 8, 0), (9, 8, 0), (12, 1, 0), (12, 2, 1), (15, 8, 1), (60, 2, 1), (60, 16, 9)]
)
def test_only_many_pictures_are_worth_further_processes(count: int, cores: int, others: int) -> None:
    """Each imports for as long as it takes to draw one or two; no more processes than cores."""
    assert further_processes(count, cores) == others


def test_few_pictures_are_drawn_in_this_process() -> None:
    few = pictures(2)
    draw_all(few, cores=4)

    assert [tuple(sorted(picture.drawn)) for picture in few] == [tuple(sorted(KINDS))] * 2


def test_figures_are_let_go_once_their_files_are_drawn() -> None:
    """All figures of a large report would take more memory than its numbers; the garbage collector works again afterwards."""
    made: list[weakref.ref[Figure]] = []

    def draw() -> Figure:
        figure = plotted(1.0)
        made.append(weakref.ref(figure))
        return figure

    draw_all([Picture("p", "caption", "alt", draw)])

    assert ([figure() for figure in made], gc.isenabled()) == ([None], True)


@pytest.mark.slow
def test_files_are_the_same_on_one_core_and_on_two(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """To the last byte; a letter that no font has is said once, whichever process draws it."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setattr(draw_many, "PICTURES_PER_PROCESS", 3)
    one, two = pictures(6, "\U0001f7f0"), pictures(6, "\U0001f7f0", seconds=3)
    say_that_letters_are_missing.cache_clear()
    DRAWN.clear()
    with caplog.at_level(logging.WARNING):
        draw_all(two, cores=2)
    said, drawn_here = [record.message for record in caplog.records], len(DRAWN)
    draw_all(one, cores=1)

    assert [picture.drawn for picture in two] == [picture.drawn for picture in one]
    assert 0 < drawn_here < len(two)
    assert [line.partition(" of ")[0] for line in said] == ["no font"]


@pytest.mark.parametrize("broken", ["exit 3", "echo no pickle; cat > /dev/null"])
def test_what_a_process_does_not_draw_is_drawn_here_and_that_is_said(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One that is killed, or finds no package, takes no figure with it."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{broken}\n")
    python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))
    monkeypatch.setattr(draw_many, "PICTURES_PER_PROCESS", 1)
    both = pictures(2, seconds=0.05)
    draw_all(both, cores=2)

    assert all(len(picture.drawn) == len(KINDS) for picture in both)
    assert "its figures are drawn in this one" in caplog.text
