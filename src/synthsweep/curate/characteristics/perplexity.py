"""Perplexity of texts under a language model: exp of the mean negative log-probability of their tokens."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from synthsweep.curate.characteristics.words import words_of
from synthsweep.errors import ModelError
from synthsweep.messages import first_line
from synthsweep.pretrained import pinned

# On held-out children of the demo corpus, pairs of words predict best: 660, against 720 with three words and 900 with one.
ORDER = 2
START, END = "<s>", "</s>"


@dataclass(frozen=True)
class WordModel:
    """A language model of words by Witten and Bell's (1991) smoothing, interpolated (Chen and Goodman 1999, equation 2.18).

    `after` holds the counts of words after each context, and their sum; the empty context holds all words. The recursion ends
    in a uniform distribution over the known words and one unknown, so that a word that no real text has costs about as much as
    a word seen once, and not infinity.
    """

    after: Mapping[tuple[str, ...], tuple[Counter[str], int]]

    def score(self, word: str, context: tuple[str, ...] = ()) -> float:
        """Probability of a word after a context, in (0, 1); it sums to 1 over all words and one unknown."""
        if not context:
            counts, total = self.after[()]
            return (counts[word] + len(counts) / (len(counts) + 1)) / (total + len(counts))
        shorter = self.score(word, context[1:])
        if context not in self.after:
            return shorter
        counts, total = self.after[context]
        seen = total + len(counts)
        return counts[word] / seen + len(counts) / seen * shorter


def ngram_perplexity(real: Sequence[str], order: int = ORDER) -> Callable[[Sequence[str]], np.ndarray]:
    """Perplexity of texts under a word n-gram model of `real` texts: (texts,), above 1, nan without words.

    Interpolated Witten-Bell of order 2: finite on unseen words, no parameter to tune, and one pass over the counts. The end of
    a text is predicted like a word. All nan where no real text has words.
    """
    spoken = [words for words in map(words_of, real) if words]
    if not spoken:
        return lambda texts: np.full(len(texts), np.nan)
    model = ngram_model(spoken, order)

    @cache
    def cost(gram: tuple[str, ...]) -> float:
        return -math.log(model.score(gram[-1], gram[:-1]))

    def perplexity(texts: Sequence[str]) -> np.ndarray:
        costs = [[cost(gram) for gram in predicted(words, order)] if words else [] for words in map(words_of, texts)]
        return np.array([math.exp(math.fsum(each) / len(each)) if each else math.nan for each in costs])

    return perplexity


def ngram_model(texts: Sequence[Sequence[str]], order: int) -> WordModel:
    """The model of texts as their words, with contexts of up to `order` - 1 words; the start is never predicted."""
    after: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for words in texts:
        for gram in predicted(words, order):
            for start in range(order):
                after[gram[start:-1]][gram[-1]] += 1
    return WordModel({context: (counts, counts.total()) for context, counts in after.items()})


def predicted(words: Sequence[str], order: int) -> Iterator[tuple[str, ...]]:
    """The n-gram that ends in each word, and in the end of the text; the start is never predicted."""
    padded = [START] * (order - 1) + [*words, END]
    return zip(*(padded[start:] for start in range(order)), strict=False)


def causal_perplexity(
    name: str, *, batch_size: int = 16, max_length: int = 512, device: str = "cpu"
) -> Callable[[Sequence[str]], np.ndarray]:
    """Perplexity of texts under a causal language model of transformers, by path or name: (texts,), 1 or more.

    It is per token, so models with different tokenizers cannot be compared. Texts are cut at `max_length` tokens, or at the
    limit of the model. A model with a start token predicts the first token from it; without one, the first token is not
    predicted, and a text of one token is nan. So is a text without tokens.

    Raises:
        ModelError: the model is not on this machine.
    """
    tokenizer, network = _load(name, device)
    longest = min(max_length, getattr(network.config, "max_position_embeddings", max_length))

    def perplexity(texts: Sequence[str]) -> np.ndarray:
        found = np.full(len(texts), np.nan)
        ids = [_ids(tokenizer, text, longest) for text in texts]
        # Texts of like length together need little padding.
        order = sorted((index for index, tokens in enumerate(ids) if len(tokens) > 1), key=lambda index: len(ids[index]))
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            found[batch] = _batch(network, [ids[index] for index in batch])
        return found

    return perplexity


def _load(name: str, device: str) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        revision = pinned(name)
        tokenizer = AutoTokenizer.from_pretrained(name, revision=revision)
        network = AutoModelForCausalLM.from_pretrained(name, revision=revision).to(device).eval()
    except (OSError, ValueError, ImportError) as error:
        raise ModelError(
            f"characteristics.perplexity must be ngram or a causal language model, by path or name, got {name!r}: "
            f"{first_line(error)}"
        ) from error
    return tokenizer, network


def _ids(tokenizer: Any, text: str, longest: int) -> list[int]:
    """Token ids after the start token, if the tokenizer has one."""
    ids = list(tokenizer(text, add_special_tokens=False)["input_ids"])
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    return [*start, *ids][:longest] if ids else []


def _batch(network: Any, ids: Sequence[Sequence[int]]) -> np.ndarray:
    import torch

    longest = max(map(len, ids))
    # Padding: in a causal model, tokens after the text do not act on it, so any token will do.
    tokens = torch.tensor([[*row, *[0] * (longest - len(row))] for row in ids], device=network.device)
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids], device=network.device)
    with torch.inference_mode():
        logits = network(input_ids=tokens, attention_mask=mask).logits[:, :-1].float()
    losses = torch.nn.functional.cross_entropy(logits.transpose(1, 2), tokens[:, 1:], reduction="none")
    kept = mask[:, 1:]
    means = (losses * kept).sum(dim=1) / kept.sum(dim=1)
    return np.asarray(torch.exp(means).cpu().double().numpy())
