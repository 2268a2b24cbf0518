"""From token ids to logits: through the whole classifier, or on from what its frozen layers gave before.

Embeddings and frozen layers answer a text always alike, so their output is kept a text (`reuse.py`), and only the rest is
run again. The network is copied around the same weights: one half stops after the last frozen layer, the other has a stack
that begins behind it and embeddings that let `inputs_embeds` through. No architecture is known by name; whether the halves
give what the whole gives is tried out on two texts.
"""

import copy
import logging
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import nn

from synthsweep.lru import Lru
from synthsweep.messages import first_line
from synthsweep.train.encode import padded
from synthsweep.train.model import Classifier, Loaded, lowest, stack_of_layers

log = logging.getLogger(__name__)

Ids = Sequence[Sequence[int]]
# Texts that go through the frozen layers at once.
TEXTS_AT_ONCE = 32
# Below so many tokens, a matrix product takes other ways, whose last digits differ.
LEAST_TOKENS = 64


class Forward(Protocol):
    """What training and evaluation run."""

    def __call__(self, ids: Ids, *, training: bool) -> torch.Tensor:
        """Token ids a text to logits (texts, criteria)."""

    def look_ahead(self, ids: Ids) -> None:
        """These texts are next: what can be done for many of them at once may be done now."""


@dataclass(frozen=True)
class Whole:
    """Every layer, each time."""

    loaded: Loaded
    device: torch.device

    def __call__(self, ids: Ids, *, training: bool) -> torch.Tensor:
        tokens, mask = padded(ids, self.loaded.tokenizer.pad_token_id or 0)
        logits: torch.Tensor = self.loaded.classifier.train(training)(
            torch.tensor(tokens, device=self.device), torch.tensor(mask, device=self.device)
        )
        return logits

    def look_ahead(self, ids: Ids) -> None:
        """Nothing: all is done anew."""


@dataclass(frozen=True)
class FromFrozen:
    """The layers above the frozen ones; `name` tells these frozen layers from others in `states`."""

    below: "_Below"
    above: Classifier
    states: Lru[torch.Tensor]
    name: Hashable
    device: torch.device

    def __call__(self, ids: Ids, *, training: bool) -> torch.Tensor:
        lengths = torch.tensor([len(row) for row in ids], device=self.device)
        states = nn.utils.rnn.pad_sequence(self._states_of(ids), batch_first=True)
        mask = (torch.arange(states.shape[1], device=self.device) < lengths[:, None]).long()
        logits: torch.Tensor = self.above.train(training)(None, mask, inputs_embeds=states)
        return logits

    def look_ahead(self, ids: Ids) -> None:
        # More would drive out its own beginning before it is used.
        self._compute(self._missing(ids), room=self.states.room // 2)

    def _states_of(self, ids: Ids) -> list[torch.Tensor]:
        found = {tuple(row): self.states.get(self._key(row)) for row in ids}
        # Asked for by themselves, since a small store may not hold a batch.
        made = self._compute([row for row, states in found.items() if states is None])
        return [made[row] if (states := found[row]) is None else states for row in map(tuple, ids)]

    def _missing(self, ids: Ids) -> list[tuple[int, ...]]:
        return [row for row in dict.fromkeys(map(tuple, ids)) if self._key(row) not in self.states]

    def _key(self, row: Sequence[int]) -> Hashable:
        return self.name, str(self.device), torch.is_autocast_enabled(self.device.type), tuple(row)

    def _compute(self, rows: Sequence[tuple[int, ...]], room: float = float("inf")) -> dict[tuple[int, ...], torch.Tensor]:
        """Runs texts of one length together: without padding, a text's states do not depend on who is beside it."""
        made: dict[tuple[int, ...], torch.Tensor] = {}
        used = 0
        for group in _of_one_length(rows):
            if used >= room:
                break
            for row, states in zip(group, self.below(group, self.device), strict=True):
                made[row] = states
                used += states.numel() * states.element_size()
                self.states.put(self._key(row), states)
        return made


def _of_one_length(rows: Sequence[tuple[int, ...]]) -> list[list[tuple[int, ...]]]:
    by_length: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for row in rows:
        by_length[len(row)].append(row)
    starts = ((alike, start) for alike in by_length.values() for start in range(0, len(alike), TEXTS_AT_ONCE))
    return [alike[start : start + TEXTS_AT_ONCE] for alike, start in starts]


class _Below(nn.Module):
    """Embeddings and frozen layers; `states` is what the last of these gave."""

    def __init__(self, network: Any, frozen_layers: int) -> None:
        super().__init__()
        self.base = _sharing_weights(network.base_model).eval()
        self.frozen = lowest(self.base, frozen_layers)
        _cut_stack(self.base, slice(0, frozen_layers))
        self.frozen[-1].register_forward_hook(self._keep)
        self.states: torch.Tensor

    def _keep(self, _module: nn.Module, _inputs: Any, output: Any) -> None:
        self.states = output if isinstance(output, torch.Tensor) else output[0]

    def run(self, rows: Ids, device: torch.device) -> torch.Tensor:
        """Rows of one length to (texts, tokens, hidden)."""
        tokens = torch.tensor(rows, device=device)
        self.base(input_ids=tokens, attention_mask=torch.ones_like(tokens))
        return self.states

    def forward(self, rows: Ids, device: torch.device) -> list[torch.Tensor]:
        """As `run`, a plain tensor (tokens, hidden) a text, which knows no gradient."""
        few = -(-LEAST_TOKENS // len(rows[0])) - len(rows)
        # Training may read what an evaluation has made.
        with torch.inference_mode(False), torch.no_grad():
            made = self.run([*rows, *[rows[0]] * few], device)
            # Copies: a view would keep its whole group alive.
            return [made[place].clone() for place in range(len(rows))]

    def is_steady(self, rows: Ids, device: torch.device) -> bool:
        """Whether nothing beside the frozen modules learns or drops out below."""
        self.base.train()
        for module in self.frozen:
            module.eval()
        with torch.enable_grad():
            first, second = self.run(rows, device), self.run(rows, device)
        self.base.eval()
        return not first.requires_grad and torch.equal(first, second)


class _PassOn(nn.Module):
    """Stands where embeddings stood: what goes in as inputs_embeds comes out."""

    def forward(self, *arguments: Any, **named: Any) -> torch.Tensor:
        given = (*arguments, *named.values())
        return next(value for value in given if isinstance(value, torch.Tensor) and value.is_floating_point())


def _above(classifier: Classifier, frozen_layers: int) -> Classifier:
    above: Classifier = _sharing_weights(classifier)
    above.frozen = []
    base = above.network.base_model
    _cut_stack(base, slice(frozen_layers, None))
    if hasattr(base, "embeddings"):
        base.embeddings = _PassOn()
    return above


def _cut_stack(base: Any, kept: slice) -> None:
    place = stack_of_layers(base)
    parent, _, name = place.rpartition(".")
    setattr(base.get_submodule(parent), name, base.get_submodule(place)[kept])


def _sharing_weights(module: Any) -> Any:
    """A copy with modules of its own around the same parameters and buffers."""
    return copy.deepcopy(module, {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())})


def forward_of(loaded: Loaded, device: torch.device, states: Lru[torch.Tensor], ids: Ids) -> Forward:
    """The short way where layers are frozen and it gives what the whole classifier gives; `ids` are texts to try it on."""
    whole, frozen_layers = Whole(loaded, device), loaded.classifier.frozen_layers
    if not frozen_layers:
        return whole
    try:
        below, above = _Below(loaded.classifier.network, frozen_layers), _above(loaded.classifier, frozen_layers)
        short = FromFrozen(below, above, states, (loaded.origin and loaded.origin.weights, frozen_layers), device)
        reason = _difference(whole, replace(short, states=Lru(0)), ids)
    except Exception as error:
        # Whatever an architecture does with arguments that it does not expect.
        reason = first_line(error)
    if not reason:
        return short
    log.warning("model.frozen_layers: frozen layers of this encoder run anew for every batch, which is slower (%s)", reason)
    return whole


def _difference(whole: Whole, short: FromFrozen, ids: Ids) -> str:
    """Why the short way will not do; empty if it will. Tries the shortest and the longest of a few texts."""
    few = sorted(ids[:16], key=len)
    tried = [few[0], few[-1]]
    with torch.random.fork_rng(), torch.autocast(whole.device.type, enabled=False):
        with torch.no_grad():
            expected, found = whole(tried, training=False), short(tried, training=False)
        if not torch.allclose(expected, found, rtol=1e-4, atol=1e-5):
            return f"logits differ by {float((expected - found).abs().max()):.1g}"
        return "" if short.below.is_steady(tried[-1:], whole.device) else "a part below them learns or drops out"
