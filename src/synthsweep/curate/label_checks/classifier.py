"""Checks the labels of synthetic texts with a classifier that is trained on the real texts alone."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from synthsweep.examples import UNKNOWN, Example, label_matrix, text_key
from synthsweep.label_checker import Verdict
from synthsweep.stratify import stratified_order
from synthsweep.words import words_and_signs_in

# Texts to a matrix with one row per text, dense or sparse, as `Embedder.embed`.
Features = Callable[[Sequence[str]], Any]
FOLDS = 5
# Probabilities are clipped to this distance from 0 and 1 before their logit.
CLIP = 1e-6


@dataclass(frozen=True)
class CalibratedModel:
    """The classifier of one criterion: at even prior odds, the log odds of a text are slope * logit + intercept.

    `share` is the share of real texts with the criterion.
    """

    model: Any
    slope: float
    intercept: float
    share: float


@dataclass(frozen=True)
class ClassifierChecker:
    """A LabelChecker: one logistic regression per criterion on TF-IDF of words and pairs of words, or on other `features`.

    Its scores are calibrated by cross-validation on the real texts `train` (Platt 1999), to a likelihood ratio. The prior odds
    are even for a label that the text has, since it was written for it; for any other label they follow its share among the
    real texts. The verdict names a label, or denies it, if the probability of the label, or of its absence, is at least
    `confidence`. In between the label stays as it is. It also stays if the real texts do not suffice to learn the criterion:
    fewer than two texts with or without it, or cross-validated scores no better than chance. Each criterion is learnt from the
    texts on which somebody decided.

    The agreement is the mean probability of the text's own labels; for a text without any, the product of the probabilities
    that it lacks each label. Criteria without a model are left out; without any model it is 1.
    """

    train: Sequence[Example]
    label_ids: Sequence[str]
    confidence: float = 0.5
    features: Features | None = None

    def check(self, examples: Sequence[Example]) -> list[Verdict]:
        if not examples:
            return []
        own = np.array(label_matrix(examples, self.label_ids)) == 1
        probabilities = self.probabilities([example.text for example in examples], own)
        # nan compares as false: a label without a probability is not doubted.
        seen = np.where(own, ~(1 - probabilities >= self.confidence), probabilities >= self.confidence)
        return verdicts_of(examples, self.label_ids, seen, probabilities)

    def probabilities(self, texts: Sequence[str], own: np.ndarray) -> np.ndarray:
        """(texts, criteria) probability of each label, nan without a model; `own` (texts, criteria) are their labels."""
        from scipy.special import expit

        rows = self._features(texts) if any(self._models) else None
        columns = [np.full(len(texts), np.nan) if one is None else _log_odds(one, rows) for one in self._models]
        shares = [0.5 if one is None else one.share for one in self._models]
        return np.asarray(expit(np.column_stack(columns) + np.where(own, 0.0, _logit(np.array(shares)))))

    @cached_property
    def _features(self) -> Features:
        return self.features or tfidf([example.text for example in self.train])

    @cached_property
    def _models(self) -> list[CalibratedModel | None]:
        rows = self._features([example.text for example in self.train]) if self.train else None
        truth, folds = np.array(label_matrix(self.train, self.label_ids), dtype=int), folds_of(self.train)
        return [_calibrated(rows, truth[:, column], folds) if self.train else None for column in range(len(self.label_ids))]


def tfidf(texts: Sequence[str]) -> Features:
    """TF-IDF with sublinear counts over the words and pairs of words of `texts`."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    # scikit-learn's own pattern needs words of two letters, and fails for texts without any.
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, tokenizer=words_and_signs_in, token_pattern=None)
    fitted = vectorizer.fit(texts)
    return lambda some: fitted.transform(some)


def folds_of(examples: Sequence[Example], count: int = FOLDS) -> np.ndarray:
    """(examples,) fold of each, stratified by label sets; equal texts are in the same fold."""
    first: dict[str, frozenset[str]] = {}
    keys = [text_key(example.text) for example in examples]
    for key, example in zip(keys, examples, strict=True):
        first.setdefault(key, example.labels)
    order = stratified_order([tuple(sorted(labels)) for labels in first.values()], random.Random("folds"))
    names = list(first)
    fold = {names[index]: rank % count for rank, index in enumerate(order)}
    return np.array([fold[key] for key in keys], dtype=int)


def out_of_fold(rows: Any, truth: np.ndarray, folds: np.ndarray) -> np.ndarray | None:
    """(examples,) probability of class 1 from models of the other folds; None where these lack one of the classes."""
    found = np.zeros(len(truth))
    for fold in np.unique(folds):
        rest = folds != fold
        if len(np.unique(truth[rest])) < 2:
            return None
        found[~rest] = logistic().fit(rows[rest], truth[rest]).predict_proba(rows[~rest])[:, 1]
    return found


def logistic() -> Any:
    """Balanced: otherwise a rare criterion would never be predicted."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(class_weight="balanced", max_iter=1000)


def verdicts_of(
    examples: Sequence[Example], label_ids: Sequence[str], seen: np.ndarray, probabilities: np.ndarray
) -> list[Verdict]:
    """One verdict per text, from the labels `seen` in it and their `probabilities`, both (texts, criteria); nan is unknown."""
    own = np.array(label_matrix(examples, label_ids)) == 1
    named = (frozenset(label for label, there in zip(label_ids, row, strict=True) if there) for row in seen)
    return [Verdict(labels, agreement(*row)) for labels, *row in zip(named, probabilities, own, strict=True)]


def agreement(probabilities: np.ndarray, own: np.ndarray) -> float:
    """The probability that a text's own labels are right, in [0, 1]; both are (criteria,), and nan is left out."""
    known = ~np.isnan(probabilities)
    if own.any():
        mine = probabilities[known & own]
        return float(mine.mean()) if len(mine) else 1.0
    return float(np.prod(1 - probabilities[known]))


def _logit(probabilities: np.ndarray) -> np.ndarray:
    from scipy.special import logit

    return np.asarray(logit(np.clip(probabilities, CLIP, 1 - CLIP)))


def _calibrated(rows: Any, truth: np.ndarray, folds: np.ndarray) -> CalibratedModel | None:
    known = truth != UNKNOWN
    rows, truth, folds = rows[known], truth[known], folds[known]
    found = out_of_fold(rows, truth, folds) if min(truth.sum(), len(truth) - truth.sum()) > 1 else None
    if found is None:
        return None
    calibration = logistic().fit(_logit(found)[:, None], truth)
    slope = float(calibration.coef_[0, 0])
    if slope <= 0:
        return None
    return CalibratedModel(logistic().fit(rows, truth), slope, float(calibration.intercept_[0]), float(truth.mean()))


def _log_odds(one: CalibratedModel, rows: Any) -> np.ndarray:
    return np.asarray(one.slope * _logit(one.model.predict_proba(rows)[:, 1]) + one.intercept)
