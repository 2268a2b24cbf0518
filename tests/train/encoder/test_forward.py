"""The short way above frozen layers: it is that of the whole classifier, or it is not taken."""

import logging
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from support.families import folder_of, load_folder
from support.saved_models import save_and_open
from support.tiny_model import fit_tiny, load_tiny, separable, training
from synthsweep.train.cache import TrainingCache, state_cache
from synthsweep.train.encoder.forward import CachedForward, FullForward, choose_forward
from synthsweep.train.encoder.model import Loaded
from synthsweep.train.encoder.tokens import encode

CPU = torch.device("cpu")
POOLINGS = ("native", "cls", "mean", "max")
SHORT = ("Bert", "Roberta", "DistilBert", "Electra", "ModernBert")


def ids_of(loaded: Loaded, count: int = 8) -> list[list[int]]:
    return encode(separable(count).texts, loaded.tokenizer, 16).ids


def going_all_the_way(loaded: Loaded) -> Loaded:
    """Its parts are as frozen and as still as before, but no short way is looked for."""
    loaded.classifier.frozen_layers = 0
    return loaded


def counting(loaded: Loaded) -> list[int]:
    """How many texts the first layer sees at a time; copies of the classifier count too."""
    seen: list[int] = []
    loaded.classifier.network.bert.encoder.layer[0].register_forward_hook(lambda *arguments: seen.append(len(arguments[2])))
    return seen


@pytest.mark.parametrize("family", SHORT)
@pytest.mark.parametrize("pooling", ["native", "mean"])
def test_an_encoder_of_a_common_family_uses_cached_states(tmp_path: Path, family: str, pooling: str) -> None:
    """With the logits of the full forward pass, text by text, whatever the batch."""
    loaded = load_folder(folder_of(family, tmp_path), pooling=pooling, frozen_layers=1)
    ids = ids_of(loaded)
    found = choose_forward(loaded, CPU, state_cache(), ids)

    assert isinstance(found, CachedForward)
    with torch.no_grad():
        expected = FullForward(loaded, CPU)(ids, training=False)
        torch.testing.assert_close(found(ids, training=False), expected, rtol=1e-4, atol=1e-6)
        alone = torch.cat([found([row], training=False) for row in ids])
        torch.testing.assert_close(alone, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("family", "reason"),
    [
        ("MPNet", r"a part below them learns or drops out"),  # one table of relative positions for all layers
        ("XLNet", r".+"),  # a dropout between embeddings and layers, and states of another shape
    ],
)
def test_an_encoder_of_another_family_runs_every_layer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, family: str, reason: str
) -> None:
    """One line says why it is slower."""
    loaded = load_folder(folder_of(family, tmp_path), frozen_layers=1)

    with caplog.at_level(logging.WARNING):
        found = choose_forward(loaded, CPU, state_cache(), ids_of(loaded))
    assert isinstance(found, FullForward)
    (line,) = (record.getMessage() for record in caplog.records)
    assert re.fullmatch(rf"model\.frozen_layers: frozen layers of this encoder run anew .*, which is slower \({reason}\)", line)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("frozen_layers", [1, 2])
def test_training_on_cached_states_is_training_of_the_whole(pooling: str, frozen_layers: int) -> None:
    """Weights, curve and probabilities, dropout above included; only rounding differs."""
    keys = {"pooling": pooling, "frozen_layers": frozen_layers, "dropout": 0.3}
    short = fit_tiny(training(), loaded=load_tiny(**keys))
    whole = fit_tiny(training(), loaded=going_all_the_way(load_tiny(**keys)))

    assert (type(short.predictor.forward_pass), type(whole.predictor.forward_pass)) == (CachedForward, FullForward)
    expected = dict(whole.loaded.classifier.named_parameters())
    for name, parameter in short.loaded.classifier.named_parameters():
        torch.testing.assert_close(parameter, expected[name], rtol=1e-4, atol=2e-6, msg=name)
    assert [point.dev_loss for point in short.curve] == pytest.approx([point.dev_loss for point in whole.curve], rel=1e-5)
    assert (short.real_tokens, short.padded_tokens) == (whole.real_tokens, whole.padded_tokens)
    texts = separable(6).texts
    assert np.allclose(short.probabilities(texts), whole.probabilities(texts), atol=1e-6)


@pytest.mark.parametrize("family", ["DistilBert", "ModernBert"])
def test_gradients_on_cached_states_are_those_of_the_whole(tmp_path: Path, family: str) -> None:
    """They land in the classifier's own weights."""
    loaded = load_folder(folder_of(family, tmp_path), frozen_layers=1, dropout=0.0)
    ids, found = ids_of(loaded), {}
    short = choose_forward(loaded, CPU, state_cache(), ids)
    for name, run in (("short", short), ("whole", FullForward(loaded, CPU))):
        loaded.classifier.zero_grad(set_to_none=True)
        run(ids, training=True).square().sum().backward()
        learnt = {key: value.grad for key, value in loaded.classifier.named_parameters() if value.grad is not None}
        found[name] = {key: gradient.clone() for key, gradient in learnt.items()}

    assert isinstance(short, CachedForward)
    assert found["short"].keys() == found["whole"].keys()
    for name, gradient in found["whole"].items():
        torch.testing.assert_close(found["short"][name], gradient, rtol=1e-3, atol=1e-5, msg=name)


def test_frozen_layers_run_once_for_a_text() -> None:
    """Four epochs need them no more than one; a later run with the cache needs them for the trial alone."""
    cache, runs = TrainingCache(), []
    for epochs, kept in ((1, None), (4, None), (1, cache), (4, cache)):
        loaded = load_tiny(frozen_layers=1, cache=kept)
        seen = counting(loaded)
        trial = len(seen)
        fitted = fit_tiny(training(epochs=epochs), loaded=loaded, cache=kept)
        fitted.probabilities(separable(8).texts)
        runs.append(sum(seen[trial:]))

    assert runs[0] == runs[1] == runs[2] > runs[3] > 0


def test_a_cache_that_is_too_small_changes_no_number() -> None:
    """States that are not cached are computed again, to the last bit."""
    keys, texts = {"frozen_layers": 1, "dropout": 0.3}, separable(12)
    fitted = [
        fit_tiny(training(), loaded=load_tiny(**keys, cache=cache), train=texts, cache=cache)
        for cache in (None, TrainingCache(states=state_cache(0)), TrainingCache(states=state_cache(3000)))
    ]

    assert fitted[0].curve == fitted[1].curve == fitted[2].curve
    assert fitted[1].predictor.cache.states.currsize == 0
    assert 0 < fitted[2].predictor.cache.states.currsize <= 3000


@pytest.mark.slow
def test_states_of_other_frozen_layers_are_not_mistaken_for_ones_own() -> None:
    """Of another depth, another seed of random weights, another precision."""
    cache, texts = TrainingCache(), separable(6).texts
    for keys in ({}, {"frozen_layers": 2}, {"seed": 2}):
        keys = {"frozen_layers": 1, **keys}
        warm = fit_tiny(training(), loaded=load_tiny(**keys, cache=cache), cache=cache)
        cold = fit_tiny(training(), loaded=load_tiny(**keys))
        assert np.array_equal(warm.probabilities(texts), cold.probabilities(texts))
    warm, cold = (fit_tiny(training(precision="bf16"), loaded=load_tiny(frozen_layers=1), cache=kept) for kept in (cache, None))
    assert np.array_equal(warm.probabilities(texts), cold.probabilities(texts))


def test_a_classifier_of_unknown_origin_shares_no_states() -> None:
    """Its frozen weights may be anybody's."""
    cache = TrainingCache()
    fit_tiny(training(epochs=1), loaded=load_tiny(frozen_layers=1), cache=cache)
    before = (cache.states.currsize, len(cache.tokens))
    unknown = Loaded(load_tiny(frozen_layers=1, seed=2).classifier, load_tiny().tokenizer)
    fit_tiny(training(epochs=1), loaded=unknown, train=separable(20), cache=cache)

    assert (cache.states.currsize, len(cache.tokens)) == before


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_classifier_trained_on_cached_states_is_saved_whole(tmp_path: Path, pooling: str) -> None:
    """Frozen layers included; what is read again predicts as the run did."""
    fitted = fit_tiny(training(), loaded=load_tiny(frozen_layers=1, pooling=pooling))
    saved, texts = save_and_open(fitted.loaded, tmp_path).loaded, separable(6).texts

    with torch.inference_mode():
        logits = FullForward(saved, CPU)(encode(texts, saved.tokenizer, 32).ids, training=False)
    assert np.allclose(logits.sigmoid().numpy(), fitted.probabilities(texts), atol=1e-6)
    assert not fitted.loaded.classifier.training


def test_states_that_an_evaluation_made_can_be_trained_on() -> None:
    """A text of dev in one run is one of training in the next."""
    cache = TrainingCache()
    dev, train = separable(8), separable(20)
    fit_tiny(training(epochs=1), loaded=load_tiny(frozen_layers=1, cache=cache), train=separable(2), dev=train, cache=cache)
    warm, cold = (
        fit_tiny(training(), loaded=load_tiny(frozen_layers=1), train=train, dev=dev, cache=kept) for kept in (cache, None)
    )

    assert warm.curve == cold.curve
