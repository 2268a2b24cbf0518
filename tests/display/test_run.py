"""What a terminal shows of a run."""

import io

from synthsweep.display.console import open_console
from synthsweep.display.run import accuracy_line, criteria_table, subgroup_tables


def test_the_table_shows_a_dash_for_what_is_undefined() -> None:
    """A zero would be a lie."""

    metrics = {"test/precision/A": None, "test/recall/A": 0.5, "test/support/A": 4.0, "test/f1/macro": 0.25}
    screen = io.StringIO()

    open_console(file=screen, width=100).print(criteria_table(metrics, ("A",), "title"))

    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in screen.getvalue().splitlines()]
    assert ["A", "–", "0.500", "–", "–", "4"] in rows
    assert ["macro", "–", "–", "0.250", "–", ""] in rows


def test_accuracy_stands_beside_every_test_set_and_subgroup() -> None:
    """Where each text has one class, it is the first number that a reader asks for."""

    names = {"test": 0.5, "test_later": 0.25, "subgroup/age/old": 0.75}
    metrics = {f"{place}/accuracy/micro": value for place, value in names.items()} | {"subgroup/age/old/examples": 4.0}
    screen = io.StringIO()
    open_console(file=screen, width=80).print(*subgroup_tables(metrics))
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in screen.getvalue().splitlines()]

    assert accuracy_line(metrics, ["test", "test_later"]).startswith("Accuracy 0.500 on test, 0.250 on test_later: ")
    assert accuracy_line(metrics, ["test"]).startswith("Accuracy 0.500: ")
    assert ["old", "4", "0.750", "–", "–", "–", "–"] in rows
