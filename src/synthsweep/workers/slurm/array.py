"""An array of jobs that each run the same command: submitted by submitit, then followed by Slurm's own words."""

import logging
import os
import re
from collections.abc import Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from synthsweep.errors import ConfigError, WorkerError
from synthsweep.workers.slurm.commands import UNKNOWN, SlurmJob, cancel, ended_jobs, queued_jobs
from synthsweep.workers.slurm.job import CommandJob

# How far back the last words of a job are looked for.
LAST_BYTES = 20_000
# What our own commands say last, and what Slurm says of a job that it ends.
SAID = re.compile(r"^(?:synthsweep|slurmstepd|srun): (?:error: )?(.*)$", re.MULTILINE)


@dataclass
class JobArray:
    """`folder` holds submitit's files and the output of each job."""

    job_id: str
    size: int
    folder: Path
    name: str
    _jobs: dict[str, SlurmJob] = field(default_factory=dict, init=False)

    def look(self) -> Mapping[str, SlurmJob]:
        """The jobs of the array by their numbers; as they were where Slurm does not answer."""
        queued = queued_jobs(self.job_id, self.name)
        if queued is None:
            return self._jobs or {str(number): SlurmJob("PENDING", "Slurm does not answer") for number in range(self.size)}
        gone = [number for number in map(str, range(self.size)) if not (number in queued and queued[number].alive)]
        fresh = any(self._jobs.get(number, SlurmJob("")).alive or number not in self._jobs for number in gone)
        ended = ended_jobs(self.job_id) if fresh else {}
        self._jobs = {number: self._now(number, queued, ended) for number in map(str, range(self.size))}
        return self._jobs

    def _now(self, number: str, queued: Mapping[str, SlurmJob], ended: Mapping[str, SlurmJob]) -> SlurmJob:
        if number in queued:
            return queued[number]
        before = self._jobs.get(number)
        if before is not None and not before.alive:
            return before
        # The accounts may lag behind the queue.
        return ended[number] if number in ended and not ended[number].alive else SlurmJob(UNKNOWN)

    def end_in_order(self) -> None:
        """Lets each job end after what it runs; those that wait do not begin."""
        cancel(self.job_id, "--state=PENDING")
        cancel(self.job_id, "--signal=INT")

    def cancel(self) -> None:
        """Ends every job now; what they run is given back."""
        cancel(self.job_id)

    def cancel_waiting(self) -> None:
        cancel(self.job_id, "--state=PENDING")

    def log(self, number: str) -> Path:
        """The file with what a job said."""
        return self.folder / f"{self._full(number)}_0_log.err"

    def last_words(self, number: str) -> str:
        """The last line in which a job said why it ended; empty if there is none."""
        try:
            text = self.log(number).read_bytes()[-LAST_BYTES:].decode(errors="replace")
        except OSError:
            return ""
        said: list[str] = SAID.findall(text)
        return said[-1].strip() if said else ""

    def _full(self, number: str) -> str:
        return self.job_id if self.size == 1 else f"{self.job_id}_{number}"


def submit_array(command: list[str], size: int, folder: Path, name: str, parameters: Mapping[str, Any]) -> JobArray:
    """Submits so many jobs of one command; `parameters` are submitit's, and those of sbatch.

    Raises:
        ConfigError: submitit is not installed.
        WorkerError: Slurm refuses the array; the error has its reason.
    """
    os.environ.setdefault("SUBMITIT_LOG_LEVEL", str(logging.CRITICAL))
    try:
        import submitit
    except ImportError as error:
        raise ConfigError("hydra/launcher=slurm_workers needs submitit: pip install 'synthsweep[slurm]'") from error
    # The command may hold an address with its password.
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        executor = submitit.SlurmExecutor(folder.absolute(), max_num_timeout=parameters["max_requeues"])
        executor.update_parameters(**{key: value for key, value in parameters.items() if key != "max_requeues"}, job_name=name)
        # submitit prints what sbatch complains of, which the error below says.
        with redirect_stderr(StringIO()), executor.batch():
            jobs = [executor.submit(CommandJob(command)) for _ in range(size)]
    except (submitit.core.utils.FailedJobError, submitit.core.utils.FailedSubmissionError, OSError) as error:
        raise WorkerError(f"sbatch submitted nothing: {refusal(str(error))}") from error
    return JobArray(jobs[0].job_id.partition("_")[0], size, folder.absolute(), name)


def refusal(said: str) -> str:
    """The line in which sbatch says what it does not like; submitit puts a traceback around it."""
    found = re.findall(r"^.*?sbatch: error: (.*)$", said, re.MULTILINE)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return "; ".join(dict.fromkeys(found)) or (lines or ["it gave no reason"])[-1]
