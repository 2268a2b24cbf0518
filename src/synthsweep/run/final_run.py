"""A configuration trained once more on train and dev together, with everything that dev decides fixed before.

Nothing is chosen here, so nothing is overfitted to dev or test; but nothing is checked either: dev has no scores any more, and
those of test are of thresholds that a classifier with fewer texts was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from synthsweep.config.keys.run import RunConfig, SweepConfig
from synthsweep.config.metrics import SECONDS_PER_1000
from synthsweep.corpus.split import Split
from synthsweep.curate.characteristics.measures import Characteristics
from synthsweep.pages.numbers import counted
from synthsweep.progress import Stage
from synthsweep.run.cache import ProcessCache
from synthsweep.run.classifiers.choose import described, open_classifier
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.experiment import closed_on_error, sizes_in_words, timed
from synthsweep.run.models import require_unchanged
from synthsweep.run.prepare import TrainingData
from synthsweep.run.record.counts import count_metrics
from synthsweep.run.record.description import describe_run
from synthsweep.run.record.result import Evaluation, record_result
from synthsweep.run.record.texts import text_metrics
from synthsweep.run.scoring import predict_tests, scores_of_tests
from synthsweep.track.reader import FINAL_OF, MODEL
from synthsweep.track.writer import Tracker
from synthsweep.train.curve import CurvePoint


@dataclass(frozen=True)
class DevChoices:
    """What dev decided in an earlier run, `run_id`: epochs, thresholds (labels,), NaN for single labels, and temperature.

    A classifier that takes no epochs has None of them.
    """

    run_id: str
    study: str
    epochs: int | None
    thresholds: np.ndarray
    temperature: float | None

    @property
    def sentences(self) -> str:
        """For people: what was fixed, by whom, and what is not known."""
        of_study = f" of study {self.study}" if self.study else ""
        # Of classes that exclude each other, the most probable one is taken.
        single = bool(np.isnan(self.thresholds).all())
        fixed = [*(["number of epochs"] if self.epochs else []), *([] if single else ["thresholds"])]
        named = f"{', '.join(fixed)} and temperature are those" if fixed else "the temperature is the one"
        return (
            f"Final: trained on train and dev together{self.duration}. {named[0].upper()}{named[1:]} that run "
            f"{self.run_id}{of_study} chose on dev before it was trained on: nothing was tuned again. So there are no scores "
            f"on dev{'.' if single else '; those on test are with these thresholds.'}"
        )

    @property
    def duration(self) -> str:
        """Such as ` for 3 epochs`."""
        return f" for {counted(self.epochs, 'epoch')}" if self.epochs else ""


def final_config(config: RunConfig) -> RunConfig:
    """The configuration as a run of no study, whose classifier is kept."""
    tracking = replace(config.tracking, log_model=True)
    return replace(config, study=None, sweep=SweepConfig(), replicates=1, force=False, tracking=tracking)


def with_dev(prepared: TrainingData) -> TrainingData:
    """Dev is part of train; synthetic texts are the same ones, so their ratio to real ones is lower."""
    split, mix = prepared.corpus.split, prepared.mix
    merged = Split((*split.train, *split.dev), (), split.test, split.further)
    real = replace(mix, real=(*mix.real, *split.dev), baseline=mix.baseline + len(split.dev))
    return replace(prepared, corpus=replace(prepared.corpus, split=merged), mix=real)


def run_final(
    config: RunConfig,
    merged: TrainingData,
    choices: DevChoices,
    tracker: Tracker,
    collaborators: Collaborators,
    tags: Mapping[str, str],
) -> str:
    """Trains, scores the test sets and records a run, whose id it returns; `config` is final, `merged` is with dev.

    Raises:
        InputError: the pretrained model is not here; no run was opened.
        SynthsweepError: training or tracking failed; the run is FAILED, or KILLED if it was asked to stop.
    """
    collaborators = replace(collaborators, cache=collaborators.cache or ProcessCache())
    progress, seconds = collaborators.progress, dict[str, float]()
    progress(Stage(f"loading {described(config.model)}"))
    with timed("time/load", seconds):
        opened = open_classifier(config, merged, collaborators)
    require_unchanged(config, merged.models)
    start = describe_run(config, merged, {**tags, "kind": "final", FINAL_OF: choices.run_id})
    run_id = tracker.start(replace(start, name=f"{start.name} final"))
    with closed_on_error(tracker):
        comma = "," if choices.duration else ""
        progress(Stage(f"training {config.model.name} on {sizes_in_words(merged)}, dev among them{comma}{choices.duration}"))
        with timed("time/train", seconds):
            fitted = opened.fit(_ignore, epochs=choices.epochs)
        progress(Stage("evaluating on test"))
        with timed("time/evaluate", seconds):
            tests, seconds[SECONDS_PER_1000] = predict_tests(merged, fitted)
        scores = scores_of_tests(tests, choices.thresholds, bins=config.evaluation.calibration_bins)
        evaluation = Evaluation(fitted, tests, choices.thresholds, scores)
        counts = {**text_metrics(merged, Characteristics()), **seconds, **count_metrics(merged, fitted, opened.counts)}
        more = partial(_write_model, config, merged, evaluation, choices, run_id)
        record_result(config, evaluation, counts, tracker, more, history=choices.sentences)
    return run_id


def _write_model(
    config: RunConfig, merged: TrainingData, evaluation: Evaluation, choices: DevChoices, run_id: str, folder: Path
) -> None:
    # MLflow takes seconds to import.
    from synthsweep.run.record.model import card_of, write_model

    card = card_of(config, merged, evaluation, run_id, choices.temperature)
    more = {FINAL_OF: choices.run_id, "epochs": choices.epochs}
    card = replace(card, name=f"{card.name} final", more=more)
    write_model(config, merged, evaluation, card, folder / MODEL, choices.sentences)


def _ignore(point: CurvePoint) -> None:
    """There is no evaluation on dev to record."""
