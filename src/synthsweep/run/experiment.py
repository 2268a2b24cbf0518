"""One run from texts to a tracked result, on one screen: prepare -> load -> fit -> evaluate -> record."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from synthsweep.config.schema import RunConfig
from synthsweep.curate.characteristics.measures import Characteristics
from synthsweep.curate.embedder import Embedder
from synthsweep.errors import Interrupted, Pruned, first_line
from synthsweep.examples import Example, label_matrix
from synthsweep.generate.completer import Completer
from synthsweep.run.cache import Reuse
from synthsweep.run.characterize import measure
from synthsweep.run.prepare import Material, prepare
from synthsweep.run.progress import Progress, Silence
from synthsweep.run.record import Judge, Outcome, Watch, count_metrics, describe_run, keep, run_name
from synthsweep.run.record_texts import text_metrics, write_texts
from synthsweep.track.writer import Tracker

if TYPE_CHECKING:
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
    *,
    tracker: Tracker,
    completer: Completer | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    material: Material | None = None,
    tags: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    judge: Judge | None = None,
    reuse: Reuse | None = None,
    embedder: Embedder | None = None,
) -> RunResult:
    """Trains, evaluates and records one configuration and seed.

    `completer` stands in for the configured LLM, `embedder` for the configured encoder of texts, `material` for the whole
    preparation; `judge` may end the run early; `reuse` is what the caller keeps between runs.

    Raises:
        InputError: something that the user gave does not hold; no run was opened.
        SynthsweepError: training or tracking failed; the run is FAILED, or KILLED if it was asked to stop.
    """
    progress = progress or Silence()
    material = material or prepare(config, completer=completer, reuse=reuse, embedder=embedder)
    progress.stage(f"loading {config.model.name} ({config.model.name_or_path})")
    began = time.monotonic()
    loaded = _load(config, material, reuse)
    times = {"time/load": time.monotonic() - began}
    characteristics = _measure(config, material, embedder, progress)
    times["time/measure"] = time.monotonic() - began - times["time/load"]
    run_id = tracker.start(describe_run(config, material, tags or {}))
    try:
        progress.stage(f"training {config.model.name} on {_sizes(material)}")
        began = time.monotonic()
        fitted = _fit(config, material, loaded, Watch(tracker, progress, judge), should_stop, reuse)
        trained = time.monotonic()
        progress.stage("evaluating")
        outcome = _evaluate(config, material, fitted)
        times |= {
            "time/train": trained - began - fitted.dev_s,
            "time/dev": fitted.dev_s,
            "time/evaluate": time.monotonic() - trained,
        }
        counts = {**text_metrics(material, characteristics), **count_metrics(material, fitted), **times}
        keep(config, outcome, counts, tracker, partial(write_texts, material, characteristics))
    except BaseException as error:
        _close(tracker, error)
        raise
    return RunResult(run_id, run_name(config, material), outcome.metrics, counts)


def _measure(config: RunConfig, material: Material, embedder: Embedder | None, progress: Progress) -> Characteristics:
    split, synthetic = material.corpus.split, material.mix.synthetic
    if synthetic and config.characteristics.kind != "none":
        progress.stage(f"measuring {len(synthetic)} synthetic texts")
    evaluated = (*split.dev, *split.test)
    return measure(config, synthetic, split.train, evaluated, material.corpus.labels, embedder=embedder)


def _load(config: RunConfig, material: Material, reuse: Reuse | None) -> "Loaded":
    # torch and transformers take seconds to import: only once it is sure that they are needed.
    from synthsweep.train.device import choose_device
    from synthsweep.train.model import load

    training = config.training
    choose_device(training.device)
    return load(
        config.model,
        material.corpus.labels.ids,
        dropout=training.dropout,
        max_length=training.max_length,
        seed=config.seeds.init,
        reuse=reuse.training if reuse else None,
    )


def _fit(
    config: RunConfig,
    material: Material,
    loaded: "Loaded",
    watch: Watch,
    should_stop: Callable[[], bool],
    reuse: Reuse | None,
) -> "Fitted":
    from synthsweep.evaluate.metrics import macro_average_precision
    from synthsweep.train.fit import fit

    labels = material.corpus.labels.ids
    dev = _texts(material.corpus.split.dev, labels)
    return fit(
        loaded,
        _texts(material.mix.examples, labels, config.mix.synthetic_weight),
        dev,
        config.training,
        baseline=material.mix.baseline,
        order_seed=config.seeds.order,
        score=partial(macro_average_precision, dev.truth),
        listener=watch,
        should_stop=should_stop,
        reuse=reuse.training if reuse else None,
        curriculum=config.mix.curriculum,
    )


def _evaluate(config: RunConfig, material: Material, fitted: "Fitted") -> Outcome:
    """Thresholds from dev, then dev and test under them; test is looked at once, here."""
    from synthsweep.evaluate.metrics import evaluate
    from synthsweep.evaluate.predictions import predictions_of
    from synthsweep.evaluate.thresholds import choose_thresholds

    labels, split = material.corpus.labels.ids, material.corpus.split
    dev = predictions_of("dev", split.dev, labels, fitted.dev_probabilities)
    test = predictions_of("test", split.test, labels, fitted.probabilities([example.text for example in split.test]))
    thresholds = choose_thresholds(config.evaluation.threshold, dev.truth, dev.probabilities)
    scores = {found.split: evaluate(found, thresholds, bins=config.evaluation.calibration_bins) for found in (dev, test)}
    return Outcome(fitted, (dev, test), thresholds, scores)


def _texts(examples: Sequence[Example], labels: Sequence[str], synthetic_weight: float = 1.0) -> "Texts":
    """Real texts weigh 1 in the loss, those that were added too."""
    from synthsweep.train.fit import Texts

    truth = np.array(label_matrix(examples, labels), dtype=np.int64)
    synthetic = np.array([example.provenance.source == "synthetic" for example in examples], dtype=bool)
    # Without weights training multiplies by none.
    weights = None if synthetic_weight == 1 else np.where(synthetic, synthetic_weight, 1.0)
    return Texts([example.text for example in examples], truth, weights, synthetic)


def _sizes(material: Material) -> str:
    real, synthetic = len(material.mix.real), len(material.mix.synthetic)
    return f"{real} real and {synthetic} synthetic texts" if synthetic else f"{real} real texts"


def _close(tracker: Tracker, error: BaseException) -> None:
    asked = isinstance(error, (KeyboardInterrupt, Interrupted, Pruned, SystemExit))
    reason = f"{type(error).__name__}: {first_line(error)}"[:500]
    try:
        tracker.finish("KILLED" if asked else "FAILED", reason)
    except Exception as second:
        # The first error is the one to tell of; the next start closes the run.
        error.add_note(f"the run could not be closed: {first_line(second)}")
