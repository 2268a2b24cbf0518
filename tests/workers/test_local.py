"""Real processes: what becomes of orders, and of the workers that do them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from support.worker_tasks import Deeds, SlowStart, Stillborn, eventually, payload, work_off
from synthsweep.errors import WorkerError
from synthsweep.workers.local import Limits, LocalWorkerPool
from synthsweep.workers.pool import Failure

Open = Callable[..., LocalWorkerPool]


@pytest.fixture
def workers() -> Iterator[Open]:
    """Opens crews of so many workers, and ends them after the test."""
    opened: list[LocalWorkerPool] = []

    def open_one(workers: int = 1, *, task: Any = None, **limits: float) -> LocalWorkerPool:
        environments = [{"SLOT": str(slot)} for slot in range(workers)]
        opened.append(LocalWorkerPool(payload(task or Deeds()), environments, Path("logs"), Limits(**limits)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close(at_once=True)


def children() -> set[int]:
    """Processes below this one that are no zombies."""
    return {child.pid for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE}


def test_a_result_comes_home_with_its_ticket(workers: Open) -> None:
    """Tickets tell orders apart, and seconds are counted."""

    ended = work_off(workers(), [("give", {"a": 1.5}), ("give", None)])

    assert [(one.task_id, one.result, one.failure) for one in ended] == [(0, {"a": 1.5}, None), (1, None, None)]
    assert all(one.seconds >= 0 for one in ended)


def test_there_is_room_for_as_many_orders_as_there_are_workers(workers: Open) -> None:
    """A worker has one order at a time."""

    pair = workers(2)
    before = pair.room()
    pair.submit(1, ("sleep", 0.2))
    between = pair.room()
    pair.submit(2, ("give", 1))

    assert (before, between, pair.room()) == (2, 1, 0)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (("fail", "not this one\nand more of it"), "ValueError: not this one"),
        (("refuse", "data.path=x: no such file"), "data.path=x: no such file"),
        (("leave", 3), "SystemExit: 3"),
        (("unsendable", None), "TypeError: cannot pickle '_thread.lock' object"),
    ],
)
def test_a_task_that_says_no_costs_its_order_alone(workers: Open, order: Any, reason: str) -> None:
    """One line says why, and the same process does the next order."""

    before, failed, after = work_off(workers(), [("process", None), order, ("process", None)])

    assert Failure("raised", reason) == failed.failure
    assert not failed.failure.retryable
    assert before.result == after.result


def test_a_bug_leaves_its_traceback_in_the_workers_log(workers: Open) -> None:
    """What the one line leaves out can be read there."""

    work_off(workers(), [("fail", "a bug")])

    assert "raise ValueError(text)" in Path("logs/worker-0.log").read_text()


def test_a_worker_that_is_killed_is_replaced_and_its_order_may_be_tried_again(workers: Open) -> None:
    """The failure names the signal and the log; the next order finds a worker."""

    died, after = work_off(workers(), [("kill", signal.SIGKILL), ("give", "here")])

    log = Path("logs/worker-0.log")
    expected = f"its worker was killed by SIGKILL (out of memory, perhaps); its last words are in {log}"
    assert Failure("died", expected) == died.failure
    assert died.failure.retryable
    assert after.result == "here"


def test_an_idle_worker_that_is_killed_costs_no_order(workers: Open) -> None:
    """Another one takes its place."""

    one = workers()
    [told] = work_off(one, [("process", None)])
    os.kill(told.result, signal.SIGKILL)
    psutil.Process(told.result).wait()

    assert one.wait(5) == []
    [after] = work_off(one, [("give", "here")])
    assert after.result == "here"


def test_an_order_that_takes_too_long_is_ended_and_the_next_one_is_done(workers: Open) -> None:
    """A run that hangs must not hold a worker for ever."""

    late, after = work_off(workers(seconds=0.5), [("sleep", 60), ("give", "here")])

    assert late.failure == Failure("timed out", "no end after 0.5 s (hydra.launcher.timeout_s)")
    assert not late.failure.retryable
    assert 0.5 <= late.seconds < 30
    assert after.result == "here"


def test_the_time_of_an_order_does_not_run_while_its_worker_starts(workers: Open) -> None:
    """Imports take longer than a short run."""

    [ended] = work_off(workers(task=SlowStart(), seconds=0.8), [("give", "here")])

    assert (ended.result, ended.failure) == ("here", None)
    assert ended.seconds < 0.8


def test_a_worker_that_takes_too_much_memory_is_ended(workers: Open) -> None:
    """The failure says how much it took; an order that stays below the limit passes."""

    probe = workers()
    [told] = work_off(probe, [("process", None)])
    limit = round(psutil.Process(told.result).memory_info().rss / 1e9 + 0.3, 3)

    small, large, after = work_off(workers(memory_gb=limit), [("give", 1), ("fill", 0.6), ("give", "here")])

    assert (small.result, after.result) == (1, "here")
    assert large.failure is not None
    assert large.failure.kind == "too large"
    assert large.failure.reason.endswith(f"GB of memory, above hydra.launcher.memory_gb={limit:g}")


def test_workers_that_die_before_they_did_anything_end_the_sweep(workers: Open) -> None:
    """A third one would die as well; the log says of what."""

    with pytest.raises(WorkerError, match=r"^workers die before they have done anything: see logs/worker-0\.log$"):
        work_off(workers(task=Stillborn()), [("give", 1)] * 9)

    assert "no module named nonesuch" in Path("logs/worker-0.log").read_text()


def test_a_short_order_does_not_wait_for_a_long_one(workers: Open) -> None:
    """Workers are refilled one by one."""

    ended = work_off(workers(2), [("wait_for", "go"), ("give", "a"), ("give", "b"), ("touch", "go")])

    assert [one.result for one in ended] == ["a", "b", "touched go", "saw go"]


def test_each_worker_has_the_variables_of_its_place(workers: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the one that replaces it; what the sweep itself has is there, too."""

    monkeypatch.setenv("OF_THE_SWEEP", "yes")
    pair = workers(2)
    names = ["SLOT", "OF_THE_SWEEP"]

    work_off(pair, [("kill", signal.SIGKILL)])
    told = work_off(pair, [("variables", names), ("variables", names)])

    assert sorted(one.result for one in told) == [["0", "yes"], ["1", "yes"]]


def test_a_file_of_the_current_folder_stands_in_for_no_library(workers: Open) -> None:
    """A folder with a `pickle.py` of somebody's own is a folder to sweep in."""

    Path("pickle.py").write_text("raise RuntimeError('not this one')\n")

    [ended] = work_off(workers(), [("folder", None)])

    assert str(Path.cwd()) == ended.result


def test_ctrl_c_is_not_for_workers(workers: Open) -> None:
    """It goes to every process of the terminal; the sweep alone decides."""

    before = signal.getsignal(signal.SIGINT)
    one = workers()
    [told] = work_off(one, [("process", None)])
    one.submit(1, ("sleep", 0.5))
    os.kill(told.result, signal.SIGINT)
    [ended] = one.wait(20)

    assert (ended.result, ended.failure) == (0.5, None)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_orderly_end_leaves_no_process(workers: Open) -> None:
    """Idle workers go by themselves."""

    before = children()
    one = workers(2)
    work_off(one, [("give", 1), ("give", 2)])
    began = time.monotonic()

    one.close()

    assert before == children()
    assert time.monotonic() - began < 9


def test_what_is_running_is_interrupted_and_closes_itself(workers: Open) -> None:
    """As Ctrl-C in a single run."""

    before = children()
    one = workers()
    one.submit(1, ("mark_when_told_to_go", "mark"))
    assert eventually(Path("mark.began").exists)

    one.close(at_once=True)

    assert Path("mark").read_text() == "closed"
    assert before == children()


@pytest.mark.slow
def test_a_worker_that_does_not_go_is_killed(workers: Open) -> None:
    """After the grace that runs are given."""

    before = children()
    one = workers()
    one.submit(1, ("deaf", "mark"))
    assert eventually(Path("mark").exists)

    one.close(at_once=True)

    assert before == children()


@pytest.mark.parametrize(
    ("word", "mark"),
    [("give", ""), ("mark_when_told_to_go", "closed"), pytest.param("deaf", "", marks=pytest.mark.slow)],
)
def test_workers_end_when_their_sweep_is_killed(word: str, mark: str) -> None:
    """Idle, at work or deaf: nobody trains on for a sweep that is gone; a run that can closes itself."""

    program = (
        "import time; from pathlib import Path; from support.worker_tasks import Deeds, payload, work_off;"
        "from synthsweep.workers.local import LocalWorkerPool;"
        "workers = LocalWorkerPool(payload(Deeds()), [{}, {}], Path('logs'));"
        "work_off(workers, [('give', 1)]);"
        f"workers.submit(1, ({word!r}, 'mark')); workers.wait(1); print('at work', flush=True); time.sleep(600)"
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

    _, alive = psutil.wait_procs(workers, timeout=30)
    assert (len(workers), alive) == (2, [])
    assert not mark or mark == Path("mark").read_text()
