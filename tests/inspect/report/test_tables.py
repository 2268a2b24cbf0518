"""The tables of the page."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from support import inspections
from synthsweep.inspect.inspection import InspectedTexts, Word
from synthsweep.inspect.report.tables import of_labels, of_pairs, of_pool, of_steps, of_texts, of_words, superiority

values = st.lists(st.integers(0, 9), min_size=1, max_size=20).map(lambda drawn: np.array(drawn, dtype=float))


@given(values, values)
def test_superiority_is_u_over_its_maximum(synthetic: np.ndarray, real: np.ndarray) -> None:
    """As SciPy has it; undefined values are left out."""
    with_gaps = np.append(synthetic, np.nan)

    expected = mannwhitneyu(synthetic, real).statistic / (len(synthetic) * len(real))
    assert superiority(with_gaps, real) == pytest.approx(expected)


def test_a_row_has_the_middle_of_both_sides() -> None:
    """Median, quartiles, the chance to be higher; what is undefined is counted."""
    side = InspectedTexts(np.zeros((4, 3), dtype=np.int64), {"length": np.array([1.0, 2.0, 3.0, np.nan])})
    other = InspectedTexts(np.zeros((2, 3), dtype=np.int64), {"length": np.array([5.0, 7.0])})
    shown = of_texts(replace(inspections.bare(), synthetic=side, real=other))

    assert tuple(
        (row[0], row[1].replace("1.5", "2"), row[2].replace("5.5", "6").replace("6.5", "6"), *row[3:]) for row in shown.rows
    ) == (("Length", "2 [2, 2]", "6 [6, 6]", "0 %", "from 0", "words per text"),)
    assert shown.notes[-1] == "Undefined and left out: length of 1 synthetic."


def test_what_is_undefined_throughout_is_a_dash() -> None:
    """Never 0."""
    gone = InspectedTexts(np.zeros((2, 3), dtype=np.int64), {"perplexity": np.full(2, np.nan)})
    row = of_texts(replace(inspections.bare(), synthetic=gone)).rows[0]

    assert row[:4] == ("Perplexity", "–", "–", "–")


def test_both_sides_of_a_pool_are_of_one_size() -> None:
    """The whole pool stands apart; labels have a table of their own, means of texts too."""
    found = inspections.full()
    uneven = replace(
        found, even=40, synthetic=replace(found.synthetic, even={"vendi_q1": 11.0}), real=replace(found.real, even={})
    )
    shown = of_pool(uneven)
    rows = {row[0]: row[1:4] for row in shown.rows}

    assert shown.heads[:4] == ("characteristic", "synthetic, 40", "real, 40", "pool, 90")
    assert rows["Vendi score, q = 1"] == ("11.0", "–", "21.5")
    assert {"Length", "Label cardinality"} & set(rows) == set()


def test_criteria_are_counted_with_none_and_several() -> None:
    """Counts and shares of both sides."""
    some = InspectedTexts(np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]]))
    shown = of_labels(replace(inspections.bare(), synthetic=some))

    assert shown.rows[1] == ("A2 Nonverbal communication", "2", "67 %", "0", "0 %")
    assert [row[:2] for row in shown.rows[-2:]] == [("no criterion", "1"), ("two or more", "1")]


def test_pairs_that_differ_most_come_first() -> None:
    """Shares of texts with both; pairs that never occur are left out, and so are those past the fifteenth."""
    synthetic, real = InspectedTexts(np.array([[1, 1, 0], [1, 0, 1]])), InspectedTexts(np.array([[1, 1, 0], [1, 1, 0]]))
    many = InspectedTexts(np.ones((2, 8), dtype=np.int64))
    shown = of_pairs(replace(inspections.bare(), synthetic=synthetic, real=real))
    long = of_pairs(replace(inspections.bare(), criteria=tuple("abcdefgh"), synthetic=many, real=many))

    assert shown.rows == (("A1 and A2", "50 %", "100 %"), ("A1 and B1", "50 %", "0 %"))
    assert (len(long.rows), long.notes) == (15, ("13 more pairs differ less.",))


def test_steps_add_up() -> None:
    """From the pool to what is left, with what was planted and what never was a text."""
    found = inspections.full()
    planted = replace(found, curation=replace(found.curation, planted={"label_noise": 20}))

    assert list(of_steps(planted).rows) == [
        ("pieces of replies rejected: refusal", "2", "–"),
        ("planted: label noise", "20", "20 %"),
        ("duplicates", "7", "7 %"),
        ("leaks", "3", "3 %"),
        ("left", "90", "90 %"),
    ]


def test_words_are_listed_by_side() -> None:
    """The most over-used first on either side; a word that both use alike is on none."""
    words = (Word("new", 4.2, 9, 0), Word("same", 0.0, 5, 5), Word("rare", -1.0, 1, 3), Word("gone", -3.0, 0, 8))
    more, less = of_words(words, {"synthetic": 15, "real": 16})

    assert [[row[0] for row in table.rows] for table in (more, less)] == [["new"], ["gone", "rare"]]
    assert more.rows[0] == ("new", "4.2", "9", "0")
