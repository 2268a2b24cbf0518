"""The losses, with weights of classes and texts, and label smoothing; labels that nobody decided on pull at nothing; pure.

Where a text may carry several labels, binary cross-entropy per criterion; where it carries exactly one, softmax cross-entropy.
"""

from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from synthsweep.examples import UNKNOWN

if TYPE_CHECKING:
    import torch


class LossFunction(Protocol):
    """The loss of `logits` against `truth`, both (examples, criteria)."""

    def __call__(
        self,
        logits: "torch.Tensor",
        truth: "torch.Tensor",
        weights: "torch.Tensor | None" = None,
        smoothing: float = 0.0,
        *,
        example_weights: "torch.Tensor | None" = None,
    ) -> "torch.Tensor": ...


def loss_of(kind: str, truth: np.ndarray) -> LossFunction:
    """The loss of a kind of label set (see LabelSet) for batches of `truth`, (examples, criteria)."""
    if kind == "single":
        return single_label_loss
    # Known once for all batches: a look at each would wait for the device.
    return partial(multilabel_loss, masked=bool((truth == UNKNOWN).any()))


def loss_weights(
    label_kind: str, truth: np.ndarray, kind: str, cap: float, example_weights: np.ndarray | None = None
) -> np.ndarray | None:
    """(criteria,) weights of the positive class, or of each class where a text carries exactly one; None weighs all alike."""
    of_kind = class_weights if label_kind == "single" else positive_weights
    return of_kind(truth, kind, cap, example_weights)


def positive_weights(truth: np.ndarray, kind: str, cap: float, example_weights: np.ndarray | None = None) -> np.ndarray | None:
    """(criteria,) weights of the positive class from `truth` (examples, criteria); None weighs all alike.

    balanced is negatives / positives, so that both classes pull equally; capped stops at `cap`, since a criterion with two
    positives would outweigh the rest. A criterion without both classes weighs 1. An example counts by its weight in the loss,
    one of weight 0 not at all; a label that nobody decided on counts as neither.
    """
    if kind == "none":
        return None
    counts = np.ones(len(truth)) if example_weights is None else example_weights
    positives, negatives = counts @ (truth == 1), counts @ (truth == 0)
    both = (positives > 0) & (negatives > 0)
    balanced = np.where(both, negatives / np.where(both, positives, 1), 1.0)
    return np.minimum(balanced, cap) if kind == "capped" else balanced


def class_weights(truth: np.ndarray, kind: str, cap: float, example_weights: np.ndarray | None = None) -> np.ndarray | None:
    """(classes,) weights of classes, of which each example carries one; None weighs all alike.

    balanced is scikit-learn's: examples / (classes with an example x examples of the class); capped stops at `cap`. A class
    without an example weighs 1. An example counts by its weight in the loss.
    """
    if kind == "none":
        return None
    counts = (np.ones(len(truth)) if example_weights is None else example_weights) @ (truth == 1)
    some = counts > 0
    balanced = np.where(some, counts.sum() / (max(some.sum(), 1) * np.where(some, counts, 1)), 1.0)
    return np.minimum(balanced, cap) if kind == "capped" else balanced


def multilabel_loss(
    logits: "torch.Tensor",
    truth: "torch.Tensor",
    weights: "torch.Tensor | None" = None,
    smoothing: float = 0.0,
    *,
    example_weights: "torch.Tensor | None" = None,
    masked: bool = False,
) -> "torch.Tensor":
    """Mean binary cross-entropy; `logits` and `truth` are (examples, criteria), smoothing moves truth towards 1/2.

    `weights` (criteria,) are of the positive class, `example_weights` (examples,) of whole examples. The weighted sum is
    divided by the number of examples, not by their weights' sum: an example of weight w then pulls w times as much as one of
    weight 1 in any batch, and the batches of an epoch add up to the weighted loss of all texts. Divided by the weights' sum,
    a batch of synthetic texts alone would pull as hard at weight 0.1 as at 1. Weights of 1 change no bit; a batch of weights 0
    gives 0.

    With `masked`, cells of `truth` that are UNKNOWN have no part: the mean is over the others, and a batch without any gives 0.
    """
    from torch.nn.functional import binary_cross_entropy_with_logits

    rows = None if example_weights is None else example_weights[:, None]
    if not masked:
        target = truth * (1 - smoothing) + smoothing / 2
        return binary_cross_entropy_with_logits(logits, target, weight=rows, pos_weight=weights)
    known = truth != UNKNOWN
    target = truth.clamp(min=0) * (1 - smoothing) + smoothing / 2
    cells = known if rows is None else known * rows
    total = binary_cross_entropy_with_logits(logits, target, weight=cells, pos_weight=weights, reduction="sum")
    return total / known.sum().clamp(min=1)


def single_label_loss(
    logits: "torch.Tensor",
    truth: "torch.Tensor",
    weights: "torch.Tensor | None" = None,
    smoothing: float = 0.0,
    *,
    example_weights: "torch.Tensor | None" = None,
) -> "torch.Tensor":
    """Mean softmax cross-entropy over the examples whose class is known; a batch without any gives 0.

    `truth` is (examples, classes) with one 1 per row, or UNKNOWN all over it; smoothing moves it towards 1 / classes. `weights`
    (classes,) and `example_weights` (examples,) multiply an example's loss; as in `multilabel_loss`, the sum is divided by the
    number of examples.
    """
    from torch.nn.functional import cross_entropy

    known = (truth == 1).any(dim=1)
    classes = truth.argmax(dim=1).where(known, UNKNOWN)
    losses = cross_entropy(logits, classes, weight=weights, label_smoothing=smoothing, ignore_index=UNKNOWN, reduction="none")
    pulls = losses if example_weights is None else losses * example_weights
    return pulls.sum() / known.sum().clamp(min=1)
