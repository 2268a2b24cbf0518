"""The loss beside torch's and beside hand computation."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss
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


def batch_of(seed: int, count: int = 6) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits, truth and weights of a batch, three criteria."""
    rng = np.random.default_rng(seed)
    logits, truth = rng.normal(size=(count, 3)), rng.integers(0, 2, (count, 3))
    return torch.tensor(logits, requires_grad=True), torch.tensor(truth).double(), torch.tensor(rng.uniform(0, 3, count))


@given(st.integers(0, 2**16))
def test_a_weighted_loss_is_scikit_learns_times_the_mean_weight(seed: int) -> None:
    """That one divides by the sum of the weights, ours by the number of examples; criteria weigh alike."""
    logits, truth, weights = batch_of(seed)

    probabilities = torch.sigmoid(logits).detach().numpy()
    losses = [
        log_loss(truth[:, column].numpy(), probabilities[:, column], sample_weight=weights.numpy(), labels=[0, 1])
        for column in range(3)
    ]
    found = multilabel_loss(logits, truth, example_weights=weights)
    assert float(found.detach()) == pytest.approx(np.mean(losses) * float(weights.mean()))


@given(st.integers(0, 2**16), st.floats(0, 0.9))
def test_weights_of_1_change_no_bit(seed: int, smoothing: float) -> None:
    """Neither of the loss nor of its gradient, in single precision."""
    logits, truth, classes = (values.detach().float() for values in batch_of(seed, count=3))
    plain, weighted = (logits.clone().requires_grad_() for _ in range(2))

    losses = [
        multilabel_loss(plain, truth, classes, smoothing),
        multilabel_loss(weighted, truth, classes, smoothing, example_weights=torch.ones(3)),
    ]
    assert torch.equal(*losses)
    assert torch.equal(*(torch.autograd.grad(loss, given)[0] for loss, given in zip(losses, (plain, weighted), strict=True)))


@given(st.integers(0, 2**16), st.integers(1, 5))
def test_examples_of_weight_0_leave_the_gradient_of_the_others(seed: int, others: int) -> None:
    """Up to their share of the batch, since the loss is divided by the size of the batch."""
    logits, truth, _ = batch_of(seed)
    weights = (torch.arange(6) < others).double()

    (found,) = torch.autograd.grad(multilabel_loss(logits, truth, example_weights=weights), logits)
    (alone,) = torch.autograd.grad(multilabel_loss(logits[:others], truth[:others]), logits)
    torch.testing.assert_close(found, alone * others / 6)


@given(st.integers(0, 2**16), st.floats(0, 10))
def test_an_example_pulls_by_its_weight_whatever_the_batch(seed: int, weight: float) -> None:
    """Beside heavy examples and light ones it has the same gradient, and so it has alone among its like."""
    logits, truth, weights = batch_of(seed)
    weights[0] = weight

    (plain,) = torch.autograd.grad(multilabel_loss(logits, truth), logits)
    (found,) = torch.autograd.grad(multilabel_loss(logits, truth, example_weights=weights), logits)
    torch.testing.assert_close(found[0], weight * plain[0])


def test_a_batch_of_weights_0_costs_nothing() -> None:
    """Neither the loss nor its gradient is 0 / 0."""
    logits, truth, weights = batch_of(1)

    loss = multilabel_loss(logits, truth, example_weights=0 * weights)
    assert (float(loss.detach()), 0.0) == (0.0, float(torch.autograd.grad(loss, logits)[0].abs().max()))


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([1.0, 1.0, 1.0, 1.0], [3.0, 1.0, 1.0, 1.0]),
        ([2.0, 0.5, 1.0, 0.5], [1.0, 0.6, 1.0, 1.0]),
        ([0.0, 1.0, 1.0, 1.0], [1.0, 2.0, 1.0, 1.0]),
    ],
)
def test_examples_count_for_as_much_as_they_weigh(weights: list[float], expected: list[float]) -> None:
    """A criterion whose only positive weighs nothing has no positive."""
    assert positive_weights(TRUTH, "balanced", 2.0, np.array(weights)).tolist() == pytest.approx(expected)


@given(st.integers(0, 2**16), st.integers(1, 5))
def test_weights_of_classes_follow_the_examples_that_weigh(seed: int, others: int) -> None:
    """Those of weight 0 might as well not be there."""
    truth = np.random.default_rng(seed).integers(0, 2, (6, 3))
    weights = (np.arange(6) < others).astype(float)

    expected = positive_weights(truth[:others], "balanced", 2.0)
    assert positive_weights(truth, "balanced", 2.0, weights).tolist() == expected.tolist()
