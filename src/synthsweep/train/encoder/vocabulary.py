"""Trains the word embeddings of only those tokens that occur: the others learn nothing and would slow every step.

A step of AdamW reads and writes the whole embedding matrix, its gradient and two moments. 11.7 M of MiniLM's 22.7 M parameters
are word embeddings, and a few hundred texts use one in six of the words. A word that no training text holds has no gradient:
only weight decay changes it, and that is applied at the end.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.functional import embedding


class ReducedEmbedding(nn.Module):
    """Replaces an embedding while a classifier is trained; takes the same ids."""

    places: torch.Tensor

    def __init__(self, whole: nn.Embedding, used: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(whole.weight.detach()[used].clone())
        places = torch.zeros(whole.num_embeddings, dtype=torch.long, device=whole.weight.device)
        places[used] = torch.arange(len(used), device=used.device)
        self.register_buffer("places", places, persistent=False)
        self.padding: int | None = None if whole.padding_idx is None else int(places[whole.padding_idx])

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return embedding(self.places[ids], self.weight, self.padding)


class ReducedVocabulary:
    """The words of a training run; `decay` is the factor by which weight decay has shrunk weights without a gradient."""

    def __init__(self, network: Any, used: torch.Tensor) -> None:
        self._network, self._used = network, used
        self._whole: nn.Embedding = network.get_input_embeddings()
        self._reduced = ReducedEmbedding(self._whole, used)
        self.decay = 1.0
        network.set_input_embeddings(self._reduced)

    def count_step(self, learning_rate: float, weight_decay: float) -> None:
        """Counts the weight decay of one step of AdamW."""
        self.decay *= 1 - learning_rate * weight_decay

    def restore(self, decay: float) -> None:
        """Puts the whole matrix back: the words of the run as they were learnt, the others decayed by `decay`."""
        with torch.no_grad():
            self._whole.weight.mul_(decay)
            self._whole.weight[self._used] = self._reduced.weight
        self._network.set_input_embeddings(self._whole)


def reduce_vocabulary(network: Any, texts: Iterable[Sequence[int]], pad_id: int) -> ReducedVocabulary | None:
    """Reduces the network's embedding to the tokens of these texts (token ids) and the one that pads them.

    None where the embeddings learn nothing, or serve for more than a plain look-up.
    """
    try:
        whole = network.get_input_embeddings()
    except NotImplementedError:
        return None
    plain = type(whole) is nn.Embedding and whole.max_norm is None and not whole.sparse and not whole.scale_grad_by_freq
    if not plain or not whole.weight.requires_grad or network.get_output_embeddings() is not None:
        return None
    padding = pad_id if whole.padding_idx is None else whole.padding_idx
    used = sorted({token for ids in texts for token in ids} | {pad_id, padding})
    return ReducedVocabulary(network, torch.tensor(used, device=whole.weight.device))
