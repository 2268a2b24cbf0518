"""The table of associations."""

from support import answers
from synthsweep.compare.report.tables.associations import associations


def test_a_refused_association_says_why() -> None:
    """It has no number."""
    row = associations(answers.factorial()).rows[2]

    assert row == ("label correctness", "change in macro AP", "4", "–", "–", "", "4 pools have it: fewer than 8 say nothing")
