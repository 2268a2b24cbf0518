"""Adjusted p values beside statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from synthsweep.compare.stats.inference.multiplicity import false_discovery, holm

P_VALUES = st.lists(st.integers(1, 200).map(lambda step: step / 200), min_size=1, max_size=30)


@given(P_VALUES)
def test_holm_is_that_of_statsmodels(p: list[float]) -> None:
    assert holm(np.array(p)) == pytest.approx(multipletests(p, method="holm")[1])


@given(P_VALUES)
def test_the_false_discovery_rate_is_that_of_statsmodels(p: list[float]) -> None:
    assert false_discovery(np.array(p)) == pytest.approx(multipletests(p, method="fdr_bh")[1])


@pytest.mark.parametrize("adjust", [holm, false_discovery])
def test_what_was_not_tested_does_not_count(adjust: object) -> None:
    """NaN stays NaN, and the others are adjusted for as many as there are; none at all is none."""

    assert callable(adjust)
    np.testing.assert_allclose(adjust(np.array([0.01, np.nan, 0.04])), [0.02, np.nan, 0.04])
    assert np.isnan(adjust(np.array([np.nan]))).all()
