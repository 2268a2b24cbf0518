"""Foreign text on a terminal."""

import io
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from rich.table import Table

from synthsweep.display.console import open_console, print_next, print_prose, stamped
from synthsweep.display.screen import Screen
from synthsweep.progress import Advance, Stage

FOREIGN = ["[v2]", "[/b]", "[bold]x[/bold]", "labels.ids=[a,b]", ":key:", "a\\[b]", "[link=x]y"]


def table(text: str) -> Table:
    shown = Table(text, title=text, caption=text)
    shown.add_row(text)
    return shown


@pytest.mark.parametrize("text", FOREIGN)
@pytest.mark.parametrize(("part", "times"), [(str, 1), (table, 4), (lambda text: stamped(1.0, text, "red"), 1)])
def test_text_is_shown_as_it_is(text: str, part: Callable[[str], Any], times: int) -> None:
    """In a line, in a table with its title, in a styled line."""

    file = io.StringIO()
    open_console(file, width=100).print(part(text))

    assert file.getvalue().count(text) == times


@pytest.mark.parametrize("text", FOREIGN)
def test_a_bar_and_a_stage_show_text_as_it_is(text: str) -> None:
    """What is counted, and its detail."""

    file = io.StringIO()
    screen = Screen(open_console(file, force_terminal=True, width=150, color_system=None))
    screen(Stage(text))
    screen(Advance(1, 2, detail=f"detail {text}", unit=text))
    screen.close()

    assert f"  {text}" in file.getvalue()
    assert f"detail {text}" in file.getvalue()


def test_a_notebook_gets_plain_lines_on_stdout(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Its stderr is red, and its output says that it is a terminal, which it is not."""
    ipython = ModuleType("IPython")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with Screen() as screen:
        screen(Stage("reading texts"))
        screen(Advance(1, 2, unit="texts"))
    said = capsys.readouterr()

    assert (said.out, said.err) == ("   0.0 s  reading texts\n", "")


def test_the_next_steps_are_one_line_where_they_fit_and_one_line_each_where_not() -> None:
    """In a file they are always one line."""
    narrow = open_console(file=io.StringIO(), width=30, force_terminal=True, color_system=None)
    for console in (narrow, open_console(file=io.StringIO(), width=30)):
        print_next(console, "synthsweep compare study=demo", "synthsweep ui")
        print_prose(console, "A sentence that is longer than the terminal")
    shown = [console.file.getvalue().splitlines() for console in (narrow, console)]  # type: ignore[attr-defined]

    assert shown == [
        ["Next:", "  synthsweep compare study=demo", "  synthsweep ui", "A sentence that is longer than", "the terminal"],
        ["Next: synthsweep compare study=demo; synthsweep ui", "A sentence that is longer than the terminal"],
    ]
