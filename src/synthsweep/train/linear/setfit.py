"""SetFit (Tunstall et al., arXiv:2209.11055): a sentence encoder learns from pairs of texts before a regression reads it.

Two texts that share a label are drawn together, others apart. The package setfit, an extra, draws pairs and trains on them; the
regression is that of the other baselines.
"""

import importlib.util
import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from synthsweep.errors import ConfigError, DataError, Interrupted
from synthsweep.progress import Advance, Progress
from synthsweep.train.schedule import PAIRS_PER_STEP, pair_steps
from synthsweep.train.texts import Texts
from synthsweep.train.threads import torch_threads

PACKAGE = "setfit"
# The package lists all pairs of texts before it draws some: 12.5 million of them are 0.5 GB for some seconds.
MOST_TEXTS = 5000
STEPS_PER_REPORT = 10


def require_setfit(name: str) -> None:
    """Raises ConfigError where the extra is not installed; `name` is that of the model."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise ConfigError(f"model={name} needs {PACKAGE}, not installed here: pip install 'synthsweep[setfit]'")


def require_pairs(truth: np.ndarray, name: str) -> None:
    """Raises DataError for (texts, criteria) that pairs cannot be made of."""
    if len(truth) > MOST_TEXTS:
        raise DataError(
            f"model={name} pairs all training texts with each other, so it takes at most {MOST_TEXTS:,}, got {len(truth):,}: "
            "set data.train_size, or take model=embeddings"
        )
    kinds = np.unique(_signs(truth), axis=0)
    if ((kinds @ kinds.T) > 0).all():
        raise DataError(f"model={name} learns from texts that share no label, and all training texts share one: take another")


def tune(
    encoder: Any,
    train: Texts,
    *,
    pairs: int,
    learning_rate: float,
    seed: int,
    threads: int,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> int:
    """Trains a sentence-transformers model in place, and returns its number of steps.

    Half of the pairs share a label. `seed` decides which texts are paired, in which order, and dropout. A label that nobody
    decided on counts as absent, and texts without any label are alike. Weights of texts do not act on pairs.

    Raises:
        Interrupted: training was asked to stop.
    """
    steps = pair_steps(len(train.texts), pairs)
    order = np.random.default_rng(seed).permutation(len(train.texts))
    texts, signs = [train.texts[place] for place in order], _signs(train.truth)[order].tolist()
    with torch_threads(threads), torch.random.fork_rng(), tempfile.TemporaryDirectory(prefix="synthsweep-") as folder:
        trainer = _trainer(encoder, folder, steps, learning_rate, seed)
        trainer.add_callback(_reports(steps, progress, should_stop))
        with _silent():
            trainer.train_embeddings(texts, signs, args=trainer.args)
    return steps


def _signs(truth: np.ndarray) -> np.ndarray:
    """(texts, criteria + 1), 0 or 1: what texts share; the last column stands for no label at all."""
    signs = (truth == 1).astype(np.int64)
    return np.column_stack([signs, signs.sum(axis=1) == 0])


def _trainer(encoder: Any, folder: str, steps: int, learning_rate: float, seed: int) -> Any:
    with _silent():
        from setfit import SetFitModel, Trainer, TrainingArguments
        from transformers.trainer_callback import PrinterCallback, ProgressCallback

        arguments = TrainingArguments(
            output_dir=folder, batch_size=PAIRS_PER_STEP, max_steps=steps, body_learning_rate=learning_rate, seed=seed,
            report_to="none", save_strategy="no", eval_strategy="no", logging_strategy="no",
        )  # fmt: skip
        trainer = Trainer(SetFitModel(encoder, None, multi_target_strategy="one-vs-rest"), arguments)
    for callback in (ProgressCallback, PrinterCallback):
        trainer.remove_callback(callback)
    trainer.st_trainer.args.dataloader_pin_memory = torch.cuda.is_available()
    return trainer


def _reports(steps: int, progress: Progress, should_stop: Callable[[], bool]) -> Any:
    from transformers import TrainerCallback

    class Reports(TrainerCallback):  # type: ignore[misc]
        """Tells of steps, and ends training when it is asked to."""

        def on_step_end(self, args: Any, state: Any, control: Any, **_unused: Any) -> None:
            if should_stop():
                raise Interrupted(f"stopped at step {state.global_step} of {steps}")
            if state.global_step % STEPS_PER_REPORT in {0, 1}:
                progress(Advance(state.global_step, steps, "pairs of texts", "steps"))

    return Reports()


@contextmanager
def _silent() -> Iterator[None]:
    """Hides what the package logs of each training."""
    log = logging.getLogger(PACKAGE)
    before = log.disabled
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = before
