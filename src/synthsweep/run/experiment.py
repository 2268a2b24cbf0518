"""One run on one screen: prepare -> load -> characterize -> fit -> evaluate -> record."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.thresholds import require_labels
from synthsweep.corpus.split import Split
from synthsweep.curate.characteristics.measures import Characteristics
from synthsweep.errors import Interrupted, Pruned
from synthsweep.examples import Example, label_matrix
from synthsweep.messages import first_line
from synthsweep.progress import Stage
from synthsweep.run.cache import ProcessCache
from synthsweep.run.characterize import measure
from synthsweep.run.collaborators import DEFAULTS, Collaborators
from synthsweep.run.lengths import lengths_of
from synthsweep.run.models import require_unchanged
from synthsweep.run.prepare import TrainingData, prepare
from synthsweep.run.record.counts import count_metrics
from synthsweep.run.record.curve import CurveRecorder
from synthsweep.run.record.description import describe_run, run_name
from synthsweep.run.record.result import Evaluation, record_result
from synthsweep.run.record.texts import text_metrics, write_texts
from synthsweep.track.writer import Tracker
from synthsweep.train.lengths import TextLengths

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from synthsweep.evaluate.predictions import Predictions
    from synthsweep.train.curve import CurvePoint
    from synthsweep.train.encoder.model import Loaded
    from synthsweep.train.fit import Fitted, Texts


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
    progress(Stage(f"loading {config.model.name} ({config.model.name_or_path})"))
    with _timed("time/load", seconds):
        loaded = _load(config, prepared, collaborators.cache)
        lengths = _read_lengths(config, prepared, loaded, collaborators)
    with _timed("time/measure", seconds):
        characteristics = _characterize(config, prepared, collaborators)
    require_unchanged(config, prepared.models, collaborators.embedder)
    run_id = tracker.start(describe_run(config, prepared, tags or {}))
    with _closed_on_error(tracker):
        progress(Stage(f"training {config.model.name} on {_sizes(prepared)}"))
        with _timed("time/train", seconds):
            fitted = _fit(config, prepared, loaded, CurveRecorder(tracker), collaborators)
        seconds |= {"time/train": seconds["time/train"] - fitted.dev_s, "time/dev": fitted.dev_s}
        progress(Stage("evaluating"))
        with _timed("time/evaluate", seconds):
            evaluation = _evaluate(config, prepared, fitted)
        counts = {**text_metrics(prepared, characteristics), **count_metrics(prepared, fitted, lengths), **seconds}
        record_result(config, evaluation, counts, tracker, partial(write_texts, prepared, characteristics))
    return RunResult(run_id, run_name(config, prepared), evaluation.metrics, counts)


@contextmanager
def _timed(name: str, seconds: dict[str, float]) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[name] = time.monotonic() - began


@contextmanager
def _closed_on_error(tracker: Tracker) -> Iterator[None]:
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


def _load(config: RunConfig, prepared: TrainingData, cache: ProcessCache | None) -> "Loaded":
    # torch and transformers take seconds to import, so only when they are certainly needed.
    from synthsweep.train.device import choose_device
    from synthsweep.train.encoder.model import load

    training = config.training
    choose_device(training.device)
    return load(
        config.model,
        prepared.corpus.labels.ids,
        dropout=training.dropout,
        max_length=training.max_length,
        seed=config.seeds.init,
        kind=prepared.corpus.labels.kind,
        cache=cache.training if cache else None,
    )


def _read_lengths(config: RunConfig, prepared: TrainingData, loaded: "Loaded", collaborators: Collaborators) -> TextLengths:
    """Also says what is cut off, before it is."""
    cache = collaborators.cache or ProcessCache()
    parts = {**prepared.corpus.split.parts, "train": prepared.mix.examples}
    lengths = lengths_of(parts, config.training, loaded.reader, cache.training)
    # A study says it once.
    if (sentence := lengths.sentence()) and config.sweep.trial is None:
        collaborators.progress(Stage(sentence))
    return lengths


def _fit(
    config: RunConfig, prepared: TrainingData, loaded: "Loaded", record_point: CurveRecorder, collaborators: Collaborators
) -> "Fitted":
    from synthsweep.evaluate.metrics import macro_average_precision
    from synthsweep.train.fit import TextOrder, fit
    from synthsweep.train.hooks import TrainingHooks

    def on_evaluation(point: "CurvePoint") -> None:
        record_point(point)
        collaborators.on_evaluation(point)

    labels = prepared.corpus.labels.ids
    dev = _texts(prepared.corpus.split.dev, labels)
    return fit(
        loaded,
        _texts(prepared.mix.examples, labels, config.mix.synthetic_weight),
        dev,
        config.training,
        TextOrder(prepared.mix.baseline, config.seeds.order, config.mix.curriculum),
        score=partial(macro_average_precision, dev.truth),
        kind=prepared.corpus.labels.kind,
        hooks=TrainingHooks(collaborators.progress, on_evaluation, collaborators.should_stop),
        cache=collaborators.cache.training if collaborators.cache else None,
    )


def _evaluate(config: RunConfig, prepared: TrainingData, fitted: "Fitted") -> Evaluation:
    """Chooses thresholds on dev, then scores dev and every test set with them; nothing else looks at test.

    Where each text carries exactly one label, no threshold acts, and all are NaN.
    """
    from synthsweep.evaluate.metrics import evaluate
    from synthsweep.evaluate.predictions import predictions_of
    from synthsweep.evaluate.subgroups import renamed_values, subgroup_scores

    labels, kind, split = prepared.corpus.labels.ids, prepared.corpus.labels.kind, prepared.corpus.split
    dev = predictions_of("dev", split.dev, labels, fitted.dev_probabilities, kind)
    tests = [predictions_of(part, split.tests[part], labels, found, kind) for part, found in _test_probabilities(split, fitted)]
    thresholds = np.full(len(labels), np.nan) if kind == "single" else _thresholds(config, labels, dev)
    bins = config.evaluation.calibration_bins
    scores = {part.split: evaluate(part, thresholds, bins=bins) for part in (dev, *tests)}
    for part in tests:
        scores |= subgroup_scores(part, thresholds, bins=bins)
    for value, name in renamed_values(tests[0]).items():
        log.warning("data.subgroup: %r is called %s in the names of metrics", value, name)
    return Evaluation(fitted, (dev, *tests), thresholds, scores)


def _thresholds(config: RunConfig, labels: Sequence[str], dev: "Predictions") -> np.ndarray:
    from synthsweep.evaluate.thresholds import choose

    chosen = choose(config.evaluation.threshold, labels, dev.truth, dev.probabilities)
    for note in chosen.notes:
        log.warning("evaluation.threshold: %s", note)
    return chosen.values


def _test_probabilities(split: Split, fitted: "Fitted") -> Iterator[tuple[str, np.ndarray]]:
    """Each test set with its probabilities; a text that several of them hold is predicted once."""
    first = fitted.probabilities([example.text for example in split.test])
    yield "test", first
    known = {example.text: row for example, row in zip(split.test, first, strict=True)}
    texts = {example.text for examples in split.further.values() for example in examples} - set(known)
    if texts:
        more = sorted(texts)
        known |= dict(zip(more, fitted.probabilities(more), strict=True))
    for part, examples in split.further.items():
        yield part, np.array([known[example.text] for example in examples])


def _texts(examples: Sequence[Example], labels: Sequence[str], synthetic_weight: float = 1.0) -> "Texts":
    """All real texts weigh 1 in the loss, including added ones."""
    from synthsweep.train.fit import Texts

    truth = np.array(label_matrix(examples, labels), dtype=np.int64)
    synthetic = np.array([example.provenance.source == "synthetic" for example in examples], dtype=bool)
    # None spares training the multiplication.
    weights = None if synthetic_weight == 1 else np.where(synthetic, synthetic_weight, 1.0)
    return Texts([example.text for example in examples], truth, weights, synthetic)


def _sizes(prepared: TrainingData) -> str:
    real, synthetic = len(prepared.mix.real), len(prepared.mix.synthetic)
    return f"{real} real and {synthetic} synthetic texts" if synthetic else f"{real} real texts"
