"""Trains a classifier: AdamW, a schedule, dev after each epoch, the best epoch kept.

A loop of ours rather than transformers' Trainer: tests/benchmarks/training_loop.py prints what each costs.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from transformers import get_scheduler

from synthsweep.config.schema import TrainingConfig
from synthsweep.errors import Interrupted, ModelError, TrainingError
from synthsweep.train.encode import Encoded, encode, padded, shuffled_batches, sorted_batches
from synthsweep.train.loss import multilabel_loss, positive_weights
from synthsweep.train.model import Loaded

# Reading a loss waits for the device: seldom enough to cost nothing, often enough to watch.
STEPS_A_REPORT = 10
# transformers' names: "constant" alone would have no warm-up.
SCHEDULERS = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}


@dataclass(frozen=True)
class Texts:
    """Texts with their truth: `truth` is (texts, criteria), 0 or 1."""

    texts: Sequence[str]
    truth: np.ndarray


@dataclass(frozen=True)
class CurvePoint:
    """One evaluation on dev; `score` is None where no criterion is defined there."""

    step: int
    epoch: float
    train_loss: float
    dev_loss: float
    score: float | None
    learning_rate: float


@dataclass(frozen=True)
class Fitted:
    """A trained classifier, restored to its best point on dev."""

    loaded: Loaded
    config: TrainingConfig
    curve: tuple[CurvePoint, ...]
    best: CurvePoint
    steps: int
    truncated: int
    real_tokens: int
    padded_tokens: int

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, criteria) in [0, 1], float64."""
        encoded = encode(texts, self.loaded.tokenizer, self.config.max_length)
        with _threads(self.config.threads):
            logits = _logits(self.loaded, encoded, self.config)
        return sigmoid(logits)


class Listener(Protocol):
    """Who watches training: a progress bar, a tracker."""

    def on_step(self, step: int, total: int, loss: float) -> None: ...

    def on_evaluation(self, point: CurvePoint) -> None: ...


@dataclass(frozen=True)
class Schedule:
    """How many steps are taken, and after how many of them dev is looked at."""

    steps: int
    steps_an_evaluation: int
    patience: int


def plan_schedule(config: TrainingConfig, *, count: int, baseline: int) -> Schedule:
    """The schedule for `count` training texts; with match_steps, that of the `baseline` real ones."""
    texts = baseline if config.match_steps else count
    an_epoch = math.ceil(texts / config.batch_size)
    return Schedule(an_epoch * config.epochs, an_epoch, 0 if config.match_steps else config.patience)


def fit(
    loaded: Loaded,
    train: Texts,
    dev: Texts,
    config: TrainingConfig,
    *,
    baseline: int,
    order_seed: int,
    score: Callable[[np.ndarray], float | None],
    listener: Listener,
    should_stop: Callable[[], bool],
) -> Fitted:
    """Fine-tunes in place; `score` rates dev probabilities (texts, criteria), higher is better.

    Raises:
        TrainingError: the loss is no number any more.
        Interrupted: should_stop said so.
    """
    run = _Run(loaded, train, dev, config, plan_schedule(config, count=len(train.texts), baseline=baseline), order_seed)
    with _threads(config.threads), torch.random.fork_rng():
        torch.manual_seed(order_seed)
        curve: list[CurvePoint] = []
        for loss in run.steps():
            if should_stop():
                raise Interrupted(f"stopped at step {run.step} of {run.schedule.steps}")
            if run.step % STEPS_A_REPORT == 0 or run.step == 1:
                listener.on_step(run.step, run.schedule.steps, run.finite(loss))
            if run.step % run.schedule.steps_an_evaluation == 0:
                curve.append(run.evaluate(score))
                listener.on_evaluation(curve[-1])
                if run.patience_is_over():
                    break
        run.restore_best()
    return Fitted(
        loaded, config, tuple(curve), run.best_point, run.step, run.encoded.truncated, run.real_tokens, run.padded_tokens
    )


class _Run:
    """The state of one training run: optimiser, schedule, best weights so far."""

    def __init__(
        self, loaded: Loaded, train: Texts, dev: Texts, config: TrainingConfig, schedule: Schedule, order_seed: int
    ) -> None:
        self.loaded, self.config, self.schedule = loaded, config, schedule
        self.device = choose_device(config.device)
        self.model = loaded.classifier.to(self.device)
        self.encoded = encode(train.texts, loaded.tokenizer, config.max_length)
        self.dev_encoded, self.dev_truth = encode(dev.texts, loaded.tokenizer, config.max_length), dev.truth
        self.truth = torch.tensor(train.truth, dtype=torch.float32, device=self.device)
        weights = positive_weights(train.truth, config.positive_weight, config.positive_weight_cap)
        self.weights = None if weights is None else torch.tensor(weights, dtype=torch.float32, device=self.device)
        self.optimizer = _optimizer(self.model, config)
        warmup = round(config.warmup_ratio * schedule.steps)
        self.scheduler = get_scheduler(SCHEDULERS[config.scheduler], self.optimizer, warmup, schedule.steps)
        self.rng = random.Random(order_seed)
        self.step = self.real_tokens = self.padded_tokens = 0
        self.running, self.since = torch.zeros((), device=self.device), 0
        self.best_point: CurvePoint
        self.best_score, self.worse = -math.inf, 0
        self.best_state: dict[str, torch.Tensor] = {}

    def steps(self) -> Iterator[torch.Tensor]:
        """Takes the steps one by one, epoch after epoch, each newly shuffled."""
        while self.step < self.schedule.steps:
            for batch in shuffled_batches(self.encoded.lengths, self.config.batch_size, self.rng):
                if self.step == self.schedule.steps:
                    return
                self.model.train()
                yield self._take(batch)

    def _take(self, batch: list[int]) -> torch.Tensor:
        ids, mask = _tensors(self.loaded, [self.encoded.ids[index] for index in batch], self.device)
        self.real_tokens += sum(len(self.encoded.ids[index]) for index in batch)
        self.padded_tokens += ids.numel()
        with autocast(self.device, self.config.precision):
            logits = self.model(ids, mask)
        loss = multilabel_loss(logits.float(), self.truth[batch], self.weights, self.config.label_smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.max_grad_norm)
        self.optimizer.step()
        self.scheduler.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.running, self.since = self.running + loss.detach(), self.since + 1
        return loss.detach()

    def finite(self, loss: torch.Tensor) -> float:
        value = float(loss)
        if not math.isfinite(value):
            raise TrainingError(
                f"the loss is {value} at step {self.step}: lower training.learning_rate or training.max_grad_norm"
            )
        return value

    def evaluate(self, score: Callable[[np.ndarray], float | None]) -> CurvePoint:
        train_loss = self.finite(self.running / self.since)
        self.running, self.since = torch.zeros((), device=self.device), 0
        logits = _logits(self.loaded, self.dev_encoded, self.config)
        dev_loss = self.finite(multilabel_loss(torch.tensor(logits), torch.tensor(self.dev_truth, dtype=torch.float64)))
        point = CurvePoint(
            step=self.step,
            epoch=self.step / math.ceil(len(self.encoded.ids) / self.config.batch_size),
            train_loss=train_loss,
            dev_loss=dev_loss,
            score=score(sigmoid(logits)),
            learning_rate=self.scheduler.get_last_lr()[0],
        )
        self._keep_if_best(point)
        return point

    def _keep_if_best(self, point: CurvePoint) -> None:
        by_loss = self.config.select_by == "loss" or point.score is None
        value = -point.dev_loss if by_loss else point.score
        if value is not None and value > self.best_score:
            self.best_score, self.best_point, self.worse = value, point, 0
            trained = (item for item in self.model.named_parameters() if item[1].requires_grad)
            self.best_state = {name: parameter.detach().clone() for name, parameter in trained}
        else:
            self.worse += 1

    def patience_is_over(self) -> bool:
        return 0 < self.schedule.patience <= self.worse

    def restore_best(self) -> None:
        self.model.load_state_dict(self.best_state, strict=False)
        self.model.eval()


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Logits to probabilities, in float64, so that stored ones give back every metric."""
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-logits)))


def choose_device(wanted: str) -> torch.device:
    """`auto` takes CUDA, then MPS, then the CPU.

    Raises:
        ModelError: the device that was asked for is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return torch.device(next(name for name, is_there in there.items() if is_there))
    if not there[wanted]:
        raise ModelError(f"training.device={wanted}: torch sees none here; set training.device=auto")
    return torch.device(wanted)


def autocast(device: torch.device, precision: str) -> Any:
    """bf16 where it pays: asked for, or on a GPU that has it."""
    there = device.type == "cuda" and torch.cuda.is_bf16_supported()
    enabled = precision == "bf16" or (precision == "auto" and there)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)


def _optimizer(model: torch.nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in learnt if p.ndim > 1], "weight_decay": config.weight_decay},
        # Decay of biases and of norms' scales does nothing but harm (Loshchilov and Hutter's reference code).
        {"params": [p for p in learnt if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)


def _logits(loaded: Loaded, encoded: Encoded, config: TrainingConfig) -> np.ndarray:
    """(texts, criteria), float64, in the order of the texts."""
    model = loaded.classifier.eval()
    device = next(model.parameters()).device
    found: dict[int, np.ndarray] = {}
    for batch in sorted_batches(encoded.lengths, config.eval_batch_size):
        ids, mask = _tensors(loaded, [encoded.ids[index] for index in batch], device)
        with torch.inference_mode(), autocast(device, config.precision):
            logits = model(ids, mask).float().cpu().double().numpy()
        found.update(zip(batch, logits, strict=True))
    return np.stack([found[index] for index in range(len(encoded.ids))])


def _tensors(loaded: Loaded, ids: Sequence[Sequence[int]], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    tokens, mask = padded(ids, loaded.tokenizer.pad_token_id or 0)
    return torch.tensor(tokens, device=device), torch.tensor(mask, device=device)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
