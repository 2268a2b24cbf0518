"""Texts to tokens, and tokens to batches of like length; pure.

Texts are shuffled, cut into mega-batches, and sorted by length inside each of them: batches need next to no padding, and yet
their order is random. Real and synthetic texts go through one shuffle.
"""

import random
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache

# Wide enough to find texts of like length, narrow enough to keep the order random.
BATCHES_PER_MEGA_BATCH = 50
# Token ids, and whether the text was cut; by tokenizer, max_length and text.
TokenCache = LRUCache[tuple[Hashable, int, str], tuple[list[int], bool]]


@dataclass(frozen=True)
class Encoded:
    """Token ids per text, special tokens included; `truncated` texts were longer than max_length."""

    ids: list[list[int]]
    truncated: int = 0

    @property
    def lengths(self) -> list[int]:
        return [len(ids) for ids in self.ids]


def encode(
    texts: Sequence[str], tokenizer: Any, max_length: int, *, cache: TokenCache | None = None, source: Hashable = None
) -> Encoded:
    """Tokenises with a transformers tokenizer; BERT reads no further than max_length, so later evidence is lost.

    `cache` holds the tokens of earlier calls; `source` names the tokenizer there.
    """
    if cache is None:
        rows = _tokenize(texts, tokenizer, max_length)
    else:
        known = {text: cache.get((source, max_length, text)) for text in texts}
        new = [text for text, row in known.items() if row is None]
        for text, row in zip(new, _tokenize(new, tokenizer, max_length), strict=True):
            known[text] = cache[source, max_length, text] = row
        rows = [row for row in map(known.get, texts) if row is not None]
    return Encoded([ids for ids, _ in rows], sum(cut for _, cut in rows))


def _tokenize(texts: Sequence[str], tokenizer: Any, max_length: int) -> list[tuple[list[int], bool]]:
    if not texts:
        return []
    full = tokenizer(list(texts), verbose=False)["input_ids"]
    cut = [len(ids) > max_length for ids in full]
    if any(cut):
        full = tokenizer(list(texts), truncation=True, max_length=max_length)["input_ids"]
    return list(zip(full, cut, strict=True))


def shuffled_batches(lengths: Sequence[int], batch_size: int, rng: random.Random) -> list[list[int]]:
    """One epoch: every index once, in batches of like length, in random order."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    size = batch_size * BATCHES_PER_MEGA_BATCH
    batches: list[list[int]] = []
    for start in range(0, len(order), size):
        mega = sorted(order[start : start + size], key=lambda index: lengths[index])
        batches += _batches(mega, batch_size)
    rng.shuffle(batches)
    return batches


def sorted_batches(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """Every index once, longest first: for evaluation, where the order changes no number."""
    return _batches(sorted(range(len(lengths)), key=lambda index: -lengths[index]), batch_size)


def _batches(order: Sequence[int], batch_size: int) -> list[list[int]]:
    return [list(order[start : start + batch_size]) for start in range(0, len(order), batch_size)]


def padded(ids: Sequence[Sequence[int]], pad_id: int) -> tuple[list[list[int]], list[list[int]]]:
    """Token ids and attention mask, both (texts, longest of them)."""
    width = max(len(row) for row in ids)
    tokens = [[*row, *[pad_id] * (width - len(row))] for row in ids]
    mask = [[1] * len(row) + [0] * (width - len(row)) for row in ids]
    return tokens, mask
