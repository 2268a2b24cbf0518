"""Effects pooled over criteria: a published example, an integral by brute force, laws, and what their intervals cover."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.compare.stats.pooling import NORMAL, partially_pooled

EFFECTS = st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=9).map(np.array)


def test_the_eight_schools() -> None:
    """Rubin (1981); Gelman et al., Bayesian Data Analysis, table 5.3: posterior medians 10, 8, 6, 7, 5, 6, 10 and 8."""

    effects = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
    errors = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])

    found = partially_pooled(effects, NORMAL * errors, 0.0)

    assert found.effects == pytest.approx([10, 8, 6, 7, 5, 6, 10, 8], abs=1.5)
    assert found.half_widths / NORMAL == pytest.approx([8, 6, 8, 7, 6, 7, 7, 8], abs=1.1)


def test_it_is_the_integral_over_mean_and_spread() -> None:
    """On a grid of both, for three criteria."""

    effects, errors = np.array([0.3, 0.0, 0.1]), np.array([0.1, 0.05, 0.2])
    means, spreads = np.meshgrid(np.linspace(-3, 3, 601), np.geomspace(1e-3, 30, 600))
    variances = errors[:, None, None] ** 2 + spreads**2
    logs = -0.5 * (np.log(variances) + (effects[:, None, None] - means) ** 2 / variances).sum(axis=0)
    weights = np.exp(logs - logs.max()) * spreads  # equal steps of the logarithm
    centres = (effects[0] * spreads**2 + means * errors[0] ** 2) / variances[0]

    found = partially_pooled(effects, NORMAL * errors, 0.0)

    assert found.effects[0] == pytest.approx(np.sum(weights * centres) / weights.sum(), abs=2e-3)


@given(EFFECTS)
def test_equal_errors_keep_the_order_and_the_mean(effects: np.ndarray) -> None:
    """Each effect moves towards the mean, and not beyond it."""

    found = partially_pooled(effects, np.full(len(effects), 0.1), 0.3).effects

    assert found.mean() == pytest.approx(effects.mean(), abs=1e-9)
    assert np.all(np.abs(found - effects.mean()) <= np.abs(effects - effects.mean()) + 1e-9)
    assert np.all((found - effects.mean()) * (effects - effects.mean()) >= -1e-9)


def test_what_is_known_well_stays() -> None:
    """And what is known badly goes to the others."""

    found = partially_pooled(np.array([0.1, 0.2, 0.3, 0.9]), np.array([0.01, 0.01, 0.01, 2.0]), 0.0)

    assert found.effects[:3] == pytest.approx([0.1, 0.2, 0.3], abs=0.005)
    assert abs(found.effects[3] - 0.2) < 0.2


def test_an_error_that_all_share_stays() -> None:
    """It moves all criteria alike, so no criterion corrects another one's."""

    effects, halves = np.array([0.0, 0.1, 0.2, 0.4]), np.full(4, 0.3)
    apart, shared = (partially_pooled(effects, halves, correlation) for correlation in (0.0, 0.95))

    assert np.ptp(shared.effects) > np.ptp(apart.effects)
    assert np.all(shared.half_widths > apart.half_widths)
    assert np.all(shared.half_widths <= halves * 1.01)


@pytest.mark.parametrize("spread", [0.0, 0.5, 2.0])
def test_pooled_intervals_hold_the_truth_and_pooled_effects_are_nearer(spread: float) -> None:
    """Seven criteria, whose true effects differ by nothing, by half an error, or by two."""

    rng, errors = np.random.default_rng(2), np.geomspace(0.5, 2, 7)
    true = spread * rng.normal(size=(1000, 7))
    raw = true + errors * rng.normal(size=true.shape)
    found = [partially_pooled(one, NORMAL * errors, 0.0) for one in raw]
    pooled, halves = np.stack([one.effects for one in found]), np.stack([one.half_widths for one in found])

    assert np.mean(np.abs(pooled - true) <= halves) >= 0.94
    assert np.mean((pooled - true) ** 2) < np.mean((raw - true) ** 2)
