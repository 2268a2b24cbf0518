"""One training while it goes on: its steps, its evaluations on dev, the best weights so far."""

import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from transformers import get_scheduler

from synthsweep.config.keys.training import TrainingConfig
from synthsweep.errors import TrainingError
from synthsweep.train.curriculum import Phase
from synthsweep.train.curve import CurvePoint, Score
from synthsweep.train.encoder.tokens import BATCHES_PER_MEGA_BATCH, shuffled_batches
from synthsweep.train.encoder.vocabulary import reduce_vocabulary
from synthsweep.train.loss import loss_of, loss_weights
from synthsweep.train.predictor import Predictor
from synthsweep.train.probabilities import probabilities_of
from synthsweep.train.schedule import Schedule
from synthsweep.train.texts import Texts

# transformers' names: "constant" alone would have no warm-up.
SCHEDULERS = {"linear": "linear", "cosine": "cosine", "constant": "constant_with_warmup"}


class TrainingRun:
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
        # The steps that an earlier process has taken, whose batches are passed over.
        self.taken = 0
        self.loss_sum, self.loss_count = torch.zeros((), device=self.device), 0
        self.best_point: CurvePoint
        self.best_score, self.worse = -math.inf, 0
        self.best_state: dict[str, torch.Tensor] = {}
        self.best_logits, self.best_decay = np.empty(0), 1.0
        self.dev_s, self.earlier_s, self.began = 0.0, 0.0, time.monotonic()

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
        passed = min(len(batches), max(0, self.taken - self.step))
        self.step += passed
        for number, batch in enumerate(batches[passed:], start=passed):
            if number % BATCHES_PER_MEGA_BATCH == 0 or number == passed:
                following = batches[number : number + BATCHES_PER_MEGA_BATCH - number % BATCHES_PER_MEGA_BATCH]
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
        self.best_state = {name: weights.clone() for name, weights in self._trained().items()}

    def _trained(self) -> dict[str, torch.Tensor]:
        return {name: parameter.detach() for name, parameter in self.model.named_parameters() if parameter.requires_grad}

    def state(self, curve: Sequence[CurvePoint]) -> dict[str, Any]:
        """All that the next step and the end depend on, after an evaluation on dev; `curve` has those so far."""
        random_numbers = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            random_numbers["cuda"] = torch.cuda.get_rng_state(self.device)
        return {
            "weights": self._trained(),
            "decay": self.vocabulary.decay if self.vocabulary else 1.0,
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "random": random_numbers,
            "counts": [self.step, self.real_tokens, self.padded_tokens, self.worse],
            "curve": [asdict(point) for point in curve],
            "best": {"point": asdict(self.best_point), "score": self.best_score, "decay": self.best_decay},
            "best_weights": self.best_state,
            "best_logits": torch.from_numpy(self.best_logits),
            "seconds": [self.dev_s, self.earlier_s + time.monotonic() - self.began],
        }

    def restore(self, state: Mapping[str, Any]) -> list[CurvePoint]:
        """Takes the state of an earlier process, and returns its curve."""
        self.model.load_state_dict(state["weights"], strict=False)
        if self.vocabulary is not None:
            self.vocabulary.decay = state["decay"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        torch.set_rng_state(state["random"]["cpu"])
        if self.device.type == "cuda":
            torch.cuda.set_rng_state(state["random"]["cuda"], self.device)
        self.taken, self.real_tokens, self.padded_tokens, self.worse = state["counts"]
        best = state["best"]
        self.best_point, self.best_score, self.best_decay = CurvePoint(**best["point"]), best["score"], best["decay"]
        self.best_state = {name: tensor.to(self.device) for name, tensor in state["best_weights"].items()}
        self.best_logits = state["best_logits"].numpy()
        self.dev_s, self.earlier_s = state["seconds"]
        return [CurvePoint(**point) for point in state["curve"]]

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
