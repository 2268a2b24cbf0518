"""A classifier on its device, in training and after it: texts to tokens, tokens to logits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from synthsweep.config.keys.training import TrainingConfig
from synthsweep.train.cache import TrainingCache
from synthsweep.train.device import autocast, choose_device
from synthsweep.train.encoder.forward import Forward, choose_forward
from synthsweep.train.encoder.model import Loaded
from synthsweep.train.encoder.tokens import Encoded, encode, sorted_batches


@dataclass(frozen=True)
class Predictor:
    """A classifier on its device, with the cache of the texts that it has read."""

    loaded: Loaded
    config: TrainingConfig
    cache: TrainingCache
    device: torch.device
    forward_pass: Forward

    @property
    def pad_id(self) -> int:
        """The token id that pads a batch."""
        return self.loaded.tokenizer.pad_token_id or 0

    def encode(self, texts: Sequence[str]) -> Encoded:
        return _encode(texts, self.loaded, self.config, self.cache)

    def forward(self, ids: Sequence[Sequence[int]], *, training: bool = False) -> torch.Tensor:
        """Token ids per text to logits (texts, criteria), float32."""
        with autocast(self.device, self.config.precision):
            return self.forward_pass(ids, training=training).float()

    def look_ahead(self, ids: Sequence[Sequence[int]]) -> None:
        """Announces the next texts (see Forward)."""
        with autocast(self.device, self.config.precision):
            self.forward_pass.look_ahead(ids)

    def logits(self, encoded: Encoded) -> np.ndarray:
        """(texts, criteria), float64, in the order of the texts."""
        by_place: dict[int, np.ndarray] = {}
        for batch in sorted_batches(encoded.lengths, self.config.eval_batch_size):
            with torch.inference_mode():
                logits = self.forward([encoded.ids[index] for index in batch])
            by_place.update(zip(batch, logits.cpu().double().numpy(), strict=True))
        return np.stack([by_place[index] for index in range(len(encoded.ids))])


def open_predictor(loaded: Loaded, config: TrainingConfig, texts: Sequence[str], cache: TrainingCache | None) -> Predictor:
    """Moves the classifier to its device; `texts` are examples of what it will read."""
    if cache is None or loaded.origin is None:
        # Shares nothing with other classifiers, but still between epochs.
        cache = TrainingCache()
    device = choose_device(config.device)
    loaded.classifier.to(device)
    few = _encode(texts[:16], loaded, config, cache).ids
    return Predictor(loaded, config, cache, device, choose_forward(loaded, device, cache.states, few))


def _encode(texts: Sequence[str], loaded: Loaded, config: TrainingConfig, cache: TrainingCache) -> Encoded:
    source = loaded.origin and loaded.origin.tokenizer
    return encode(texts, loaded.tokenizer, config.max_length, cache=cache.tokens, source=source)
