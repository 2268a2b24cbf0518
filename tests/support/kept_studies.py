"""Writes studies to a tracking store with drawn probabilities instead of training: study, trials and replicates."""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.evaluate.metrics import evaluate
from synthsweep.evaluate.predictions import Predictions, write_parquet
from synthsweep.evaluate.thresholds import choose_thresholds
from synthsweep.examples import UNKNOWN
from synthsweep.track.choose import tracker_of
from synthsweep.track.reader import CONFIG, CONFIG_TAG
from synthsweep.track.writer import RunStart, Tracker
from synthsweep.train.probabilities import probabilities_of

LABELS = ("A", "B", "C")
BASE = {"data.kind": "csv", "training.epochs": "3", "mix.arm": "augment", "llm.name": "recorded", "prompt.variant": "plain"}
CONTROL = {"mix.ratio": "0"}


@dataclass(frozen=True)
class Planted:
    """What one configuration does: `ranking` lifts the logits of positives, `shift` those of all."""

    assignment: Mapping[str, str]
    ranking: float = 0.0
    shift: float = 0.0
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Texts:
    """`seed` draws test and dev texts; with `groups` of 0 they have no group.

    `kind` is that of the label set; nobody decided on the share `undecided` of the cells, or of the texts with one class.
    """

    seed: int = 1
    count: int = 300
    groups: int = 0
    labels: tuple[str, ...] = LABELS
    kind: str = "multi"
    undecided: float = 0.0

    def truth(self) -> np.ndarray:
        rng = np.random.default_rng(self.seed)
        if self.kind == "single":
            return np.eye(len(self.labels), dtype=int)[rng.integers(0, len(self.labels), self.count)]
        return (rng.random((self.count, len(self.labels))) < 0.25).astype(int)

    def known(self) -> np.ndarray:
        columns = 1 if self.kind == "single" else len(self.labels)
        return np.random.default_rng(self.seed + 2).random((self.count, columns)) >= self.undecided

    def difficulty(self) -> np.ndarray:
        return np.random.default_rng(self.seed + 1).normal(size=(self.count, len(self.labels)))


def predictions(split: str, texts: Texts, planted: Planted, seed: int) -> Predictions:
    """Classifiers of one seed share its noise, and all share the difficulty of the texts."""
    truth, rng = texts.truth(), np.random.default_rng([seed, texts.seed])
    own = np.random.default_rng([seed, texts.seed, *json.dumps(dict(planted.assignment)).encode()])
    noise = rng.normal(size=truth.shape) + 0.3 * own.normal(size=truth.shape)
    logits = (2 + planted.ranking) * truth - 2 + planted.shift + texts.difficulty() + noise
    groups = tuple(f"g{row % texts.groups}" if texts.groups else None for row in range(texts.count))
    ids = tuple(f"{split}{row}" for row in range(texts.count))
    shown = np.where(texts.known(), truth, UNKNOWN)
    return Predictions(split, texts.labels, ids, groups, shown, probabilities_of(logits, texts.kind), kind=texts.kind)


def _drawn(texts: Texts, planted: Planted, seed: int, threshold: str | float) -> tuple[dict[str, float], bytes]:
    """The scores and the file of predictions of one classifier; many tests keep the same one."""
    asked = repr((texts, planted, seed, threshold))
    if asked not in _DRAWN:
        dev, test = (
            predictions("dev", replace(texts, seed=texts.seed + 50), planted, seed),
            predictions("test", texts, planted, seed),
        )
        thresholds = choose_thresholds(threshold, dev.truth, dev.probabilities)
        scores = {
            f"{part.split}/{name}": value
            for part in (dev, test)
            for name, value in evaluate(part, thresholds, bins=10).items()
            if value is not None
        }
        with tempfile.TemporaryDirectory() as name:
            write_parquet([dev, test], Path(name) / "predictions.parquet")
            _DRAWN[asked] = scores, (Path(name) / "predictions.parquet").read_bytes()
    return _DRAWN[asked]


_DRAWN: dict[str, tuple[dict[str, float], bytes]] = {}


def keep_run(
    tracker: Tracker, study: str, planted: Planted, seed: int, *,
    parent: str = "", texts: Texts | None = None, threshold: str | float = 0.5, with_file: bool = True, config: str = "",
    **more: Any,
) -> str:  # fmt: skip
    """Writes a finished run and returns its id; `config` is its `config.yaml`, `more` are metrics, with __ for the slash."""
    scores, predicted = _drawn(texts or Texts(), planted, seed, threshold)
    synthetic = 0.0 if planted.assignment.get("mix.ratio") == "0" or planted.assignment.get("mix") == "real_only" else 50.0
    metrics = {"train/synthetic": synthetic, "train/real": 100.0, "time/train": 10.0 + synthetic, **scores}
    metrics |= {name.replace("__", "/"): value for name, value in more.items()}
    seeds = {"seed": str(seed), **{f"seeds.{name}": str(seed) for name in ("subset", "draw", "init", "order")}}
    tags = {"study": study, **({"kind": "replicate", "trial": str(planted.params.get("trial", 0))} if parent else {})}
    own = {name: value for name, value in planted.params.items() if name != "trial"}
    params = {**BASE, **seeds, **_acting(planted.assignment), **own}
    files = {CONFIG: config} if config else {}
    if files:
        tags[CONFIG_TAG] = CONFIG
    run_id = tracker.start(RunStart(f"{study} {seed}", params, tags, parent=parent, files=files))
    tracker.log_metrics(metrics)
    if with_file:
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "predictions.parquet").write_bytes(predicted)
            tracker.log_files(Path(name))
    tracker.finish("FINISHED")
    return run_id


def keep_in(folder: Path, migrated: Path, keep: Callable[[Tracker], list[str]]) -> list[str]:
    """Keeps a study in a store below `folder`, which the tests of a module copy instead of making it again."""
    shutil.copytree(migrated, folder / "mlruns")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return keep(tracker_of(TrackingConfig()))


def keep_study(
    tracker: Tracker, study: str, arms: Sequence[Planted], seeds: Sequence[int], *,
    design: str = "factorial", objective: str = "maximize dev/average_precision/macro", texts: Texts | None = None, **more: Any,
) -> list[str]:  # fmt: skip
    """Writes a whole study and returns the ids of its replicates, arm by arm."""
    tags = {"study": study, "kind": "study", "design": design, "command": f"synthsweep run -m study={study}"}
    head = tracker.start(RunStart(study, {"objective": objective}, tags))
    tracker.finish("FINISHED")
    replicates = []
    for number, planted in enumerate(arms):
        trial_tags = {"study": study, "kind": "trial", "trial": str(number)}
        trial = tracker.start(RunStart(f"trial {number}", dict(planted.assignment), trial_tags, parent=head))
        tracker.finish("FINISHED")
        own = replace(planted, params={**planted.params, "trial": str(number)})
        replicates += [keep_run(tracker, study, own, seed, parent=trial, texts=texts, **more) for seed in seeds]
    return replicates


def _acting(assignment: Mapping[str, str]) -> dict[str, str]:
    names = {"llm": "llm.name", "prompt": "prompt.variant", "mix": "mix.arm", "model": "model.name"}
    return {names.get(key, key): value for key, value in assignment.items()}
