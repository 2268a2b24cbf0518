"""One or several saved classifiers as one: mean probabilities, their spread, and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logit

from synthsweep.config.thresholds import Fixed, fixed_thresholds, require_labels
from synthsweep.errors import ModelError
from synthsweep.evaluate.decisions import decide
from synthsweep.train.probabilities import sigmoid

if TYPE_CHECKING:
    from synthsweep.train.saved.classifier import SavedClassifier


@dataclass(frozen=True)
class Predicted:
    """What is said of some texts: all arrays are (texts, labels); `spread` is None for a single classifier."""

    probabilities: np.ndarray
    decisions: np.ndarray
    spread: np.ndarray | None


@dataclass(frozen=True)
class Ensemble:
    """Classifiers with the same labels.

    `thresholds` (labels,) act on the mean of their probabilities; NaN where each text has exactly one label.
    """

    members: "tuple[SavedClassifier, ...]"
    thresholds: np.ndarray
    calibrated: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        return self.members[0].card.labels

    @property
    def kind(self) -> str:
        return self.members[0].card.kind

    def __call__(self, texts: Sequence[str]) -> Predicted:
        found = np.stack([member.probabilities(texts, calibrated=self.calibrated) for member in self.members])
        mean = found.mean(axis=0)
        # Over seeds, as an estimate for further ones.
        spread = found.std(axis=0, ddof=1) if len(found) > 1 else None
        return Predicted(mean, decide(mean, self.thresholds, self.kind), spread)


def make_ensemble(members: "Sequence[SavedClassifier]", threshold: Any, *, calibrated: bool) -> Ensemble:
    """The classifiers as one; `threshold` replaces the tuned thresholds of the labels that it names.

    The threshold of an ensemble is the mean of its members'. A calibrated one is moved with the probabilities, so that
    calibration alone changes no decision of a single classifier.

    Raises:
        ModelError: the classifiers have other labels, or no temperature although `calibrated`.
        ConfigError: `threshold` names an unknown label, or each text has exactly one.
    """
    first = members[0].card
    different = next(
        (member.card for member in members if (member.card.labels, member.card.kind) != (first.labels, first.kind)), None
    )
    if different is not None:
        raise ModelError(
            f"run: its classifiers have different labels: {', '.join(first.labels)} and {', '.join(different.labels)}"
        )
    own = np.mean([_thresholds_of(member, calibrated=calibrated) for member in members], axis=0)
    return Ensemble(tuple(members), _replaced(own, first.labels, first.kind, threshold), calibrated)


def _thresholds_of(member: "SavedClassifier", *, calibrated: bool) -> np.ndarray:
    card, divisor = member.card, member.card.divisor(calibrated=calibrated)
    if card.kind == "single":
        return np.full(len(card.labels), np.nan)
    values = np.array([card.thresholds[label] for label in card.labels])
    return tempered(values, divisor) if calibrated else values


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities of a sigmoid whose logits are divided by a temperature; 0 and 1 stay."""
    return sigmoid(logit(probabilities) / temperature)


def _replaced(own: np.ndarray, labels: Sequence[str], kind: str, threshold: Any) -> np.ndarray:
    if threshold is None:
        return own
    if kind == "single":
        raise ModelError("threshold: each text has exactly one of these labels, the most probable one: leave threshold out")
    require_labels(threshold, labels, "threshold")
    rules = fixed_thresholds(threshold, "threshold")
    chosen = zip(map(rules.of, labels), own, strict=True)
    return np.array([rule.value if isinstance(rule, Fixed) else value for rule, value in chosen])
