"""What the harness itself costs a trial, and how that grows: trials that do nothing, on SQLite and on PostgreSQL.

    python tests/benchmarks/noop_trials.py [--trials 1000] [--workers 8] [--sampler TPESampler]

Everything is as in a search but the run: claims, Optuna's ask and tell, worker processes and their pipes; there is no
tracker. PostgreSQL is a server of its own on loopback, and is left out where there is none. Commits are those of Optuna's
database, by the sweep's own process, that write. In the end a fresh process opens the finished study and looks for
something left to do.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cloudpickle
from sqlalchemy import Engine, event

sys.path.insert(0, str(Path(__file__).parent.parent))

import itertools

from support.postgres import find_programs, missing, serving
from synthsweep.config.keys.run import RunConfig
from synthsweep.progress import Event
from synthsweep.study.design.definition import define
from synthsweep.study.design.objective import make_goal
from synthsweep.study.design.space import Choice, Range, Space
from synthsweep.study.limits import StudyLimits
from synthsweep.study.optuna_storage import StudyStore, open_study
from synthsweep.study.queue.search_queue import SearchQueue
from synthsweep.study.queue.trial_queue import Outcome
from synthsweep.study.results.run_tree import RunTree
from synthsweep.study.sweep_runner import Stop, SweepRunner, TrialClosed
from synthsweep.track.writer import RecordingTracker, RunStart
from synthsweep.workers.local_pool import LocalWorkerPool

SPACE = Space((Range("x", 0.0, 1.0), Range("y", 1e-5, 1e-2, log=True), Choice("z", ("a", "b"), ("a", "b"))))


GOAL = make_goal("dev/f1/macro", "maximize", [], "mean", 1)


class Nothing:
    """A replicate that is over at once; its value follows from its number."""

    def warm_up(self) -> None:
        """There is nothing to import."""

    def __call__(self, order: int) -> dict[str, Any]:
        return Outcome("", "", {"dev/f1/macro": order % 997 / 997}, 0.0).plain()


class Clock:
    """Notes when each trial was over."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, TrialClosed):
            self.ends.append(time.perf_counter())


class Commits:
    """Counts what this process commits to databases that SQLAlchemy opens, of what writes."""

    def __init__(self) -> None:
        self.count = 0
        self._writing: set[int] = set()
        event.listen(Engine, "before_cursor_execute", self._executes)
        event.listen(Engine, "commit", self._commits)

    def _executes(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split(maxsplit=1)[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            self._writing.add(id(connection))

    def _commits(self, connection: Any) -> None:
        if id(connection) in self._writing:
            self._writing.remove(id(connection))
            self.count += 1


def open_search(address: str, trials: int) -> tuple[StudyStore, SearchQueue]:
    configs = RunConfig(seed=1), RunConfig(seed=2)
    definition = define(configs, SPACE, GOAL, design="search", seeds=(1,), pruner="", fraction=1.0)
    store = open_study(address, "noop", definition, GOAL, pruner=None, lease_s=120)
    return store, SearchQueue(store, SPACE, GOAL, (1,), trials)


def run_trials(address: str, trials: int, workers: int, sampler: str, folder: Path) -> list[float]:
    """Seconds between the ends of trials, in their order."""
    import optuna

    store, queue = open_search(address, trials)
    store.study.sampler = getattr(optuna.samplers, sampler)(seed=1)
    clock = Clock()
    tree = RunTree(RecordingTracker, store.leases, RunStart("noop", {}, {}))
    tree.open()
    pool = LocalWorkerPool(cloudpickle.dumps(Nothing()), [{"OMP_NUM_THREADS": "1"}] * workers, folder)
    while pool.room() < workers:
        pool.wait(0.1)
    began = time.perf_counter()
    SweepRunner(queue, pool, tree, clock, lambda job, _: job.trial.number, StudyLimits(0), Stop()).run()
    store.leases.close()
    times = [began, *clock.ends]
    return [after - before for before, after in itertools.pairwise(times)]


def resume(address: str, trials: int) -> None:
    """What a command does first on a study that is finished; prints seconds and MiB as JSON."""
    began = time.perf_counter()
    store, queue = open_search(address, trials)
    left = queue.next_job()
    seconds = time.perf_counter() - began
    store.leases.close()
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"left": left is not None, "seconds": seconds, "mib": mib}))


def resumed(address: str, trials: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--trials", str(trials), "--resume", address]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]))


@contextmanager
def addresses(folder: Path) -> Iterator[dict[str, str]]:
    found = {"SQLite": f"sqlite:///{folder}/optuna.db"}
    programs = find_programs()
    if programs is None or missing(programs):
        print("PostgreSQL left out: there is none here", file=sys.stderr)
        yield found
        return
    with serving(programs) as server:
        yield {**found, "PostgreSQL": server.new_database()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--sampler", default="TPESampler")
    parser.add_argument("--resume", metavar="ADDRESS", help="only open the finished study at this address")
    arguments = parser.parse_args()
    if arguments.resume:
        resume(arguments.resume, arguments.trials)
        return
    commits = Commits()
    # Workers unpickle the task by reference to this file.
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with tempfile.TemporaryDirectory() as name, addresses(Path(name)) as found:
        print(f"{arguments.trials} trials of nothing, {arguments.workers} workers, {arguments.sampler}")
        print(f"{'storage':<12}{'total s':>9}{'ms a trial':>12}   mean ms a trial, by tenth of the study")
        for storage, address in found.items():
            before = commits.count
            gaps = run_trials(address, arguments.trials, arguments.workers, arguments.sampler, Path(name))
            size = max(len(gaps) // 10, 1)
            tenths = [statistics.fmean(gaps[start : start + size]) * 1000 for start in range(0, len(gaps), size)][:10]
            shown = " ".join(f"{tenth:.0f}" for tenth in tenths)
            print(f"{storage:<12}{sum(gaps):>9.1f}{statistics.fmean(gaps) * 1000:>12.1f}   {shown}", flush=True)
            again, each = resumed(address, arguments.trials), (commits.count - before) / arguments.trials
            print(
                f"{'':<12}{each:.1f} commits a trial; finished, opened again in {again['seconds']:.1f} s with"
                f" {again['mib']:.0f} MiB{', though not all is done' if again['left'] else ''};"
                f" this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB",
                flush=True,
            )


if __name__ == "__main__":
    main()
