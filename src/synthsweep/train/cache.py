"""What training keeps between the runs of one process: tokenizers, tokens, and the output of frozen layers."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from synthsweep.lru import Lru
from synthsweep.train.encode import KeptTokens

if TYPE_CHECKING:
    import torch

GIBIBYTE = 2**30
TOKENIZERS = 16
# Some 40 bytes each: a corpus of 100,000 short texts.
TOKENS = 4_000_000


def state_store(room: int = GIBIBYTE) -> "Lru[torch.Tensor]":
    """An empty store for the output of frozen layers, `room` in bytes."""
    return Lru(room, lambda states: states.numel() * states.element_size())


@dataclass(frozen=True)
class TrainingCache:
    """Pretrained weights are not among it: a copy in memory costs what reading the file again does.

    `states` holds (tokens, hidden) a text, without padding, on the device that computed it.
    """

    tokenizers: Lru[Any] = field(default_factory=lambda: Lru(TOKENIZERS))
    tokens: KeptTokens = field(default_factory=lambda: Lru(TOKENS, lambda kept: len(kept[0])))
    states: "Lru[torch.Tensor]" = field(default_factory=state_store)
