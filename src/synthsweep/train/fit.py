"""Trains a classifier: AdamW, a schedule, an evaluation on dev after each epoch, the best epoch kept.

It has its own loop, not transformers' Trainer: tests/benchmarks/training_loop.py prints what each costs.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import get_scheduler

from synthsweep.config.keys.training import TrainingConfig
from synthsweep.errors import Interrupted, TrainingError
from synthsweep.progress import Advance
from synthsweep.train.cache import TrainingCache
from synthsweep.train.curriculum import Phase, plan_phases
from synthsweep.train.curve import CurvePoint, Evaluated
from synthsweep.train.encoder.model import Loaded
from synthsweep.train.encoder.tokens import BATCHES_PER_MEGA_BATCH, shuffled_batches
from synthsweep.train.encoder.vocabulary import reduce_vocabulary
from synthsweep.train.hooks import NO_HOOKS, TrainingHooks
from synthsweep.train.loss import loss_of, loss_weights
from synthsweep.train.predictor import Predictor, open_predictor
from synthsweep.train.probabilities import probabilities_of
from synthsweep.train.schedule import Schedule, plan_schedule
from synthsweep.train.texts import Texts
from synthsweep.train.threads import torch_threads

# Reading a loss waits for the device: every few steps costs nothing, and is enough to watch.
STEPS_PER_REPORT = 10
# transformers' names: "constant" alone would have no warm-up.
SCHEDULERS = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}
# What rates dev probabilities (texts, criteria): higher is better, None where it is undefined.
Score = Callable[[np.ndarray], float | None]


@dataclass(frozen=True)
class Fitted:
    """A trained classifier, restored to its best point on dev, in any phase of a curriculum; without dev, at its last one.

    `dev_probabilities` (texts, criteria) are those of that point; `dev_s` is the time of all evaluations on dev. `kind` is
    that of the label set: softmax for single, a sigmoid per label for multi.
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
) -> Fitted:
    """Fine-tunes in place, towards the epoch whose dev probabilities have the highest `score`; `kind` is the label set's.

    With `epochs`, training ends after so many and keeps its last weights: `dev`, which may be empty, is not evaluated. The
    learning rate takes the same course as without, so that the epoch which another run has chosen comes again.

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
        run = _TrainingRun(predictor, train, dev, schedule, phases, order.seed, kind)
        torch.manual_seed(order.seed)
        if epochs is None:
            curve = _keep_best(run, score, hooks)
        else:
            curve = _keep_last(run, epochs * schedule.steps_per_evaluation, hooks)
        run.restore_best()
    return Fitted(
        predictor, curve, run.best_point, run.step, run.real_tokens, run.padded_tokens,
        probabilities_of(run.best_logits, kind), run.dev_s, kind,
    )  # fmt: skip


def _keep_best(run: "_TrainingRun", score: Score, hooks: TrainingHooks) -> tuple[CurvePoint, ...]:
    """Trains until the end, or until patience is over; the points of dev."""
    curve: list[CurvePoint] = []
    for _ in _reported_steps(run, run.schedule.steps, hooks):
        if run.step % run.schedule.steps_per_evaluation == 0:
            curve.append(run.evaluate(score))
            hooks.progress(Evaluated(curve[-1], run.schedule.steps))
            hooks.on_evaluation(curve[-1])
            if run.patience_is_over():
                break
    return tuple(curve)


def _keep_last(run: "_TrainingRun", last: int, hooks: TrainingHooks) -> tuple[CurvePoint, ...]:
    """Trains for so many steps, and looks at dev at none."""
    for _ in _reported_steps(run, last, hooks):
        if run.step == last:
            break
    run.keep_last()
    return ()


def _reported_steps(run: "_TrainingRun", last: int, hooks: TrainingHooks) -> Iterator[None]:
    for loss in run.steps():
        if hooks.should_stop():
            raise Interrupted(f"stopped at step {run.step} of {last}")
        if run.step % STEPS_PER_REPORT == 0 or run.step == 1:
            hooks.progress(Advance(run.step, last, f"loss {run.finite(loss):.3f}", "steps"))
        yield


class _TrainingRun:
    """The state of one training run: optimiser, schedule, best weights so far."""

    def __init__(
        self,
        predictor: Predictor,
        train: Texts,
        dev: Texts,
        schedule: Schedule,
        phases: Sequence[Phase],
        order_seed: int,
        kind: str,
    ) -> None:
        self.predictor, self.config, self.schedule, self.phases = predictor, predictor.config, schedule, phases
        self.model, self.device, config = predictor.loaded.classifier, predictor.device, predictor.config
        self.encoded = predictor.encode(train.texts)
        self.dev_encoded, self.dev_truth = predictor.encode(dev.texts), dev.truth
        self.vocabulary = reduce_vocabulary(self.model.network, (*self.encoded.ids, *self.dev_encoded.ids), predictor.pad_id)
        self.kind, self.loss, self.dev_loss = kind, loss_of(kind, train.truth), loss_of(kind, dev.truth)
        self.truth = torch.tensor(train.truth, dtype=torch.float32, device=self.device)
        self.example_weights = self._tensor(train.weights)
        weights = loss_weights(kind, train.truth, config.positive_weight, config.positive_weight_cap, train.weights)
        self.loss_weights = self._tensor(weights)
        self.optimizer = _optimizer(self.model, config)
        warmup = round(config.warmup_ratio * schedule.steps)
        self.scheduler = get_scheduler(SCHEDULERS[config.scheduler], self.optimizer, warmup, schedule.steps)
        self.rng = random.Random(order_seed)
        self.step = self.real_tokens = self.padded_tokens = 0
        self.loss_sum, self.loss_count = torch.zeros((), device=self.device), 0
        self.best_point: CurvePoint
        self.best_score, self.worse = -math.inf, 0
        self.best_state: dict[str, torch.Tensor] = {}
        self.best_logits, self.best_decay = np.empty(0), 1.0
        self.dev_s = 0.0

    def _tensor(self, values: np.ndarray | None) -> torch.Tensor | None:
        return None if values is None else torch.tensor(values, dtype=torch.float32, device=self.device)

    def steps(self) -> Iterator[torch.Tensor]:
        """Takes the steps one by one, phase after phase."""
        for phase in self.phases:
            end = self.step + phase.steps
            while self.step < end:
                yield from self._epoch(phase.indices, end)

    def _epoch(self, indices: Sequence[int], end: int) -> Iterator[torch.Tensor]:
        """Takes steps on these texts once, newly shuffled, and stops at step `end`."""
        lengths = [len(self.encoded.ids[index]) for index in indices]
        batches = shuffled_batches(lengths, self.config.batch_size, self.rng)[: end - self.step]
        batches = [[indices[place] for place in batch] for batch in batches]
        for number, batch in enumerate(batches):
            if number % BATCHES_PER_MEGA_BATCH == 0:
                following = batches[number : number + BATCHES_PER_MEGA_BATCH]
                self.predictor.look_ahead([self.encoded.ids[index] for later in following for index in later])
            yield self._train_on(batch)

    def _train_on(self, batch: list[int]) -> torch.Tensor:
        ids = [self.encoded.ids[index] for index in batch]
        real, padded = self.predictor.token_counts(ids)
        self.real_tokens, self.padded_tokens = self.real_tokens + real, self.padded_tokens + padded
        logits = self.predictor.forward(ids, training=True)
        example_weights = None if self.example_weights is None else self.example_weights[batch]
        smoothing = self.config.label_smoothing
        loss = self.loss(logits, self.truth[batch], self.loss_weights, smoothing, example_weights=example_weights)
        loss.backward()  # type: ignore[no-untyped-call]
        self._clip_gradients()
        if self.vocabulary is not None:
            self.vocabulary.count_step(self.scheduler.get_last_lr()[0], self.config.weight_decay)
        self.optimizer.step()
        self.scheduler.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.loss_sum, self.loss_count = self.loss_sum + loss.detach(), self.loss_count + 1
        return loss.detach()

    def _clip_gradients(self) -> None:
        """On a CPU the optimiser divides the gradients while it reads them, which saves a pass over all of them."""
        parameters, limit = self.model.parameters(), self.config.max_grad_norm
        if self.device.type != "cpu":
            torch.nn.utils.clip_grad_norm_(parameters, limit)
            return
        norm = torch.nn.utils.get_total_norm([found.grad for found in parameters if found.grad is not None])
        self.optimizer.grad_scale = (norm.float() / limit).clamp(min=1)  # type: ignore[attr-defined]

    def finite(self, loss: torch.Tensor) -> float:
        value = float(loss)
        if not math.isfinite(value):
            raise TrainingError(
                f"the loss is {value} at step {self.step}: lower training.learning_rate or training.max_grad_norm"
            )
        return value

    def evaluate(self, score: Score) -> CurvePoint:
        train_loss = self.finite(self.loss_sum / self.loss_count)
        self.loss_sum, self.loss_count = torch.zeros((), device=self.device), 0
        began = time.monotonic()
        logits = self.predictor.logits(self.dev_encoded)
        self.dev_s += time.monotonic() - began
        dev_loss = self.finite(self.dev_loss(torch.tensor(logits), torch.tensor(self.dev_truth, dtype=torch.float64)))
        point = self._point(train_loss, dev_loss, score(probabilities_of(logits, self.kind)))
        self._keep_if_best(point, logits)
        return point

    def _point(self, train_loss: float, dev_loss: float, score: float | None) -> CurvePoint:
        epoch = self.step / math.ceil(len(self.encoded.ids) / self.config.batch_size)
        return CurvePoint(self.step, epoch, train_loss, dev_loss, score, self.scheduler.get_last_lr()[0])

    def keep_last(self) -> None:
        """Takes the weights as they are for the best ones, though dev has not said so."""
        point = self._point(self.finite(self.loss_sum / self.loss_count), math.nan, None)
        self._keep(point, np.empty((0, self.truth.shape[1])))

    def _keep_if_best(self, point: CurvePoint, logits: np.ndarray) -> None:
        by_loss = self.config.select_by == "loss" or point.score is None
        value = -point.dev_loss if by_loss else point.score
        if value is not None and value > self.best_score:
            self.best_score, self.worse = value, 0
            self._keep(point, logits)
        elif self.step > self.schedule.steps - self.phases[-1].steps:
            self.worse += 1

    def _keep(self, point: CurvePoint, logits: np.ndarray) -> None:
        self.best_point, self.best_logits = point, logits
        self.best_decay = self.vocabulary.decay if self.vocabulary else 1.0
        trained = (item for item in self.model.named_parameters() if item[1].requires_grad)
        self.best_state = {name: parameter.detach().clone() for name, parameter in trained}

    def patience_is_over(self) -> bool:
        return 0 < self.schedule.patience <= self.worse

    def restore_best(self) -> None:
        self.model.load_state_dict(self.best_state, strict=False)
        if self.vocabulary is not None:
            self.vocabulary.restore(self.best_decay)
        self.model.eval()


def _optimizer(model: torch.nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": config.weight_decay},
        # No decay for biases and the scales of norms, as in Loshchilov and Hutter's reference code.
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)
