"""A study in the tracking store: study run > trial runs > replicate runs, linked by their parents' ids."""

import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from synthsweep.errors import TrackingError
from synthsweep.storage.leases import Leases
from synthsweep.study.design.objective import Metrics
from synthsweep.study.queue.trial_queue import Counts, Trial, in_words
from synthsweep.track.writer import IN_MEMORY, RunStart, Status, Tracker

log = logging.getLogger(__name__)

WAIT_S = 30.0


@dataclass
class Tree:
    """`open_tracker` opens a tracker for one run; a store that fails costs a warning here, and each run tells of it itself."""

    open_tracker: Callable[[], Tracker]
    leases: Leases
    start: RunStart
    _study: Tracker | None = field(default=None, init=False)
    _study_id: str = field(default="", init=False)
    _trials: dict[int, tuple[Trial, Tracker, str]] = field(default_factory=dict, init=False)
    _warned: bool = field(default=False, init=False)

    def open(self) -> None:
        """Starts the study's run, or goes on with it."""
        with self._warned_once():
            self._study, self._study_id = self._run("run:study", self.start)

    def parent_of(self, trial: Trial) -> str:
        """The id of a trial's run, which is started with its first replicate; empty where the store fails."""
        if trial.number not in self._trials:
            with self._warned_once():
                self._open_trial(trial)
        opened = self._trials.get(trial.number)
        return opened[2] if opened else ""

    def progress(self, counts: Counts, tally: Mapping[str, float]) -> None:
        """How far the study is, as metrics of its run."""
        values = {"study/planned": float(counts.planned), "study/done": float(counts.done), **tally}
        with self._warned_once():
            self._of_study.log_metrics(values, step=counts.done)

    def close_trial(self, trial: Trial) -> None:
        """Ends a trial's run with mean and spread of every metric of its replicates."""
        opened = self._trials.pop(trial.number, None)
        if opened is None:
            return
        _, tracker, _ = opened
        # A pruned trial has the means of few seeds: beside those of all they would mislead.
        status: Status = {"failed": "FAILED", "pruned": "KILLED"}.get(trial.state, "FINISHED")  # type: ignore[assignment]
        with self._warned_once():
            if trial.state != "pruned":
                tracker.log_metrics(spread(trial.metrics()))
            tracker.finish(status, trial.reason, summary=f"trial {trial.number}: {trial.state}")

    def keep(self, write: Callable[[Path], None]) -> bool:
        """Adds files to the study's run; whether the store took them."""
        with tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
            write(Path(name))
            with self._warned_once():
                self._of_study.log_files(Path(name))
                return True
        return False

    def close(self, status: Status | None, summary: str) -> None:
        """Ends the study's run, with None leaves it to another process; trials that are not over end where nobody goes on."""
        elsewhere = {item.rpartition("/")[0] for item, owner in self.leases.alive().items() if owner != self.leases.owner}
        for trial, tracker, _ in self._trials.values():
            if trial.reason:
                self._end(tracker, "FAILED", trial.reason)
            elif trial.item not in elsewhere and status == "KILLED":
                self._end(tracker, "KILLED", "the sweep was ended")
        self._trials.clear()
        if status is not None:
            with self._warned_once():
                self._of_study.finish(status, summary=summary)

    def _end(self, tracker: Tracker, status: Status, reason: str) -> None:
        with self._warned_once():
            tracker.finish(status, reason)

    @property
    def _of_study(self) -> Tracker:
        if self._study is None:
            raise TrackingError("tracking: the study's run could not be opened")
        return self._study

    def _open_trial(self, trial: Trial) -> None:
        name = f"trial {trial.number}: {in_words(trial.assignment)}"[:250]
        tags = {**self.start.tags, "kind": "trial", "trial": str(trial.number)}
        start = RunStart(name, dict(trial.assignment), tags, parent=self._study_id)
        self._trials[trial.number] = (trial, *self._run(f"run:{trial.item}", start))

    def _run(self, item: str, start: RunStart) -> tuple[Tracker, str]:
        """The run of this item: whoever claims it starts it, the others go on with it."""
        tracker = self.open_tracker()
        end = time.monotonic() + WAIT_S
        while True:
            known: str | None = self.leases.notes(item).get(item)
            if known:
                tracker.resume(known)
                return tracker, known
            if self.leases.claim(item):
                try:
                    run_id = tracker.start(start)
                except TrackingError:
                    # A claim that stays would let the next replicate wait for a run that nobody starts.
                    self.leases.release(item)
                    raise
                if run_id == IN_MEMORY:
                    # Neither another process nor the next command can go on with it.
                    self.leases.release(item)
                else:
                    self.leases.finish(item, run_id)
                return tracker, run_id
            if time.monotonic() > end:
                raise TrackingError(f"tracking: another process does not say which run {item} is")
            time.sleep(0.2)

    @contextmanager
    def _warned_once(self) -> Iterator[None]:
        try:
            yield
        except TrackingError as error:
            if not self._warned:
                log.warning("%s; the sweep goes on", error)
            self._warned = True


def spread(replicates: list[Metrics]) -> dict[str, float]:
    """`METRIC` is the mean over the replicates in which it is defined, `METRIC/sd` their standard deviation."""
    found: dict[str, list[float]] = {}
    for metrics in replicates:
        for name, value in metrics.items():
            if value is not None:
                found.setdefault(name, []).append(value)
    means = {name: statistics.fmean(values) for name, values in found.items()}
    spreads = {f"{name}/sd": statistics.stdev(values) for name, values in found.items() if len(values) > 1}
    return {**means, **spreads, "replicates": float(len(replicates))}
