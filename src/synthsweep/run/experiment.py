"""One run on one screen: prepare -> load -> characterize -> fit -> evaluate -> record."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.metrics import SECONDS_PER_1000
from synthsweep.config.thresholds import require_labels
from synthsweep.curate.characteristics.measures import Characteristics
from synthsweep.errors import Interrupted, Pruned
from synthsweep.messages import first_line
from synthsweep.progress import Stage
from synthsweep.run.cache import ProcessCache
from synthsweep.run.characterize import measure
from synthsweep.run.classifiers.choose import described, open_classifier
from synthsweep.run.collaborators import DEFAULTS, Collaborators
from synthsweep.run.models import require_unchanged
from synthsweep.run.prepare import TrainingData, prepare
from synthsweep.run.record.counts import count_metrics
from synthsweep.run.record.curve import CurveRecorder
from synthsweep.run.record.description import describe_run, run_name
from synthsweep.run.record.result import Evaluation, record_result
from synthsweep.run.record.texts import text_metrics, write_texts
from synthsweep.track.reader import MODEL
from synthsweep.track.writer import Tracker

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from synthsweep.evaluate.predictions import Predictions
    from synthsweep.train.classifier import TrainedClassifier


@dataclass(frozen=True)
class RunResult:
    """A finished run; `metrics` holds None for what is undefined, `counts` are texts, steps and seconds.

    `run_key` is empty if it was not computed; `reused` means that the result is an earlier run's, and nothing was trained now.
    """

    run_id: str
    name: str
    metrics: Mapping[str, float | None]
    counts: Mapping[str, float] = field(default_factory=dict)
    run_key: str = ""
    reused: bool = False


def run_experiment(
    config: RunConfig,
    tracker: Tracker,
    collaborators: Collaborators = DEFAULTS,
    *,
    prepared: TrainingData | None = None,
    tags: Mapping[str, str] | None = None,
) -> RunResult:
    """Trains, evaluates and records one configuration and seed; `prepared` replaces the whole preparation.

    Raises:
        InputError: the user's input is invalid; no run was opened.
        SynthsweepError: training or tracking failed; the run is FAILED, or KILLED if it was asked to stop.
    """
    collaborators = replace(collaborators, cache=collaborators.cache or ProcessCache())
    progress, seconds = collaborators.progress, dict[str, float]()
    prepared = prepared or prepare(config, collaborators)
    require_labels(config.evaluation.threshold, prepared.corpus.labels.ids)
    progress(Stage(f"loading {described(config.model)}"))
    with timed("time/load", seconds):
        opened = open_classifier(config, prepared, collaborators)
    with timed("time/measure", seconds):
        characteristics = _characterize(config, prepared, collaborators)
    require_unchanged(config, prepared.models, collaborators.embedder)
    run_id = tracker.start(describe_run(config, prepared, tags or {}))
    with closed_on_error(tracker):
        progress(Stage(f"training {config.model.name} on {sizes_in_words(prepared)}"))
        with timed("time/train", seconds):
            fitted = opened.fit(CurveRecorder(tracker))
        trained_s = seconds["time/train"] + fitted.earlier_s
        seconds |= {"time/train": trained_s - fitted.dev_s, "time/dev": fitted.dev_s}
        if fitted.earlier_s:
            seconds["time/resumed"] = fitted.earlier_s
        progress(Stage("evaluating"))
        with timed("time/evaluate", seconds):
            evaluation = _evaluate(config, prepared, fitted, seconds)
        counts = {**text_metrics(prepared, characteristics), **seconds, **count_metrics(prepared, fitted, opened.counts)}
        more = partial(_write_more, config, prepared, characteristics, evaluation, run_id)
        record_result(config, evaluation, counts, tracker, more)
        fitted.forget()
    return RunResult(run_id, run_name(config, prepared), evaluation.metrics, counts)


def _write_more(
    config: RunConfig, prepared: TrainingData, found: Characteristics, evaluation: Evaluation, run_id: str, folder: Path
) -> None:
    write_texts(prepared, found, folder)
    if config.tracking.log_model and not config.model.can_be_saved:
        log.warning(
            "tracking.log_model=true: model=%s is asked and not trained, so there is nothing to keep", config.model.name
        )
    elif config.tracking.log_model:
        # MLflow takes seconds to import.
        from synthsweep.evaluate.calibration import fit_temperature
        from synthsweep.run.record.model import card_of, write_model

        card = card_of(config, prepared, evaluation, run_id, fit_temperature(evaluation.predictions[0]))
        write_model(config, prepared, evaluation, card, folder / MODEL)


@contextmanager
def timed(name: str, seconds: dict[str, float]) -> Iterator[None]:
    """Writes into `seconds` how long a block takes."""
    began = time.monotonic()
    yield
    seconds[name] = time.monotonic() - began


@contextmanager
def closed_on_error(tracker: Tracker) -> Iterator[None]:
    """Ends the run as FAILED, or as KILLED if it was asked to stop, and lets the error pass."""
    try:
        yield
    except BaseException as error:
        asked = isinstance(error, (KeyboardInterrupt, Interrupted, Pruned, SystemExit))
        reason = f"{type(error).__name__}: {first_line(error)}"[:500]
        try:
            tracker.finish("KILLED" if asked else "FAILED", reason)
        except Exception as second:
            # The first error is the one that counts; the next start closes the run.
            error.add_note(f"the run could not be closed: {first_line(second)}")
        raise


def _characterize(config: RunConfig, prepared: TrainingData, collaborators: Collaborators) -> Characteristics:
    split, synthetic = prepared.corpus.split, prepared.mix.synthetic
    if synthetic and config.characteristics.kind != "none":
        collaborators.progress(Stage(f"measuring {len(synthetic)} synthetic texts"))
    return measure(config, synthetic, split.train, split.evaluated, prepared.corpus.labels, embedder=collaborators.embedder)


def _evaluate(config: RunConfig, prepared: TrainingData, fitted: "TrainedClassifier", seconds: dict[str, float]) -> Evaluation:
    """Chooses thresholds on dev, then scores dev and every test set with them; nothing else looks at test.

    `seconds` receives how long prediction takes. Where each text carries exactly one label, no threshold acts, and all are NaN.
    """
    from synthsweep.evaluate.metrics import evaluate
    from synthsweep.evaluate.predictions import predictions_of
    from synthsweep.evaluate.subgroups import renamed_values
    from synthsweep.run.scoring import predict_tests, scores_of_tests

    labels, kind, split = prepared.corpus.labels.ids, prepared.corpus.labels.kind, prepared.corpus.split
    dev = predictions_of("dev", split.dev, labels, fitted.dev_probabilities, kind)
    tests, seconds[SECONDS_PER_1000] = predict_tests(prepared, fitted)
    thresholds = np.full(len(labels), np.nan) if kind == "single" else _thresholds(config, labels, dev)
    bins = config.evaluation.calibration_bins
    scores = {dev.split: evaluate(dev, thresholds, bins=bins), **scores_of_tests(tests, thresholds, bins=bins)}
    for value, name in renamed_values(tests[0]).items():
        log.warning("data.subgroup: %r is called %s in the names of metrics", value, name)
    return Evaluation(fitted, (dev, *tests), thresholds, scores)


def _thresholds(config: RunConfig, labels: Sequence[str], dev: "Predictions") -> np.ndarray:
    from synthsweep.evaluate.thresholds import choose

    chosen = choose(config.evaluation.threshold, labels, dev.truth, dev.probabilities)
    for note in chosen.notes:
        log.warning("evaluation.threshold: %s", note)
    return chosen.values


def sizes_in_words(prepared: TrainingData) -> str:
    """What is trained on: `120 real and 30 synthetic texts`."""
    real, synthetic = len(prepared.mix.real), len(prepared.mix.synthetic)
    return f"{real} real and {synthetic} synthetic texts" if synthetic else f"{real} real texts"
