"""Ranking beside scikit-learn's, to the last bit: runs of earlier versions were scored by it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from synthsweep.evaluate.ranking import average_precision, precision_recall, roc_auc


@st.composite
def ranked(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Both classes, with as many ties as scores of one or two digits bring, in either precision."""
    seed, count, digits = draw(st.integers(0, 10_000)), draw(st.integers(2, 300)), draw(st.integers(1, 3))
    rng = np.random.default_rng(seed)
    truth = rng.permutation([0, 1, *(rng.random(count - 2) < rng.random())])
    return truth.astype(int), rng.random(count).round(digits).astype(draw(st.sampled_from([np.float32, np.float64])))


@given(ranked())
def test_areas_are_those_of_scikit_learn(case: tuple[np.ndarray, np.ndarray]) -> None:
    truth, scores = case

    assert average_precision(truth, scores) == reference.average_precision_score(truth, scores)
    assert roc_auc(truth, scores) == reference.roc_auc_score(truth, scores)


@given(ranked())
def test_the_curve_is_that_of_scikit_learn(case: tuple[np.ndarray, np.ndarray]) -> None:
    truth, scores = case
    precision, recall, _ = reference.precision_recall_curve(truth, scores)

    found = precision_recall(truth, scores)

    assert [side.tolist() for side in found] == [precision.tolist(), recall.tolist()]


def test_one_text_has_an_average_precision() -> None:
    assert average_precision(np.array([1]), np.array([0.3])) == 1.0


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        average_precision(np.array([0, 1]), np.array([0.3, np.nan]))
