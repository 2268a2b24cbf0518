"""Logistic regression on the features of texts: one per criterion, or one over all classes where a text has exactly one.

Rare labels weigh as much as frequent ones in the fit (scikit-learn's `balanced`), which moves every probability towards 0.5. So
the probabilities are corrected for these weights: the log of the classes' weighted frequencies is added to their logits, as for
samples drawn by class (King and Zeng, Political Analysis 9:137, 2001, section 4.2). That changes no ranking within a label.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthsweep.examples import UNKNOWN
from synthsweep.train.linear.head import LinearHead

# The logit of a class without a training text: its probability is 0 at any temperature that dev can give.
NEVER = -1e6


@dataclass(frozen=True)
class Regressions:
    """`models` are one per criterion (None where the training texts lack a class), or one over classes.

    `priors` (criteria,) are what corrects the logits: of a criterion the log of its weighted odds in the training texts, of a
    class the log of its share, -inf for one without a training text. `shares` (criteria,) stand for a criterion without model.
    """

    models: Sequence[Any]
    kind: str
    priors: np.ndarray
    shares: np.ndarray

    def scores(self, rows: Any) -> np.ndarray:
        """(texts, criteria) balanced logits, or log probabilities of classes; NaN where nothing could be learnt."""
        scores = np.full((rows.shape[0], len(self.priors)), np.nan)
        if self.kind == "single":
            places = np.flatnonzero(np.isfinite(self.priors))
            model = self.models[0]
            scores[:, places] = 0.0 if model is None else model.predict_log_proba(rows)
            return scores
        for column, model in enumerate(self.models):
            if model is not None:
                scores[:, column] = model.decision_function(rows)
        return scores

    def probabilities(self, rows: Any) -> np.ndarray:
        """(texts, criteria) in [0, 1], calibrated to the frequencies of the training texts."""
        from scipy.special import expit, softmax

        scores = self.scores(rows)
        if self.kind == "single":
            return np.asarray(softmax(np.where(np.isfinite(self.priors), scores + self.priors, -np.inf), axis=1))
        return np.asarray(np.where(np.isnan(scores), self.shares, expit(scores + self.priors)))

    def head(self, features: int) -> LinearHead:
        """The same as one matrix on so many features, whose logits give these probabilities."""
        return self._head_of_classes(features) if self.kind == "single" else self._head_of_criteria(features)

    def _head_of_criteria(self, features: int) -> LinearHead:
        from scipy.special import logit

        weights, bias = np.zeros((len(self.models), features)), np.array(logit(self.shares))
        for column, model in enumerate(self.models):
            if model is not None:
                weights[column], bias[column] = model.coef_[0], model.intercept_[0] + self.priors[column]
        return LinearHead(weights, bias)

    def _head_of_classes(self, features: int) -> LinearHead:
        learnt, model = np.isfinite(self.priors), self.models[0]
        weights, bias = np.zeros((len(learnt), features)), np.where(learnt, self.priors, NEVER)
        if model is None:
            return LinearHead(weights, bias)
        coefficients, intercepts = model.coef_, model.intercept_
        if len(coefficients) == 1:
            # Of two classes, scikit-learn has the log odds of the second alone.
            coefficients, intercepts = np.vstack([0 * coefficients, coefficients]), np.append(0.0, intercepts)
        weights[learnt] = coefficients
        bias[learnt] += intercepts
        return LinearHead(weights, bias)

    @property
    def unlearnt(self) -> list[int]:
        """The indices of the criteria whose probability is the same for every text."""
        if self.kind == "single":
            return np.flatnonzero(~np.isfinite(self.priors)).tolist()
        return [column for column, model in enumerate(self.models) if model is None]


def fit_regressions(
    rows: Any, truth: np.ndarray, kind: str, *, weights: np.ndarray | None = None, inverse_penalty: float = 1.0
) -> Regressions:
    """`rows` are (texts, features), dense or sparse; `truth` is (texts, criteria), 0, 1 or UNKNOWN, which is left out.

    `weights` (texts,) multiply the loss of each text. Deterministic: the same texts give the same numbers.
    """
    weights = np.ones(len(truth)) if weights is None else np.asarray(weights, dtype=np.float64)
    fit = _fit_classes if kind == "single" else _fit_criteria
    return fit(rows, truth, weights, inverse_penalty)


def _fit_criteria(rows: Any, truth: np.ndarray, weights: np.ndarray, inverse_penalty: float) -> Regressions:
    models: list[Any] = []
    priors, shares = np.zeros(truth.shape[1]), np.zeros(truth.shape[1])
    for column in range(truth.shape[1]):
        known = (truth[:, column] != UNKNOWN) & (weights > 0)
        target, weight = truth[known, column], weights[known]
        positive, negative = weight[target == 1].sum(), weight[target != 1].sum()
        # Jeffreys' estimate: neither 0 nor 1, however few texts somebody decided on.
        shares[column] = (positive + 0.5) / (positive + negative + 1)
        if positive and negative:
            priors[column] = np.log(positive / negative)
            models.append(_fitted(rows[known], target, weight, inverse_penalty))
        else:
            models.append(None)
    return Regressions(models, "multi", priors, shares)


def _fit_classes(rows: Any, truth: np.ndarray, weights: np.ndarray, inverse_penalty: float) -> Regressions:
    known = (truth == 1).any(axis=1) & (weights > 0)
    target, weight = truth[known].argmax(axis=1), weights[known]
    totals = np.bincount(target, weight, minlength=truth.shape[1])
    with np.errstate(divide="ignore"):
        priors = np.log(totals / max(totals.sum(), 1e-300))
    model = _fitted(rows[known], target, weight, inverse_penalty) if (totals > 0).sum() > 1 else None
    return Regressions([model], "single", priors, np.zeros(truth.shape[1]))


def _fitted(rows: Any, target: np.ndarray, weights: np.ndarray, inverse_penalty: float) -> Any:
    """A regression in which every class weighs the same."""
    # scikit-learn takes a second to import.
    from sklearn.linear_model import LogisticRegression

    totals = np.bincount(target, weights)
    present = totals > 0
    balanced = weights.sum() / (present.sum() * np.where(present, totals, 1.0))
    return LogisticRegression(C=inverse_penalty, max_iter=1000).fit(rows, target, sample_weight=weights * balanced[target])
