"""The tables that answer first."""

from dataclasses import replace

import pytest

from support import answers
from synthsweep.compare.report.tables.answer import by_criterion, counts, first_arms, primary, worth, worth_in_words
from synthsweep.compare.result.supplements import RealWorth

FULL = answers.factorial()


def test_each_criterion_goes_from_a_score_to_a_score() -> None:
    """By its name; a star where it is significant after the correction, a dash where the change is undefined."""
    table = by_criterion(FULL)
    row = table.rows[4]

    assert (row[0], row[1]) == ("B2 Insistence on sameness", str(FULL.positives["B2"]))
    assert [cell.endswith("*") for cell in row[2:]] == [
        effect is not None and effect.is_significant
        for effect in (FULL.effect(arm, FULL.primary, "B2") for arm in answers.ARMS)
    ]
    assert set(by_criterion(answers.undefined()).rows[0][2:]) == {"–"}


def test_of_many_arms_the_clearest_come_first() -> None:
    """The others are counted, not dropped."""
    many = answers.many_labels((0.5, 1))

    assert (len(first_arms(many)), "4 more below, in “Scores”." in primary(many).notes) == (4, True)


def test_counts_have_a_row_per_criterion_and_one_for_all() -> None:
    """From the baseline to the arm, with what was gained and lost."""
    rows = counts(FULL).rows[:9]

    assert rows[0] == (answers.ARMS[0],)
    assert (rows[1][0], rows[8][0]) == ("A1 Social-emotional reciprocity", "all criteria")
    assert rows[1][1:] == ("6.2", "3.1 → 3.6", "0.8", "0.3", "2.0 → 2.9", "1.4", "0.5")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "are worth 70 more real texts (95 % interval: 10 or more)."),
        ({"high": 600}, "are worth 70 more real texts (95 % interval 10 to 200)."),
        ({"low": None}, ": it cannot be said how many real texts they are worth, since every number that was tried fits."),
        ({"equal": None, "above": True}, "are worth more than 400 more real texts (95 % interval: 10 or more)."),
        ({"equal": None, "above": True, "real": 800}, "that was tried, so their worth is not known."),
    ],
)
def test_a_worth_is_a_number_only_where_the_curve_gives_one(changed: dict[str, float | None], words: str) -> None:
    """With its interval, or that it cannot be said."""
    one: RealWorth = replace(answers.WORTH, arm="plain", **changed)  # type: ignore[arg-type]

    assert worth_in_words(one).endswith(words)
    assert worth(replace(FULL, worth=(one,))).rows[0][0] == "plain"
