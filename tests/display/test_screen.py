"""The screen of one command, on a terminal and in a log."""

import io

from synthsweep.display.console import open_console
from synthsweep.display.screen import Screen
from synthsweep.progress import Advance, Stage
from synthsweep.train.curve import CurvePoint, Evaluated

POINT = CurvePoint(step=20, epoch=2.0, train_loss=0.25, dev_loss=0.5, score=0.75, learning_rate=1e-4)


def screen(*, terminal: bool = False, quiet_s: float = -1.0) -> Screen:
    console = open_console(file=io.StringIO(), force_terminal=terminal, width=150, color_system=None)
    return Screen(console, quiet_s=quiet_s)


def shown(one: Screen) -> str:
    assert isinstance(one.console.file, io.StringIO)
    return one.console.file.getvalue()


def lines(one: Screen) -> list[str]:
    """The lines without the seconds since the start."""
    return [line.partition(" s  ")[2] for line in shown(one).splitlines()]


def test_a_terminal_has_a_bar_with_loss_and_time_left() -> None:
    """The bar counts steps; each evaluation leaves a line."""

    one = screen(terminal=True)
    with one:
        one(Stage("training minilm"))
        one(Advance(10, 40, "loss 0.300", "steps"))
        one(Advance(20, 40, "loss 0.200", "steps"))
        one(Evaluated(POINT, 40))

    assert "steps 20/40" in shown(one)
    assert "loss 0.200" in shown(one)
    assert "dev AP 0.750" in shown(one)
    # The cursor is shown again.
    assert shown(one).rstrip().endswith("\x1b[?25h\x1b[1A\x1b[2K") or "\x1b[?25h" in shown(one)


def test_a_log_has_a_line_per_stage_and_evaluation_and_no_bar() -> None:
    """No control characters, and no line for each step."""

    one = screen(quiet_s=3600.0)
    with one:
        one(Stage("training minilm"))
        one(Advance(10, 40, "loss 0.300", "steps"))
        one(Evaluated(POINT, 40))

    assert "\x1b" not in shown(one)
    assert lines(one) == ["training minilm", "epoch  2.0  step 20 of 40  loss 0.250  dev loss 0.500  dev AP 0.750"]


def test_a_log_says_now_and_then_how_far_a_stage_is() -> None:
    """A stage without a unit is short and gets no such line."""

    one = screen()
    one(Advance(1, 4, "1 rejected", "texts"))
    one(Advance(1, 4))

    assert lines(one) == ["1 of 4 texts, 1 rejected"]


def test_an_undefined_score_is_shown_as_undefined() -> None:
    """Dev without a positive has no average precision."""

    one = screen()
    one(Evaluated(CurvePoint(1, 1.0, 0.1, 0.1, None, 1e-4), 4))

    assert "dev AP undefined" in shown(one)


def test_one_bar_shows_two_counts_one_after_the_other() -> None:
    """A pool and then the answers of its judge, each with its own total."""

    one = screen(terminal=True)
    with one:
        one(Advance(0, 4, "", "texts"))
        one(Advance(0, 7, "", "answers"))

    assert "answers 0/7" in shown(one)


def test_a_name_in_brackets_is_shown_as_it_is() -> None:
    """A user's name is not markup of the terminal."""

    one = screen()
    one(Stage("study [red]x"))

    assert lines(one) == ["study [red]x"]
