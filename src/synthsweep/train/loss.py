"""The multilabel loss: binary cross-entropy a criterion, with class weights and label smoothing; pure."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def positive_weights(truth: np.ndarray, kind: str, cap: float) -> np.ndarray | None:
    """(criteria,) weights of the positive class from `truth` (examples, criteria); None weighs all alike.

    balanced is negatives / positives, so that both classes pull equally; capped stops at `cap`, since a criterion with two
    positives would shout down the rest. A criterion without both classes weighs 1.
    """
    if kind == "none":
        return None
    positives = truth.sum(axis=0)
    negatives = len(truth) - positives
    balanced = np.where((positives > 0) & (negatives > 0), negatives / np.maximum(positives, 1), 1.0)
    return np.minimum(balanced, cap) if kind == "capped" else balanced


def multilabel_loss(
    logits: "torch.Tensor", truth: "torch.Tensor", weights: "torch.Tensor | None" = None, smoothing: float = 0.0
) -> "torch.Tensor":
    """Mean binary cross-entropy; `logits` and `truth` are (examples, criteria), smoothing moves truth towards 1/2."""
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(logits, truth * (1 - smoothing) + smoothing / 2, pos_weight=weights)
