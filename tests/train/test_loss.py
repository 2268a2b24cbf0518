"""The loss beside torch's and beside hand computation."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import binary_cross_entropy_with_logits

from synthsweep.train.loss import multilabel_loss, positive_weights

# One criterion each: 1 of 4, 2 of 4, none, all.
TRUTH = np.array([[1, 1, 0, 1], [0, 1, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1]])


@pytest.mark.parametrize(
    ("kind", "cap", "expected"),
    [
        ("balanced", 2.0, [3.0, 1.0, 1.0, 1.0]),
        ("capped", 2.0, [2.0, 1.0, 1.0, 1.0]),
        ("capped", 10.0, [3.0, 1.0, 1.0, 1.0]),
    ],
)
def test_positives_weigh_as_much_as_negatives_together(kind: str, cap: float, expected: list[float]) -> None:
    """Up to the cap; a criterion without both classes weighs 1, so that it is learnt all the same."""
    assert positive_weights(TRUTH, kind, cap).tolist() == expected


def test_without_weights_all_weigh_alike() -> None:
    """None rather than ones: torch then skips the product."""
    assert positive_weights(TRUTH, "none", 2.0) is None


@given(st.integers(0, 2**16), st.floats(0, 0.9))
@settings(max_examples=40, deadline=None)
def test_the_loss_is_the_mean_of_a_plain_loop(seed: int, smoothing: float) -> None:
    """Weights pull at the positive part alone, smoothing moves truth towards a half."""
    rng = np.random.default_rng(seed)
    logits, truth, weights = rng.normal(size=(3, 2)), rng.integers(0, 2, (3, 2)), rng.uniform(1, 5, 2)

    total = 0.0
    for row in range(3):
        for column in range(2):
            target = truth[row, column] * (1 - smoothing) + smoothing / 2
            probability = 1 / (1 + math.exp(-logits[row, column]))
            positive, negative = target * math.log(probability), (1 - target) * math.log(1 - probability)
            total -= weights[column] * positive + negative
    found = multilabel_loss(torch.tensor(logits), torch.tensor(truth), torch.tensor(weights), smoothing)
    assert float(found) == pytest.approx(total / 6)


def test_the_plain_loss_is_torchs_own() -> None:
    """Without weights and smoothing nothing is added."""
    logits, truth = torch.randn(5, 3, generator=torch.Generator().manual_seed(1)), torch.ones(5, 3)

    assert torch.equal(multilabel_loss(logits, truth), binary_cross_entropy_with_logits(logits, truth))


def test_a_sure_and_right_answer_costs_nothing_unless_truth_is_smoothed() -> None:
    """Smoothing is there to punish exactly that."""
    logits, truth = torch.tensor([[50.0]]), torch.tensor([[1.0]])

    assert float(multilabel_loss(logits, truth)) == pytest.approx(0.0, abs=1e-12)
    assert float(multilabel_loss(logits, truth, smoothing=0.2)) == pytest.approx(5.0)
