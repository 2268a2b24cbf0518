"""One run from texts to a tracked result, on one screen: prepare -> load -> fit -> evaluate -> record."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from synthsweep.config.schema import RunConfig
from synthsweep.curate.characteristics.measures import Characteristics
from synthsweep.errors import Interrupted, Pruned
from synthsweep.examples import Example, label_matrix
from synthsweep.messages import first_line
from synthsweep.progress import Stage
from synthsweep.run.cache import ProcessCache
from synthsweep.run.characterize import measure
from synthsweep.run.collaborators import DEFAULTS, Collaborators
from synthsweep.run.prepare import TrainingData, prepare
from synthsweep.run.record import CurveRecorder, Evaluation, count_metrics, describe_run, keep, run_name
from synthsweep.run.record_texts import text_metrics, write_texts
from synthsweep.track.writer import Tracker

if TYPE_CHECKING:
    from synthsweep.train.curve import CurvePoint
    from synthsweep.train.fit import Fitted, Texts
    from synthsweep.train.model import Loaded


@dataclass(frozen=True)
class RunResult:
    """A finished run; `metrics` holds None for what is undefined, `counts` are texts, steps and seconds."""

    run_id: str
    name: str
    metrics: Mapping[str, float | None]
    counts: Mapping[str, float] = field(default_factory=dict)


def run_experiment(
    config: RunConfig,
    tracker: Tracker,
    collaborators: Collaborators = DEFAULTS,
    *,
    data: TrainingData | None = None,
    tags: Mapping[str, str] | None = None,
) -> RunResult:
    """Trains, evaluates and records one configuration and seed; `data` stands in for the whole preparation.

    Raises:
        InputError: something that the user gave does not hold; no run was opened.
        SynthsweepError: training or tracking failed; the run is FAILED, or KILLED if it was asked to stop.
    """
    progress = collaborators.progress
    data = data or prepare(config, collaborators)
    progress(Stage(f"loading {config.model.name} ({config.model.name_or_path})"))
    began = time.monotonic()
    loaded = _load(config, data, collaborators.cache)
    times = {"time/load": time.monotonic() - began}
    characteristics = _measure(config, data, collaborators)
    times["time/measure"] = time.monotonic() - began - times["time/load"]
    run_id = tracker.start(describe_run(config, data, tags or {}))
    try:
        progress(Stage(f"training {config.model.name} on {_sizes(data)}"))
        began = time.monotonic()
        fitted = _fit(config, data, loaded, CurveRecorder(tracker), collaborators)
        trained = time.monotonic()
        progress(Stage("evaluating"))
        outcome = _evaluate(config, data, fitted)
        times |= {
            "time/train": trained - began - fitted.dev_s,
            "time/dev": fitted.dev_s,
            "time/evaluate": time.monotonic() - trained,
        }
        counts = {**text_metrics(data, characteristics), **count_metrics(data, fitted), **times}
        keep(config, outcome, counts, tracker, partial(write_texts, data, characteristics))
    except BaseException as error:
        _close(tracker, error)
        raise
    return RunResult(run_id, run_name(config, data), outcome.metrics, counts)


def _measure(config: RunConfig, data: TrainingData, collaborators: Collaborators) -> Characteristics:
    split, synthetic = data.corpus.split, data.mix.synthetic
    if synthetic and config.characteristics.kind != "none":
        collaborators.progress(Stage(f"measuring {len(synthetic)} synthetic texts"))
    evaluated = (*split.dev, *split.test)
    return measure(config, synthetic, split.train, evaluated, data.corpus.labels, embedder=collaborators.embedder)


def _load(config: RunConfig, data: TrainingData, cache: ProcessCache | None) -> "Loaded":
    # torch and transformers take seconds to import: only once it is sure that they are needed.
    from synthsweep.train.device import choose_device
    from synthsweep.train.model import load

    training = config.training
    choose_device(training.device)
    return load(
        config.model,
        data.corpus.labels.ids,
        dropout=training.dropout,
        max_length=training.max_length,
        seed=config.seeds.init,
        cache=cache.training if cache else None,
    )


def _fit(
    config: RunConfig, data: TrainingData, loaded: "Loaded", record_point: CurveRecorder, collaborators: Collaborators
) -> "Fitted":
    from synthsweep.evaluate.metrics import macro_average_precision
    from synthsweep.train.fit import fit

    def on_evaluation(point: "CurvePoint") -> None:
        record_point(point)
        collaborators.on_evaluation(point)

    labels = data.corpus.labels.ids
    dev = _texts(data.corpus.split.dev, labels)
    return fit(
        loaded,
        _texts(data.mix.examples, labels, config.mix.synthetic_weight),
        dev,
        config.training,
        baseline=data.mix.baseline,
        order_seed=config.seeds.order,
        score=partial(macro_average_precision, dev.truth),
        progress=collaborators.progress,
        on_evaluation=on_evaluation,
        should_stop=collaborators.should_stop,
        cache=collaborators.cache.training if collaborators.cache else None,
        curriculum=config.mix.curriculum,
    )


def _evaluate(config: RunConfig, data: TrainingData, fitted: "Fitted") -> Evaluation:
    """Thresholds from dev, then dev and test under them; test is looked at once, here."""
    from synthsweep.evaluate.metrics import evaluate
    from synthsweep.evaluate.predictions import predictions_of
    from synthsweep.evaluate.thresholds import choose_thresholds

    labels, split = data.corpus.labels.ids, data.corpus.split
    dev = predictions_of("dev", split.dev, labels, fitted.dev_probabilities)
    test = predictions_of("test", split.test, labels, fitted.probabilities([example.text for example in split.test]))
    thresholds = choose_thresholds(config.evaluation.threshold, dev.truth, dev.probabilities)
    scores = {found.split: evaluate(found, thresholds, bins=config.evaluation.calibration_bins) for found in (dev, test)}
    return Evaluation(fitted, (dev, test), thresholds, scores)


def _texts(examples: Sequence[Example], labels: Sequence[str], synthetic_weight: float = 1.0) -> "Texts":
    """Real texts weigh 1 in the loss, those that were added too."""
    from synthsweep.train.fit import Texts

    truth = np.array(label_matrix(examples, labels), dtype=np.int64)
    synthetic = np.array([example.provenance.source == "synthetic" for example in examples], dtype=bool)
    # Without weights training multiplies by none.
    weights = None if synthetic_weight == 1 else np.where(synthetic, synthetic_weight, 1.0)
    return Texts([example.text for example in examples], truth, weights, synthetic)


def _sizes(data: TrainingData) -> str:
    real, synthetic = len(data.mix.real), len(data.mix.synthetic)
    return f"{real} real and {synthetic} synthetic texts" if synthetic else f"{real} real texts"


def _close(tracker: Tracker, error: BaseException) -> None:
    asked = isinstance(error, (KeyboardInterrupt, Interrupted, Pruned, SystemExit))
    reason = f"{type(error).__name__}: {first_line(error)}"[:500]
    try:
        tracker.finish("KILLED" if asked else "FAILED", reason)
    except Exception as second:
        # The first error is the one to tell of; the next start closes the run.
        error.add_note(f"the run could not be closed: {first_line(second)}")
