"""Word embeddings of those tokens alone that occur: the others learn nothing, and are not carried through every step.

A step of AdamW reads and writes the whole matrix, its gradient and two moments: of MiniLM's 22.7 M parameters, 11.7 M are
words, of which a few hundred texts hold one in six. A word that no training text holds has no gradient: weight decay is
all that happens to it, and that is made up for at the end.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.functional import embedding


class Occurring(nn.Module):
    """Stands in for an embedding while a classifier is trained; takes the same ids."""

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


class Vocabulary:
    """The words of a training run; `decay` is what became meanwhile of a weight without a gradient."""

    def __init__(self, network: Any, used: torch.Tensor) -> None:
        self._network, self._used = network, used
        self._whole: nn.Embedding = network.get_input_embeddings()
        self._occurring = Occurring(self._whole, used)
        self.decay = 1.0
        network.set_input_embeddings(self._occurring)

    def stepped(self, learning_rate: float, weight_decay: float) -> None:
        """One step of AdamW was taken."""
        self.decay *= 1 - learning_rate * weight_decay

    def restore(self, decay: float) -> None:
        """Puts the whole matrix back, with what was learnt and so much decay of the rest."""
        with torch.no_grad():
            self._whole.weight.mul_(decay)
            self._whole.weight[self._used] = self._occurring.weight
        self._network.set_input_embeddings(self._whole)


def narrow(network: Any, texts: Iterable[Sequence[int]], pad_id: int) -> Vocabulary | None:
    """Leaves the words of these texts (token ids), and the one that pads them, in the network.

    None where its words learn nothing, or are read otherwise than by looking them up.
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
    return Vocabulary(network, torch.tensor(used, device=whole.weight.device))
