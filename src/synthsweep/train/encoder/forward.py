"""From token ids to logits: through the whole classifier, or onwards from the cached output of its frozen layers.

Embeddings and frozen layers give the same output for a text every time, so it is cached per text (`cache.py`), and only the
layers above run again. Two copies share the network's weights: one stops after the last frozen layer, the other starts there,
with embeddings that pass `inputs_embeds` through. No architecture is known by name: a trial on two texts shows whether both
copies together give the same output as the network.
"""

import copy
import logging
import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from cachetools import LRUCache
from torch import nn

from synthsweep.messages import first_line
from synthsweep.train.cache import state_cache
from synthsweep.train.encoder.model import Classifier, Loaded, lowest_layers, stack_of_layers
from synthsweep.train.encoder.tokens import padded

log = logging.getLogger(__name__)

Ids = Sequence[Sequence[int]]
# Texts that go through the frozen layers together.
TEXTS_AT_ONCE = 32
# Matrix products of fewer tokens use another algorithm, and differ in the last digits.
LEAST_TOKENS = 64


class Forward(Protocol):
    """What training and evaluation run."""

    def __call__(self, ids: Ids, *, training: bool) -> torch.Tensor:
        """Token ids per text to logits (texts, criteria)."""

    def look_ahead(self, ids: Ids) -> None:
        """Announces the next texts, so that work for many of them can be done at once."""


@dataclass(frozen=True)
class FullForward:
    """Runs every layer, each time."""

    loaded: Loaded
    device: torch.device

    def __call__(self, ids: Ids, *, training: bool) -> torch.Tensor:
        tokens, mask = padded(ids, self.loaded.tokenizer.pad_token_id or 0)
        logits: torch.Tensor = self.loaded.classifier.train(training)(
            torch.tensor(tokens, device=self.device), torch.tensor(mask, device=self.device)
        )
        return logits

    def look_ahead(self, ids: Ids) -> None:
        """Does nothing: every layer runs again in any case."""


@dataclass(frozen=True)
class CachedForward:
    """Runs the layers above the frozen ones on cached `states`; `name` identifies these frozen layers."""

    frozen: "FrozenLayers"
    upper: Classifier
    states: LRUCache[Hashable, torch.Tensor]
    name: Hashable
    device: torch.device

    def __call__(self, ids: Ids, *, training: bool) -> torch.Tensor:
        lengths = torch.tensor([len(row) for row in ids], device=self.device)
        states = nn.utils.rnn.pad_sequence(self._states_of(ids), batch_first=True)
        mask = (torch.arange(states.shape[1], device=self.device) < lengths[:, None]).long()
        logits: torch.Tensor = self.upper.train(training)(None, mask, inputs_embeds=states)
        return logits

    def look_ahead(self, ids: Ids) -> None:
        missing = [row for row in dict.fromkeys(map(tuple, ids)) if self._key(row) not in self.states]
        # More of them could push the first ones out of the cache before they are used.
        self._compute(missing, limit=self.states.maxsize // 2)

    def _states_of(self, ids: Ids) -> list[torch.Tensor]:
        cached = {tuple(row): self.states.get(self._key(row)) for row in ids}
        # Read from the result, since a small cache may not hold a batch.
        computed = self._compute([row for row, states in cached.items() if states is None])
        return [computed[row] if (states := cached[row]) is None else states for row in map(tuple, ids)]

    def _key(self, row: Sequence[int]) -> Hashable:
        return self.name, str(self.device), torch.is_autocast_enabled(self.device.type), tuple(row)

    def _compute(self, rows: Sequence[tuple[int, ...]], limit: float = math.inf) -> dict[tuple[int, ...], torch.Tensor]:
        """Computes and caches states until they take `limit` bytes.

        Texts of one length run together: without padding, a text's states do not depend on the texts beside it.
        """
        computed: dict[tuple[int, ...], torch.Tensor] = {}
        used = 0.0
        for group in _groups_of_one_length(rows):
            if used >= limit:
                break
            for row, states in zip(group, self.frozen(group, self.device), strict=True):
                computed[row] = states
                size = self.states.getsizeof(states)
                used += size
                # The cache refuses a value that is larger than itself.
                if size <= self.states.maxsize:
                    self.states[self._key(row)] = states
        return computed


def _groups_of_one_length(rows: Sequence[tuple[int, ...]]) -> list[list[tuple[int, ...]]]:
    by_length: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for row in rows:
        by_length[len(row)].append(row)
    starts = ((alike, start) for alike in by_length.values() for start in range(0, len(alike), TEXTS_AT_ONCE))
    return [alike[start : start + TEXTS_AT_ONCE] for alike, start in starts]


class FrozenLayers(nn.Module):
    """The embeddings and the frozen layers of a network; `states` is their latest output."""

    def __init__(self, network: Any, frozen_layers: int) -> None:
        super().__init__()
        self.base = _sharing_weights(network.base_model).eval()
        self.layers = lowest_layers(self.base, frozen_layers)
        _cut_stack(self.base, slice(0, frozen_layers))
        self.layers[-1].register_forward_hook(self._keep_output)
        self.states: torch.Tensor

    def _keep_output(self, _module: nn.Module, _inputs: Any, output: Any) -> None:
        self.states = output if isinstance(output, torch.Tensor) else output[0]

    def run(self, rows: Ids, device: torch.device) -> torch.Tensor:
        """Rows of one length to (texts, tokens, hidden)."""
        tokens = torch.tensor(rows, device=device)
        self.base(input_ids=tokens, attention_mask=torch.ones_like(tokens))
        return self.states

    def forward(self, rows: Ids, device: torch.device) -> list[torch.Tensor]:
        """Rows of one length to one plain tensor (tokens, hidden) per text, without a gradient."""
        copies = -(-LEAST_TOKENS // len(rows[0])) - len(rows)
        # Not inference_mode: training may read states that an evaluation has computed.
        with torch.inference_mode(False), torch.no_grad():
            states = self.run([*rows, *[rows[0]] * copies], device)
            # Copies: a view would keep its whole group alive.
            return [states[place].clone() for place in range(len(rows))]

    def is_steady(self, rows: Ids, device: torch.device) -> bool:
        """Whether nothing else below the upper layers learns or applies dropout."""
        self.base.train()
        for module in self.layers:
            module.eval()
        with torch.enable_grad():
            first, second = self.run(rows, device), self.run(rows, device)
        self.base.eval()
        return not first.requires_grad and torch.equal(first, second)


class PassThrough(nn.Module):
    """Takes the place of embeddings: returns the inputs_embeds that it is given."""

    def forward(self, *arguments: Any, **named: Any) -> torch.Tensor:
        given = (*arguments, *named.values())
        return next(value for value in given if isinstance(value, torch.Tensor) and value.is_floating_point())


def _upper_layers(classifier: Classifier, frozen_layers: int) -> Classifier:
    upper: Classifier = _sharing_weights(classifier)
    upper.frozen = []
    base = upper.network.base_model
    _cut_stack(base, slice(frozen_layers, None))
    if hasattr(base, "embeddings"):
        base.embeddings = PassThrough()
    return upper


def _cut_stack(base: Any, kept: slice) -> None:
    place = stack_of_layers(base)
    parent, _, name = place.rpartition(".")
    setattr(base.get_submodule(parent), name, base.get_submodule(place)[kept])


def _sharing_weights(module: Any) -> Any:
    """A copy with modules of its own around the same parameters and buffers."""
    return copy.deepcopy(module, {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())})


def choose_forward(loaded: Loaded, device: torch.device, states: LRUCache[Hashable, torch.Tensor], ids: Ids) -> Forward:
    """The cached forward pass, if layers are frozen and it gives the full one's logits; `ids` are texts to test it on."""
    full, frozen_layers = FullForward(loaded, device), loaded.classifier.frozen_layers
    if not frozen_layers:
        return full
    try:
        frozen, upper = FrozenLayers(loaded.classifier.network, frozen_layers), _upper_layers(loaded.classifier, frozen_layers)
        cached = CachedForward(frozen, upper, states, (loaded.origin and loaded.origin.weights, frozen_layers), device)
        reason = _difference(full, replace(cached, states=state_cache(0)), ids)
    except Exception as error:
        # An architecture may raise any error when it gets arguments that it does not expect.
        reason = first_line(error)
    if not reason:
        return cached
    log.warning("model.frozen_layers: frozen layers of this encoder run anew for every batch, which is slower (%s)", reason)
    return full


def _difference(full: FullForward, cached: CachedForward, ids: Ids) -> str:
    """Why the cached forward pass cannot be used, empty if it can; tries the shortest and the longest of a few texts."""
    few = sorted(ids[:16], key=len)
    tried = [few[0], few[-1]]
    with torch.random.fork_rng(), torch.autocast(full.device.type, enabled=False):
        with torch.no_grad():
            expected, found = full(tried, training=False), cached(tried, training=False)
        if not torch.allclose(expected, found, rtol=1e-4, atol=1e-5):
            return f"logits differ by {float((expected - found).abs().max()):.1g}"
        return "" if cached.frozen.is_steady(tried[-1:], full.device) else "a part below them learns or drops out"
