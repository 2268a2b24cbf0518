"""A part of texts has the labels of the whole, and grows by adding."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.train.texts import Texts


def texts(truth: list[tuple[int, int]]) -> Texts:
    return Texts([f"text {place}" for place in range(len(truth))], np.array(truth), np.arange(len(truth), dtype=float))


@given(
    st.lists(st.tuples(st.integers(-1, 1), st.integers(0, 1)), min_size=1, max_size=60), st.integers(1, 70), st.integers(0, 5)
)
def test_a_sample_has_the_shares_of_the_whole_and_is_a_part_of_a_larger_one(
    truth: list[tuple[int, int]], count: int, seed: int
) -> None:
    """Each set of labels, give or take one text; labels and weights stay with their texts, which keep their order."""
    whole = texts(truth)

    part, more = whole.sample(count, seed), whole.sample(count + 5, seed)

    places = [int(text.split()[1]) for text in part.texts]
    assert places == sorted(set(places))
    assert len(places) == min(count, len(truth))
    assert [tuple(row) for row in part.truth.tolist()] == [truth[place] for place in places]
    assert part.weights is not None
    assert part.weights.tolist() == places
    assert set(part.texts) <= set(more.texts)
    for labels in set(truth):
        share = truth.count(labels) * len(places) / len(truth)
        assert abs([truth[place] for place in places].count(labels) - share) < 2
