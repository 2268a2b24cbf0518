"""Workers are kept busy until nothing is left, the sweep is asked to stop, or the pool breaks."""

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support.studies import AP, ELSEWHERE, GOAL, choice, outcome
from support.worker_pools import DeskWorkers, EventLog
from synthsweep.errors import ConfigError, WorkerError
from synthsweep.study.design.factorial import plan_cells
from synthsweep.study.design.space import Space
from synthsweep.study.limits import StudyLimits
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.factorial_queue import FactorialQueue
from synthsweep.study.queue.search_queue import SearchQueue
from synthsweep.study.queue.trial_queue import Counts, Job, TrialQueue
from synthsweep.study.results.run_tree import RunTree
from synthsweep.study.sweep_runner import Stop, SweepRunner, interruptible, seconds_left
from synthsweep.track.writer import RecordingTracker, RunStart, Status
from synthsweep.workers.worker_pool import Failure

SPACE = Space((choice("llm", "a", "b"),))
DIED = Failure("died", "its worker was killed by SIGKILL")


class Runs:
    """Opens trackers and lists them: the study's first, then those of the trials as they begin."""

    def __init__(self, kind: type[RecordingTracker] = RecordingTracker) -> None:
        self.opened: list[RecordingTracker] = []
        self.kind = kind

    def __call__(self) -> RecordingTracker:
        self.opened.append(self.kind())
        return self.opened[-1]


def factorial(store: StudyStore) -> FactorialQueue:
    return FactorialQueue(store, SPACE, GOAL, plan_cells(SPACE, str), (1, 2))


def runner(
    store: StudyStore,
    workers: DeskWorkers,
    *,
    queue: TrialQueue | None = None,
    runs: Runs | None = None,
    limits: StudyLimits | None = None,
) -> SweepRunner:
    """A runner of 2 configurations with 2 seeds and two retries each; a task is (trial, replicate, parent)."""
    tree = RunTree(runs or Runs(), store.leases, RunStart("study", {}, {}))
    tree.open()

    def make_task(job: Job, parent: str) -> tuple[int, int, str]:
        return job.trial.number, job.replicate, parent

    return SweepRunner(queue or factorial(store), workers, tree, EventLog(), make_task, limits or StudyLimits(), Stop())


def lines(sweep: SweepRunner) -> list[str]:
    assert isinstance(sweep.progress, EventLog)
    return sweep.progress.lines


def well(task: Any) -> Any:
    return outcome(0.5).plain()


@pytest.mark.parametrize("size", [1, 3, 9])
def test_a_pool_of_any_size_does_every_job_once(open_store: Callable[..., StudyStore], size: int) -> None:
    """Trials are closed in the store and in the tracker, then the workers end."""

    runs, workers = Runs(), DeskWorkers(well, size)
    sweep = runner(open_store(), workers, runs=runs)
    sweep.run()

    assert sorted((trial, replicate) for trial, replicate, _ in workers.done) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert {parent for _, _, parent in workers.done} == {"recorded"}
    assert {line for line in lines(sweep) if "closed" in line} == {"closed 0: complete", "closed 1: complete"}
    assert [run.status for run in runs.opened] == ["RUNNING", "FINISHED", "FINISHED"]
    assert runs.opened[0].metrics[-1][1] == {"study/planned": 4.0, "study/done": 4.0, "study/failed": 0.0, "study/reused": 0.0}
    assert (workers.closed, sweep.tally.busy_s, sweep.tally.failures, sweep.tally.reused) == ("in order", 8.0, [], 0)
    assert sweep.queue.counts() == Counts(4, 4)


def test_what_was_reused_is_counted(open_store: Callable[..., StudyStore]) -> None:
    """Replicates that were finished before."""

    sweep = runner(open_store(), DeskWorkers(lambda task: {**well(task), "reused": task[1] == 1}))
    sweep.run()

    assert sweep.tally.reused == 2


def test_a_job_whose_worker_died_is_done_again(open_store: Callable[..., StudyStore]) -> None:
    """Twice with the same task; the third attempt succeeds."""

    deaths = iter([DIED, DIED])
    workers = DeskWorkers(lambda task: next(deaths, well(task)) if task[:2] == (0, 0) else well(task), 2)
    sweep = runner(open_store(), workers)
    sweep.run()

    assert sum(task[:2] == (0, 0) for task in workers.done) == 3
    assert sum(line == "failed 0/0: its worker was killed by SIGKILL, again" for line in lines(sweep)) == 2
    assert (sweep.queue.counts(), sweep.tally.failures, sweep.tally.lost) == (Counts(4, 4), [], 2)


@pytest.mark.parametrize(
    ("failure", "times", "reason"),
    [
        (DIED, 3, "its worker was killed by SIGKILL (tried 3 times)"),
        (Failure("raised", "mix.ratio is too large"), 1, "mix.ratio is too large"),
        (Failure("timed out", "no end after 9 s"), 1, "no end after 9 s"),
    ],
)
def test_a_job_that_fails_for_good_is_reported_and_the_rest_goes_on(
    open_store: Callable[..., StudyStore], failure: Failure, times: int, reason: str
) -> None:
    """A death is retried, a refusal is not; the next command tries it again."""

    workers = DeskWorkers(lambda task: failure if task[:2] == (1, 0) else well(task))
    sweep = runner(open_store(), workers)
    sweep.run()
    again = DeskWorkers(well)
    runner(open_store(), again).run()

    (failed,) = sweep.tally.failures
    assert (failed.job.trial.number, failed.job.replicate, failed.reason) == (1, 0, reason)
    assert sum(task[:2] == (1, 0) for task in workers.done) == times
    assert (sweep.queue.counts(), [task[:2] for task in again.done]) == (Counts(4, 3), [(1, 0)])


def test_a_job_that_cannot_be_composed_fails_alone(open_store: Callable[..., StudyStore]) -> None:
    """A sampler may propose what no run can be."""

    def compose(job: Job, parent: str) -> tuple[int, int]:
        if job.trial.number == 1:
            raise ConfigError("mix.ratio is too large")
        return job.trial.number, job.replicate

    workers = DeskWorkers(well)
    sweep = runner(open_store(), workers)
    sweep.make_task = compose
    sweep.run()

    assert [(failed.job.trial.number, failed.reason) for failed in sweep.tally.failures] == [
        (1, "mix.ratio is too large"),
        (1, "mix.ratio is too large"),
    ]
    assert [task[0] for task in workers.done] == [0, 0]


def test_a_search_whose_trials_all_fail_ends(open_store: Callable[..., StudyStore]) -> None:
    """Each trial is tried once and closed as failed."""

    store = open_store()
    workers = DeskWorkers(lambda task: Failure("raised", "no"), 2)
    sweep = runner(store, workers, queue=SearchQueue(store, SPACE, GOAL, (1,), 3))
    sweep.run()

    assert sorted(task[0] for task in workers.done) == [0, 1, 2]
    assert len(sweep.tally.failures) == sum(line.endswith(": failed") for line in lines(sweep)) == 3


def test_after_so_many_failures_nothing_new_begins(open_store: Callable[..., StudyStore]) -> None:
    """What runs is finished; the next command does the rest, and what failed."""

    workers = DeskWorkers(lambda task: Failure("raised", "no") if not workers.done else well(task), 2)
    sweep = runner(open_store(), workers, limits=StudyLimits(failures=1))
    sweep.run()
    rest = DeskWorkers(well)
    runner(open_store(), rest).run()

    assert (len(workers.done), len(sweep.tally.failures), workers.closed) == (2, 1, "in order")
    assert (sweep.tally.limit, sweep.tally.stopped) == ("hydra.sweeper.max_failures=1 is reached", "")
    assert len(rest.done) == 3


def test_once_its_hours_are_over_nothing_new_begins(open_store: Callable[..., StudyStore]) -> None:
    limits = StudyLimits(hours=1, _began=time.monotonic() - 7200)
    late, rest = DeskWorkers(well), DeskWorkers(well)
    sweep = runner(open_store(), late, limits=limits)
    sweep.run()
    runner(open_store(), rest).run()

    assert (late.done, sweep.tally.limit, len(rest.done)) == ([], "hydra.sweeper.max_hours=1 is over", 4)


def test_ctrl_c_once_ends_after_what_is_running(open_store: Callable[..., StudyStore]) -> None:
    """Nothing new begins, and what runs is finished; the next command does the rest."""

    with interruptible() as stop:

        def interrupted(task: Any) -> Any:
            signal.raise_signal(signal.SIGINT) if not stop.asked else None
            return well(task)

        workers = DeskWorkers(interrupted, 2)
        sweep = runner(open_store(), workers)
        sweep.stop = stop
        sweep.run()
    rest = DeskWorkers(well)
    runner(open_store(), rest).run()

    assert [line for line in lines(sweep) if "stopping" in line] == ["stopping, 1 running"]
    assert (len(workers.done), len(rest.done), workers.closed, workers.eased) == (2, 2, "in order", True)
    assert sweep.queue.counts() == Counts(4, 2)


def test_ctrl_c_twice_ends_at_once(open_store: Callable[..., StudyStore]) -> None:
    """Running jobs are released for the next command."""

    def twice(task: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    workers = DeskWorkers(twice, 2)
    sweep = runner(open_store(), workers)
    with interruptible() as stop:
        sweep.stop = stop
        with pytest.raises(KeyboardInterrupt):
            sweep.run()
    after = signal.getsignal(signal.SIGINT)
    rest = DeskWorkers(well)
    runner(open_store(), rest).run()

    assert (workers.closed, workers.done, len(rest.done)) == ("at once", [], 4)
    assert before is after


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_sweep_that_is_ended_interrupts_its_workers_once(open_store: Callable[..., StudyStore], number: int) -> None:
    """What they have asked an LLM for they still store: a gentler request before would make this one the second."""
    workers = DeskWorkers(lambda task: signal.raise_signal(number), 2)
    sweep = runner(open_store(), workers)
    before = signal.getsignal(number)
    with interruptible() as stop:
        sweep.stop = stop
        with pytest.raises(KeyboardInterrupt):
            sweep.run()

    assert (workers.closed, workers.eased, stop.at_once, signal.getsignal(number)) == ("at once", False, True, before)


def test_a_sweep_in_another_thread_handles_no_signal() -> None:
    """Only the main thread may, and there whoever started the thread decides."""
    before = signal.getsignal(signal.SIGINT)

    def handler() -> Any:
        with interruptible():
            return signal.getsignal(signal.SIGINT)

    with ThreadPoolExecutor(1) as another:
        assert another.submit(handler).result() is before


def test_another_request_ends_the_wait_for_workers() -> None:
    """Not the first one, which made the sweep wait for them."""
    with interruptible() as stop:
        stop.ask(at_once=True)
        with stop.closing(), pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


class Impatient(RecordingTracker):
    """Ctrl-C is pressed twice while a run is being closed."""

    def finish(self, status: Status, reason: str = "", summary: str = "") -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        super().finish(status, reason, summary)


def test_ctrl_c_twice_cuts_off_no_write(open_store: Callable[..., StudyStore]) -> None:
    """The run is closed first: the sweep ends at its next wait for a worker."""

    runs, workers = Runs(Impatient), DeskWorkers(well, 2)
    sweep = runner(open_store(), workers, runs=runs)
    with interruptible() as stop:
        sweep.stop = stop
        with pytest.raises(KeyboardInterrupt):
            sweep.run()

    assert (workers.closed, stop.at_once) == ("at once", True)
    assert "FINISHED" in [run.status for run in runs.opened]


def test_a_worker_that_was_interrupted_stops_the_sweep(open_store: Callable[..., StudyStore]) -> None:
    """A launcher may get Ctrl-C first: its job is released, and does not count as a failure."""

    workers = DeskWorkers(lambda task: Failure("interrupted", "interrupted"))
    sweep = runner(open_store(), workers)
    sweep.run()
    rest = DeskWorkers(well)
    runner(open_store(), rest).run()

    assert (sweep.stop.asked, sweep.tally.failures, len(workers.done), len(rest.done)) == (True, [], 1, 4)


def test_the_jobs_of_a_pool_that_breaks_are_released(open_store: Callable[..., StudyStore]) -> None:
    """Those that ran, and those that waited for another attempt."""

    def breaks(task: Any) -> Any:
        if list(task) == first:
            raise WorkerError("workers die before they have done anything")
        first[:] = task
        return DIED

    first: list[Any] = []
    workers = DeskWorkers(breaks, 1)
    with pytest.raises(WorkerError):
        runner(open_store(), workers).run()
    rest = DeskWorkers(well)
    runner(open_store(), rest).run()

    assert (workers.closed, len(rest.done)) == ("at once", 4)


def test_a_trial_that_another_terminal_finished_ends_here_too(open_store: Callable[..., StudyStore]) -> None:
    """Its run is open in both; the one that ends last must not mark it KILLED."""

    store, other = open_store(), open_store()
    other.leases.owner = ELSEWHERE
    theirs = factorial(other)
    jobs = [job for job in iter(theirs.next_job, None) if job]
    for job in jobs:
        if job.replicate == 0:
            theirs.release(job)
    late = [job for job in jobs if job.replicate == 1]
    runs = Runs()

    def work(task: Any) -> Any:
        # While this terminal does its part of one trial, the other one finishes the trial before.
        for job in [job for job in late if workers.done and job.trial.number != task[0]]:
            theirs.record(job, outcome(0.25))
        return well(task)

    workers = DeskWorkers(work)
    sweep = runner(store, workers, runs=runs)
    sweep.run()
    sweep.tree.close("KILLED", "")

    assert [run.status for run in runs.opened] == ["KILLED", "FINISHED", "RUNNING"]
    assert runs.opened[1].metrics[-1][1][AP] == 0.375


def test_a_pool_that_has_no_room_yet_is_waited_for(open_store: Callable[..., StudyStore]) -> None:
    """A cluster may start its workers late; the job that waits for one is not lost."""

    workers = DeskWorkers(well, size=0)
    runner(open_store(), workers).run()

    assert len(workers.done) == 4


def test_a_forecast_follows_from_what_replicates_took(open_store: Callable[..., StudyStore]) -> None:
    """Divided by the workers; None before the first has ended, 0 after the last."""

    queue = factorial(open_store())

    assert seconds_left(queue, [], 2) is None
    assert seconds_left(queue, [2.0, 4.0], 2) == 4 * 3.0 / 2
    runner(queue.store, DeskWorkers(well), queue=queue).run()
    assert seconds_left(queue, [2.0], 0) == 0.0


class LatePool(DeskWorkers):
    """A pool without a worker at first, as on a full cluster."""

    late = 2

    def room(self) -> int:
        return super().room() if self.late <= 0 else 0

    def wait(self, seconds: float) -> list[Any]:
        if self._desk:
            return super().wait(seconds)
        self.late -= 1
        return []


def test_workers_that_start_late_are_waited_for(open_store: Callable[..., StudyStore]) -> None:
    """The sweep does not end while jobs are left."""

    workers = LatePool(well)
    sweep = runner(open_store(), workers)
    sweep.run()

    assert (len(workers.done), workers.late) == (4, 0)
    assert sweep.queue.counts() == Counts(4, 4)


def test_a_finished_study_waits_for_no_worker(open_store: Callable[..., StudyStore]) -> None:
    """The last worker may be gone by then, and no other may come."""

    store = open_store()
    runner(store, DeskWorkers(well)).run()
    workers = LatePool(well)
    runner(store, workers).run()

    assert (workers.closed, workers.late) == ("in order", 2)


class StoppingPool(LatePool):
    """The sweep is asked to stop while it waits for a worker."""

    stop = Stop()

    def wait(self, seconds: float) -> list[Any]:
        self.stop.asked = True
        return []


def test_a_sweep_that_waits_for_workers_can_be_stopped_and_keeps_no_job(open_store: Callable[..., StudyStore]) -> None:
    """The job that waited is released."""

    store = open_store()
    sweep = runner(store, StoppingPool(well))
    assert isinstance(sweep.workers, StoppingPool)
    sweep.workers.stop = sweep.stop
    sweep.run()

    assert len(list(iter(factorial(store).next_job, None))) == 4
