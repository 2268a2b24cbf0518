"""Krippendorff's alpha against its author's own examples, Cohen's kappa against scikit-learn."""

from itertools import combinations
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from synthsweep.audit.stats.agreement import cohen_kappa, coincidence_matrix, krippendorff_alpha

# Raters, each with a value or nothing for each unit.
TABLES = st.integers(1, 12).flatmap(
    lambda units: st.lists(
        st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=units, max_size=units), min_size=2, max_size=5
    )
)


def ratings(*rows: str | list[str]) -> dict[str, dict[str, str]]:
    """A row of values a rater; a dot or nothing is no value."""
    return {
        f"rater {place}": {f"unit {unit:02}": value for unit, value in enumerate(row) if value not in {".", ""}}
        for place, row in enumerate(rows)
    }


def test_krippendorffs_example_of_binary_values_of_two_observers() -> None:
    """Part A of Computing Krippendorff's Alpha-Reliability (2011): 0.095."""
    assert krippendorff_alpha(ratings("0100000010", "1110010000")) == pytest.approx(0.095, abs=0.0005)


def test_krippendorffs_example_of_nominal_values_of_two_observers() -> None:
    """Part B: 0.692."""
    assert krippendorff_alpha(ratings("aabbdcccedda", "babbbccceddd")) == pytest.approx(0.692, abs=0.0005)


def test_krippendorffs_example_of_any_number_of_observers_with_missing_values() -> None:
    """Part C: 0.743; its coincidences of 40 pairable values."""
    rows = ratings("123321412...", "1233224125.3", ".3332342251.", "12332441251.")

    assert krippendorff_alpha(rows) == pytest.approx(0.743, abs=0.0005)
    assert coincidence_matrix(rows).sum(axis=1).tolist() == pytest.approx([9, 13, 10, 5, 3])


def test_raters_who_always_agree_have_an_alpha_and_a_kappa_of_one() -> None:
    same = ratings("abcabc", "ab.abc", "abca..")

    assert (krippendorff_alpha(same), cohen_kappa(same)) == (1, 1)


def test_agreement_is_undefined_where_nothing_could_have_been_agreed_by_chance() -> None:
    """Nobody, one rater, nothing in common, one value throughout: neither zero nor one."""
    for rows in ([], ["abc"], ["ab..", "..ab"], ["aaaa", "aaaa"]):
        assert (krippendorff_alpha(ratings(*rows)), cohen_kappa(ratings(*rows))) == (None, None)


def test_one_unit_in_common_has_no_kappa() -> None:
    """The one unit agrees or not; that is no rate."""
    assert cohen_kappa(ratings("a.", "bb")) is None


@given(TABLES)
def test_kappa_is_the_mean_of_scikit_learns_over_pairs(table: list[list[str]]) -> None:
    found = []
    for one, other in combinations(table, 2):
        pairs = [(a, b) for a, b in zip(one, other, strict=True) if a and b]
        if len(pairs) > 1 and len({value for pair in pairs for value in pair}) > 1:
            found.append(cohen_kappa_score(*zip(*pairs, strict=True)))

    assert cohen_kappa(ratings(*table)) == pytest.approx(mean(found) if found else None)


@given(TABLES, st.permutations(["a", "b", "c"]))
def test_names_do_not_matter(table: list[list[str]], letters: list[str]) -> None:
    """Other names of values, another order of raters and of units: the same alpha."""
    renamed = [["" if not value else letters["abc".index(value)] for value in reversed(row)] for row in reversed(table)]

    assert krippendorff_alpha(ratings(*table)) == pytest.approx(krippendorff_alpha(ratings(*renamed)))
    assert cohen_kappa(ratings(*table)) == pytest.approx(cohen_kappa(ratings(*renamed)))


@given(TABLES)
def test_alpha_is_one_less_observed_over_expected_disagreement_of_pairs(table: list[list[str]]) -> None:
    """Counted pair by pair: within units, each unit of m values weighing 1 / (m - 1), and over all pairable values."""
    units = [[row[unit] for row in table if row[unit]] for unit in range(len(table[0]))]
    units = [values for values in units if len(values) > 1]
    pairable = [value for values in units for value in values]
    observed = sum(2 * sum(a != b for a, b in combinations(values, 2)) / (len(values) - 1) for values in units)
    expected = 2 * sum(a != b for a, b in combinations(pairable, 2)) / max(1, len(pairable) - 1)

    assert krippendorff_alpha(ratings(*table)) == pytest.approx(1 - observed / expected if expected else None)


@given(TABLES)
def test_a_rater_without_a_value_changes_nothing(table: list[list[str]]) -> None:
    assert krippendorff_alpha(ratings(*table)) == krippendorff_alpha(ratings(*table, []))
