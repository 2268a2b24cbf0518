"""What a training step costs: the loop of synthsweep, a bare one, and transformers' Trainer.

    python tests/benchmarks/training_loop.py [--steps 60] [--repeats 3] [--threads 1]

All train MiniLM on the same texts (the demo corpus's training part), 16 a batch, with AdamW (fused), a linear schedule
and clipping. The repeats are interleaved, so that a busy machine slows all alike. `bare` has nothing but the step, on
the very batches of synthsweep, whose own time includes tokenising and the points on the curve. The Trainer needs
accelerate: without it, it is left out.
"""

import argparse
import importlib.util
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch

from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.config.keys.training import ModelConfig, TrainingConfig
from synthsweep.corpus.corpus import load_corpus
from synthsweep.examples import label_matrix
from synthsweep.train.encoder.model import Classifier, Loaded, load
from synthsweep.train.encoder.tokens import Encoded, encode, padded, shuffled_batches
from synthsweep.train.fit import TextOrder, Texts, fit
from synthsweep.train.loss import multilabel_loss

LABELS = ("A1", "A2", "A3", "B1", "B2", "B3", "B4")
IMPORTS = {
    "synthsweep": "import synthsweep.train.fit",
    "bare": "import torch; from transformers import AutoModelForSequenceClassification, AutoTokenizer",
    "Trainer": "from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments",
}


@dataclass(frozen=True)
class Timed:
    """Seconds for all steps, and the share of padding among the tokens that were read."""

    seconds: float
    padding: float


@dataclass(frozen=True)
class Task:
    """The same for every loop; `loaded` draws a fresh classifier."""

    train: Texts
    config: TrainingConfig
    steps: int

    def loaded(self) -> Loaded:
        model = ModelConfig(pooling="mean")
        return load(model, LABELS, dropout=None, max_length=self.config.max_length, seed=1)


def make_task(steps: int, threads: int) -> Task:
    """As many texts as make `steps` out of whole epochs, two of them where the corpus has enough."""
    config = TrainingConfig(device="cpu", precision="fp32", threads=threads, match_steps=True, warmup_ratio=0.0)
    corpus = load_corpus(LabelsConfig(ids=list(LABELS)), DataConfig(id="id", group="child"), subset_seed=1)
    epochs = max(2, math.ceil(steps * config.batch_size / len(corpus.split.train)))
    if steps % epochs:
        raise SystemExit(f"--steps must be a multiple of {epochs}, the epochs that the demo corpus needs; got {steps}")
    examples = corpus.split.train[: steps // epochs * config.batch_size]
    truth = np.array(label_matrix(examples, LABELS))
    whole = {**vars(config), "epochs": epochs}
    return Task(Texts([example.text for example in examples], truth), TrainingConfig(**whole), steps)


def by_synthsweep(task: Task) -> Timed:
    """`fit` as a run calls it; dev is one text, since it is the steps that are compared."""
    loaded, dev = task.loaded(), Texts(task.train.texts[:1], task.train.truth[:1])
    began = time.perf_counter()
    fitted = fit(
        loaded, task.train, dev, task.config, TextOrder(len(task.train.texts), 1), score=lambda _: None,
    )  # fmt: skip
    assert fitted.steps == task.steps
    return Timed(time.perf_counter() - began, 1 - fitted.real_tokens / fitted.padded_tokens)


def by_bare_loop(task: Task) -> Timed:
    """The least that a step can be in PyTorch, on synthsweep's batches."""
    loaded, config = task.loaded(), task.config
    model, encoded = loaded.classifier.train(), encode(task.train.texts, loaded.tokenizer, config.max_length)
    truth = torch.tensor(task.train.truth, dtype=torch.float32)
    batches, read = batches_of(encoded, config), 0
    began = time.perf_counter()
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / task.steps)
    for batch in batches:
        tokens, mask = padded([encoded.ids[index] for index in batch], loaded.tokenizer.pad_token_id)
        ids = torch.tensor(tokens)
        multilabel_loss(model(ids, torch.tensor(mask)), truth[batch]).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.max_grad_norm)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        read += ids.numel()
    return Timed(time.perf_counter() - began, 1 - config.epochs * sum(encoded.lengths) / read)


def batches_of(encoded: Encoded, config: TrainingConfig) -> list[list[int]]:
    rng = random.Random(1)
    return [batch for _ in range(config.epochs) for batch in shuffled_batches(encoded.lengths, config.batch_size, rng)]


class WithLoss(torch.nn.Module):
    """What the Trainer expects of a model: it is given the labels and returns the loss."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        logits = self.classifier(input_ids, attention_mask)
        return {"loss": multilabel_loss(logits, labels), "logits": logits}


def by_trainer(task: Task, sampling: str) -> Timed:
    """Transformers' Trainer, with nothing but the steps: no log, no checkpoint, no evaluation."""
    from transformers import DataCollatorWithPadding, PrinterCallback, Trainer, TrainingArguments

    loaded, config = task.loaded(), task.config
    encoded = encode(task.train.texts, loaded.tokenizer, config.max_length)
    truth = task.train.truth.astype(np.float32)
    rows = [{"input_ids": ids, "labels": labels} for ids, labels in zip(encoded.ids, truth, strict=True)]
    pad, read = DataCollatorWithPadding(loaded.tokenizer), [0]

    def collate(batch: list[dict[str, Any]]) -> Any:
        made = pad(batch)
        read[0] += made["input_ids"].numel()
        return made

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder, max_steps=task.steps, per_device_train_batch_size=config.batch_size, learning_rate=config.learning_rate,
            weight_decay=config.weight_decay, max_grad_norm=config.max_grad_norm, train_sampling_strategy=sampling,
            optim="adamw_torch_fused", use_cpu=True, dataloader_pin_memory=False, seed=1, report_to="none",
            save_strategy="no", logging_strategy="no", disable_tqdm=True, remove_unused_columns=False, label_names=["labels"],
        )  # fmt: skip
        trainer = Trainer(WithLoss(loaded.classifier), arguments, data_collator=collate, train_dataset=rows)
        trainer.remove_callback(PrinterCallback)
        began = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - began
    return Timed(seconds, 1 - config.epochs * sum(encoded.lengths) / read[0])


def loops() -> dict[str, Callable[[Task], Timed]]:
    """The loops that this machine and this transformers have."""
    found: dict[str, Callable[[Task], Timed]] = {"synthsweep": by_synthsweep, "bare": by_bare_loop}
    if importlib.util.find_spec("accelerate") is None:
        print("Trainer left out: it needs accelerate (pip install accelerate)", file=sys.stderr)
        return found
    found["Trainer, random"] = lambda task: by_trainer(task, "random")
    from transformers import TrainingArguments

    if "train_sampling_strategy" in TrainingArguments.__dataclass_fields__:
        found["Trainer, by length"] = lambda task: by_trainer(task, "group_by_length")
    else:
        print("Trainer by length left out: this transformers has no train_sampling_strategy", file=sys.stderr)
    return found


def import_seconds(statement: str, repeats: int) -> float:
    """Median over fresh processes, less the start of Python itself."""
    code = f"import time; began = time.perf_counter(); {statement}; print(time.perf_counter() - began)"
    times = [float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(repeats)]
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    task, contenders = make_task(arguments.steps, arguments.threads), loops()
    timed: dict[str, list[Timed]] = {name: [] for name in contenders}
    for repeat in range(arguments.repeats):
        for name, run in contenders.items():
            timed[name].append(run(task))
            print(f"repeat {repeat + 1}, {name}: {timed[name][-1].seconds / task.steps:.3f} s a step", file=sys.stderr)
    imported = {name: import_seconds(statement, arguments.repeats) for name, statement in IMPORTS.items()}

    median = {name: statistics.median(found.seconds for found in runs) / task.steps for name, runs in timed.items()}
    print(f"{len(task.train.texts)} texts, {task.config.epochs} epochs, {task.steps} steps of {task.config.batch_size} texts")
    print(f"{arguments.threads} thread(s), median of {arguments.repeats}, torch {torch.__version__}\n")
    print(f"{'loop':<20}{'s a step':>10}{'to bare':>10}{'padding':>10}{'import s':>10}")
    for name, seconds in median.items():
        padding, start = timed[name][0].padding, imported[name.partition(",")[0]]
        # Within a repeat, where the machine was as busy for both.
        ratio = statistics.median(run.seconds / bare.seconds for run, bare in zip(timed[name], timed["bare"], strict=True))
        print(f"{name:<20}{seconds:>10.3f}{ratio:>10.2f}{padding:>10.1%}{start:>10.1f}")


if __name__ == "__main__":
    main()
