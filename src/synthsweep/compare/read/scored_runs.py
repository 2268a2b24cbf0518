"""The runs of a study with their predictions and thresholds: what the store has, as what can be compared."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from synthsweep.compare.read.assemble import Scored, added_texts
from synthsweep.compare.read.cells import Described, assignments, block_names, cell_name, unmodelled_differences
from synthsweep.compare.read.runs import Reader, StudyRun
from synthsweep.compare.result import ExcludedRun
from synthsweep.errors import StudyError
from synthsweep.evaluate.predictions import Predictions, read_parquet
from synthsweep.evaluate.thresholds import choose_thresholds
from synthsweep.progress import Advance, Progress

PREDICTIONS = "predictions.parquet"
# Files of a server are waited for; those of this machine are read as fast.
READERS = 8


@dataclass(frozen=True)
class Scores:
    """`unmodelled_differences` are keys in which runs differ although no factor says so.

    `trials` maps a trial's number to the name of its cell.
    """

    runs: tuple[Scored, ...]
    left: tuple[ExcludedRun, ...]
    unmodelled_differences: tuple[str, ...]
    trials: dict[int, str]


def score_runs(runs: Sequence[StudyRun], reader: Reader, threshold: str | float | None, progress: Progress) -> Scores:
    """One scored run a cell and block, the latest; what cannot be read is left out with its reason.

    Raises:
        StudyError: no run is left.
    """
    described = [Described(run.study, run.params, run.assignment, added_texts(run.metrics)) for run in runs]
    factors, blocks = assignments(described), block_names([run.params for run in runs])
    places = [(cell_name(one), block) for one, block in zip(factors, blocks, strict=True)]
    last = {place: number for number, place in enumerate(places)}
    again = [number for number, place in enumerate(places) if last[place] != number]
    left = [
        _left(runs[number], "a later run has the same configuration and seeds")
        for number in again
        if runs[number].trained != runs[last[places[number]]].trained
    ]
    found: list[Scored] = []
    numbers = sorted(last.values())
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name, ThreadPoolExecutor(READERS) as pool:
        read = pool.map(lambda number: _read(runs[number], reader, threshold, Path(name)), numbers)
        for done, (number, scored) in enumerate(zip(numbers, read, strict=True), 1):
            progress(Advance(done, len(numbers)))
            if isinstance(scored, str):
                left.append(_left(runs[number], scored))
            else:
                found.append(replace(scored, assignment=factors[number], block=blocks[number]))
    if not found:
        raise StudyError(f"none of {len(runs)} finished runs can be read: {left[0].name}: {left[0].reason}")
    trials = {int(run.trial): cell_name(one) for run, one in zip(runs, factors, strict=True) if run.trial is not None}
    return Scores(tuple(found), tuple(left), tuple(unmodelled_differences(described, factors)), trials)


def _read(run: StudyRun, reader: Reader, threshold: str | float | None, folder: Path) -> Scored | str:
    """The run with its predictions, or why it cannot be compared."""
    path = reader.file(run.trained, PREDICTIONS, folder)
    if path is None:
        return f"its file {PREDICTIONS} is missing: give its artifacts back, or run it again with force=true"
    try:
        splits = read_parquet(path)
    except ValueError as error:
        return f"{error}: give it back, or run it again with force=true"
    test = splits.get("test")
    if test is None or not test.ids:
        return f"its {PREDICTIONS} holds no test texts"
    try:
        thresholds = _thresholds(run, test, splits.get("dev"), threshold)
    except KeyError as error:
        return f"its threshold of {error.args[0]} is missing: set compare.threshold=dev_f1"
    return Scored(run.run_id, run.trained, run.name, {}, "", run.metrics, test, thresholds)


def _thresholds(run: StudyRun, test: Predictions, dev: Predictions | None, policy: str | float | None) -> np.ndarray:
    if policy is not None and (dev is not None or policy != "dev_f1"):
        known = dev or test
        return choose_thresholds(policy, known.truth, known.probabilities)
    try:
        return np.array([run.metrics[f"test/threshold/{label}"] for label in test.label_ids])
    except KeyError as error:
        raise KeyError(str(error.args[0]).rpartition("/")[2]) from error


def _left(run: StudyRun, reason: str) -> ExcludedRun:
    return ExcludedRun(run.run_id, run.name, "FINISHED", reason)
