"""The table of associations."""

from support import answers
from synthsweep.compare.report.tables.associations import associations


def test_a_refused_association_is_a_line_with_its_reason_and_no_row() -> None:
    """Rows without a number would only be read in vain."""
    table = associations(answers.factorial())

    assert [row[0] for row in table.rows] == ["MATTR", "perplexity"]
    assert "Nothing can be said about label correctness: 4 pools have it: fewer than 8 say nothing." in table.notes
