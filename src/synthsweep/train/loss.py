"""The multilabel loss: binary cross-entropy per criterion, with weights of classes and texts, and label smoothing; pure."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def positive_weights(truth: np.ndarray, kind: str, cap: float, example_weights: np.ndarray | None = None) -> np.ndarray | None:
    """(criteria,) weights of the positive class from `truth` (examples, criteria); None weighs all alike.

    balanced is negatives / positives, so that both classes pull equally; capped stops at `cap`, since a criterion with two
    positives would outweigh the rest. A criterion without both classes weighs 1. An example counts by its weight in the loss,
    one of weight 0 not at all.
    """
    if kind == "none":
        return None
    counts = np.ones(len(truth)) if example_weights is None else example_weights
    positives, negatives = counts @ truth, counts @ (1 - truth)
    both = (positives > 0) & (negatives > 0)
    balanced = np.where(both, negatives / np.where(both, positives, 1), 1.0)
    return np.minimum(balanced, cap) if kind == "capped" else balanced


def multilabel_loss(
    logits: "torch.Tensor",
    truth: "torch.Tensor",
    weights: "torch.Tensor | None" = None,
    smoothing: float = 0.0,
    *,
    example_weights: "torch.Tensor | None" = None,
) -> "torch.Tensor":
    """Mean binary cross-entropy; `logits` and `truth` are (examples, criteria), smoothing moves truth towards 1/2.

    `weights` (criteria,) are of the positive class, `example_weights` (examples,) of whole examples. The weighted sum is
    divided by the number of examples, not by their weights' sum: an example of weight w then pulls w times as much as one of
    weight 1 in any batch, and the batches of an epoch add up to the weighted loss of all texts. Divided by the weights' sum,
    a batch of synthetic texts alone would pull as hard at weight 0.1 as at 1. Weights of 1 change no bit; a batch of weights 0
    gives 0.
    """
    from torch.nn.functional import binary_cross_entropy_with_logits

    target = truth * (1 - smoothing) + smoothing / 2
    rows = None if example_weights is None else example_weights[:, None]
    return binary_cross_entropy_with_logits(logits, target, weight=rows, pos_weight=weights)
