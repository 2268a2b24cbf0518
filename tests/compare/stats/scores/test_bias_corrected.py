"""Average precision corrected for the size of the test set: beside scikit-learn without each group, and what bias is left."""

import numpy as np
import pytest
from scipy.special import ndtr
from sklearn.metrics import average_precision_score

from support.grids import output, texts_of
from synthsweep.compare.grid import TestSet
from synthsweep.compare.stats.scores.bias_corrected import PRECISION, bias_corrected
from synthsweep.compare.stats.scores.influence import run_influences, stacked, text_counts


def corrected(probabilities: np.ndarray, test: TestSet) -> np.ndarray:
    """(criteria and macro and micro,) of one run."""
    counts = text_counts(test)
    scores = stacked([run_influences(output(probabilities), test, counts).scores])
    return bias_corrected(scores, (counts.positives > 0).sum(axis=1))[0]


def jackknife(probabilities: np.ndarray, truth: np.ndarray, groups: np.ndarray) -> float:
    raw, count = average_precision_score(truth, probabilities), int(groups.max()) + 1
    without = [average_precision_score(truth[groups != g], probabilities[groups != g]) for g in range(count)]
    return float(count * raw - (count - 1) * np.mean(without))


@pytest.mark.parametrize("group_size", [1, 3])
def test_it_is_the_jackknife_of_scikit_learn(group_size: int) -> None:
    """With ties, and with groups of several texts; macro is the mean of the criteria, and micro has no value."""

    rng = np.random.default_rng(4)
    truth, probabilities = (rng.random((60, 2)) < (0.3, 0.1)).astype(int), np.round(rng.random((60, 2)), 1)
    test = texts_of(truth, group_size)

    found = corrected(probabilities, test)

    expected = [jackknife(probabilities[:, k], truth[:, k], test.groups) for k in range(2)]
    assert found[:3] == pytest.approx([*expected, np.mean(expected)])
    assert np.isnan(found[3])


def test_many_groups_of_several_texts_keep_the_raw_value() -> None:
    """Their influence values add up to 0."""

    rng = np.random.default_rng(5)
    truth, probabilities = (rng.random((300, 1)) < 0.4).astype(int), np.round(rng.random((300, 1)), 2)
    test = texts_of(truth, 3)

    raw = run_influences(output(probabilities), test, text_counts(test)).scores.values[PRECISION, 0]
    assert corrected(probabilities, test)[0] == pytest.approx(raw)


def test_a_criterion_with_one_positive_has_none() -> None:
    """Without its only positive there is no score; macro is that of the others."""

    truth = np.zeros((20, 2), int)
    truth[0], truth[1:5, 1] = 1, 1
    found = corrected(np.random.default_rng(6).random((20, 2)), texts_of(truth))

    assert np.isnan(found[0])
    assert found[2] == found[1]


@pytest.mark.slow
def test_most_of_the_bias_of_few_positives_is_gone() -> None:
    """About eight positives among 300 texts, beside average precision on endless texts: less than half of it is left."""

    cuts, share = np.linspace(-8, 12, 4001), 8 / 300
    hits, wrong = share * ndtr(1 - cuts), (1 - share) * ndtr(-cuts)
    precision = hits / np.maximum(hits + wrong, 1e-300)
    endless = -np.sum(np.diff(hits) * (precision[1:] + precision[:-1]) / 2) / share
    rng, found = np.random.default_rng(7), []
    for _ in range(400):
        truth = (rng.random((300, 1)) < share).astype(int)
        if truth.sum() > 1:
            probabilities = ndtr(rng.normal(size=truth.shape) + truth)
            found.append(
                (average_precision_score(truth[:, 0], probabilities[:, 0]), corrected(probabilities, texts_of(truth))[0])
            )

    raw, without = np.mean(found, axis=0) - endless
    assert raw > 0.03
    assert abs(without) < 0.5 * raw
