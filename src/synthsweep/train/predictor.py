"""How one classifier reads texts, in training and after it: texts to tokens, tokens to logits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from synthsweep.config.schema import TrainingConfig
from synthsweep.train.cache import TrainingCache
from synthsweep.train.device import autocast, choose_device
from synthsweep.train.encode import Encoded, encode, sorted_batches
from synthsweep.train.forward import Forward, forward_of
from synthsweep.train.model import Loaded


@dataclass(frozen=True)
class Predictor:
    """A classifier on its device, with what is kept of the texts that it has read."""

    loaded: Loaded
    config: TrainingConfig
    reuse: TrainingCache
    device: torch.device
    run: Forward

    @property
    def pad_id(self) -> int:
        """What fills a batch up."""
        return self.loaded.tokenizer.pad_token_id or 0

    def encode(self, texts: Sequence[str]) -> Encoded:
        loaded = self.loaded
        source = loaded.origin and loaded.origin.tokenizer
        return encode(texts, loaded.tokenizer, self.config.max_length, kept=self.reuse.tokens, source=source)

    def forward(self, ids: Sequence[Sequence[int]], *, training: bool = False) -> torch.Tensor:
        """Token ids a text to logits (texts, criteria), float32."""
        with autocast(self.device, self.config.precision):
            return self.run(ids, training=training).float()

    def look_ahead(self, ids: Sequence[Sequence[int]]) -> None:
        """These texts are next."""
        with autocast(self.device, self.config.precision):
            self.run.look_ahead(ids)

    def logits(self, encoded: Encoded) -> np.ndarray:
        """(texts, criteria), float64, in the order of the texts."""
        found: dict[int, np.ndarray] = {}
        for batch in sorted_batches(encoded.lengths, self.config.eval_batch_size):
            with torch.inference_mode():
                logits = self.forward([encoded.ids[index] for index in batch])
            found.update(zip(batch, logits.cpu().double().numpy(), strict=True))
        return np.stack([found[index] for index in range(len(encoded.ids))])


def open_predictor(loaded: Loaded, config: TrainingConfig, texts: Sequence[str], reuse: TrainingCache | None) -> Predictor:
    """Moves the classifier to its device; `texts` are some of those to come."""
    if reuse is None or loaded.origin is None:
        # What is like no other shares with no other, but an epoch with the next.
        reuse = TrainingCache()
    device = choose_device(config.device)
    loaded.classifier.to(device)
    source = loaded.origin and loaded.origin.tokenizer
    few = encode(texts[:16], loaded.tokenizer, config.max_length, kept=reuse.tokens, source=source).ids
    return Predictor(loaded, config, reuse, device, forward_of(loaded, device, reuse.states, few))
