"""Finished runs with their test predictions and thresholds, read from the files of the store."""

from collections.abc import Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synthsweep.compare.read.assemble import ScoredRun
from synthsweep.compare.read.kept_config import READERS
from synthsweep.compare.read.placed_runs import PlacedRuns
from synthsweep.compare.read.runs import StudyRun
from synthsweep.compare.read.shared_texts import SharedTexts
from synthsweep.compare.read.usable_predictions import why_unusable
from synthsweep.compare.result.supplements import ExcludedRun
from synthsweep.config.test_sets import PRIMARY, is_test
from synthsweep.config.thresholds import threshold_rules
from synthsweep.errors import StudyError
from synthsweep.evaluate.predictions import Predictions, read_parquet
from synthsweep.evaluate.thresholds import ChosenThresholds, choose
from synthsweep.progress import Advance, Progress
from synthsweep.track.reader import PREDICTIONS, RunReader


@dataclass(frozen=True)
class ScoredRuns:
    """Runs with their scores, and those that cannot be compared."""

    runs: tuple[ScoredRun, ...]
    excluded: tuple[ExcludedRun, ...]

    @property
    def threshold_notes(self) -> tuple[str, ...]:
        """What `compare.threshold` could not do on the dev texts of a run; each sentence once."""
        return tuple(dict.fromkeys(note for run in self.runs for note in run.notes))


def read_scores(placed: PlacedRuns, reader: RunReader, threshold: Any, progress: Progress) -> ScoredRuns:
    """Reads the latest run of each cell and block; a run that cannot be read is excluded with a reason.

    Raises:
        StudyError: no run can be read, or the threshold cannot act.
    """
    numbers, excluded = _latest(placed)
    scored: list[ScoredRun] = []
    shared, gone = SharedTexts(), _gone([placed.runs[number] for number in numbers], reader)
    with ThreadPoolExecutor(READERS) as pool:
        read = pool.map(lambda number: _read(placed.runs[number], reader, threshold, gone), numbers)
        for done, (number, run) in enumerate(zip(numbers, read, strict=True), 1):
            progress(Advance(done, len(numbers)))
            if isinstance(run, str):
                excluded.append(_excluded(placed.runs[number], run))
                continue
            if threshold is not None and run.test.kind == "single":
                # The files of the others are not worth waiting for.
                pool.shutdown(cancel_futures=True)
                raise StudyError(
                    f"compare.threshold={threshold}: with labels.kind=single the most probable class is predicted, and no "
                    "threshold acts: leave it out"
                )
            cell, block = placed.assignments[number], placed.blocks[number]
            scored.append(replace(run, assignment=cell, block=block, test=shared.of(run.test)))
    if not scored:
        raise StudyError(f"none of {len(placed.runs)} finished runs can be read: {excluded[0].name}: {excluded[0].reason}")
    return ScoredRuns(tuple(scored), tuple(excluded))


def _latest(placed: PlacedRuns) -> tuple[list[int], list[ExcludedRun]]:
    """The numbers of the runs to read, and the earlier runs of their configurations and seeds."""
    places = list(zip(placed.cells, placed.blocks, strict=True))
    last = {place: number for number, place in enumerate(places)}
    earlier = [
        _excluded(run, "a later run has the same configuration and seeds")
        for number, run in enumerate(placed.runs)
        # A run and its reuse count as one run.
        if last[places[number]] != number and run.trained != placed.runs[last[places[number]]].trained
    ]
    return sorted(last.values()), earlier


def _gone(runs: Sequence[StudyRun], reader: RunReader) -> Set[str]:
    """The ids of runs that others take their results from, and that the store has no more."""
    taken = {run.trained for run in runs if run.trained != run.run_id} - {run.run_id for run in runs}
    return taken - {run.run_id for run in reader.runs_with_ids(taken)}


def _read(run: StudyRun, reader: RunReader, threshold: Any, gone: Set[str]) -> ScoredRun | str:
    """The run with its predictions, or why it cannot be compared."""
    path = reader.file_of(run.trained, PREDICTIONS)
    if path is None and run.trained in gone:
        return f"run {run.trained}, whose result it takes, is gone: the study's command trains it again"
    if path is None:
        return f"its file {PREDICTIONS} is missing: give its artifacts back, or repeat the command, which trains it again"
    try:
        # Dev texts choose thresholds, and nothing else here.
        splits = read_parquet(path, lambda split: is_test(split) or (threshold is not None and split == "dev"))
    except ValueError as error:
        return f"{error}: give it back, or delete it and repeat the command, which trains it again"
    test = splits.get("test")
    if test is None or not test.ids:
        return f"its {PREDICTIONS} holds no test texts"
    further = {name: part for name, part in splits.items() if is_test(name) and name != PRIMARY}
    if reason := next(filter(None, map(why_unusable, [test, *further.values(), *filter(None, [splits.get("dev")])])), ""):
        return f"{reason}: repeat the command with force=true, which trains it again"
    try:
        chosen = _thresholds(run, test, splits.get("dev"), threshold)
    except KeyError as error:
        return f"its threshold of {error.args[0]} is missing: set compare.threshold=dev_f1"
    return ScoredRun(run.run_id, run.trained, run.name, {}, "", run.metrics, test, chosen.values, chosen.notes, further)


def _thresholds(run: StudyRun, test: Predictions, dev: Predictions | None, policy: Any) -> ChosenThresholds:
    if test.kind == "single":
        return ChosenThresholds(np.full(len(test.label_ids), np.nan))
    if policy is not None and (dev is not None or threshold_rules(policy).fixed):
        known = dev or test
        return choose(policy, known.label_ids, known.truth, known.probabilities)
    try:
        return ChosenThresholds(np.array([run.metrics[f"test/threshold/{label}"] for label in test.label_ids]))
    except KeyError as error:
        raise KeyError(str(error.args[0]).rpartition("/")[2]) from error


def _excluded(run: StudyRun, reason: str) -> ExcludedRun:
    return ExcludedRun(run.run_id, run.name, "FINISHED", reason)
