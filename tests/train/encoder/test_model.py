"""Encoders, pooling, freezing, saving; and what is said where an encoder cannot be had."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from support.families import folder_of, load_folder
from support.saved_models import save
from support.tiny_model import LABELS, SIZES, load_tiny, separable, tiny
from synthsweep.errors import ModelError
from synthsweep.train.cache import TrainingCache
from synthsweep.train.encoder.model import Loaded, load
from synthsweep.train.encoder.tokens import encode, padded

POOLINGS = ("native", "cls", "mean", "max")


def tensors(loaded: Loaded, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    ids, mask = padded(encode(texts, loaded.tokenizer, 32).ids, loaded.tokenizer.pad_token_id)
    return torch.tensor(ids), torch.tensor(mask)


def logits(loaded: Loaded, texts: Sequence[str]) -> torch.Tensor:
    with torch.inference_mode():
        return loaded.classifier.eval()(*tensors(loaded, texts))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_there_is_one_logit_per_criterion(pooling: str) -> None:
    """One criterion is enough, and the encoder's own head knows their names."""
    loaded = load_tiny(pooling=pooling, labels=("A", "B", "C"))

    assert logits(loaded, ["one", "two lamps"]).shape == (2, 3)
    assert logits(load_tiny(pooling=pooling, labels=("A",)), ["one"]).shape == (1, 1)
    assert loaded.classifier.network.config.id2label == {0: "A", 1: "B", 2: "C"}


@pytest.mark.parametrize("pooling", POOLINGS)
def test_padding_changes_no_logit(pooling: str) -> None:
    """A text counts the same alone and beside a longer one."""
    loaded = load_tiny(pooling=pooling)

    together = logits(loaded, ["a lamp", "a train that goes round and round for hours"])
    torch.testing.assert_close(together[:1], logits(loaded, ["a lamp"]))


@pytest.mark.parametrize("pooling", ["cls", "mean", "max"])
def test_a_pooling_is_what_hand_computation_gives(pooling: str) -> None:
    """Over the tokens of each text alone, the special ones included."""
    loaded = load_tiny(pooling=pooling)
    classifier, (ids, mask) = loaded.classifier.eval(), tensors(loaded, ["a lamp", "a train that goes round"])

    with torch.inference_mode():
        states = classifier.network.base_model(input_ids=ids, attention_mask=mask).last_hidden_state
        rows = [states[row, : int(mask[row].sum())] for row in range(2)]
        by_hand = {"cls": [r[0] for r in rows], "mean": [r.mean(0) for r in rows], "max": [r.max(0).values for r in rows]}
        expected = classifier.head[1](torch.stack(by_hand[pooling]))
        torch.testing.assert_close(classifier(ids, mask), expected)


def test_native_pooling_is_the_encoders_own_head() -> None:
    """What transformers computes, to the last bit."""
    loaded = load_tiny(pooling="native")
    ids, mask = tensors(loaded, separable(4).texts)

    with torch.inference_mode():
        expected = loaded.classifier.eval().network(input_ids=ids, attention_mask=mask).logits
    assert torch.equal(logits(loaded, separable(4).texts), expected)


def test_frozen_layers_and_the_embeddings_do_not_learn() -> None:
    """The rest does: layers above and the head."""
    classifier = load_tiny(frozen_layers=1).classifier

    learnt = {name for name, parameter in classifier.named_parameters() if parameter.requires_grad}
    assert not [name for name in learnt if "embeddings" in name or "layer.0." in name]
    assert {"head.1.weight", "network.bert.encoder.layer.1.output.dense.weight"} <= learnt


def test_frozen_layers_have_no_dropout_while_the_rest_trains() -> None:
    """Noise in a part that cannot answer to it teaches nothing."""
    classifier = load_tiny(frozen_layers=1, dropout=0.5).classifier.train()

    bert = classifier.network.bert
    parts = {bert.embeddings: False, bert.encoder.layer[0]: False, bert.encoder.layer[1]: True, classifier.head: True}
    assert {part: module.training for part in parts for module in part.modules()} == parts
    assert not any(module.training for module in classifier.eval().modules())


def test_nothing_is_frozen_by_default() -> None:
    """Not even the embeddings."""
    assert all(parameter.requires_grad for parameter in load_tiny().classifier.parameters())


def test_more_frozen_layers_than_there_are_is_an_error() -> None:
    """The message says how many there are."""
    with pytest.raises(ModelError, match=r"^model\.frozen_layers must be in \[0, 2\], .*; got 3$"):
        load_tiny(frozen_layers=3)


def test_longer_texts_than_the_encoder_reads_are_an_error() -> None:
    """They would fail in the middle of training, or be cut without a word."""
    with pytest.raises(ModelError, match=r"^training\.max_length must be at most 512, .*; got 513$"):
        load(tiny(), LABELS, dropout=None, max_length=513, seed=1)
    assert load(tiny(), LABELS, dropout=None, max_length=512, seed=1)


@pytest.mark.parametrize("name", ["no_such_folder", "nobody/no-such-model"])
def test_weights_that_are_not_here_are_an_error_of_one_line(name: str) -> None:
    """It says which, and both ways to get them."""
    with pytest.raises(
        ModelError, match=rf"^model\.name_or_path={name}: it cannot be loaded \(.+model\.name_or_path=FOLDER.+hf download"
    ):
        load(tiny(name_or_path=name), LABELS, dropout=None, max_length=32, seed=1)


def test_sizes_that_do_not_fit_each_other_are_an_error_of_one_line() -> None:
    """Thirty-two numbers cannot be shared among three heads."""
    with pytest.raises(ModelError, match=r"^model\.name_or_path=package:.*not a multiple of the number of attention heads"):
        load_tiny(random_sizes={**SIZES, "num_attention_heads": 3})


def test_a_size_that_the_encoder_does_not_have_is_an_error() -> None:
    """A misspelt one would change nothing, without a word."""
    with pytest.raises(ModelError, match=r"^model\.random_sizes: BertConfig has no hidden_sise"):
        load_tiny(random_sizes={**SIZES, "hidden_sise": 64})


def test_a_checkpoint_of_another_task_gives_its_encoder(tmp_path: Path) -> None:
    """Its head has other labels, so a new one is drawn."""
    before = load(tiny(pooling="native"), ("X", "Y", "Z"), dropout=None, max_length=32, seed=1)
    save(before, tmp_path)

    after = load(
        tiny(name_or_path=str(tmp_path), random_sizes={}, pooling="native"), LABELS, dropout=None, max_length=32, seed=2
    )

    old, new = before.classifier.network, after.classifier.network
    assert torch.equal(old.bert.embeddings.word_embeddings.weight, new.bert.embeddings.word_embeddings.weight)
    assert new.classifier.weight.shape == (len(LABELS), 32)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_dropout_reaches_every_dropout_there_is(pooling: str) -> None:
    """The head's too; null keeps the encoder's own."""
    rates = {
        dropout: {module.p for module in load_tiny(pooling=pooling, dropout=dropout).classifier.modules()
                  if isinstance(module, torch.nn.Dropout)}
        for dropout in (None, 0.0, 0.35)
    }  # fmt: skip

    assert rates == {None: {0.1}, 0.0: {0.0}, 0.35: {0.35}}


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_seed_draws_the_same_weights_each_time(pooling: str) -> None:
    """And another seed others; what torch drew before plays no part, and is not disturbed."""
    torch.manual_seed(1)
    first = load_tiny(pooling=pooling, seed=3).classifier.state_dict()
    after = torch.rand(1)
    second = load_tiny(pooling=pooling, seed=3).classifier.state_dict()
    other = load_tiny(pooling=pooling, seed=4).classifier.state_dict()

    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), after)


def test_random_sizes_replace_those_of_the_encoder() -> None:
    loaded = load_tiny(random_sizes={**SIZES, "num_hidden_layers": 3})

    found = loaded.classifier.network.config
    assert (found.num_hidden_layers, found.hidden_size, found.vocab_size) == (3, 32, 30522)
    assert loaded.tokenizer.vocab_size == 30522


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_warm_load_gives_the_classifier_of_a_cold_one(tmp_path: Path, pooling: str) -> None:
    """Head included, to the last bit, though the copy before was changed; the tokenizer is read once."""
    folder, cache = folder_of("Bert", tmp_path), TrainingCache()
    first = load_folder(folder, pooling=pooling, frozen_layers=1, cache=cache)
    with torch.no_grad():
        for parameter in first.classifier.parameters():
            parameter.fill_(7)
    warm, cold = (load_folder(folder, pooling=pooling, frozen_layers=1, cache=kept) for kept in (cache, None))

    expected, found = cold.classifier.state_dict(), warm.classifier.state_dict()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert warm.tokenizer is first.tokenizer
    assert warm.origin == first.origin == cold.origin


def test_origins_differ_where_frozen_weights_do(tmp_path: Path) -> None:
    """A seed draws the head of a checkpoint, but every layer of an encoder of random sizes; a changed file is another."""
    folder, cache = folder_of("Bert", tmp_path), TrainingCache()
    same = {load_tiny(frozen_layers=1, cache=cache).origin, load_tiny(frozen_layers=1, dropout=0.3, labels=("X",)).origin}
    drawn = {load_tiny(frozen_layers=1, seed=seed).origin for seed in (1, 2)}
    before = load_folder(folder, frozen_layers=1, cache=cache)
    (folder / "tokenizer_config.json").write_text((folder / "tokenizer_config.json").read_text() + " ")
    after = load_folder(folder, frozen_layers=1, cache=cache)

    assert (len(same), len(drawn)) == (1, 2)
    assert before.origin != after.origin
    assert before.tokenizer is not after.tokenizer


@pytest.mark.slow
def test_the_shipped_encoder_keeps_its_pretrained_weights() -> None:
    """Two seeds differ in the head alone."""
    first, second = (
        load(tiny(random_sizes={}), LABELS, dropout=None, max_length=128, seed=seed).classifier.state_dict() for seed in (1, 2)
    )

    different = {name for name in first if not torch.equal(first[name], second[name])}
    assert different == {"head.1.weight", "head.1.bias", "network.classifier.weight"}
