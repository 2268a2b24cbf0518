"""Rows as a CSV file."""

from synthsweep.pages.tables.csv_file import csv_bytes


def test_a_row_is_a_line_and_undefined_an_empty_cell() -> None:
    """Every digit is there, in the order of the columns; other keys are left out."""
    rows = [{"share": 1 / 3, "name": "a, b", "other": 1}, {"name": "c", "share": None}]

    assert csv_bytes(("name", "share"), rows) == b'name,share\n"a, b",0.3333333333333333\nc,\n'


def test_the_heads_are_there_without_a_row() -> None:
    assert csv_bytes(("name", "share"), []) == b"name,share\n"


def test_half_a_letter_becomes_a_question_mark() -> None:
    """A lone surrogate in a text must not stop the report."""

    assert csv_bytes(("name",), [{"name": "e\ud800"}]) == b"name\ne?\n"
