"""Arrays of jobs on a Slurm of one machine, which runs real processes and can be as unkind as a cluster."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support.slurm import Slurm
from support.slurm_cluster import slurm
from support.worker_tasks import eventually
from synthsweep.errors import ConfigError, WorkerError
from synthsweep.workers.slurm.array import JobArray, refusal, submit_array
from synthsweep.workers.slurm.commands import cancel, node_names, require_programs

__all__ = ["slurm"]

PARAMETERS: Mapping[str, Any] = {
    "time": 240,
    "signal_delay_s": 120,
    "max_requeues": 3,
    "additional_parameters": {"requeue": True},
}
# Writes down each start and each signal, and ends when a file is there.
WORK = """
import os, pathlib, signal, sys, time
job = os.environ.get("SLURM_ARRAY_TASK_ID", "0")
def note(word):
    with open(f"notes-{job}", "a") as file:
        file.write(f"{word} ")
def end(number, frame):
    note(signal.Signals(number).name)
    sys.exit(130)
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGINT, end)
note("began")
while not pathlib.Path("end").exists():
    time.sleep(0.05)
if pathlib.Path(f"fail-{job}").exists():
    sys.exit("synthsweep: the database does not answer")
"""


def submit(size: int = 2, **parameters: Any) -> JobArray:
    return submit_array([sys.executable, "-c", WORK], size, Path("jobs"), "synthsweep-s", {**PARAMETERS, **parameters})


def notes(job: int = 0) -> str:
    file = Path(f"notes-{job}")
    return file.read_text().strip() if file.exists() else ""


def states(array: JobArray) -> list[str]:
    return [job.state for job in array.look().values()]


def end_all(array: JobArray) -> list[str]:
    Path("end").touch()
    assert eventually(lambda: not any(job.alive for job in array.look().values()))
    return states(array)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 3])
def test_each_job_of_an_array_runs_the_command_once(slurm: Slurm, size: int) -> None:
    """An array of one is no array for Slurm. While no node is free, Slurm's reason is known."""
    slurm.set(hold=True)
    array = submit(size)
    assert eventually(lambda: {job.reason for job in array.look().values()} == {"Resources"})
    waiting = array.look()
    slurm.set(hold=False)
    assert eventually(lambda: all(notes(job) for job in range(size)))

    assert [job.waits for job in waiting.values()] == [True] * size
    assert end_all(array) == ["COMPLETED"] * size
    assert [notes(job) for job in range(size)] == ["began"] * size


@pytest.mark.slow
def test_a_job_that_loses_its_node_ends_in_order_and_is_queued_again(slurm: Slurm) -> None:
    """SIGTERM and submitit's signal come one after the other, and are one request to the command."""
    array = submit()
    assert eventually(lambda: bool(notes(0) and notes(1)))
    slurm.preempt(f"{array.job_id}_0")
    assert eventually(lambda: notes(0) == "began SIGTERM began")

    assert end_all(array) == ["COMPLETED", "COMPLETED"]
    assert notes(1) == "began"


@pytest.mark.slow
def test_a_job_at_its_time_limit_is_queued_again_as_often_as_is_allowed(slurm: Slurm) -> None:
    """The command has had time to give back what it runs."""
    slurm.set(seconds_per_minute=1.0)
    array = submit(1, time=4, max_requeues=1, signal_delay_s=60)

    assert eventually(lambda: not any(job.alive for job in array.look().values()))

    assert states(array) == ["FAILED"]
    assert notes() == "began SIGTERM began SIGTERM"


@pytest.mark.slow
def test_how_each_job_ended_is_known_with_its_last_words(slurm: Slurm) -> None:
    """One is killed with all its processes, one fails, one is well."""
    array = submit(3)
    Path("fail-1").touch()
    assert eventually(lambda: all(notes(job) for job in range(3)))
    slurm.kill(f"{array.job_id}_0")

    ended = end_all(array)

    assert ended == ["OUT_OF_MEMORY", "FAILED", "COMPLETED"]
    assert array.last_words("1") == "the database does not answer"


@pytest.mark.slow
def test_an_array_can_be_ended_in_order_or_at_once(slurm: Slurm) -> None:
    """In order, what waits does not begin and what runs hears Ctrl-C; at once, it hears SIGTERM."""
    first, second = submit(1), submit(1)
    assert eventually(lambda: notes() == "began began")
    slurm.set(hold=True)
    waits = submit(1)
    first.end_in_order()
    waits.end_in_order()
    second.cancel()

    assert eventually(lambda: not any(job.alive for array in (first, second, waits) for job in array.look().values()))

    assert sorted(notes().split()) == ["SIGINT", "SIGTERM", "began", "began"]
    assert (states(second), states(waits)) == (["CANCELLED"], ["CANCELLED"])


@pytest.mark.slow
def test_while_slurm_does_not_answer_the_jobs_are_as_they_were(slurm: Slurm) -> None:
    array = submit(1)
    assert eventually(lambda: states(array) == ["RUNNING"])
    slurm.set(silent=True)

    assert states(array) == ["RUNNING"]

    slurm.set(silent=False)
    assert end_all(array) == ["COMPLETED"]


@pytest.mark.slow
def test_what_sbatch_refuses_is_said_in_its_words(slurm: Slurm, capfd: pytest.CaptureFixture[str]) -> None:
    """Once, in the error."""
    slurm.set(refuses="invalid partition specified: gpux")

    with pytest.raises(WorkerError, match=r"^sbatch submitted nothing: invalid partition specified: gpux"):
        submit()

    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_an_array_that_slurm_never_had_is_over(slurm: Slurm) -> None:
    """As after a new installation of the cluster, or under the id of somebody else's job."""
    array = submit(1)

    other = JobArray(array.job_id, 1, array.folder, "another name")

    assert not any(job.alive for job in JobArray("4711", 1, array.folder, array.name).look().values())
    assert [job.alive for job in other.look().values()] == [False]
    cancel("4711")


def test_without_slurm_the_missing_command_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigError, match="needs Slurm's sbatch, which is not on PATH: give the command on a login node"):
        require_programs()

    assert node_names(None) == set()


def test_a_refusal_is_one_line_out_of_a_traceback() -> None:
    said = "Error\nsbatch: error: Memory specification can not be satisfied\nTraceback ...\nCalledProcessError: exit status 1"

    assert refusal(said) == "Memory specification can not be satisfied"
    assert refusal("Traceback\nno such file") == "no such file"
