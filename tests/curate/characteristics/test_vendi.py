import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from synthsweep.curate.characteristics.vendi import effective_number, spectrum, vendi_score

ORDERS = (0.5, 1, 2, math.inf)
seeds, sizes = st.integers(0, 2**32 - 1), st.integers(1, 30)


def unit_rows(rows: int, columns: int, seed: int = 1) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(rows, columns))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def by_full_kernel(vectors: np.ndarray, q: float) -> float:
    """The definition, on the kernel of all pairs: the exponential of Rényi's entropy."""
    values = np.linalg.eigvalsh(vectors.astype(float) @ vectors.astype(float).T / len(vectors))
    values = values[values > 1e-12]
    if q == 1:
        return math.exp(entropy(values))
    return 1 / values.max() if math.isinf(q) else np.sum(values**q) ** (1 / (1 - q))


@pytest.mark.parametrize("q", ORDERS)
def test_copies_of_one_text_are_worth_one(q: float) -> None:
    assert vendi_score(np.tile(unit_rows(1, 8), (20, 1)), q) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("q", ORDERS)
def test_texts_that_share_nothing_are_worth_as_many_as_they_are(q: float) -> None:
    """Orthogonal vectors."""

    assert vendi_score(np.eye(7), q) == pytest.approx(7)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (0.5, (0.75**0.5 + 0.25**0.5) ** 2),
        (1, math.exp(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))),
        (2, 1.6),
        (math.inf, 4 / 3),
    ],
)
def test_three_copies_and_one_other_by_hand(q: float, expected: float) -> None:
    """Eigenvalues 3/4 and 1/4."""

    assert vendi_score(np.eye(2)[[0, 0, 0, 1]], q) == pytest.approx(expected)


@given(rows=sizes, columns=sizes, seed=seeds, q=st.sampled_from(ORDERS))
def test_the_smaller_matrix_gives_what_all_pairs_give(rows: int, columns: int, seed: int, q: float) -> None:
    """More texts than dimensions, or fewer."""

    vectors = unit_rows(rows, columns, seed)
    assert vendi_score(vectors, q) == pytest.approx(by_full_kernel(vectors, q), rel=1e-4)


@pytest.mark.parametrize("q", ORDERS)
def test_it_is_the_score_of_the_authors_package(q: float) -> None:
    """vendi-score, where it is installed; it spells infinity."""

    vendi = pytest.importorskip("vendi_score.vendi")
    vectors = unit_rows(60, 16).astype(float)
    theirs = vendi.score_dual(vectors, q="inf" if math.isinf(q) else q, normalize=True)
    assert vendi_score(vectors, q) == pytest.approx(theirs, rel=1e-4)


@given(rows=sizes, columns=sizes, seed=seeds, orders=st.tuples(st.floats(0, 50), st.floats(0, 50)))
def test_a_higher_order_sees_less(rows: int, columns: int, seed: int, orders: tuple[float, float]) -> None:
    """Between 1 and the number of texts, and of dimensions."""

    low, high = sorted(orders)
    vectors = unit_rows(rows, columns, seed)
    more, less = vendi_score(vectors, low), vendi_score(vectors, high)
    assert 1 - 1e-6 <= less <= more * (1 + 1e-6) <= min(rows, columns) * (1 + 1e-5)


@pytest.mark.parametrize("near", [1 - 1e-6, 1 + 1e-6])
def test_order_1_is_the_limit_of_its_neighbours(near: float) -> None:
    """The formula of the other orders divides by zero there."""

    shares = spectrum(unit_rows(30, 10))
    assert effective_number(shares, near) == pytest.approx(effective_number(shares, 1), rel=1e-4)


def test_a_very_high_order_is_near_the_limit() -> None:
    """Shares to the thousandth power underflow; their quotients do not."""

    shares = spectrum(unit_rows(30, 10))
    assert effective_number(shares, math.inf) == pytest.approx(effective_number(shares, 1e4), rel=1e-3)


def test_no_text_has_no_score() -> None:
    """Undefined is not zero."""

    assert vendi_score(np.zeros((0, 4)), 1) is None


def test_a_negative_order_is_refused() -> None:
    """Hill's numbers begin at 0."""

    with pytest.raises(ValueError, match=r"q must be in \[0, inf\], got -1"):
        effective_number(np.ones(1), -1)
