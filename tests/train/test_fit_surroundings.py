"""What ends training and what it leaves unchanged: losses that are not a number, threads, random state, devices."""

import math
import random

import numpy as np
import pytest
import torch

from support.tiny_model import fit_tiny, load_tiny, separable, training
from synthsweep.errors import Interrupted, ModelError, TrainingError
from synthsweep.train.device import autocast, choose_device
from synthsweep.train.encoder.tokens import encode, shuffled_batches
from synthsweep.train.fit import Fitted, Texts


def test_a_loss_that_is_not_a_number_ends_training() -> None:
    """The message names the step and the keys to change; here a label itself is not a number."""
    train = separable(10)
    broken = Texts(train.texts, np.where(np.arange(20).reshape(10, 2) == 7, np.nan, train.truth))

    with pytest.raises(TrainingError, match=r"^the loss is nan at step 3: lower training\.learning_rate or training\.max_grad"):
        fit_tiny(training(), train=broken, order_seed=order_with_last(broken, 3))


def order_with_last(train: Texts, row: int) -> int:
    """A seed whose first epoch has a text in its third batch, behind the step that is always looked at."""
    lengths = encode(train.texts, load_tiny().tokenizer, 32).lengths
    return next(seed for seed in range(99) if row in shuffled_batches(lengths, 4, random.Random(seed))[2])


def test_a_loss_on_dev_that_is_not_a_number_ends_training() -> None:
    """A checkpoint may be broken for a single word that no training text has."""
    loaded = load_tiny()
    word = loaded.tokenizer.convert_tokens_to_ids("zebra")
    loaded.classifier.network.bert.embeddings.word_embeddings.weight.data[word] = math.nan

    with pytest.raises(TrainingError, match=r"^the loss is nan at step 3: "):
        fit_tiny(training(), loaded=loaded, dev=Texts(["a zebra", "the train"], np.array([[0, 1], [1, 0]])))


def test_training_stops_when_it_is_asked_to() -> None:
    """After the step at hand, and it says how far it got."""
    answers = iter([False, False, True])

    with pytest.raises(Interrupted, match=r"^stopped at step 3 of 9$"):
        fit_tiny(training(), should_stop=lambda: next(answers))


@pytest.mark.parametrize("stops", [False, True])
def test_torch_is_left_as_it_was(stops: bool) -> None:
    """Threads and random state, whether training ends by itself or not, and after predicting too."""
    threads = torch.get_num_threads()
    torch.manual_seed(7)
    expected = torch.rand(2)
    torch.manual_seed(7)
    torch.set_num_threads(2)
    try:
        seen = []
        fitted = fit_tiny_or_none(stops, seen)
        if fitted:
            fitted.probabilities(["a lamp"])
        assert (torch.get_num_threads(), set(seen)) == (2, {1})
        assert torch.equal(torch.rand(2), expected)
    finally:
        torch.set_num_threads(threads)


def fit_tiny_or_none(stops: bool, seen: list[int]) -> Fitted | None:
    def stop() -> bool:
        seen.append(torch.get_num_threads())
        return stops

    try:
        return fit_tiny(training(threads=1), should_stop=stop)
    except Interrupted:
        return None


def test_prediction_keeps_to_the_threads_of_training() -> None:
    """Workers share a machine while they evaluate too."""
    threads, seen = torch.get_num_threads(), []
    fitted = fit_tiny(training(epochs=1, threads=threads + 1), train=separable(4))
    fitted.loaded.classifier.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
    fitted.probabilities(["a lamp"])

    assert (seen, torch.get_num_threads()) == ([threads + 1], threads)


@pytest.mark.slow
def test_bfloat16_trains_where_it_is_asked_for() -> None:
    """On a CPU `auto` does not ask for it: it is slower there."""
    cpu = torch.device("cpu")
    inside = {}
    for precision in ("auto", "fp32", "bf16"):
        with autocast(cpu, precision):
            inside[precision] = torch.is_autocast_enabled("cpu")
    fitted = fit_tiny(training(epochs=12, learning_rate=3e-3, precision="bf16"), train=separable(32))

    assert inside == {"auto": False, "fp32": False, "bf16": True}
    assert fitted.curve[-1].dev_loss < 0.7 * fitted.curve[0].dev_loss
    assert fitted.probabilities(["a lamp"]).dtype == np.float64


@pytest.mark.skipif(torch.cuda.is_available() or torch.backends.mps.is_available(), reason="needs a machine without a GPU")
@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_an_error(device: str) -> None:
    """It never falls back without a word."""
    with pytest.raises(ModelError, match=rf"^training\.device={device}: torch sees none here; set training\.device=auto$"):
        choose_device(device)
    assert (choose_device("auto"), choose_device("cpu")) == (torch.device("cpu"), torch.device("cpu"))
