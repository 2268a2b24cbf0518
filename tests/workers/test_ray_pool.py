"""A real Ray, here and as a cluster of two nodes of which one is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from support.patience import LIMIT_S
from support.worker_tasks import ActionRunner, FailsAtStart, HangsAtStart, eventually, payload, run_tasks
from synthsweep.errors import WorkerError
from synthsweep.workers.ray_cluster import PRIVATE, WorkerResources, connect, living_nodes
from synthsweep.workers.ray_pool import RayWorkerPool, death_reason
from synthsweep.workers.worker_pool import Failure, TaskRunner


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "The actor died unexpectedly before finishing this task.\n\tclass_name: A\nThe actor is dead because its worker "
            "process has died. Worker exit type: SYSTEM_ERROR Worker exit detail: Worker unexpectedly exits with ...",
            "its worker process has died (killed, out of memory perhaps)",
        ),
        (
            "The actor is dead because its worker process has died. Worker exit type: NODE_OUT_OF_MEMORY Worker exit detail: x",
            "its worker process has died (out of memory)",
        ),
        ("The actor died.\nThe actor died because its node has died. Node Id: ab", "its node has died"),
        ("The actor is dead because it was killed by `ray.kill`.\nMore.", "it was killed by `ray.kill`"),
        ("The actor is unavailable.\nSo it is.", "The actor is unavailable."),
    ],
)
def test_a_paragraph_of_ray_becomes_one_line(message: str, expected: str) -> None:
    """The reason, without ids and advice."""
    assert death_reason(message) == expected


@pytest.fixture(scope="module")
def _no_variables_left() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in (*PRIVATE, "RAY_ADDRESS", "RAY_AUTH_MODE")}
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


@pytest.fixture(scope="class")
def local_ray(_no_variables_left: None) -> Iterator[None]:
    """A Ray of this process's own, as `address: null` starts it."""
    connect(None)
    yield
    import ray

    ray.shutdown()


Open = Callable[..., RayWorkerPool]


@pytest.fixture
def workers() -> Iterator[Open]:
    """Opens pools on the Ray that is connected, and ends them after the test."""
    opened: list[RayWorkerPool] = []

    def open_one(
        workers: int = 1,
        *,
        runner: TaskRunner | None = None,
        variables: Mapping[str, str] | None = None,
        timeout_s: float = 0.0,
        start_s: float = 600.0,
    ) -> RayWorkerPool:
        resources = WorkerResources(1, 0.0, variables or {})
        opened.append(RayWorkerPool(payload(runner or ActionRunner()), workers, resources, timeout_s, start_s=start_s))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.mark.slow
@pytest.mark.usefixtures("local_ray")
class TestLocal:
    """Ray on this machine."""

    def test_everything_listens_on_loopback_alone(self) -> None:
        """Whoever reaches a port of Ray may run what they like."""
        listening = {
            connection.laddr.ip
            for process in (psutil.Process(), *psutil.Process().children(recursive=True))
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }

        assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}

    def test_it_leaves_the_sweeps_own_signals_alone(self) -> None:
        """A polite kill closes the sweep's runs: Ray would end the process before."""
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_a_second_pool_uses_the_connection_that_is_there(self) -> None:
        """The pool that made it leaves it."""
        assert connect(None) is False

    def test_there_is_no_room_before_a_worker_is_up(self, workers: Open) -> None:
        """A task never waits for an actor that may not come."""
        pair = workers(2)
        at_first = pair.room()
        assert eventually(lambda: not pair.wait(0.2) and pair.room() == 2)

        assert at_first == 0

    def test_tasks_are_done_in_the_sweeps_folder_with_the_workers_variables(self, workers: Open) -> None:
        """Relative paths of a configuration mean the same there."""
        names = ["OMP_NUM_THREADS", "OF_ITS_OWN"]
        one = workers(variables={"OMP_NUM_THREADS": "3", "OF_ITS_OWN": "yes"})

        ended = run_tasks(one, [("folder", None), ("variables", names), ("process", None)])

        assert [task.result for task in ended[:2]] == [str(Path.cwd()), ["3", "yes"]]
        assert ended[2].result != os.getpid()
        assert [task.task_id for task in ended] == [0, 1, 2]

    @pytest.mark.parametrize(
        ("task", "expected"),
        [
            (("fail", "not this one\nand more"), "ValueError: not this one"),
            (("refuse", "data.path=x: no such file"), "data.path=x: no such file"),
            (("unsendable", None), "TypeError: cannot pickle '_thread.lock' object"),
        ],
    )
    def test_a_task_that_fails_leaves_its_worker_alive(self, workers: Open, task: tuple[str, Any], expected: str) -> None:
        """The same actor does the next one."""
        before, failed, after = run_tasks(workers(), [("process", None), task, ("process", None)])

        assert failed.failure is not None
        assert failed.failure.kind == "raised"
        assert failed.failure.reason.startswith(expected)
        assert before.result == after.result

    def test_a_worker_that_is_killed_is_replaced_and_its_task_may_be_tried_again(self, workers: Open) -> None:
        """Out of memory looks like this."""
        died, after = run_tasks(workers(), [("kill", signal.SIGKILL), ("give", "here")])

        expected = "its Ray worker is gone: its worker process has died (killed, out of memory perhaps)"
        assert died.failure == Failure("died", expected)
        assert after.result == "here"

    def test_a_task_that_takes_too_long_is_ended_and_the_next_one_is_done(self, workers: Open) -> None:
        """It may close its run; then its actor goes."""
        late, after = run_tasks(workers(timeout_s=5.0), [("mark_when_interrupted", "mark"), ("give", "here")])

        assert late.failure == Failure("timed out", "no end after 5 s (hydra.launcher.timeout_s)")
        assert Path("mark").read_text() == "closed"
        assert after.result == "here"

    def test_what_is_running_is_interrupted_and_closes_itself(self, workers: Open) -> None:
        """As Ctrl-C in a single run."""
        one = workers()
        assert eventually(lambda: not one.wait(0.2) and one.room() == 1)
        one.submit(1, ("mark_when_interrupted", "mark"))
        assert eventually(Path("mark.began").exists)

        one.close(at_once=True)

        assert Path("mark").read_text() == "closed"

    def test_workers_that_die_before_they_did_anything_end_the_sweep(self, workers: Open) -> None:
        """The reason is that of the last one."""
        expected = "workers die before they have done anything: ModuleNotFoundError: no module named nonesuch"
        with pytest.raises(WorkerError, match=f"^{expected}$"):
            run_tasks(workers(runner=FailsAtStart()), [("give", 1)])

    def test_workers_that_hang_before_they_did_anything_end_the_sweep(self, workers: Open) -> None:
        """The limit begins when an actor has a process: until then it may wait for resources."""
        with pytest.raises(WorkerError, match=r": its worker was not ready after 1 s \(hydra\.launcher\.start_s\)$"):
            run_tasks(workers(runner=HangsAtStart(), start_s=1), [("give", 1)])

    def test_a_worker_that_does_not_fit_into_the_cluster_holds_up_nobody(
        self, workers: Open, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It pends; the others do its work."""
        cpus = int(sum(node["Resources"].get("CPU", 0) for node in living_nodes()))

        ended = run_tasks(workers(cpus + 1), [("give", number) for number in range(5)])

        assert sorted(one.result for one in ended) == [0, 1, 2, 3, 4]
        assert caplog.messages == []


@pytest.mark.slow
@pytest.mark.usefixtures("_no_variables_left")
def test_a_node_that_is_lost_costs_its_running_task_and_nothing_else(workers: Open, capfd: pytest.CaptureFixture[str]) -> None:
    """The worker that is to replace its worker pends for ever; the other node does all the rest. The screen stays ours."""
    for name, value in PRIVATE.items():
        os.environ.setdefault(name, value)
    import ray
    from ray.cluster_utils import Cluster

    shared = {"num_cpus": 1, "object_store_memory": 100_000_000, "node_ip_address": "127.0.0.1"}
    cluster = Cluster(initialize_head=True, head_node_args={**shared, "include_dashboard": False})
    try:
        lost = cluster.add_node(**shared)
        assert connect(cluster.address)
        pair = workers(2)
        assert eventually(lambda: not pair.wait(0.2) and pair.room() == 2)
        for worker in pair._workers:
            assert worker.process is not None
            busy = worker.process.node == lost.node_id
            pair.submit(100 if busy else 101, ("sleep", 600) if busy else ("give", "short"))
        cluster.remove_node(lost, allow_graceful=False)

        ended = run_tasks(pair, [("give", number) for number in range(4)], running=2, seconds=120)

        by_id = {one.task_id: one for one in ended}
        assert set(by_id) == {0, 1, 2, 3, 100, 101}
        assert by_id[100].failure is not None
        assert by_id[100].failure.kind == "died"
        assert by_id[100].failure.reason.startswith("its Ray worker is gone: ")
        assert [by_id[number].result for number in range(4)] == [0, 1, 2, 3]
        said = "".join(capfd.readouterr())
        assert "raylet" not in said.lower()
        assert "state-dump" not in said
        pair.close()
    finally:
        ray.shutdown()
        cluster.shutdown()


@pytest.mark.slow
# A socket that was never bound was met here once as left open; it is not known whose.
@pytest.mark.filterwarnings("ignore:unclosed <socket.*laddr=..0.0.0.0., 0.>:ResourceWarning")
def test_a_ray_that_was_started_here_ends_with_its_sweep() -> None:
    """Killed with -9: no worker stays; two small agents take a minute to see that they are alone."""

    program = (
        "import time; from support.worker_tasks import ActionRunner, payload, run_tasks;"
        "from synthsweep.workers.ray_cluster import connect; from synthsweep.workers.ray_pool import RayWorkerPool;"
        "workers = RayWorkerPool(payload(ActionRunner()), 1, leave=connect(None));"
        "run_tasks(workers, [('give', 1)]); print('at work', flush=True); time.sleep(600)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    sweep = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    try:
        assert sweep.stdout is not None
        said = sweep.stdout.readline()
        daemons = [one for one in psutil.Process(sweep.pid).children(recursive=True) if not one.name().endswith("Agent")]
    finally:
        sweep.kill()
        _, complaints = sweep.communicate()

    _, alive = psutil.wait_procs(daemons, timeout=LIMIT_S)
    assert (said, complaints) == (b"at work\n", b"")
    assert len(daemons) > 3
    assert alive == []
