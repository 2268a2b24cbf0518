"""A classifier on its device, in training and after it: texts to tokens, tokens to logits.

With `training.windows`, a text is as many windows as it needs (encoder/windows.py). Memory is bounded by windows, not by texts:
no more of them go through the encoder together than a batch has texts. Training on a batch with more windows than that keeps
the logits alone, and runs each part of the batch a second time when its gradients are due, with the dropout of the first time.
So a step has the exact gradient of the loss of all its texts, and a text of a hundred windows needs the memory of a few, for a
third more time. A batch whose texts all fit goes through as it does without windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.checkpoint import checkpoint

from synthsweep.config.keys.training import TrainingConfig
from synthsweep.train.cache import TrainingCache
from synthsweep.train.device import autocast, choose_device
from synthsweep.train.encoder.forward import Forward, Ids, choose_forward
from synthsweep.train.encoder.model import Loaded
from synthsweep.train.encoder.tokens import Encoded, encode, sorted_batches
from synthsweep.train.encoder.windows import Windows, pooled, pooled_array, windows_of

SEEDS = 2**62


@dataclass(frozen=True)
class Predictor:
    """A classifier on its device, with the cache of the texts that it has read; `windows` is None where texts are cut."""

    loaded: Loaded
    config: TrainingConfig
    cache: TrainingCache
    device: torch.device
    forward_pass: Forward
    windows: Windows | None = None

    @property
    def pad_id(self) -> int:
        """The token id that pads a batch."""
        return self.loaded.tokenizer.pad_token_id or 0

    def encode(self, texts: Sequence[str]) -> Encoded:
        """The tokens of texts, in full where windows read them."""
        return _encode(texts, self.loaded, self.config, self.cache)

    def forward(self, ids: Ids, *, training: bool = False) -> torch.Tensor:
        """Token ids per text to logits (texts, criteria), float32."""
        rows, counts = self._split(ids)
        size = self.config.batch_size if training else self.config.eval_batch_size
        parts = [rows[start : start + size] for start in range(0, len(rows), size)]
        read = self._read_again if training and len(parts) > 1 else self._read
        logits = [read(part, training) for part in parts]
        return pooled(torch.cat(logits) if len(logits) > 1 else logits[0], counts, self.config.windows)

    def _read(self, rows: Ids, training: bool) -> torch.Tensor:
        with autocast(self.device, self.config.precision):
            return self.forward_pass(rows, training=training).float()

    def _read_again(self, rows: Ids, training: bool) -> torch.Tensor:
        """As `_read`, but keeps the logits alone: the pass for the gradients repeats it, with the same dropout."""
        seed = int(torch.randint(SEEDS, ()))

        def repeatable() -> torch.Tensor:
            # On every device: torch's own way of repeating dropout leaves out those that no argument is on.
            torch.manual_seed(seed)
            return self._read(rows, training)

        logits: torch.Tensor = checkpoint(repeatable, use_reentrant=False, preserve_rng_state=False)
        return logits

    def look_ahead(self, ids: Ids) -> None:
        """Announces the next texts (see Forward) that fit: windows have one length, so that many run at once in any case."""
        fitting = ids if self.windows is None else [row for row in ids if len(row) <= self.windows.max_length]
        with autocast(self.device, self.config.precision):
            self.forward_pass.look_ahead(fitting)

    def token_counts(self, ids: Ids) -> tuple[int, int]:
        """The tokens of a training batch: as they are, and with those that fill its windows up to equal lengths."""
        rows, _ = self._split(ids)
        size = self.config.batch_size
        parts = [rows[start : start + size] for start in range(0, len(rows), size)]
        return sum(map(len, rows)), sum(len(part) * max(map(len, part)) for part in parts)

    def logits(self, encoded: Encoded) -> np.ndarray:
        """(texts, criteria), float64, in the order of the texts."""
        rows, counts = self._split(encoded.ids)
        by_place: dict[int, np.ndarray] = {}
        # One autocast around all batches converts the weights to bf16 once.
        with torch.inference_mode(), autocast(self.device, self.config.precision):
            for batch in sorted_batches([len(row) for row in rows], self.config.eval_batch_size):
                logits = self._read([rows[index] for index in batch], training=False)
                by_place.update(zip(batch, logits.cpu().double().numpy(), strict=True))
        return pooled_array(np.stack([by_place[index] for index in range(len(rows))]), counts, self.config.windows)

    def _split(self, ids: Ids) -> tuple[Ids, list[int]]:
        """What goes through the encoder, and how many windows each text has."""
        if self.windows is None:
            return ids, [1] * len(ids)
        split = [self.windows.split(row) for row in ids]
        return [row for rows in split for row in rows], [len(rows) for rows in split]


def open_predictor(loaded: Loaded, config: TrainingConfig, texts: Sequence[str], cache: TrainingCache | None) -> Predictor:
    """Moves the classifier to its device; `texts` are examples of what it will read."""
    if cache is None or loaded.origin is None:
        # Shares nothing with other classifiers, but still between epochs.
        cache = TrainingCache()
    device = choose_device(config.device)
    loaded.classifier.to(device)
    windows = None if config.read_limit else windows_of(loaded.tokenizer, config.max_length)
    few = _encode(texts[:16], loaded, config, cache).ids
    if windows is not None:
        few = [list(row) for ids in few for row in windows.split(ids)[:2]]
    return Predictor(loaded, config, cache, device, choose_forward(loaded, device, cache.states, few), windows)


def _encode(texts: Sequence[str], loaded: Loaded, config: TrainingConfig, cache: TrainingCache) -> Encoded:
    reader = loaded.reader
    return encode(texts, reader.tokenizer, config.read_limit, cache=cache.tokens, source=reader.source)
