"""What the terminal shows of a comparison."""

import io
from dataclasses import replace

from support import answers
from synthsweep.compare.report.intervals import changed
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import Effect, Interval
from synthsweep.display.compare import effects_table
from synthsweep.display.console import open_console

EFFECT = Effect("arm", "average_precision", "macro", 0.4, 0.432, 0.032, Interval(-0.004, 0.068), 6)
ONE = replace(answers.EMPTY, labels=("A1",), effects=(EFFECT,))


def screen(answer: Comparison, width: int = 150) -> list[list[str]]:
    """The lines of the body, cut where there are two spaces."""
    console = open_console(file=io.StringIO(), width=width, color_system=None)
    console.print(effects_table(answer))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    body = text.rpartition("─")[2]
    return [line.strip().split("  ") for line in body.splitlines() if line.strip()]


def test_each_arm_has_a_row() -> None:
    """What its four macro averages changed by, each with its interval below."""
    answer = answers.factorial()
    cells = [[cell.strip() for cell in line if cell] for line in screen(answer)]

    for place, arm in enumerate(answers.ARMS):
        found = [changed(answer.effect(arm, metric, "macro")) for metric in ("average_precision", "precision", "recall", "f1")]
        (name, *changes), intervals = cells[2 * place : 2 * place + 2]
        assert (name, [f"{one} {other}" for one, other in zip(changes, intervals, strict=True)]) == (arm, found)


def test_numbers_stay_whole_on_a_narrow_screen() -> None:
    """Of 80 letters."""
    answer = answers.factorial()
    lines = [cell.strip() for line in screen(answer, 80) for cell in line]

    assert f"[{changed(answer.effect(answers.ARMS[0], 'f1', 'macro')).partition('[')[2]}" in lines


def test_undefined_is_shown_as_a_dash_and_names_as_they_are() -> None:
    """An arm that looks like markup is no colour."""
    named = replace(ONE, effects=(replace(EFFECT, contrast="[red]a[/red]", difference=None, interval=None),))

    assert [[cell.strip() for cell in line if cell] for line in screen(named)] == [["[red]a[/red]", "–", "–", "–", "–"]]
