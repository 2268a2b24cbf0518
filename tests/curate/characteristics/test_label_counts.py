import pytest

from synthsweep.curate.characteristics.label_counts import cardinality, cooccurrence, cooccurrence_gap, label_shares

A, AB, NONE = frozenset("A"), frozenset("AB"), frozenset()


def test_labels_are_counted_per_text() -> None:
    """Four texts with one, two, two and no labels."""

    labels = [A, AB, AB, NONE]

    assert cardinality(labels) == 1.25
    assert cooccurrence(labels) == 0.5
    assert label_shares(labels, ["A", "B", "C"]) == {"A": 0.75, "B": 0.5, "C": 0.0}


@pytest.mark.parametrize(("own", "real", "expected"), [([AB, A], [A, A], 0.5), ([A, A], [AB, A], 0.5), ([AB], [AB], 0.0)])
def test_the_gap_is_the_distance_of_the_shares(own: list[frozenset[str]], real: list[frozenset[str]], expected: float) -> None:
    """More co-occurrence than in the real texts is as far from them as less."""

    assert cooccurrence_gap(own, real) == expected


def test_no_texts_have_no_labels_to_count() -> None:
    """Undefined is not zero."""

    assert [cardinality([]), cooccurrence([]), cooccurrence_gap([], [A]), cooccurrence_gap([A], [])] == [None] * 4
    assert label_shares([], ["A"]) == {}
