"""What a person sees."""

import io

from rich.console import Console

from synthsweep.display.run import Screen, criteria_table
from synthsweep.run.progress import Silence
from synthsweep.train.fit import CurvePoint

POINT = CurvePoint(step=20, epoch=2.0, train_loss=0.25, dev_loss=0.5, score=0.75, learning_rate=1e-4)


def shown(terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=120, color_system=None)
    screen = Screen(console)
    screen.stage("training minilm")
    screen.on_step(10, 40, 0.3)
    screen.on_step(20, 40, 0.2)
    screen.on_evaluation(POINT)
    screen.close()
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_a_terminal_has_a_bar_with_loss_and_time_left() -> None:
    """The bar counts steps; each evaluation leaves a line."""

    text = shown(terminal=True)

    assert "20/40" in text
    assert "loss 0.200" in text
    assert "dev AP 0.750" in text


def test_a_log_file_has_a_line_an_evaluation_and_no_bar() -> None:
    """No control characters, no line a step."""

    text = shown(terminal=False)

    assert "\x1b" not in text
    assert ["training minilm", "dev AP 0.750"] == [line.strip().split("  ")[-1] for line in text.splitlines()]


def test_an_undefined_score_is_said_to_be() -> None:
    """Dev without a positive has no average precision."""

    console = Console(file=io.StringIO(), width=120)
    Screen(console).on_evaluation(CurvePoint(1, 1.0, 0.1, 0.1, None, 1e-4))

    assert "dev AP undefined" in console.file.getvalue()  # type: ignore[attr-defined]


def test_the_table_shows_a_dash_for_what_is_undefined() -> None:
    """A zero would be a lie."""

    metrics = {"test/precision/A": None, "test/recall/A": 0.5, "test/support/A": 4.0, "test/f1/macro": 0.25}
    console = Console(file=io.StringIO(), width=100)

    console.print(criteria_table(metrics, ("A",), "title"))

    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    assert ["A", "–", "0.500", "–", "–", "4"] in rows
    assert ["macro", "–", "–", "0.250", "–", ""] in rows


def test_silence_says_nothing() -> None:
    """Library use prints nothing."""

    silence = Silence()

    assert [None] * 3 == [silence.stage("a"), silence.on_step(1, 2, 0.1), silence.on_evaluation(POINT)]
