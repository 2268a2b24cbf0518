"""A table as a reader sees it."""

from synthsweep.pages.tables.table import compact_table, grouped_rows


def test_a_column_that_is_blank_in_every_row_is_left_out() -> None:
    """Its heading and its alignment go with it."""
    table = compact_table("t", "T", {"arm": "l", "p": "r", "note": "l"}, [("a", "", "x"), ("b", "", "")])

    assert (table.heads, table.align, table.rows) == (("arm", "note"), "ll", (("a", "x"), ("b", "")))


def test_a_dash_is_explained() -> None:
    """A column of dashes stays: undefined is a finding. Without a dash there is no such note."""
    dashed = compact_table("t", "T", {"arm": "l", "AP": "r"}, [("a", "–")], "A note.")
    plain = compact_table("t", "T", {"arm": "l", "AP": "r"}, [("a", "+1.0")], "A note.", "")

    assert dashed.rows == (("a", "–"),)
    assert [dashed.notes, plain.notes] == [("A note.", "–: undefined, or not computed; never 0."), ("A note.",)]


def test_a_group_has_a_row_of_its_own() -> None:
    """A group without rows has none, and neither has one without a name."""

    assert grouped_rows({"a": [("1", "x")], "b": [], "": [("2", "y")]}) == [("a",), ("1", "x"), ("2", "y")]
