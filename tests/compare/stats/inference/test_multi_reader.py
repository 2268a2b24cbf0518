"""Three seeds on five texts, by hand: the formulas of radiology for readers of cases give the same variance.

The differences of squared errors, seeds by texts, are the numbers of TABLE. Their rows have the means 0.18, 0.27 and 0.244,
their columns 0.14 / 3, 0.57 / 3, 0.50 / 3, 0.77 / 3 and 1.49 / 3, all of them 3.47 / 15.
"""

import numpy as np
import pytest

from support.grids import against, analysed, grid_of, one, output, texts_of
from synthsweep.compare.result.effects import Effect

SEEDS, TEXTS = 3, 5
TABLE = np.array([[0.04, 0.16, 0.09, 0.25, 0.36], [0.09, 0.25, 0.16, 0.36, 0.49], [0.01, 0.16, 0.25, 0.16, 0.64]])


@pytest.fixture(scope="module")
def effect() -> Effect:
    """No text has the criterion: an arm's probabilities are the roots of its squared errors, the baseline's are 0."""
    test = texts_of(np.zeros((TEXTS, 1), dtype=int))
    arm = [output(np.sqrt(row)[:, None]) for row in TABLE]
    grid = grid_of([test] * SEEDS, {"base": [output(np.zeros((TEXTS, 1)))] * SEEDS, "arm": arm})
    return one(analysed(grid, against("base", "arm"), primary="brier"), "arm", "brier", "A")


def test_the_parts_are_those_of_obuchowski_and_rockette(effect: Effect) -> None:
    """Var = (s² of readers) / R + Cov2 (1995), where Cov2 is the mean covariance of two readers' scores on the same cases.

    s² = ((0.18 - 0.23133)² + (0.27 - 0.23133)² + (0.244 - 0.23133)²) / 2 = 0.00214533. The sums of products of the rows, less
    their means, are 0.0814, 0.0993 and 0.1227 for seeds 1 and 2, 1 and 3, 2 and 3; each covariance of two scores is such a
    sum over (C - 1) C = 20: 0.00407, 0.004965, 0.006135.
    """

    assert effect.difference == pytest.approx(3.47 / 15)
    assert effect.seed_variance == pytest.approx(0.00214533 / 3, rel=1e-5)
    assert effect.text_variance == pytest.approx((0.00407 + 0.004965 + 0.006135) / 3)


def test_their_sum_is_that_of_dorfman_berbaum_and_metz(effect: Effect) -> None:
    """Var = (MS_R + MS_C - MS_RC) / (R C) (1992), from the mean squares of readers, cases and both.

    MS_R = 5 x 0.00429067 / 2, MS_C = 3 x 0.11103556 / 4, MS_RC = 0.05941333 / 8.
    """

    expected = (0.01072667 + 0.08327667 - 0.00742667) / 15
    assert _variance(effect) == pytest.approx(expected, rel=1e-6)


def test_their_sum_is_that_of_gallas(effect: Effect) -> None:
    """Var = M1 / RC + M2 (C - 1) / RC + M3 (R - 1) / RC + M4 ((R - 1)(C - 1) / RC - 1) (2006), by mean products of differences.

    M1 of one with itself: 1.2167 / 15. M2 of one reader on two cases: 2.9042 / 60. M3 of two readers on one case:
    2.1908 / 30. M4 of two readers on two cases: 5.7292 / 120.
    """

    products = (1.2167 / 15, 2.9042 / 60, 2.1908 / 30, 5.7292 / 120)
    weights = (1 / 15, 4 / 15, 2 / 15, 8 / 15 - 1)
    assert _variance(effect) == pytest.approx(np.dot(products, weights))


def test_the_interval_has_the_t_of_each_part(effect: Effect) -> None:
    """4.302653 with 2 degrees for seeds, 2.776445 with 4 for texts: 0.23133 ± root(0.0132387 + 0.0389802)."""

    assert effect.interval is not None
    assert (effect.interval.low, effect.interval.high) == pytest.approx((0.231333 - 0.228515, 0.231333 + 0.228515), abs=2e-6)


def _variance(effect: Effect) -> float:
    return (effect.seed_variance or 0.0) + (effect.text_variance or 0.0)
