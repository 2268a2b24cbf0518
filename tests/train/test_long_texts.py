"""Training and prediction with windows: exact gradients in bounded memory, the same numbers where every text fits."""

import random

import numpy as np
import pytest
import torch

from support.tiny_model import fit_tiny, load_tiny, separable, training
from synthsweep.config.keys.training import TrainingConfig
from synthsweep.evaluate.metrics import macro_average_precision
from synthsweep.train.encoder.forward import Ids
from synthsweep.train.fit import Fitted, Texts
from synthsweep.train.loss import multilabel_loss
from synthsweep.train.predictor import Predictor, open_predictor

FILLER = ("he", "went", "home", "and", "then", "the", "day", "was", "over", "again")


def long_texts(count: int, words: int = 30) -> Texts:
    """As `separable`, with a tail of fillers, so that the evidence stands anywhere in it."""
    rng, short = random.Random(1), separable(count)
    tails = [[rng.choice(FILLER) for _ in range(rng.randrange(words))] for _ in range(count)]
    return Texts([" ".join([*tail, text]) for tail, text in zip(tails, short.texts, strict=True)], short.truth)


def opened(config: TrainingConfig, texts: list[str], **keys: object) -> Predictor:
    return open_predictor(load_tiny(**keys), config, texts, None)


@pytest.mark.parametrize("windows", ["mean", "max"])
@pytest.mark.parametrize("frozen_layers", [0, 1])
def test_texts_that_all_fit_give_the_same_numbers_as_without_windows(windows: str, frozen_layers: int) -> None:
    """To the last bit, dropout included: weights, curve and predictions."""
    texts = separable(6).texts

    def fitted(how: str) -> Fitted:
        config = training(windows=how, match_steps=True, epochs=2)
        return fit_tiny(config, loaded=load_tiny(dropout=0.2, frozen_layers=frozen_layers), baseline=7)

    off, on = fitted("none"), fitted(windows)
    assert np.array_equal(off.probabilities(texts), on.probabilities(texts))
    assert (off.curve, off.steps, off.real_tokens, off.padded_tokens) == (on.curve, on.steps, on.real_tokens, on.padded_tokens)


@pytest.mark.parametrize("windows", ["mean", "max"])
@pytest.mark.parametrize("frozen_layers", [0, 1])
def test_a_text_has_the_pooled_logits_of_its_windows(windows: str, frozen_layers: int) -> None:
    """Of texts of one token, at the limit, one above it and far beyond, each read alone."""
    config = training(windows=windows, max_length=8, eval_batch_size=3)
    words = ["lamp " * count for count in (1, 6, 7, 50)]
    predictor = opened(config, words, frozen_layers=frozen_layers)

    encoded = predictor.encode(words)
    assert predictor.windows is not None
    with torch.inference_mode():
        alone = [[predictor.forward([list(window)])[0] for window in predictor.windows.split(row)] for row in encoded.ids]
    expected = [torch.stack(rows).mean(0) if windows == "mean" else torch.stack(rows).amax(0) for rows in alone]
    assert [len(rows) for rows in alone] == [1, 1, 2, 16]
    assert np.allclose(predictor.logits(encoded), torch.stack(expected).numpy(), atol=1e-5)


def gradients(config: TrainingConfig, texts: Texts, **keys: object) -> dict[str, torch.Tensor]:
    predictor = opened(config, list(texts.texts), **keys)
    torch.manual_seed(3)
    ids = predictor.encode(texts.texts).ids
    loss = multilabel_loss(predictor.forward(ids, training=True), torch.tensor(texts.truth).float())
    loss.backward()
    named = predictor.loaded.classifier.named_parameters()
    return {name: parameter.grad for name, parameter in named if parameter.grad is not None}


@pytest.mark.parametrize("windows", ["mean", "max"])
@pytest.mark.parametrize("frozen_layers", [0, 1])
def test_gradients_in_parts_are_those_of_all_windows_at_once(windows: str, frozen_layers: int) -> None:
    texts = long_texts(6)

    keys = {"windows": windows, "max_length": 12}
    at_once, in_parts = (
        gradients(training(batch_size=size, **keys), texts, dropout=0.0, frozen_layers=frozen_layers) for size in (1000, 2)
    )
    assert at_once.keys() == in_parts.keys()
    for name, gradient in at_once.items():
        torch.testing.assert_close(in_parts[name], gradient, rtol=1e-4, atol=1e-6, msg=name)


@pytest.mark.parametrize("frozen_layers", [0, 1])
def test_the_second_pass_of_a_part_has_the_dropout_of_the_first(monkeypatch: pytest.MonkeyPatch, frozen_layers: int) -> None:
    """Its gradients are those of a single pass that keeps everything in memory."""
    config, texts = training(windows="mean", max_length=12, batch_size=2), long_texts(4)
    twice = gradients(config, texts, dropout=0.4, frozen_layers=frozen_layers)

    monkeypatch.setattr("synthsweep.train.predictor.checkpoint", lambda run, **_: run())
    once = gradients(config, texts, dropout=0.4, frozen_layers=frozen_layers)
    for name, gradient in once.items():
        torch.testing.assert_close(twice[name], gradient, rtol=1e-5, atol=1e-7, msg=name)


@pytest.mark.slow
def test_no_more_windows_than_a_batch_has_texts_go_through_together() -> None:
    """However many windows a text has, in training and in prediction."""
    config, seen = training(windows="max", max_length=6, batch_size=3, eval_batch_size=5), dict[bool, list[int]]()
    texts = ["lamp " * 400, "train", "lamp " * 9]
    predictor = opened(config, texts)

    class Watched:
        def __call__(self, ids: Ids, *, training: bool) -> torch.Tensor:
            seen.setdefault(training, []).append(len(ids))
            return predictor.forward_pass(ids, training=training)

        def look_ahead(self, ids: Ids) -> None: ...

    watched = Predictor(predictor.loaded, config, predictor.cache, predictor.device, Watched(), predictor.windows)
    ids = watched.encode(texts).ids
    watched.forward(ids, training=True).sum().backward()
    watched.logits(watched.encode(texts))
    assert {training: max(counts) for training, counts in seen.items()} == {True: 3, False: 5}
    assert sum(seen[True]) == 2 * sum(seen[False])


@pytest.mark.parametrize("windows", ["mean", "max"])
def test_two_runs_on_long_texts_are_equal(windows: str) -> None:
    """To the last bit, dropout included, whatever was drawn between; the best point is given back."""
    config = training(windows=windows, max_length=12, epochs=2)
    texts, dev = long_texts(10), long_texts(8)

    first, second = (fit_tiny(config, loaded=load_tiny(dropout=0.3), train=texts, dev=dev) for _ in range(2))
    assert np.array_equal(first.probabilities(dev.texts), second.probabilities(dev.texts))
    assert first.curve == second.curve
    truth, found = dev.truth, first.probabilities(dev.texts)
    loss = -(truth * np.log(found) + (1 - truth) * np.log(1 - found)).mean()
    assert loss == pytest.approx(first.best.dev_loss, rel=1e-9)


def test_windows_take_as_many_steps_as_texts_do() -> None:
    """match_steps compares arms by steps, and a step is a batch of texts."""
    config = training(windows="mean", max_length=8, epochs=2, match_steps=True)

    assert fit_tiny(config, train=long_texts(9), baseline=10).steps == 6


def test_padding_is_counted_in_windows() -> None:
    """The window of three tokens goes with the first of two of six tokens."""
    config = training(windows="mean", max_length=6, epochs=1, batch_size=2)
    fitted = fit_tiny(config, train=Texts(["a b c d e f", "a"], np.eye(2)))

    assert (fitted.real_tokens, fitted.padded_tokens) == (15, 18)


def planted(count: int) -> Texts:
    """600 words: four of them, from the 400th on, say which of the two criteria a text shows."""
    shown = [index % 2 for index in range(count)]
    texts = [["and"] * 399 + [("lamp", "train")[label]] * 4 + ["and"] * 197 for label in shown]
    return Texts([" ".join(words) for words in texts], np.eye(2, dtype=int)[shown])


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(("windows", "learnt"), [("none", False), ("mean", True), ("max", True)])
def test_a_cue_beyond_the_limit_is_learnt_with_windows_alone(windows: str, learnt: bool) -> None:
    """The 400th of 600 words, with at most 128 tokens at a time."""
    config = training(windows=windows, max_length=128, epochs=12, learning_rate=5e-3, patience=0)
    texts = planted(24)

    fitted = fit_tiny(config, loaded=load_tiny(dropout=0.0, pooling="max"), train=texts, dev=planted(8))
    found = macro_average_precision(texts.truth, fitted.probabilities(texts.texts))
    assert found == (1.0 if learnt else 0.5)
