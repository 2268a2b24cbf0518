"""Real processes: what becomes of tasks, and of the workers that do them."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from support.patience import LIMIT_S
from support.worker_tasks import ActionRunner, FailsAtStart, HangsAtStart, SlowStart, eventually, payload, run_tasks
from synthsweep.errors import WorkerError
from synthsweep.workers.local_pool import Limits, LocalWorkerPool
from synthsweep.workers.worker_pool import GRACE_S, Failure, TaskRunner

Open = Callable[..., LocalWorkerPool]


@pytest.fixture
def workers() -> Iterator[Open]:
    """Opens pools, and ends them after the test."""
    opened: list[LocalWorkerPool] = []

    def open_one(workers: int = 1, *, runner: TaskRunner | None = None, **limits: float) -> LocalWorkerPool:
        environments = [{"SLOT": str(slot)} for slot in range(workers)]
        opened.append(LocalWorkerPool(payload(runner or ActionRunner()), environments, Path("logs"), Limits(**limits)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close(at_once=True)


def children() -> set[int]:
    """Processes below this one that are no zombies."""
    return {child.pid for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE}


def test_a_result_comes_back_with_the_id_of_its_task(workers: Open) -> None:
    ended = run_tasks(workers(), [("give", {"a": 1.5}), ("give", None)])

    assert [(one.task_id, one.result, one.failure) for one in ended] == [(0, {"a": 1.5}, None), (1, None, None)]
    assert all(one.seconds >= 0 for one in ended)


def test_workers_start_from_another_thread_and_are_spared_the_terminals_signals(workers: Open) -> None:
    """A notebook or a script may sweep in a thread."""
    before = children()
    with ThreadPoolExecutor(1) as another:
        pool = another.submit(workers, 1).result()
    (child,) = children() - before
    os.kill(child, signal.SIGINT)

    assert [one.result for one in run_tasks(pool, [("give", 1)])] == [1]


def test_there_is_room_for_as_many_tasks_as_there_are_workers(workers: Open) -> None:
    pair = workers(2)
    before = pair.room()
    pair.submit(1, ("sleep", 0.2))
    between = pair.room()
    pair.submit(2, ("give", 1))

    assert (before, between, pair.room()) == (2, 1, 0)


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (("fail", "not this one\nand more of it"), "ValueError: not this one"),
        (("refuse", "data.path=x: no such file"), "data.path=x: no such file"),
        (("leave", 3), "SystemExit: 3"),
        (("unsendable", None), "TypeError: cannot pickle '_thread.lock' object"),
    ],
)
def test_a_task_that_fails_leaves_its_worker_alive(workers: Open, task: tuple[str, Any], reason: str) -> None:
    """One line says why, and the same process does the next task."""
    before, failed, after = run_tasks(workers(), [("process", None), task, ("process", None)])

    assert failed.failure == Failure("raised", reason)
    assert not failed.failure.retryable
    assert before.result == after.result


def test_a_bug_leaves_its_traceback_in_the_workers_log(workers: Open) -> None:
    run_tasks(workers(), [("fail", "a bug")])

    assert "raise ValueError(text)" in Path("logs/worker-0.log").read_text()


def test_a_worker_that_is_killed_is_replaced_and_its_task_may_be_tried_again(workers: Open) -> None:
    """The failure names the signal and the log; the next task finds a worker."""
    died, after = run_tasks(workers(), [("kill", signal.SIGKILL), ("give", "here")])

    log = Path("logs/worker-0.log")
    expected = f"its worker was killed by SIGKILL (out of memory, perhaps); its last words are in {log}"
    assert died.failure == Failure("died", expected)
    assert died.failure.retryable
    assert after.result == "here"


def test_an_idle_worker_that_is_killed_is_replaced(workers: Open) -> None:
    one = workers()
    [ended] = run_tasks(one, [("process", None)])
    os.kill(ended.result, signal.SIGKILL)
    psutil.Process(ended.result).wait()

    assert one.wait(5) == []
    [after] = run_tasks(one, [("give", "here")])
    assert after.result == "here"


def test_a_task_that_takes_too_long_is_ended_and_the_next_one_is_done(workers: Open) -> None:
    """A run that hangs must not hold a worker for ever."""
    late, after = run_tasks(workers(seconds=0.5), [("sleep", 60), ("give", "here")])

    assert late.failure == Failure("timed out", "no end after 0.5 s (hydra.launcher.timeout_s)")
    assert not late.failure.retryable
    assert 0.5 <= late.seconds < 30
    assert after.result == "here"


def test_the_time_of_a_task_does_not_run_while_its_worker_starts(workers: Open) -> None:
    """Imports take longer than a short run."""
    [ended] = run_tasks(workers(runner=SlowStart(), seconds=0.8), [("give", "here")])

    assert (ended.result, ended.failure) == ("here", None)
    assert ended.seconds < 0.8


def test_a_worker_that_takes_too_much_memory_is_ended(workers: Open) -> None:
    """The failure says how much it took; a task that stays below the limit passes."""
    probe = workers()
    [ended] = run_tasks(probe, [("process", None)])
    limit = round(psutil.Process(ended.result).memory_info().rss / 1e9 + 0.3, 3)

    small, large, after = run_tasks(workers(memory_gb=limit), [("give", 1), ("fill", 0.6), ("give", "here")])

    assert (small.result, after.result) == (1, "here")
    assert large.failure is not None
    assert large.failure.kind == "too large"
    assert large.failure.reason.endswith(f"GB of memory, above hydra.launcher.memory_gb={limit:g}")


def test_workers_that_die_before_they_did_anything_end_the_sweep(workers: Open) -> None:
    """A third one would die as well; the log says of what."""
    with pytest.raises(WorkerError, match=r"^workers die before .* ended with status 1; its last words .*/worker-0\.log$"):
        run_tasks(workers(runner=FailsAtStart()), [("give", 1)] * 9)

    assert "no module named nonesuch" in Path("logs/worker-0.log").read_text()


@pytest.mark.slow
def test_a_worker_that_hangs_before_it_did_anything_is_replaced(workers: Open) -> None:
    """With the line at which it hangs; the limit of a task does not act before."""
    began, one = time.monotonic(), workers(runner=HangsAtStart(), start_s=15)
    [ended] = run_tasks(one, [("give", 1)])
    one.close()

    assert ended.failure is not None
    assert ended.failure.retryable
    assert re.search(r"not ready after 15 s .*start_s\): it hangs at .*worker_tasks.py:\d+; ", ended.failure.reason)
    assert time.monotonic() - began < 15 + GRACE_S


def test_a_short_task_does_not_wait_for_a_long_one(workers: Open) -> None:
    ended = run_tasks(workers(2), [("wait_for", "go"), ("give", "a"), ("give", "b"), ("touch", "go")])

    assert [one.result for one in ended] == ["a", "b", "touched go", "saw go"]


def test_each_worker_has_the_variables_of_its_place(workers: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the one that replaces it; the sweep's own variables are there, too."""
    monkeypatch.setenv("OF_THE_SWEEP", "yes")
    pair = workers(2)
    names = ["SLOT", "OF_THE_SWEEP"]

    run_tasks(pair, [("kill", signal.SIGKILL)])
    ended = run_tasks(pair, [("variables", names), ("variables", names)])

    assert sorted(one.result for one in ended) == [["0", "yes"], ["1", "yes"]]


def test_a_file_of_the_current_folder_replaces_no_library(workers: Open) -> None:
    Path("pickle.py").write_text("raise RuntimeError('not this one')\n")

    [ended] = run_tasks(workers(), [("folder", None)])

    assert ended.result == str(Path.cwd())


def test_workers_ignore_ctrl_c(workers: Open) -> None:
    """It goes to every process of the terminal; the sweep alone decides."""
    before = signal.getsignal(signal.SIGINT)
    one = workers()
    [first] = run_tasks(one, [("process", None)])
    one.submit(1, ("sleep", 0.5))
    os.kill(first.result, signal.SIGINT)
    [ended] = one.wait(20)

    assert (ended.result, ended.failure) == (0.5, None)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_orderly_end_leaves_no_process(workers: Open) -> None:
    before = children()
    one = workers(2)
    run_tasks(one, [("give", 1), ("give", 2)])
    began = time.monotonic()

    one.close()

    assert children() == before
    assert time.monotonic() - began < 9


def test_what_is_running_is_interrupted_and_closes_itself(workers: Open) -> None:
    """As Ctrl-C in a single run."""
    before = children()
    one = workers()
    one.submit(1, ("mark_when_interrupted", "mark"))
    assert eventually(Path("mark.began").exists)

    one.close(at_once=True)

    assert Path("mark").read_text() == "closed"
    assert children() == before


@pytest.mark.slow
def test_a_worker_that_ignores_its_interruption_is_killed(workers: Open) -> None:
    before = children()
    one = workers()
    one.submit(1, ("ignore_sigterm", "mark"))
    assert eventually(Path("mark").exists)

    one.close(at_once=True)

    assert children() == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "mark"),
    [("give", ""), ("mark_when_interrupted", "closed"), pytest.param("ignore_sigterm", "")],
)
def test_workers_end_when_their_sweep_is_killed(method: str, mark: str) -> None:
    """Idle, at work or ignoring signals: no worker trains on for a sweep that is gone; a run that can closes itself."""
    program = (
        "import time; from pathlib import Path; from support.worker_tasks import ActionRunner, payload, run_tasks;"
        "from synthsweep.workers.local_pool import LocalWorkerPool;"
        "workers = LocalWorkerPool(payload(ActionRunner()), [{}, {}], Path('logs'));"
        "run_tasks(workers, [('give', 1)]);"
        f"workers.submit(1, ({method!r}, 'mark')); workers.wait(1); print('at work', flush=True); time.sleep(600)"
    )
    tests = str(Path(__file__).parents[1])
    sweep = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": tests})
    try:
        assert sweep.stdout is not None
        sweep.stdout.readline()
        workers = psutil.Process(sweep.pid).children()
    finally:
        sweep.kill()
        sweep.communicate()

    _, alive = psutil.wait_procs(workers, timeout=LIMIT_S)
    assert (len(workers), alive) == (2, [])
    assert not mark or Path("mark").read_text() == mark
