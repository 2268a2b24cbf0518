"""From probabilities to decisions: a threshold per criterion, chosen on dev alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthsweep.config.thresholds import AtLeast, BestF, Cost, Fixed, ThresholdRule, threshold_rules
from synthsweep.examples import UNKNOWN
from synthsweep.messages import listing

# The threshold of a criterion without a positive on dev.
UNTUNED = 0.5
# Shares that are equal may differ in the last digits.
ROUNDING = 1e-12


@dataclass(frozen=True)
class ChosenThresholds:
    """`values` is (criteria,); `notes` are sentences on criteria whose rule dev cannot meet, and what was taken instead."""

    values: np.ndarray
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cuts:
    """Every way to part the examples of one criterion by their probability, from the lowest threshold to the highest.

    At each of the `thresholds`, (cuts,), the examples at or above it are predicted positive; `found` and `predicted` count
    the true ones among them and all of them. The last cut, above every probability, predicts none.
    """

    thresholds: np.ndarray
    found: np.ndarray
    predicted: np.ndarray
    positives: int

    @property
    def recall(self) -> np.ndarray:
        return np.asarray(self.found / self.positives)

    @property
    def precision(self) -> np.ndarray:
        """-1 where nothing is predicted: it is undefined there, and worse than any other."""
        return np.asarray(np.divide(self.found, self.predicted, out=np.full(len(self.found), -1.0), where=self.predicted > 0))

    def f_score(self, beta: float) -> np.ndarray:
        precision, recall, weight = np.maximum(self.precision, 0), self.recall, beta**2
        total = weight * precision + recall
        return np.asarray(np.divide((1 + weight) * precision * recall, total, out=np.zeros_like(total), where=total > 0))

    def cost(self, missed: float, false_alarm: float) -> np.ndarray:
        return np.asarray(missed * (self.positives - self.found) + false_alarm * (self.predicted - self.found))


def cuts_of(truth: np.ndarray, probabilities: np.ndarray) -> Cuts:
    """The cuts of one criterion, (examples,) both."""
    positive = truth.astype(bool)
    distinct, place = np.unique(probabilities.astype(float), return_inverse=True)
    hits, texts = (np.bincount(place, weights, len(distinct)) for weights in (positive.astype(float), np.ones(len(positive))))
    found, predicted = (np.append(np.cumsum(counts[::-1])[::-1], 0.0) for counts in (hits, texts))
    return Cuts(np.append(distinct, np.inf), found, predicted, int(positive.sum()))


def best_f1_threshold(truth: np.ndarray, probabilities: np.ndarray) -> float | None:
    """The threshold with the best F1 for one criterion, (examples,) both; None without a positive."""
    return best_threshold(BestF(1.0), truth, probabilities)


def best_threshold(rule: ThresholdRule, truth: np.ndarray, probabilities: np.ndarray) -> float | None:
    """The threshold of one criterion, (examples,) both; None where a rule on dev has no positive to go by.

    An example is predicted positive at or above the threshold, which lies midway to the next lower probability, so that it
    generalises to texts other than those it was tuned on. Of equally good cuts it is the lowest, which finds most. Examples
    that nobody decided on do not count.
    """
    if isinstance(rule, Fixed):
        return rule.value
    known = truth != UNKNOWN
    truth, probabilities = truth[known], probabilities[known]
    if not truth.any():
        return None
    cuts = cuts_of(truth, probabilities)
    return _between(cuts.thresholds, _best_cut(rule, cuts))


def choose(policy: Any, labels: Sequence[str], truth: np.ndarray, probabilities: np.ndarray) -> ChosenThresholds:
    """The thresholds of a policy (config/thresholds.py) from dev, (examples, criteria) both.

    A criterion without a positive on dev gets UNTUNED. One whose precision dev does not reach gets the threshold with the
    highest that it reaches.
    """
    rules = threshold_rules(policy)
    columns = [(label, rules.of(label), truth[:, place], probabilities[:, place]) for place, label in enumerate(labels)]
    found = [best_threshold(rule, *column) for _, rule, *column in columns]
    untuned = [label for label, value in zip(labels, found, strict=True) if value is None]
    notes = [f"no threshold can be chosen for {listing(untuned, 20)}, without a positive on dev: it is {UNTUNED}"] * bool(
        untuned
    )
    notes += [note for label, rule, *column in columns if (note := _unreached(rule, label, *column))]
    return ChosenThresholds(np.array([UNTUNED if value is None else value for value in found]), tuple(notes))


def choose_thresholds(policy: Any, truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(criteria,) thresholds of a policy that has one rule for all of them."""
    return choose(policy, [str(place) for place in range(truth.shape[1])], truth, probabilities).values


def _best_cut(rule: ThresholdRule, cuts: Cuts) -> int:
    """The index of the best cut; the first of equal ones."""
    if isinstance(rule, Cost):
        return int(np.argmin(cuts.cost(rule.missed, rule.false_alarm)))
    if isinstance(rule, AtLeast):
        bound, other = (cuts.recall, cuts.precision) if rule.metric == "recall" else (cuts.precision, cuts.recall)
        # In floats, 9 of 10 must reach 0.9.
        reached = bound >= rule.least - ROUNDING
        # Where nothing reaches the bound, what comes nearest to it.
        best, tied = (np.where(reached, other, -np.inf), bound) if reached.any() else (bound, other)
        return int(np.argmax(np.where(best == best.max(), tied, -np.inf)))
    assert isinstance(rule, BestF)
    return int(np.argmax(cuts.f_score(rule.beta)))


def _unreached(rule: ThresholdRule, label: str, truth: np.ndarray, probabilities: np.ndarray) -> str:
    """What is said of a criterion whose precision stays below its rule; recall reaches every bound."""
    if not isinstance(rule, AtLeast) or rule.metric != "precision" or not truth.any():
        return ""
    highest = float(cuts_of(truth, probabilities).precision.max())
    if highest >= rule.least - ROUNDING:
        return ""
    return (
        f"{label} reaches a precision of {highest:.3g} on dev, and not {rule.least:g}: the threshold with the highest is taken"
    )


def _between(thresholds: np.ndarray, place: int) -> float:
    """Midway between the threshold of a cut and the next lower one."""
    best = float(thresholds[place])
    lower = float(thresholds[place - 1]) if place else best
    if best == np.inf:
        # Nothing is predicted: at 1, and above it only where a probability is 1.
        return 1.0 if lower < 1 else float(np.nextafter(lower, np.inf))
    middle = (best + lower) / 2
    # The middle of two neighbouring floats rounds to one of them.
    return middle if middle > lower else best
