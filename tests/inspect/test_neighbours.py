"""The nearest other text of the same side."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.inspect.neighbours import nearest_other


def rows(count: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(count, 4))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@given(count=st.integers(2, 40), seed=st.integers(0, 1000))
def test_it_is_the_largest_cosine_to_any_other(count: int, seed: int) -> None:
    """As looking at every pair says."""
    vectors = rows(count, seed)
    pairs = [[float(a @ b) for j, b in enumerate(vectors) if j != i] for i, a in enumerate(vectors)]

    assert nearest_other(vectors).tolist() == [pytest.approx(max(others)) for others in pairs]


def test_blocks_change_nothing() -> None:
    """A large pool is compared piece by piece."""
    vectors = rows(23, 1)

    assert nearest_other(vectors, cells=50) == pytest.approx(nearest_other(vectors))


def test_a_text_that_is_there_twice_is_its_own_nearest() -> None:
    """At cosine 1; a text that is alone has none."""
    twice = rows(1, 1).repeat(2, axis=0)

    assert nearest_other(twice).tolist() == [pytest.approx(1)] * 2
    assert np.isnan(nearest_other(rows(1, 1))).all()
