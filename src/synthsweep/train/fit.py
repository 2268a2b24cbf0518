"""Trains a classifier: AdamW, a schedule, an evaluation on dev after each epoch, the best epoch kept.

It has its own loop, not transformers' Trainer: tests/benchmarks/training_loop.py prints what each costs.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import torch

from synthsweep.config.keys.training import TrainingConfig
from synthsweep.errors import Interrupted, Pruned, TrainingError
from synthsweep.progress import Advance, Stage
from synthsweep.train.cache import TrainingCache
from synthsweep.train.checkpoint import WRITTEN, Checkpoint, checkpoint_of, inputs_of
from synthsweep.train.curriculum import plan_phases
from synthsweep.train.curve import CurvePoint, Evaluated, Score
from synthsweep.train.encoder.model import Loaded
from synthsweep.train.hooks import NO_HOOKS, TrainingHooks
from synthsweep.train.predictor import Predictor, open_predictor
from synthsweep.train.probabilities import probabilities_of
from synthsweep.train.schedule import plan_schedule
from synthsweep.train.texts import Texts
from synthsweep.train.threads import torch_threads
from synthsweep.train.training_run import TrainingRun

# Reading a loss waits for the device: every few steps costs nothing, and is enough to watch.
STEPS_PER_REPORT = 10


@dataclass(frozen=True)
class Fitted:
    """A trained classifier, restored to its best point on dev, in any phase of a curriculum; without dev, at its last one.

    `dev_probabilities` (texts, criteria) are those of that point; `dev_s` is the time of all evaluations on dev, `earlier_s`
    that of an earlier process whose checkpoint was there. `kind` is that of the label set: softmax for single, a sigmoid per
    label for multi.
    """

    predictor: Predictor
    curve: tuple[CurvePoint, ...]
    best: CurvePoint
    steps: int
    real_tokens: int
    padded_tokens: int
    dev_probabilities: np.ndarray
    dev_s: float
    kind: str = "multi"
    earlier_s: float = 0.0
    checkpoint: Checkpoint | None = None

    def forget(self) -> None:
        """Deletes the checkpoint, if there is one."""
        if self.checkpoint is not None:
            self.checkpoint.forget()

    def scored_on(self, dev: Sequence[str]) -> "Fitted":
        """The same, with the probabilities of these texts of dev in the place of those that its best point was chosen by."""
        began = time.monotonic()
        probabilities = self.probabilities(dev)
        return replace(self, dev_probabilities=probabilities, dev_s=self.dev_s + time.monotonic() - began)

    @property
    def counts(self) -> dict[str, float]:
        """What training took, by the names of metrics."""
        return {
            "train/steps": self.steps,
            "train/best_step": self.best.step,
            "train/padding_share": 1 - self.real_tokens / self.padded_tokens,
        }

    @property
    def loaded(self) -> Loaded:
        return self.predictor.loaded

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, criteria) in [0, 1], float64."""
        encoded = self.predictor.encode(texts)
        with torch_threads(self.predictor.config.threads):
            logits = self.predictor.logits(encoded)
        return probabilities_of(logits, self.kind)


@dataclass(frozen=True)
class TextOrder:
    """In which order texts are trained on, and for how many steps.

    `baseline` is the number of texts whose steps training.match_steps takes over. `curriculum` orders the texts (see
    curriculum.py): steps and evaluations on dev stay the same.
    """

    baseline: int
    seed: int
    curriculum: str = "mixed"


def fit(
    loaded: Loaded,
    train: Texts,
    dev: Texts,
    config: TrainingConfig,
    order: TextOrder,
    *,
    score: Score,
    kind: str = "multi",
    hooks: TrainingHooks = NO_HOOKS,
    cache: TrainingCache | None = None,
    epochs: int | None = None,
    checkpoints: Path | None = None,
) -> Fitted:
    """Fine-tunes in place, towards the epoch whose dev probabilities have the highest `score`; `kind` is the label set's.

    With `epochs`, training ends after so many and keeps its last weights: `dev`, which may be empty, is not evaluated. The
    learning rate takes the same course as without, so that the epoch which another run has chosen comes again.

    With the folder `checkpoints`, a training that ended early goes on from its last evaluation, to the same numbers. Its file
    stays until `Fitted.forget`.

    `cache` holds what earlier runs of this process computed for the same texts. Patience counts evaluations of the last phase
    of a curriculum alone, so that no run ends before it.

    Raises:
        TrainingError: the loss is not a number any more.
        Interrupted: a hook asked training to stop.
    """
    schedule = plan_schedule(config, count=len(train.texts), baseline=order.baseline)
    with torch_threads(config.threads), torch.random.fork_rng():
        phases = plan_phases(train.kinds, order.curriculum, schedule.steps)
        predictor = open_predictor(loaded, config, train.texts, cache)
        checkpoint = None
        if checkpoints is not None and epochs is None:
            checkpoint = _checkpoint_in(checkpoints, predictor, (train, dev), order, kind)
        run = TrainingRun(predictor, train, dev, schedule, phases, order.seed, kind)
        torch.manual_seed(order.seed)
        if epochs is None:
            curve = _keep_best(run, score, hooks, checkpoint)
        else:
            curve = _keep_last(run, epochs * schedule.steps_per_evaluation, hooks)
        run.restore_best()
    return Fitted(
        predictor, curve, run.best_point, run.step, run.real_tokens, run.padded_tokens,
        probabilities_of(run.best_logits, kind), run.dev_s, kind, run.earlier_s, checkpoint,
    )  # fmt: skip


def _checkpoint_in(folder: Path, predictor: Predictor, parts: Sequence[Texts], order: TextOrder, kind: str) -> Checkpoint:
    texts = [(inputs_of(part), predictor.encode(part.texts).ids) for part in parts]
    acting = replace(predictor.config, threads=0, checkpoint=False)
    # `auto` is another device, and another precision, on another machine.
    return checkpoint_of(folder, predictor.loaded.classifier, texts, acting, str(predictor.device), order, kind)


def _keep_best(run: TrainingRun, score: Score, hooks: TrainingHooks, checkpoint: Checkpoint | None) -> tuple[CurvePoint, ...]:
    """Trains until the end, or until patience is over; the points of dev."""
    curve = _restored(run, hooks, checkpoint)
    try:
        for point in curve:
            # Whoever watches has seen nothing of it in this process.
            hooks.on_evaluation(point)
        if curve and run.patience_is_over():
            run.step = run.taken
            return tuple(curve)
        for _ in _reported_steps(run, run.schedule.steps, hooks):
            if run.step % run.schedule.steps_per_evaluation == 0:
                curve.append(run.evaluate(score))
                if checkpoint is not None:
                    checkpoint.write(run.state(curve))
                hooks.progress(Evaluated(curve[-1], run.schedule.steps))
                hooks.on_evaluation(curve[-1])
                if run.patience_is_over():
                    break
    except (Pruned, TrainingError):
        # It would end so again.
        if checkpoint is not None:
            checkpoint.forget()
        raise
    return tuple(curve)


def _restored(run: TrainingRun, hooks: TrainingHooks, checkpoint: Checkpoint | None) -> list[CurvePoint]:
    if checkpoint is None or (state := checkpoint.read()) is None:
        return []
    curve, written = run.restore(state), f"{datetime.fromtimestamp(state[WRITTEN]):%Y-%m-%d %H:%M:%S}"
    hooks.progress(Stage(f"training goes on after step {run.taken} of {run.schedule.steps}, from its checkpoint of {written}"))
    return curve


def _keep_last(run: TrainingRun, last: int, hooks: TrainingHooks) -> tuple[CurvePoint, ...]:
    """Trains for so many steps, and looks at dev at none."""
    for _ in _reported_steps(run, last, hooks):
        if run.step == last:
            break
    run.keep_last()
    return ()


def _reported_steps(run: TrainingRun, last: int, hooks: TrainingHooks) -> Iterator[None]:
    for loss in run.steps():
        if hooks.should_stop():
            raise Interrupted(f"stopped at step {run.step} of {last}")
        if run.step % STEPS_PER_REPORT == 0 or run.step == 1:
            hooks.progress(Advance(run.step, last, f"loss {run.finite(loss):.3f}", "steps"))
        yield
