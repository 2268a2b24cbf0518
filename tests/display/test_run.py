"""What a terminal shows of a run."""

import io

from synthsweep.display.console import open_console
from synthsweep.display.run import criteria_table


def test_the_table_shows_a_dash_for_what_is_undefined() -> None:
    """A zero would be a lie."""

    metrics = {"test/precision/A": None, "test/recall/A": 0.5, "test/support/A": 4.0, "test/f1/macro": 0.25}
    screen = io.StringIO()

    open_console(file=screen, width=100).print(criteria_table(metrics, ("A",), "title"))

    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in screen.getvalue().splitlines()]
    assert ["A", "–", "0.500", "–", "–", "4"] in rows
    assert ["macro", "–", "–", "0.250", "–", ""] in rows
