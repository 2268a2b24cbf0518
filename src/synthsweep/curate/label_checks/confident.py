"""Confident learning (Northcutt, Jiang and Chuang, JAIR 2021), one criterion at a time: which labels contradict the texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.curate.label_checks.classifier import Features, folds_of, out_of_fold, tfidf, verdicts_of
from synthsweep.examples import UNKNOWN, Example, label_matrix
from synthsweep.label_checker import Verdict

UNDECIDED = -1


@dataclass(frozen=True)
class ConfidentChecker:
    """A LabelChecker: each text is classified by models of the other real and synthetic texts.

    The verdict is the confident class of each criterion. Where there is none, or the texts lack one of the classes, the label
    stays as it is. The real texts `train` take part in training and in the thresholds, but get no verdict. Features are TF-IDF
    of words and pairs of words, or other `features`. The agreement is as in `ClassifierChecker`, from probabilities that are
    not calibrated.
    """

    train: Sequence[Example]
    label_ids: Sequence[str]
    features: Features | None = None

    def check(self, examples: Sequence[Example]) -> list[Verdict]:
        if not examples:
            return []
        everything = [*self.train, *examples]
        texts = [example.text for example in everything]
        rows, folds = (self.features or tfidf(texts))(texts), folds_of(everything)
        given = np.array(label_matrix(everything, self.label_ids), dtype=int)
        seen, probabilities = given == 1, np.full(given.shape, np.nan)
        for column in range(given.shape[1]):
            # Texts on which nobody decided teach nothing.
            known = given[:, column] != UNKNOWN
            found = out_of_fold(rows[known], given[known, column], folds[known])
            if found is not None:
                probabilities[known, column] = found
                classes = confident_classes(found, given[known, column])
                seen[known, column] = np.where(classes == UNDECIDED, seen[known, column], classes == 1)
        start = len(self.train)
        return verdicts_of(examples, self.label_ids, seen[start:], probabilities[start:])


def self_confidence(probabilities: np.ndarray, given: np.ndarray) -> tuple[float, float]:
    """The thresholds of class 0 and of class 1: the mean probability of a class among the texts that have it.

    `probabilities` (texts,) are out-of-fold ones of class 1, `given` (texts,) is 0 or 1; both classes occur.
    """
    return float(1 - probabilities[given == 0].mean()), float(probabilities[given == 1].mean())


def confident_classes(probabilities: np.ndarray, given: np.ndarray) -> np.ndarray:
    """(texts,) the confident class of each text, 0 or 1: the more likely one of those that reach their thresholds.

    -1 where none does, or both do and are equally likely. A text whose confident class is not the `given` one is off the
    diagonal of the confident joint.
    """
    zero, one = self_confidence(probabilities, given)
    is_zero, is_one = 1 - probabilities >= zero, probabilities >= one
    both, likelier = is_zero & is_one, np.sign(probabilities - 0.5)
    only_one, only_zero = is_one & (~both | (likelier > 0)), is_zero & (~both | (likelier < 0))
    return np.where(only_one, 1, np.where(only_zero, 0, UNDECIDED))
