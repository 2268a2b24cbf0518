"""Texts to tokens, and tokens to batches of like length; pure.

Batches are drawn from shuffled mega-batches that are sorted inside: padding is next to nothing, the order is random all
the same, and real and synthetic texts go through one shuffle.
"""

import random
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from synthsweep.lru import Lru

# Batches a mega-batch: wide enough to find like lengths, narrow enough to keep the order random.
MEGA_BATCHES = 50
# Token ids, and whether the text was cut.
KeptTokens = Lru[tuple[list[int], bool]]


@dataclass(frozen=True)
class Encoded:
    """Token ids a text, special tokens included; `truncated` texts were longer than max_length."""

    ids: list[list[int]]
    truncated: int = 0

    @property
    def lengths(self) -> list[int]:
        return [len(ids) for ids in self.ids]


def encode(
    texts: Sequence[str], tokenizer: Any, max_length: int, *, kept: KeptTokens | None = None, source: Hashable = None
) -> Encoded:
    """Tokenises with a transformers tokenizer; BERT reads no further than max_length, so later evidence is lost.

    `kept` has the texts of earlier calls, of this tokenizer under its name `source`.
    """
    if kept is None:
        rows = _tokens(texts, tokenizer, max_length)
    else:
        known = {text: kept.get((source, max_length, text)) for text in texts}
        new = [text for text, row in known.items() if row is None]
        for text, row in zip(new, _tokens(new, tokenizer, max_length), strict=True):
            known[text] = row
            kept.put((source, max_length, text), row)
        rows = [row for row in map(known.get, texts) if row is not None]
    return Encoded([ids for ids, _ in rows], sum(cut for _, cut in rows))


def _tokens(texts: Sequence[str], tokenizer: Any, max_length: int) -> list[tuple[list[int], bool]]:
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
    size = batch_size * MEGA_BATCHES
    batches: list[list[int]] = []
    for start in range(0, len(order), size):
        mega = sorted(order[start : start + size], key=lambda index: lengths[index])
        batches += _batches(mega, batch_size)
    rng.shuffle(batches)
    return batches


def sorted_batches(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """Every index once, longest first: for evaluation, where order changes nothing."""
    return _batches(sorted(range(len(lengths)), key=lambda index: -lengths[index]), batch_size)


def _batches(order: Sequence[int], batch_size: int) -> list[list[int]]:
    return [list(order[start : start + batch_size]) for start in range(0, len(order), batch_size)]


def padded(ids: Sequence[Sequence[int]], pad_id: int) -> tuple[list[list[int]], list[list[int]]]:
    """Token ids and attention mask, both (texts, longest of them)."""
    width = max(len(row) for row in ids)
    tokens = [[*row, *[pad_id] * (width - len(row))] for row in ids]
    mask = [[1] * len(row) + [0] * (width - len(row)) for row in ids]
    return tokens, mask
