"""Two one-sided tests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from support.grids import against, analysed, random_grid
from support.headlines import effect
from synthsweep.compare.result.effects import Interval
from synthsweep.compare.stats.equivalence import excluded_bound, with_margin


@given(st.floats(-0.1, 0.1), st.floats(0.001, 0.1), st.floats(0.001, 0.2))
def test_a_margin_is_kept_where_the_90_percent_interval_lies_inside(middle: float, half: float, margin: float) -> None:
    """So the smallest such margin is the bound that is excluded."""
    one = effect(middle, tost_interval=Interval(middle - half, middle + half))
    (found,) = with_margin([one], margin)

    assert found.equivalent == (-margin < middle - half and middle + half < margin)
    bound = excluded_bound(one)
    assert bound is not None
    assert with_margin([one], bound + 1e-9)[0].equivalent


def test_without_a_margin_or_an_interval_nothing_is_said() -> None:
    """None is not no."""
    assert with_margin([effect(0.1, tost_interval=Interval(0, 0.2))], None)[0].equivalent is None
    assert with_margin([effect(0.1)], 0.02)[0].equivalent is None


def test_the_interval_is_that_of_two_t_tests_where_seeds_alone_vary() -> None:
    """SciPy's one-sided paired t tests of 0.05 reach its ends; disjoint test sets have one variance."""
    grid = random_grid(np.random.default_rng(3), {"base": 0.5, "arm": 0.9}, blocks=5)
    effects = analysed(grid, against("base", "arm")).effects
    one = next(found for found in effects if (found.metric, found.criterion) == ("f1", "macro"))

    assert one.tost_interval is not None
    assert one.interval is not None
    assert one.interval.low < one.tost_interval.low < (one.difference or 0) < one.tost_interval.high < one.interval.high
    ratio = (one.tost_interval.high - one.tost_interval.low) / (one.interval.high - one.interval.low)
    assert ratio == pytest.approx(stats.t.ppf(0.95, one.degrees) / stats.t.ppf(0.975, one.degrees), rel=0.02)
