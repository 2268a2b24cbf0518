"""A BERT of two random layers over MiniLM's tokenizer, and a task that it learns in milliseconds."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from synthsweep.config.keys.training import ModelConfig, TrainingConfig
from synthsweep.progress import Advance, Event, Progress, silent
from synthsweep.train.cache import TrainingCache
from synthsweep.train.curve import CurvePoint, Evaluated
from synthsweep.train.encoder.model import Loaded, load
from synthsweep.train.fit import Fitted, TextOrder, Texts, fit
from synthsweep.train.hooks import TrainingHooks

LABELS = ("A", "B")
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def tiny(**keys: Any) -> ModelConfig:
    return ModelConfig(**{"name": "tiny", "pooling": "mean", "random_sizes": SIZES, **keys})


def load_tiny(
    *,
    labels: Sequence[str] = LABELS,
    dropout: float | None = None,
    seed: int = 1,
    cache: TrainingCache | None = None,
    **keys: Any,
) -> Loaded:
    return load(tiny(**keys), labels, dropout=dropout, max_length=32, seed=seed, cache=cache)


def training(**keys: Any) -> TrainingConfig:
    """One thread and full precision: the same numbers on any machine."""
    small = {"epochs": 3, "batch_size": 4, "learning_rate": 1e-3, "max_length": 32, "threads": 1, "device": "cpu"}
    return TrainingConfig(**{**small, "precision": "fp32", **keys})


def separable(count: int) -> Texts:
    """Trains are evidence for A, lamps for B; every fourth text is of neither, every fourth of both."""
    objects = ("the train", "a bright lamp", "the train and a bright lamp", "nothing")
    endings = ("today", "in the room", "again", "for a long while", "")
    texts = [f"he looked at {objects[index % 4]} {endings[index % 5]}".strip() for index in range(count)]
    truth = [[int("train" in text), int("lamp" in text)] for text in texts]
    return Texts(texts, np.array(truth))


class Diary:
    """A Progress that writes everything down."""

    def __init__(self) -> None:
        self.steps: list[Advance] = []
        self.points: list[CurvePoint] = []

    def __call__(self, event: Event, /) -> None:
        match event:
            case Advance():
                self.steps.append(event)
            case Evaluated(point):
                self.points.append(point)


def never() -> bool:
    return False


def fit_tiny(
    config: TrainingConfig,
    *,
    loaded: Loaded | None = None,
    train: Texts | None = None,
    dev: Texts | None = None,
    baseline: int = 0,
    order_seed: int = 1,
    score: Callable[[np.ndarray], float | None] = lambda _: None,
    progress: Progress = silent,
    should_stop: Callable[[], bool] = never,
    cache: TrainingCache | None = None,
    kind: str = "multi",
    epochs: int | None = None,
) -> Fitted:
    """Fits with small defaults: 10 training texts, 8 of dev, the best epoch by the loss on dev."""
    return fit(
        loaded or load_tiny(),
        train or separable(10),
        dev or separable(8),
        config,
        TextOrder(baseline, order_seed),
        score=score,
        kind=kind,
        hooks=TrainingHooks(progress=progress, should_stop=should_stop),
        cache=cache,
        epochs=epochs,
    )
