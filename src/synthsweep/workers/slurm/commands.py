"""Slurm's own commands: which nodes there are, and how the jobs of an array stand."""

import shutil
import subprocess
from dataclasses import dataclass

from synthsweep.errors import ConfigError, WorkerError
from synthsweep.messages import first_line

PROGRAMS = ("sbatch", "srun", "squeue", "scancel")
# A busy controller may take long to answer; at the next look it is asked again.
ANSWER_S = 60.0
OVER = frozenset({
    "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED",
    "TIMEOUT",
})  # fmt: skip
# Nobody knows how it ended: the cluster keeps no accounts.
UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class SlurmJob:
    """One job of an array, by Slurm's words; `reason` is why one does not run, as `Priority` or `Resources`."""

    state: str
    reason: str = ""

    @property
    def alive(self) -> bool:
        return self.state not in OVER and self.state != UNKNOWN

    @property
    def waits(self) -> bool:
        return self.state in {"PENDING", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT"}


def require_programs() -> None:
    """Raises ConfigError where a command of Slurm is missing."""
    missing = next((name for name in PROGRAMS if shutil.which(name) is None), None)
    if missing:
        raise ConfigError(
            f"hydra/launcher=slurm_workers needs Slurm's {missing}, which is not on PATH: give the command on a login node of "
            "the cluster, or take hydra/launcher=workers"
        )


def node_names(partition: str | None) -> set[str]:
    """The nodes of a partition, or of the cluster; empty where Slurm does not say."""
    where = ["--partition", partition] if partition else []
    try:
        said = _run("sinfo", "--noheader", "--Node", "--format=%N", *where)
    except OSError:
        return set()
    return set(said.stdout.split()) if said.returncode == 0 else set()


def queued_jobs(job_id: str, name: str) -> dict[str, SlurmJob] | None:
    """The jobs of an array that Slurm's queue holds, by their number in it; None where Slurm does not answer.

    `name` is that of the array: after a new installation, ids begin anew.
    """
    said = _run("squeue", "--noheader", "--array", "--jobs", job_id, "--format=%i|%T|%r|%j")
    if said.returncode:
        return {} if "invalid job id" in said.stderr.lower() else None
    rows = [line.split("|", 3) for line in said.stdout.splitlines() if line.count("|") >= 3]
    return {number_of(job): SlurmJob(state, reason) for job, state, reason, its_name in rows if its_name == name}


def ended_jobs(job_id: str) -> dict[str, SlurmJob]:
    """How the jobs of an array ended, by Slurm's accounts; empty where it keeps none."""
    try:
        said = _run("sacct", "--noheader", "--parsable2", "--format=JobID,State", "--jobs", job_id)
    except OSError:
        return {}
    rows = [line.split("|") for line in said.stdout.splitlines() if "|" in line]
    # `17_2.batch` is a step of a job; a cancelled one is `CANCELLED by 1000`.
    return {number_of(job): SlurmJob(state.split()[0]) for job, state, *_ in rows if "." not in job and state}


def number_of(job: str) -> str:
    """The number within its array: `2` of `17_2`; a job that is no array is its first one."""
    return job.partition("_")[2] or "0"


def cancel(job_id: str, *flags: str) -> None:
    """Cancels or signals an array; jobs that are over meanwhile are no error.

    Raises:
        WorkerError: Slurm does not do it.
    """
    said = _run("scancel", *flags, job_id)
    if said.returncode and "invalid job id" not in said.stderr.lower():
        raise WorkerError(f"scancel {job_id}: {first_line(ValueError(said.stderr))}")


def _run(*words: str) -> "subprocess.CompletedProcess[str]":
    try:
        # Ctrl-C is for the command that follows the jobs.
        return subprocess.run(words, capture_output=True, text=True, timeout=ANSWER_S, check=False, start_new_session=True)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 1, "", f"no answer in {ANSWER_S:g} s")
