"""A classifier trained on the real texts alone says which labels it sees in synthetic ones."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from synthsweep.examples import Example, label_matrix, text_key
from synthsweep.label_checker import Verdict
from synthsweep.stratify import stratified_order

# Texts to a matrix with a row a text, dense or sparse: Embedder.embed is one.
Features = Callable[[Sequence[str]], Any]
FOLDS = 5
WORD = r"\w+|[^\w\s]+"
# A logit beyond this is as sure as can be.
SURE = 1e-6


@dataclass(frozen=True)
class Judgement:
    """What the classifier knows of one criterion: `log_odds` of a text is slope * logit + intercept, at even odds beforehand.

    `share` is that of the real texts with the criterion.
    """

    model: Any
    slope: float
    intercept: float
    share: float


@dataclass(frozen=True)
class ClassifierChecker:
    """A LabelChecker: a logistic regression a criterion on TF-IDF of words and pairs of words, or on other `features`.

    Its scores are calibrated by cross-validation on the real texts `train` (Platt, 1999): to the ratio of how likely they are
    with and without the criterion. To this ratio the odds beforehand are added: even ones for a label that the text has, since
    it was written for it, and the share among real texts for any other. A label is seen, or is not, if its probability, or
    that of the contrary, is at least `confidence`; in between, and for a criterion of which the real texts teach nothing
    (fewer than two with or without it, or cross-validated scores no better than chance), it stays as it is.

    The agreement is the mean probability of the text's own labels; for a text without any, the product of the probabilities
    that it lacks each. Criteria without a judgement are left out; 1 if that leaves none.
    """

    train: Sequence[Example]
    label_ids: Sequence[str]
    confidence: float = 0.5
    features: Features | None = None

    def check(self, examples: Sequence[Example]) -> list[Verdict]:
        if not examples:
            return []
        own = np.array(label_matrix(examples, self.label_ids), dtype=bool)
        probabilities = self.probabilities([example.text for example in examples], own)
        # nan compares as false: what is not known is not doubted.
        seen = np.where(own, ~(1 - probabilities >= self.confidence), probabilities >= self.confidence)
        return verdicts_of(examples, self.label_ids, seen, probabilities)

    def probabilities(self, texts: Sequence[str], own: np.ndarray) -> np.ndarray:
        """(texts, criteria) that a text shows a criterion, nan without a judgement; `own` is what it carries, of that shape."""
        from scipy.special import expit

        rows = self._features(texts) if any(self._judgements) else None
        columns = [np.full(len(texts), np.nan) if one is None else _log_odds(one, rows) for one in self._judgements]
        shares = [0.5 if one is None else one.share for one in self._judgements]
        return np.asarray(expit(np.column_stack(columns) + np.where(own, 0.0, _logit(np.array(shares)))))

    @cached_property
    def _features(self) -> Features:
        return self.features or tfidf([example.text for example in self.train])

    @cached_property
    def _judgements(self) -> list[Judgement | None]:
        rows = self._features([example.text for example in self.train]) if self.train else None
        truth, folds = np.array(label_matrix(self.train, self.label_ids), dtype=int), folds_of(self.train)
        return [_judgement(rows, truth[:, column], folds) if self.train else None for column in range(len(self.label_ids))]


def tfidf(texts: Sequence[str]) -> Features:
    """TF-IDF of the words and pairs of words of `texts`, logarithmic counts."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    # By default a word has two letters or more, and texts without one would be an error.
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=WORD)
    fitted = vectorizer.fit(texts)
    return lambda some: fitted.transform(some)


def folds_of(examples: Sequence[Example], count: int = FOLDS) -> np.ndarray:
    """(examples,) the fold of each, label sets alike in all folds; texts that are the same stand in one."""
    first: dict[str, frozenset[str]] = {}
    keys = [text_key(example.text) for example in examples]
    for key, example in zip(keys, examples, strict=True):
        first.setdefault(key, example.labels)
    order = stratified_order([tuple(sorted(labels)) for labels in first.values()], random.Random("folds"))
    names = list(first)
    fold = {names[index]: rank % count for rank, index in enumerate(order)}
    return np.array([fold[key] for key in keys], dtype=int)


def out_of_fold(rows: Any, truth: np.ndarray, folds: np.ndarray) -> np.ndarray | None:
    """(examples,) probability of 1 by a model that has seen the other folds alone; None where those lack one of the classes."""
    found = np.zeros(len(truth))
    for fold in np.unique(folds):
        rest = folds != fold
        if len(np.unique(truth[rest])) < 2:
            return None
        found[~rest] = logistic().fit(rows[rest], truth[rest]).predict_proba(rows[~rest])[:, 1]
    return found


def logistic() -> Any:
    """Balanced: a rare criterion would else be seen nowhere."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(class_weight="balanced", max_iter=1000)


def verdicts_of(
    examples: Sequence[Example], label_ids: Sequence[str], seen: np.ndarray, probabilities: np.ndarray
) -> list[Verdict]:
    """A verdict a text from what is `seen` in it and `probabilities`, both (texts, criteria); a nan says nothing."""
    own = np.array(label_matrix(examples, label_ids), dtype=bool)
    named = (frozenset(label for label, there in zip(label_ids, row, strict=True) if there) for row in seen)
    return [Verdict(labels, agreement(*row)) for labels, *row in zip(named, probabilities, own, strict=True)]


def agreement(probabilities: np.ndarray, own: np.ndarray) -> float:
    """How sure it is that a text's own labels are right, in [0, 1]; both are (criteria,), and a nan is left out."""
    known = ~np.isnan(probabilities)
    if own.any():
        mine = probabilities[known & own]
        return float(mine.mean()) if len(mine) else 1.0
    return float(np.prod(1 - probabilities[known]))


def _logit(probabilities: np.ndarray) -> np.ndarray:
    from scipy.special import logit

    return np.asarray(logit(np.clip(probabilities, SURE, 1 - SURE)))


def _judgement(rows: Any, truth: np.ndarray, folds: np.ndarray) -> Judgement | None:
    found = out_of_fold(rows, truth, folds) if min(truth.sum(), len(truth) - truth.sum()) > 1 else None
    if found is None:
        return None
    calibration = logistic().fit(_logit(found)[:, None], truth)
    slope = float(calibration.coef_[0, 0])
    if slope <= 0:
        return None
    return Judgement(logistic().fit(rows, truth), slope, float(calibration.intercept_[0]), float(truth.mean()))


def _log_odds(one: Judgement, rows: Any) -> np.ndarray:
    return np.asarray(one.slope * _logit(one.model.predict_proba(rows)[:, 1]) + one.intercept)
