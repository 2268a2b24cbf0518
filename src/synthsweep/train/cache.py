"""What training keeps between the runs of one process: tokenizers, tokens, and the output of frozen layers."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache

from synthsweep.train.encoder.tokens import TokenCache

if TYPE_CHECKING:
    import torch

GIBIBYTE = 2**30
TOKENIZERS = 16
# About 40 bytes each; enough for 100,000 short texts.
TOKENS = 4_000_000


def state_cache(capacity: int = GIBIBYTE) -> "LRUCache[Hashable, torch.Tensor]":
    """An empty cache for the output of frozen layers; `capacity` in bytes."""
    return LRUCache(capacity, getsizeof=lambda states: states.numel() * states.element_size())


@dataclass(frozen=True)
class TrainingCache:
    """Pretrained weights are not kept: copying them in memory takes as long as reading the file again.

    `states` holds (tokens, hidden) per text, without padding, on the device that computed it.
    """

    tokenizers: LRUCache[Hashable, Any] = field(default_factory=lambda: LRUCache(TOKENIZERS))
    tokens: TokenCache = field(default_factory=lambda: LRUCache(TOKENS, getsizeof=lambda row: len(row[0])))
    states: "LRUCache[Hashable, torch.Tensor]" = field(default_factory=state_cache)
