"""Finished runs with their test predictions and thresholds, read from the files of the store."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from synthsweep.compare.read.assemble import ScoredRun, added_texts
from synthsweep.compare.read.cells import Described, assignments, block_names, cell_name, unmodelled_differences
from synthsweep.compare.read.kept_config import READERS
from synthsweep.compare.read.runs import StudyRun
from synthsweep.compare.read.usable_predictions import why_unusable
from synthsweep.compare.result import ExcludedRun
from synthsweep.config.test_sets import PRIMARY, is_test
from synthsweep.config.thresholds import require_labels, threshold_rules
from synthsweep.errors import StudyError
from synthsweep.evaluate.predictions import Predictions, read_parquet
from synthsweep.evaluate.thresholds import ChosenThresholds, choose
from synthsweep.progress import Advance, Progress
from synthsweep.track.reader import PREDICTIONS, RunReader


@dataclass(frozen=True)
class ScoredRuns:
    """Runs with their scores; `unmodelled_differences` names keys that differ between runs but are not factors.

    `trials` maps trial numbers to cell names.
    """

    runs: tuple[ScoredRun, ...]
    excluded: tuple[ExcludedRun, ...]
    unmodelled_differences: tuple[str, ...]
    trials: dict[int, str]

    @property
    def threshold_notes(self) -> tuple[str, ...]:
        """What `compare.threshold` could not do on the dev texts of a run; each sentence once."""
        return tuple(dict.fromkeys(note for run in self.runs for note in run.notes))


def read_scores(runs: Sequence[StudyRun], reader: RunReader, threshold: Any, progress: Progress) -> ScoredRuns:
    """Reads the latest run of each cell and block; a run that cannot be read is excluded with a reason.

    Raises:
        StudyError: no run can be read.
    """
    described = [Described(run.study, run.params, run.assignment, added_texts(run.metrics)) for run in runs]
    factors, blocks = assignments(described), block_names([run.params for run in runs])
    places = [(cell_name(one), block) for one, block in zip(factors, blocks, strict=True)]
    last = {place: number for number, place in enumerate(places)}
    excluded = [
        _excluded(run, "a later run has the same configuration and seeds")
        for number, run in enumerate(runs)
        # A run and its reuse count as one run.
        if last[places[number]] != number and run.trained != runs[last[places[number]]].trained
    ]
    scored: list[ScoredRun] = []
    numbers = sorted(last.values())
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name, ThreadPoolExecutor(READERS) as pool:
        read = pool.map(lambda number: _read(runs[number], reader, threshold, Path(name)), numbers)
        for done, (number, run) in enumerate(zip(numbers, read, strict=True), 1):
            progress(Advance(done, len(numbers)))
            if isinstance(run, str):
                excluded.append(_excluded(runs[number], run))
            else:
                scored.append(replace(run, assignment=factors[number], block=blocks[number]))
    if threshold is not None and any(run.test.kind == "single" for run in scored):
        raise StudyError(
            f"compare.threshold={threshold}: with labels.kind=single the most probable class is predicted, and no threshold "
            "acts: leave it out"
        )
    if not scored:
        raise StudyError(f"none of {len(runs)} finished runs can be read: {excluded[0].name}: {excluded[0].reason}")
    trials = {int(run.trial): cell_name(one) for run, one in zip(runs, factors, strict=True) if run.trial is not None}
    return ScoredRuns(tuple(scored), tuple(excluded), tuple(unmodelled_differences(described, factors)), trials)


def _read(run: StudyRun, reader: RunReader, threshold: Any, folder: Path) -> ScoredRun | str:
    """The run with its predictions, or why it cannot be compared."""
    path = reader.copy_file(run.trained, PREDICTIONS, folder)
    if path is None and run.trained != run.run_id and not reader.runs_with_ids([run.trained]):
        return f"run {run.trained}, whose result it takes, is gone: the study's command trains it again"
    if path is None:
        return f"its file {PREDICTIONS} is missing: give its artifacts back, or repeat the command, which trains it again"
    try:
        splits = read_parquet(path)
    except ValueError as error:
        return f"{error}: give it back, or delete it and repeat the command, which trains it again"
    test = splits.get("test")
    if test is None or not test.ids:
        return f"its {PREDICTIONS} holds no test texts"
    further = {name: part for name, part in splits.items() if is_test(name) and name != PRIMARY}
    used = [test, *further.values(), *([splits["dev"]] if threshold is not None and "dev" in splits else [])]
    if reason := next(filter(None, map(why_unusable, used)), ""):
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
        require_labels(policy, known.label_ids, "compare.threshold")
        return choose(policy, known.label_ids, known.truth, known.probabilities)
    try:
        return ChosenThresholds(np.array([run.metrics[f"test/threshold/{label}"] for label in test.label_ids]))
    except KeyError as error:
        raise KeyError(str(error.args[0]).rpartition("/")[2]) from error


def _excluded(run: StudyRun, reason: str) -> ExcludedRun:
    return ExcludedRun(run.run_id, run.name, "FINISHED", reason)
