"""Labels that nobody decided on pull at nothing; where each text carries exactly one label, softmax cross-entropy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight
from torch.nn.functional import cross_entropy

from support.tiny_model import fit_tiny, load_tiny, separable, training
from synthsweep.examples import UNKNOWN
from synthsweep.train.fit import Texts
from synthsweep.train.loss import class_weights, loss_of, loss_weights, multilabel_loss, positive_weights, single_label_loss

SEEDS = st.integers(0, 2**16)


def masked_case(seed: int) -> tuple[torch.Tensor, np.ndarray, np.ndarray]:
    """Logits, the truth, and the truth with a third of it undecided."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, (6, 3))
    return torch.tensor(rng.normal(size=(6, 3)), requires_grad=True), truth, np.where(rng.random((6, 3)) < 0.3, UNKNOWN, truth)


@given(SEEDS, st.floats(0, 0.9), st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_ignored_cells_have_a_gradient_of_exactly_zero(seed: int, smoothing: float, weighted: bool, by_text: bool) -> None:
    """Whatever weights and smoothing there are; the cells that are known have one."""

    logits, _, truth = masked_case(seed)
    weights = torch.tensor([2.0, 1.0, 3.0]) if weighted else None
    of_texts = torch.tensor([1.0, 0.5, 1.0, 2.0, 1.0, 1.0]) if by_text else None
    loss = loss_of("multi", truth)(logits, torch.tensor(truth), weights, smoothing, example_weights=of_texts)
    loss.backward()  # type: ignore[no-untyped-call]

    gradients = (np.zeros((6, 3)) if logits.grad is None else logits.grad.numpy()) != 0
    assert gradients[truth == UNKNOWN].any() == np.False_
    if (truth == UNKNOWN).any() and (truth != UNKNOWN).any():
        assert gradients[truth != UNKNOWN].all()


@given(SEEDS, st.floats(0, 0.9))
@settings(max_examples=40, deadline=None)
def test_the_mean_is_over_the_known_cells(seed: int, smoothing: float) -> None:
    """The sum of the plain losses of the known cells, each with its weights, over their number."""

    logits, full, truth = masked_case(seed)
    logits = logits.detach()
    weights, of_texts, known = torch.tensor([2.0, 1.0, 3.0]), torch.linspace(0.5, 2, 6), truth != UNKNOWN
    cells = [
        multilabel_loss(logits[row, column][None, None], torch.tensor([[full[row, column]]]), weights[column][None], smoothing)
        * of_texts[row]
        for row, column in zip(*np.nonzero(known), strict=True)
    ]
    found = multilabel_loss(logits, torch.tensor(truth), weights, smoothing, example_weights=of_texts, masked=True)

    assert float(found) == pytest.approx(float(sum(cells)) / max(len(cells), 1) if cells else 0.0, abs=1e-6)


def test_a_batch_that_nobody_decided_on_gives_zero() -> None:
    """Not a division by zero."""
    for kind in ("multi", "single"):
        truth = np.full((2, 3), UNKNOWN)
        assert float(loss_of(kind, truth)(torch.ones(2, 3), torch.tensor(truth))) == 0.0


def test_positive_weights_count_the_known_cells() -> None:
    """Two negatives and a positive among four texts, one of them undecided: a weight of 2, not of 3."""
    assert positive_weights(np.array([[1], [0], [0], [UNKNOWN]]), "balanced", 10.0) == pytest.approx([2.0])


@given(SEEDS, st.floats(0, 0.9))
@settings(max_examples=30, deadline=None)
def test_one_class_per_text_is_torchs_cross_entropy(seed: int, smoothing: float) -> None:
    """Over the texts whose class is known."""

    rng = np.random.default_rng(seed)
    classes, logits = rng.integers(0, 3, 5), torch.tensor(rng.normal(size=(5, 3)))
    truth = np.concatenate([np.eye(3, dtype=int)[classes], np.full((1, 3), UNKNOWN)])
    both = torch.cat([logits, torch.ones(1, 3)])

    expected = float(cross_entropy(logits, torch.tensor(classes), label_smoothing=smoothing))
    assert float(single_label_loss(both, torch.tensor(truth), None, smoothing)) == pytest.approx(expected)


def test_classes_are_weighted_as_scikit_learn_balances_them() -> None:
    """A class without a text weighs 1; capped stops at the cap; texts count by their weights."""

    truth = np.eye(4, dtype=int)[[0, 0, 0, 1, 1, 2]]
    expected = compute_class_weight("balanced", classes=np.arange(3), y=truth.argmax(axis=1))

    assert class_weights(truth, "balanced", 9.0) == pytest.approx([*expected, 1.0])
    assert loss_weights("single", truth, "capped", 1.5) == pytest.approx([*np.minimum(expected, 1.5), 1.0])
    assert class_weights(truth, "balanced", 9.0, np.array([1, 1, 1, 1, 1, 0.0])) == pytest.approx([5 / 6, 5 / 4, 1.0, 1.0])


def test_undecided_labels_of_training_and_dev_do_not_act() -> None:
    """A label that is undecided in every text leaves the other one as if it stood alone in the loss."""

    texts, dev = separable(12), separable(8)
    hidden = Texts(texts.texts, np.column_stack([texts.truth[:, 0], np.full(12, UNKNOWN)]))
    hidden_dev = Texts(dev.texts, np.column_stack([dev.truth[:, 0], np.full(8, UNKNOWN)]))
    config = training(epochs=1, select_by="loss", weight_decay=0.0, learning_rate=1e-3)
    before = load_tiny().classifier.head
    fitted = fit_tiny(config, loaded=load_tiny(), train=hidden, dev=hidden_dev)
    after = fitted.loaded.classifier.head

    assert before is not None
    assert after is not None
    old, new = (next(head.parameters()).cpu() for head in (before, after))
    assert torch.equal(old[1], new[1])
    assert not torch.equal(old[0], new[0])


def test_probabilities_of_classes_sum_to_one() -> None:
    """By softmax, on dev and on any other text."""

    truth = np.eye(2, dtype=int)[[0, 1] * 5]
    texts = Texts([f"he looked at {'the train' if one else 'a lamp'} {place}" for place, (one, _) in enumerate(truth)], truth)
    fitted = fit_tiny(
        training(epochs=2, positive_weight="balanced", label_smoothing=0.1), train=texts, dev=texts, kind="single"
    )

    assert fitted.dev_probabilities.sum(axis=1) == pytest.approx(np.ones(10))
    assert fitted.probabilities(["a lamp"]).sum() == pytest.approx(1.0)
