"""Where a trial's seconds go: what the benchmark adds to the peer's script."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers import Trainer


class Stopwatch:
    """Seconds a phase; a phase inside another counts for itself alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began, inside = time.perf_counter(), sum(self.seconds.values())
        try:
            yield
        finally:
            nested = sum(self.seconds.values()) - inside
            self.seconds[name] += time.perf_counter() - began - nested


class TimedTrainer(Trainer):
    """The Trainer, with its evaluations and checkpoints timed apart from its steps."""

    def __init__(self, *args: Any, watch: Stopwatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watch = watch

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        with self.watch.phase("evaluate"):
            return super().evaluate(*args, **kwargs)

    def _save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        with self.watch.phase("checkpoint"):
            super()._save_checkpoint(*args, **kwargs)

    def _load_best_model(self) -> None:
        with self.watch.phase("checkpoint"):
            super()._load_best_model()
