"""A study in the tracking store: study run > trial runs > replicate runs, linked by their parents' ids."""

import csv
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from synthsweep.config.spelling import spelled
from synthsweep.errors import TrackingError
from synthsweep.storage.leases import Leases
from synthsweep.study.design.objective import Metrics
from synthsweep.study.queue.trial_queue import Counts, Trial, in_words
from synthsweep.study.results.note import trial_note
from synthsweep.track.writer import IN_MEMORY, NO_TAGS, RunStart, Status, Tracker

log = logging.getLogger(__name__)

# The items of the runs of a study and of its trials.
RUN = "run:"
STUDY_RUN = f"{RUN}study"
# The file of a trial with mean and spread of each metric.
SPREAD, SPREAD_HEADING = "replicates.csv", ("metric", "mean", "sd", "replicates")
# How long another process may take to start a run that it has claimed.
WAIT_S = 30.0


@dataclass
class RunTree:
    """`open_tracker` opens a tracker for one run; if the store fails, the sweep warns once and goes on.

    `orphans` are runs whose parent is gone, by the item of the run that takes its place; `grown` is what the study has more
    than it was begun with; `keep_run` is told of the run of each trial, by its number.
    """

    open_tracker: Callable[[], Tracker]
    leases: Leases
    start: RunStart
    orphans: Mapping[str, Sequence[str]] = field(default_factory=dict)
    grown: Sequence[str] = ()
    keep_run: Callable[[int, str], None] = lambda number, run_id: None
    _study: Tracker | None = field(default=None, init=False)
    _study_id: str = field(default="", init=False)
    _trials: dict[int, tuple[Trial, Tracker, str]] = field(default_factory=dict, init=False)
    _warned: bool = field(default=False, init=False)

    def open(self) -> None:
        """Starts the study's run, or resumes it."""
        with self._warned_once():
            tags = {"command": self.start.tags["command"], "grown": ", ".join(self.grown)} if self.grown else {}
            self._study, self._study_id = self._start_or_resume(STUDY_RUN, self.start, tags)

    def parent_of(self, trial: Trial) -> str:
        """The id of a trial's run, which starts with its first replicate; empty where the store fails."""
        if trial.number not in self._trials:
            with self._warned_once():
                self._open_trial(trial)
        opened = self._trials.get(trial.number)
        return opened[2] if opened else ""

    def progress(self, counts: Counts, more: Mapping[str, float]) -> None:
        """Logs the counts, and the metrics of a Tally, to the study's run."""
        values = {"study/planned": float(counts.planned), "study/done": float(counts.done), **more}
        with self._warned_once():
            self._study_tracker.log_metrics(values, step=counts.done)

    def close_trial(self, trial: Trial) -> None:
        """Ends a trial's run with the mean of every metric of its replicates, and a file with their spread."""
        opened = self._trials.pop(trial.number, None)
        if opened is None:
            return
        _, tracker, _ = opened
        # The means of a pruned trial are over few seeds: beside means over all seeds they would mislead.
        status: Status = {"failed": "FAILED", "pruned": "KILLED"}.get(trial.state, "FINISHED")  # type: ignore[assignment]
        with self._warned_once():
            if trial.state != "pruned":
                tracker.log_metrics(means(trial.metrics()))
                _log_spread(tracker, trial.metrics())
            tracker.finish(status, trial.reason, summary=trial_note(trial))

    def trial_runs(self, trials: Sequence[Trial]) -> dict[str, str]:
        """The ids of the runs of trials, by their numbers."""
        started = self.leases.notes(RUN)
        return {str(trial.number): str(started[f"{RUN}{trial.item}"]) for trial in trials if f"{RUN}{trial.item}" in started}

    def keep(self, write: Callable[[Path], None]) -> bool:
        """Adds the files that `write` makes to the study's run; whether the store accepted them."""
        with tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
            write(Path(name))
            with self._warned_once():
                self._study_tracker.log_files(Path(name))
                return True
        return False

    def close(self, status: Status | None, summary: str) -> None:
        """Ends the study's run, or leaves it to another process if `status` is None; ends trials on which no process works."""
        elsewhere = {item.rpartition("/")[0] for item, owner in self.leases.alive().items() if owner != self.leases.owner}
        for trial, tracker, _ in self._trials.values():
            if trial.reason:
                self._end(tracker, "FAILED", trial.reason)
            elif trial.item not in elsewhere and status in {"KILLED", "FAILED"}:
                self._end(tracker, "KILLED", "the sweep was ended")
        self._trials.clear()
        if status is not None:
            with self._warned_once():
                self._study_tracker.finish(status, summary=summary)

    def _end(self, tracker: Tracker, status: Status, reason: str) -> None:
        with self._warned_once():
            tracker.finish(status, reason)

    @property
    def _study_tracker(self) -> Tracker:
        if self._study is None:
            raise TrackingError("tracking: the study's run could not be opened")
        return self._study

    def _open_trial(self, trial: Trial) -> None:
        name = f"trial {trial.number}: {in_words(trial.assignment)}"[:250]
        tags = {**self.start.tags, "kind": "trial", "trial": str(trial.number)}
        levels = {key: spelled(key, value) for key, value in trial.assignment.items()}
        start = RunStart(name, levels, tags, parent=self._study_id)
        tracker, run_id = self._start_or_resume(f"{RUN}{trial.item}", start)
        self._trials[trial.number] = (trial, tracker, run_id)
        if run_id != IN_MEMORY:
            self.keep_run(trial.number, run_id)

    def _start_or_resume(self, item: str, start: RunStart, tags: Mapping[str, str] = NO_TAGS) -> tuple[Tracker, str]:
        """A tracker and its run: the process that claims the item starts the run, the others resume it with these tags."""
        tracker = self.open_tracker()
        end = time.monotonic() + WAIT_S
        while True:
            started: str | None = self.leases.notes(item).get(item)
            if started:
                tracker.resume(started, tags)
                return tracker, started
            if self.leases.claim(item):
                return tracker, self._start_claimed(tracker, item, start)
            if time.monotonic() > end:
                raise TrackingError(f"tracking: another process has claimed {item}, but has not started it")
            time.sleep(0.2)

    def _start_claimed(self, tracker: Tracker, item: str, start: RunStart) -> str:
        try:
            run_id = tracker.start(start)
        except TrackingError:
            # With the claim held, the next replicate would wait for a run that no process starts.
            self.leases.release(item)
            raise
        if run_id == IN_MEMORY:
            # Neither another process nor the next command can resume it.
            self.leases.release(item)
        else:
            self.leases.finish(item, run_id)
            tracker.adopt(self.orphans.get(item, ()))
        return run_id

    @contextmanager
    def _warned_once(self) -> Iterator[None]:
        try:
            yield
        except TrackingError as error:
            if not self._warned:
                log.warning("%s; the sweep goes on", error)
            self._warned = True


def means(replicates: Sequence[Metrics]) -> dict[str, float]:
    """The mean of each metric over the replicates in which it is defined, and the number of all replicates."""
    found = {name: statistics.fmean(values) for name, values in _defined(replicates).items() if values}
    return {**found, "replicates": float(len(replicates))}


def spread(replicates: Sequence[Metrics]) -> list[tuple[str, float | None, float | None, int]]:
    """A row per metric: its name, mean and standard deviation, and in how many replicates it is defined."""
    return [
        (
            name,
            statistics.fmean(values) if values else None,
            statistics.stdev(values) if len(values) > 1 else None,
            len(values),
        )
        for name, values in _defined(replicates).items()
    ]


def _defined(replicates: Sequence[Metrics]) -> dict[str, list[float]]:
    names = dict.fromkeys(name for metrics in replicates for name in metrics)
    return {name: [value for metrics in replicates if (value := metrics.get(name)) is not None] for name in names}


def _log_spread(tracker: Tracker, replicates: Sequence[Metrics]) -> None:
    """Keeps the spread as a file: as metrics, it would double the columns of every table of runs."""
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
        with (Path(name) / SPREAD).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([SPREAD_HEADING, *spread(replicates)])
        tracker.log_files(Path(name))
