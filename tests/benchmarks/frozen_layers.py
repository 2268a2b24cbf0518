"""What frozen layers cost when their output is kept, beside running them for every batch.

    python tests/benchmarks/frozen_layers.py [--frozen 4] [--epochs 6] [--repeats 3] [--threads 1]

MiniLM (6 layers) learns the demo corpus, `--frozen` layers of it frozen; both ways take the same steps on the same batches.
The repeats are interleaved and ratios are medians over repeats. Seconds are those of the process (CPU time), since a repeat
takes minutes and a shared machine is not as busy in one as in the next; `--wall` reads the clock instead. A further run
of the kept way finds what the first one left, as the next run of a sweep's worker does.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch

from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.config.keys.training import ModelConfig, TrainingConfig
from synthsweep.corpus.corpus import load_corpus
from synthsweep.evaluate.metrics import macro_average_precision
from synthsweep.examples import Example, label_matrix
from synthsweep.progress import Event
from synthsweep.train.cache import TrainingCache
from synthsweep.train.curve import Evaluated
from synthsweep.train.encoder.forward import CachedForward
from synthsweep.train.encoder.model import load
from synthsweep.train.fit import TextOrder, Texts, fit
from synthsweep.train.hooks import TrainingHooks

LABELS = ("A1", "A2", "A3", "B1", "B2", "B3", "B4")


@dataclass
class Clock:
    """A Progress that reads the time at each evaluation: seconds an epoch."""

    read: Callable[[], float]
    began: float
    epochs: list[float] = field(default_factory=list)

    def __call__(self, event: Event, /) -> None:
        if not isinstance(event, Evaluated):
            return
        self.epochs.append(self.read() - self.began)
        self.began = self.read()


@dataclass(frozen=True)
class Timed:
    """Seconds an epoch (evaluation on one text included), of a pass over dev and test, and what was learnt."""

    epochs: list[float]
    evaluation: float
    first_evaluation: float
    dev: float
    test: float
    probabilities: np.ndarray

    @property
    def training(self) -> float:
        return sum(self.epochs)

    @property
    def later(self) -> float:
        return statistics.mean(self.epochs[1:])


@dataclass(frozen=True)
class Task:
    """The same for both ways."""

    train: Texts
    dev: Texts
    test: Texts
    config: TrainingConfig
    frozen: int
    read: Callable[[], float]


def texts_of(examples: tuple[Example, ...]) -> Texts:
    return Texts([example.text for example in examples], np.array(label_matrix(examples, LABELS)))


def make_task(frozen: int, epochs: int, threads: int, read: Callable[[], float]) -> Task:
    config = TrainingConfig(device="cpu", precision="fp32", threads=threads, epochs=epochs, patience=0, select_by="loss")
    split = load_corpus(LabelsConfig(ids=list(LABELS)), DataConfig(id="id", group="child"), subset_seed=1).split
    return Task(texts_of(split.train), texts_of(split.dev), texts_of(split.test), config, frozen, read)


def timed(task: Task, cache: TrainingCache | None, *, kept: bool) -> Timed:
    """Training with one text of dev, since it is the steps that are compared; then two passes over dev and test."""
    config = ModelConfig(pooling="mean", frozen_layers=task.frozen)
    loaded = load(config, LABELS, dropout=None, max_length=task.config.max_length, seed=1, cache=cache)
    if not kept:
        # The parts stay frozen and still, but nobody looks for a short way.
        loaded.classifier.frozen_layers = 0
    clock = Clock(task.read, task.read())
    fitted = fit(
        loaded, task.train, Texts(task.dev.texts[:1], task.dev.truth[:1]), task.config,
        TextOrder(len(task.train.texts), 1), score=lambda _: None, hooks=TrainingHooks(progress=clock), cache=cache,
    )  # fmt: skip
    assert isinstance(fitted.predictor.forward_pass, CachedForward) == kept
    passes = []
    for _ in range(2):
        began = task.read()
        dev, test = fitted.probabilities(task.dev.texts), fitted.probabilities(task.test.texts)
        passes.append(task.read() - began)
    scores = [macro_average_precision(t.truth, p) or 0.0 for t, p in ((task.dev, dev), (task.test, test))]
    return Timed(clock.epochs, passes[1], passes[0], *scores, test)


def ratio(runs: dict[str, list[Timed]], name: str, value: str) -> float:
    """Median over repeats of how many times faster than running all layers."""
    pairs = zip(runs["all layers"], runs[name], strict=True)
    return statistics.median(getattr(whole, value) / getattr(short, value) for whole, short in pairs)


def report(task: Task, runs: dict[str, list[Timed]]) -> None:
    steps = -(-len(task.train.texts) // task.config.batch_size)
    print(f"{len(task.train.texts)} texts, {task.config.epochs} epochs of {steps} steps of {task.config.batch_size} texts;")
    evaluated = len(task.dev.texts) + len(task.test.texts)
    print(f"{task.frozen} of 6 layers frozen, {evaluated} texts evaluated; torch {torch.__version__}\n")
    print(f"{'':<22}{'s a step':>10}{'first':>8}{'s an evaluation':>18}{'first':>8}{'dev AP':>9}{'test AP':>9}")
    for name, found in runs.items():
        step, first, later, early = (
            statistics.median(values)
            for values in zip(
                *((r.later / steps, r.epochs[0] / steps, r.evaluation, r.first_evaluation) for r in found), strict=True
            )
        )
        print(f"{name:<22}{step:>10.4f}{first:>8.4f}{later:>18.3f}{early:>8.3f}{found[0].dev:>9.4f}{found[0].test:>9.4f}")
    print()
    for name in list(runs)[1:]:
        faster = [f"{ratio(runs, name, value):.2f}x {what}" for value, what in (
            ("later", "training, second epoch on"), ("training", f"all {task.config.epochs} epochs"),
            ("evaluation", "evaluation"), ("first_evaluation", "first evaluation"))]  # fmt: skip
        print(f"{name}: {', '.join(faster)}")
    largest = max(float(np.abs(a.probabilities - b.probabilities).max()) for a in runs["all layers"] for b in runs["kept"])
    print(f"largest difference of a probability on test: {largest:.1e}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frozen", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--wall", action="store_true")
    arguments = parser.parse_args()
    read = time.perf_counter if arguments.wall else time.process_time
    torch.set_num_threads(arguments.threads)
    task = make_task(arguments.frozen, arguments.epochs, arguments.threads, read)
    runs: dict[str, list[Timed]] = {"all layers": [], "kept": [], "kept, next run": []}
    for repeat in range(arguments.repeats):
        cache = TrainingCache()
        for name, keeper, kept in (("all layers", None, False), ("kept", cache, True), ("kept, next run", cache, True)):
            runs[name].append(timed(task, keeper, kept=kept))
            print(f"repeat {repeat + 1}, {name}: {runs[name][-1].training:.1f} s", file=sys.stderr)
    report(task, runs)


if __name__ == "__main__":
    main()
