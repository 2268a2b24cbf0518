"""Texts to tokens, and tokens to batches of like length; pure.

Texts are shuffled, cut into mega-batches, and sorted by length inside each of them: batches need next to no padding, and yet
their order is random. Real and synthetic texts go through one shuffle.
"""

import random
from array import array
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache

# Wide enough to find texts of like length, narrow enough to keep the order random.
BATCHES_PER_MEGA_BATCH = 50
# Tokenised at once: the tokenizer's own notes take hundreds of bytes per token until its call ends.
CHARACTERS_AT_ONCE = 4_000_000
# The token ids that are read, and how many tokens the whole text has.
Row = tuple[Sequence[int], int]
# By tokenizer, limit and text.
TokenCache = LRUCache[tuple[Hashable, int | None, str], Row]


@dataclass(frozen=True)
class Encoded:
    """Token ids per text, special tokens included; `whole` are the numbers of tokens before any were cut off."""

    ids: list[Sequence[int]]
    whole: list[int]

    @property
    def lengths(self) -> list[int]:
        return [len(ids) for ids in self.ids]


def encode(
    texts: Sequence[str], tokenizer: Any, max_length: int | None, *, cache: TokenCache | None = None, source: Hashable = None
) -> Encoded:
    """Tokenises with a transformers tokenizer, which cuts off what is beyond max_length tokens; None cuts nothing.

    `cache` holds the tokens of earlier calls; `source` names the tokenizer there.
    """
    if cache is None:
        rows = _tokenize(texts, tokenizer, max_length)
    else:
        known = {text: cache.get((source, max_length, text)) for text in texts}
        new = [text for text, row in known.items() if row is None]
        for text, row in zip(new, _tokenize(new, tokenizer, max_length), strict=True):
            known[text] = row
            # The cache refuses a text that is larger than itself.
            if len(row[0]) <= cache.maxsize:
                cache[source, max_length, text] = row
        rows = [row for row in map(known.get, texts) if row is not None]
    return Encoded([ids for ids, _ in rows], [whole for _, whole in rows])


def _tokenize(texts: Sequence[str], tokenizer: Any, max_length: int | None) -> list[Row]:
    return [row for part in _parts(texts) for row in _tokenize_part(part, tokenizer, max_length)]


def _parts(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in order, in parts of a bounded size."""
    part: list[str] = []
    characters = 0
    for text in texts:
        if part and characters + len(text) > CHARACTERS_AT_ONCE:
            yield part
            part, characters = [], 0
        part.append(text)
        characters += len(text)
    if part:
        yield part


def _tokenize_part(texts: list[str], tokenizer: Any, max_length: int | None) -> list[Row]:
    ids = tokenizer(texts, verbose=False)["input_ids"]
    whole = [len(row) for row in ids]
    if max_length is None:
        # Long texts in full: an array takes a tenth of a list's memory.
        ids = [array("i", row) for row in ids]
    elif max(whole) > max_length:
        ids = tokenizer(texts, truncation=True, max_length=max_length)["input_ids"]
    return list(zip(ids, whole, strict=True))


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
