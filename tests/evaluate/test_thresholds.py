"""Thresholds beside a search through all that there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import fbeta_score, precision_recall_curve, precision_score, recall_score

from synthsweep.config.thresholds import AtLeast, BestF, Cost
from synthsweep.evaluate.thresholds import UNTUNED, best_f1_threshold, best_threshold, choose, choose_thresholds

# Coarse values give ties; those near 0 and 1 are as close to each other as floats can be.
NEIGHBOURS = [0.0, 5e-324, 1e-323, 1 - 2**-51, 1 - 2**-52, 1 - 2**-53, 1.0]
VALUES = st.one_of(st.integers(0, 20).map(lambda value: value / 20), st.sampled_from(NEIGHBOURS), st.floats(0, 1))
ROWS = st.lists(st.tuples(st.booleans(), VALUES), min_size=1, max_size=25)


def f1_at(truth: np.ndarray, probabilities: np.ndarray, threshold: float) -> float:
    predicted = probabilities >= threshold
    found = int((truth & predicted).sum())
    return 2 * found / (int(truth.sum()) + int(predicted.sum()))


def columns(rows: list[tuple[bool, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([truth for truth, _ in rows]), np.array([value for _, value in rows])


@given(ROWS)
@settings(max_examples=150, deadline=None)
def test_no_threshold_has_a_better_f1(rows: list[tuple[bool, float]]) -> None:
    """Every probability is tried as the threshold."""
    truth, probabilities = columns(rows)
    found = best_f1_threshold(truth, probabilities)

    if not truth.any():
        assert found is None
        return
    best = max(f1_at(truth, probabilities, value) for value in probabilities)
    assert f1_at(truth, probabilities, found) == pytest.approx(best)


def test_a_threshold_lies_midway_to_the_next_lower_probability() -> None:
    """So that a text a little below the lowest positive of dev is found too."""
    assert best_f1_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.25, 0.75, 0.9])) == 0.5


def test_a_threshold_with_nothing_below_it_is_the_lowest_probability() -> None:
    """There is no gap to put it into."""
    assert best_f1_threshold(np.array([1, 1]), np.array([0.3, 0.9])) == 0.3


def test_each_criterion_is_tuned_by_itself_and_one_without_positives_keeps_a_half() -> None:
    """Nothing can be tuned on a criterion that dev does not show."""
    truth = np.array([[0, 1, 0], [1, 0, 0]])
    probabilities = np.array([[0.2, 0.8, 0.9], [0.6, 0.1, 0.7]])

    assert choose_thresholds("dev_f1", truth, probabilities).tolist() == pytest.approx([0.4, 0.45, UNTUNED])
    assert UNTUNED == 0.5


@pytest.mark.parametrize("policy", [0.25, 0, 1, "0.25"])
def test_a_number_is_the_threshold_of_every_criterion(policy: float | str) -> None:
    """Dev then plays no part."""
    found = choose_thresholds(policy, np.array([[0, 1, 0]]), np.array([[0.2, 0.8, 0.9]]))

    assert found.tolist() == [float(policy)] * 3


def all_cuts(probabilities: np.ndarray) -> list[float]:
    """Every threshold that decides otherwise, and one above all."""
    return [*np.unique(probabilities), np.nextafter(1.0, 2.0)]


@pytest.mark.slow
@given(ROWS, st.sampled_from([0.5, 1.0, 2.0, 3.5]))
@settings(max_examples=100, deadline=None)
def test_no_threshold_has_a_better_f_score(rows: list[tuple[bool, float]], beta: float) -> None:
    """As scikit-learn scores every cut."""
    truth, probabilities = columns(rows)
    found = best_threshold(BestF(beta), truth, probabilities)
    if found is None:
        assert not truth.any()
        return
    scores = [fbeta_score(truth, probabilities >= cut, beta=beta, zero_division=0.0) for cut in all_cuts(probabilities)]

    assert fbeta_score(truth, probabilities >= found, beta=beta, zero_division=0.0) == pytest.approx(max(scores))


@pytest.mark.slow
@given(ROWS, st.sampled_from(["recall", "precision"]), st.sampled_from([0.1, 0.5, 0.8, 0.9, 1.0]))
@settings(max_examples=150, deadline=None)
def test_no_threshold_that_meets_a_bound_is_better(rows: list[tuple[bool, float]], metric: str, least: float) -> None:
    """Among scikit-learn's scores of every cut; where none meets it, no cut comes nearer to it."""
    truth, probabilities = columns(rows)
    found = best_threshold(AtLeast(metric, least), truth, probabilities)
    if found is None:
        assert not truth.any()
        return

    def both(cut: float) -> tuple[float, float]:
        decided = probabilities >= cut
        precision, recall = (of(truth, decided, zero_division=0.0) for of in (precision_score, recall_score))
        return (recall, precision) if metric == "recall" else (precision, recall)

    scores = [both(cut) for cut in all_cuts(probabilities) if (probabilities >= cut).any()]
    meeting = [(other, bound) for bound, other in scores if bound >= least - 1e-9]
    best = max(meeting)[::-1] if meeting else max(scores)
    assert both(found) == pytest.approx(best)


@given(ROWS, st.sampled_from([0.2, 1.0, 5.0]), st.sampled_from([1.0, 3.0]))
@settings(max_examples=100, deadline=None)
def test_no_threshold_costs_less(rows: list[tuple[bool, float]], missed: float, false_alarm: float) -> None:
    """To predict nothing is a choice as well."""
    truth, probabilities = columns(rows)
    found = best_threshold(Cost(missed, false_alarm), truth, probabilities)
    if found is None:
        assert not truth.any()
        return

    def cost(cut: float) -> float:
        decided = probabilities >= cut
        return missed * float((truth & ~decided).sum()) + false_alarm * float((~truth & decided).sum())

    assert cost(found) == pytest.approx(min(map(cost, all_cuts(probabilities))))


@given(ROWS)
@settings(max_examples=150, deadline=None)
def test_the_best_f1_is_the_cut_that_kept_runs_had(rows: list[tuple[bool, float]]) -> None:
    """Of equally good cuts the same one is taken as before other rules existed, so that kept runs keep their numbers."""
    truth, probabilities = columns(rows)
    if not truth.any():
        return
    precision, recall, thresholds = precision_recall_curve(truth, probabilities)
    total = precision[:-1] + recall[:-1]
    f1 = np.divide(2 * precision[:-1] * recall[:-1], total, out=np.zeros_like(total), where=total > 0)
    best = thresholds[int(np.argmax(f1))]

    decided = probabilities >= best_f1_threshold(truth, probabilities)
    np.testing.assert_array_equal(decided, probabilities >= best)


def test_what_dev_cannot_meet_is_said_with_what_is_taken() -> None:
    """A criterion without positives keeps a half, one whose precision is too low the threshold of its highest."""
    truth = np.array([[0, 1], [0, 0], [0, 0]])
    probabilities = np.array([[0.2, 0.3], [0.6, 0.4], [0.1, 0.2]])
    found = choose("dev_precision>=0.9", ["A", "B"], truth, probabilities)

    assert found.values.tolist() == pytest.approx([UNTUNED, 0.25])
    assert found.notes == (
        "no threshold can be chosen for A, without a positive on dev: it is 0.5",
        "B reaches a precision of 0.5 on dev, and not 0.9: the threshold with the highest is taken",
    )


def test_labels_have_rules_of_their_own() -> None:
    """The others take the default entry, or the best F1."""
    truth, probabilities = np.array([[0, 1, 1], [1, 0, 0]]), np.array([[0.2, 0.8, 0.9], [0.6, 0.1, 0.7]])

    assert choose({"A": 0.3}, "ABC", truth, probabilities).values.tolist() == pytest.approx([0.3, 0.45, 0.8])
    assert choose({"A": 0.3, "default": 0.9}, "ABC", truth, probabilities).values.tolist() == [0.3, 0.9, 0.9]


def test_where_predicting_nothing_costs_least_the_threshold_is_above_every_probability() -> None:
    """Also above a probability of 1."""
    for highest in (0.7, 1.0):
        truth, probabilities = np.array([1, 0, 0]), np.array([0.1, highest, 0.9])
        found = best_threshold(Cost(0.1, 5.0), truth, probabilities)
        assert found is not None
        assert not (probabilities >= found).any()
