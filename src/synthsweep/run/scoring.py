"""The predictions and scores of every test set, with thresholds that were chosen before."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from synthsweep.corpus.split import Split
from synthsweep.evaluate.metrics import Scores, evaluate
from synthsweep.evaluate.predictions import Predictions, predictions_of
from synthsweep.evaluate.subgroups import subgroup_scores
from synthsweep.run.prepare import TrainingData

if TYPE_CHECKING:
    from synthsweep.train.classifier import TrainedClassifier


def predict_tests(prepared: TrainingData, fitted: "TrainedClassifier") -> tuple[tuple[Predictions, ...], float]:
    """The predictions of each test set, the primary one first, and how many seconds 1,000 texts took."""
    labels, split = prepared.corpus.labels, prepared.corpus.split
    began = time.monotonic()
    found = dict(_probabilities(split, fitted))
    seconds = time.monotonic() - began
    texts = {example.text for part in split.tests.values() for example in part}
    tests = (predictions_of(part, split.tests[part], labels.ids, rows, labels.kind) for part, rows in found.items())
    return tuple(tests), 1000 * seconds / len(texts)


def scores_of_tests(tests: Sequence[Predictions], thresholds: np.ndarray, *, bins: int) -> dict[str, Scores]:
    """The scores of each test set, then those of their subgroups, by how the names of their metrics begin."""
    scores = {part.split: evaluate(part, thresholds, bins=bins) for part in tests}
    for part in tests:
        scores |= subgroup_scores(part, thresholds, bins=bins)
    return scores


def _probabilities(split: Split, fitted: "TrainedClassifier") -> Iterator[tuple[str, np.ndarray]]:
    """Each test set with its probabilities; a text that several of them hold is predicted once."""
    first = fitted.probabilities([example.text for example in split.test])
    yield "test", first
    known = {example.text: row for example, row in zip(split.test, first, strict=True)}
    texts = {example.text for examples in split.further.values() for example in examples} - set(known)
    if texts:
        more = sorted(texts)
        known |= dict(zip(more, fitted.probabilities(more), strict=True))
    for part, examples in split.further.items():
        yield part, np.array([known[example.text] for example in examples])
