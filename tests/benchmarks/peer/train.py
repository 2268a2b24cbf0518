"""The peer's trial: transformers' Trainer under Hydra, as its documentation would have one write it.

    python train.py -m data=FOLDER model=FOLDER tracking_uri=sqlite:///mlflow.db hydra.sweeper.storage=sqlite:///optuna.db \
        learning_rate=3e-5,5e-5,1e-4,2e-4 weight_decay=0.0,0.01

The best epoch on dev is restored, thresholds are tuned on dev, test is looked at once, MLflow gets the metrics at the
end. trial.json in the job's folder says what came out and where the seconds went.
"""

import json
import time
from pathlib import Path
from typing import Any

import hydra
import mlflow
import numpy as np
import pandas as pd
import psutil
from omegaconf import DictConfig
from sklearn.metrics import average_precision_score, precision_recall_curve, precision_recall_fscore_support, roc_auc_score
from stopwatch import Stopwatch, TimedTrainer
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    EvalPrediction,
    TrainingArguments,
    set_seed,
)

PARTS = ("train", "dev", "test")


def rows_of(frame: pd.DataFrame, labels: list[str], tokenizer: Any, max_length: int) -> list[dict[str, Any]]:
    """Token ids and labels a text; the collator pads them batch by batch."""
    encoded = tokenizer(frame["text"].tolist(), truncation=True, max_length=max_length)["input_ids"]
    truth = frame[labels].to_numpy(dtype=np.float32)
    return [{"input_ids": ids, "labels": row} for ids, row in zip(encoded, truth, strict=True)]


def dev_metrics(prediction: EvalPrediction) -> dict[str, float]:
    """What the best epoch is chosen by."""
    macro = average_precision_score(prediction.label_ids, prediction.predictions, average="macro")
    return {"average_precision": float(macro)}


def arguments_of(cfg: DictConfig, folder: Path) -> TrainingArguments:
    """The Trainer's defaults, but for evaluation, checkpoints and what the configuration sets."""
    return TrainingArguments(
        str(folder / "checkpoints"), num_train_epochs=cfg.epochs,
        learning_rate=cfg.learning_rate, weight_decay=cfg.weight_decay,
        per_device_train_batch_size=cfg.batch_size, per_device_eval_batch_size=cfg.eval_batch_size,
        lr_scheduler_type="linear", warmup_steps=cfg.warmup_ratio, train_sampling_strategy=cfg.sampling,
        eval_strategy="epoch", save_strategy="epoch", save_total_limit=1, save_only_model=True, load_best_model_at_end=True,
        metric_for_best_model="average_precision", greater_is_better=True, report_to="none", disable_tqdm=True,
        dataloader_pin_memory=False, seed=cfg.seed,
    )  # fmt: skip


def best_thresholds(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """A threshold a label, the one with the best F1; both (texts, labels)."""
    chosen = []
    for one_truth, one_scores in zip(truth.T, scores.T, strict=True):
        precision, recall, thresholds = precision_recall_curve(one_truth, one_scores)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        chosen.append(thresholds[int(np.argmax(f1[:-1]))])
    return np.array(chosen)


def scores_of(part: str, truth: np.ndarray, scores: np.ndarray, thresholds: np.ndarray, labels: list[str]) -> dict[str, float]:
    """Precision, recall, F1, average precision and ROC AUC: each label, and macro."""
    threshold_free = (average_precision_score(truth, scores, average=None), roc_auc_score(truth, scores, average=None))
    decided = precision_recall_fscore_support(truth, scores >= thresholds, average=None, zero_division=0.0)[:3]
    named = zip(("precision", "recall", "f1", "average_precision", "roc_auc"), (*decided, *threshold_free), strict=True)
    values = {name: np.asarray(by_label) for name, by_label in named}
    each = {f"{part}/{name}/{label}": float(v) for name, row in values.items() for label, v in zip(labels, row, strict=True)}
    return each | {f"{part}/{name}/macro": float(row.mean()) for name, row in values.items()}


def judged(trainer: TimedTrainer, rows: dict[str, list[dict[str, Any]]], labels: list[str]) -> dict[str, float]:
    """Dev and test under thresholds that dev alone chose."""
    found = {part: trainer.predict(rows[part]) for part in ("dev", "test")}
    thresholds = best_thresholds(found["dev"].label_ids, found["dev"].predictions)
    metrics: dict[str, float] = {}
    for part, prediction in found.items():
        metrics |= scores_of(part, prediction.label_ids, prediction.predictions, thresholds, labels)
    return metrics


def track(cfg: DictConfig, metrics: dict[str, float]) -> None:
    """One run, one batch of metrics."""
    mlflow.set_tracking_uri(cfg.tracking_uri)
    mlflow.set_experiment("peer")
    with mlflow.start_run():
        mlflow.log_params(dict(cfg))
        mlflow.log_metrics(metrics)


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg: DictConfig) -> float:
    began, watch = time.time(), Stopwatch()
    folder = Path(hydra.core.hydra_config.HydraConfig.get().runtime.output_dir)
    with watch.phase("load"):
        set_seed(cfg.seed)
        frames = {part: pd.read_csv(Path(cfg.data) / f"{part}.csv") for part in PARTS}
        labels = [name for name in frames["train"].columns if name not in ("id", "text")]
        tokenizer = AutoTokenizer.from_pretrained(cfg.model)
        rows = {part: rows_of(frame, labels, tokenizer, cfg.max_length) for part, frame in frames.items()}
        model = AutoModelForSequenceClassification.from_pretrained(
            cfg.model, num_labels=len(labels), problem_type="multi_label_classification"
        )
        trainer = TimedTrainer(
            model=model, args=arguments_of(cfg, folder), train_dataset=rows["train"], eval_dataset=rows["dev"],
            data_collator=DataCollatorWithPadding(tokenizer), compute_metrics=dev_metrics, watch=watch,
        )  # fmt: skip
    with watch.phase("train"):
        trainer.train()
    with watch.phase("evaluate"):
        metrics = judged(trainer, rows, labels)
    with watch.phase("track"):
        track(cfg, metrics)
    process = {"pid": psutil.Process().pid, "process_began": psutil.Process().create_time()}
    trial = {**process, "began": began, "ended": time.time(), "seconds": dict(watch.seconds), "metrics": metrics}
    chosen = {name: cfg[name] for name in ("learning_rate", "weight_decay")}
    (folder / "trial.json").write_text(json.dumps({**trial, "params": chosen}, indent=2))
    return metrics["dev/average_precision/macro"]


if __name__ == "__main__":
    main()
