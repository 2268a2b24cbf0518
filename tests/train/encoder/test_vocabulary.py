"""Only the words that occur are carried through training, and the numbers are as if all were."""

import numpy as np
import pytest
import torch
from torch import nn

from synthsweep.train.encoder.vocabulary import reduce_vocabulary

WORDS, WIDTH = 50, 4


class Network(nn.Module):
    """Words, their mean, one logit: the least that has an input embedding."""

    def __init__(self, words: nn.Embedding, *, tied: bool = False) -> None:
        super().__init__()
        self.words, self.head, self.tied = words, nn.Linear(WIDTH, 1), tied

    def get_input_embeddings(self) -> nn.Module:
        return self.words

    def set_input_embeddings(self, words: nn.Module) -> None:
        self.words = words  # type: ignore[assignment]

    def get_output_embeddings(self) -> nn.Module | None:
        return self.head if self.tied else None

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.words(ids).mean(dim=1))
        return logits


def network() -> Network:
    torch.manual_seed(1)
    return Network(nn.Embedding(WORDS, WIDTH, padding_idx=3))


TEXTS = [[5, 9, 3], [9, 20, 41], [7, 7, 3]]


def train(model: Network, *, narrowed: bool, rate: float = 0.1, decay: float = 0.2) -> Network:
    vocabulary = reduce_vocabulary(model, TEXTS, 3) if narrowed else None
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)
    for _ in range(6):
        model(torch.tensor(TEXTS)).pow(2).sum().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        optimizer.zero_grad()
        if vocabulary is not None:
            vocabulary.count_step(rate, decay)
    if vocabulary is not None:
        vocabulary.restore(vocabulary.decay)
    return model


def test_training_comes_to_the_same_weights() -> None:
    """Those of words that occur and of all others, which only decay; the padding word learns nothing."""

    whole, narrowed = train(network(), narrowed=False), train(network(), narrowed=True)

    assert isinstance(narrowed.words, nn.Embedding)
    assert narrowed.words.weight.shape == (WORDS, WIDTH)
    for (name, one), (_, other) in zip(whole.named_parameters(), narrowed.named_parameters(), strict=True):
        np.testing.assert_allclose(one.detach(), other.detach(), rtol=2e-6, atol=1e-7, err_msg=name)


def test_only_words_that_occur_are_carried() -> None:
    """And the padding word, whose place must be known."""

    model = network()
    reduce_vocabulary(model, TEXTS, 3)

    assert list(model.words.weight.shape) == [6, WIDTH]
    assert torch.equal(model.words(torch.tensor([[5, 3]])), network().words(torch.tensor([[5, 3]])))


@pytest.mark.parametrize("kind", ["frozen", "tied", "max_norm", "sparse", "another class"])
def test_words_that_are_read_otherwise_are_left_alone(kind: str) -> None:
    """Whatever an architecture does with its embedding beyond looking words up."""

    words = {"max_norm": nn.Embedding(WORDS, WIDTH, max_norm=1.0), "sparse": nn.Embedding(WORDS, WIDTH, sparse=True)}
    model = Network(words.get(kind, nn.Embedding(WORDS, WIDTH)), tied=kind == "tied")
    if kind == "frozen":
        model.words.requires_grad_(False)
    if kind == "another class":
        model.words.__class__ = type("Scaled", (nn.Embedding,), {})
    before = model.words

    assert reduce_vocabulary(model, TEXTS, 3) is None
    assert before is model.words


def test_the_word_that_pads_is_carried_where_the_embedding_does_not_name_it() -> None:
    """XLNet and others read it like any word."""

    model = Network(nn.Embedding(WORDS, WIDTH))
    padding = model.words(torch.tensor([[44]])).detach()
    reduce_vocabulary(model, TEXTS, 44)

    assert torch.equal(padding, model.words(torch.tensor([[44]])))
