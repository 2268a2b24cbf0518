"""A Slurm of one machine: `sbatch` and its like on PATH, which run real processes and keep their books in a folder.

Run as a script under the name of one of the commands, it is that command; `Slurm` is what a test does to the cluster.
A minute of a time limit lasts as long as SECONDS_PER_MINUTE in the folder's settings says.
"""

import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMANDS = ("sbatch", "srun", "squeue", "scancel", "sacct", "scontrol", "sinfo")
# What its Slurm does not wait for: a job that ignores SIGTERM is killed.
KILL_WAIT_S = 30.0
TICK_S = 0.05


@dataclass(frozen=True)
class Books:
    """The state of the cluster: a file per job, and settings that a test may change at any time."""

    folder: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def setting(self, name: str, default: Any = None) -> Any:
        file = self.folder / "settings.json"
        return json.loads(file.read_text()).get(name, default) if file.exists() else default

    def job(self, job: str) -> dict[str, Any]:
        return dict(json.loads((self.folder / "jobs" / job).read_text()))

    def jobs(self, asked: str = "") -> list[dict[str, Any]]:
        """All jobs, those of an array, or one of them."""
        names = sorted(path.name for path in (self.folder / "jobs").iterdir())
        return [self.job(name) for name in names if not asked or asked in {name, name.partition("_")[0]}]

    def change(self, job: str, **values: Any) -> None:
        with self.locked():
            file, new = self.folder / "jobs" / job, self.folder / "new"
            known = json.loads(file.read_text()) if file.exists() else {"id": job, "starts": 0}
            new.write_text(json.dumps({**known, **values}))
            new.replace(file)

    def next_id(self) -> int:
        with self.locked():
            file = self.folder / "next_id"
            number = int(file.read_text()) if file.exists() else 17
            file.write_text(str(number + 1))
        return number


@dataclass(frozen=True)
class Slurm:
    """What a test sees of the cluster, and does to it."""

    folder: Path

    @property
    def books(self) -> Books:
        return Books(self.folder)

    def set(self, **values: Any) -> None:
        """`hold`: no job starts. `refuses`: what sbatch says. `nodes`: their names. `seconds_per_minute`: of a time limit."""
        file = self.folder / "settings.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        new = file.with_suffix(".new")
        new.write_text(json.dumps({**known, **values}))
        new.replace(file)

    def jobs(self) -> list[dict[str, Any]]:
        return self.books.jobs()

    def states(self) -> dict[str, str]:
        return {job["id"]: job["state"] for job in self.jobs()}

    def preempt(self, job: str) -> None:
        """As Slurm takes a node away: SIGTERM to all of the job, and the signal that the job asked for."""
        for number in (signal.SIGTERM, signal.SIGUSR2):
            signal_step(self.books.job(job)["pid"], number)

    def kill(self, job: str, state: str = "OUT_OF_MEMORY") -> None:
        """Kills every process of a job at once."""
        self.books.change(job, fate=state)
        session = self.books.job(job)["pid"]
        for pid in (*step(session), session):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def end(self) -> None:
        """Ends whatever still runs, at the end of a test."""
        self.set(hold=True)
        for job in self.jobs():
            if job["state"] in {"PENDING", "RUNNING"}:
                self.books.change(job["id"], fate="CANCELLED")
                if job.get("pid"):
                    self.kill(job["id"], "CANCELLED")
        for job in self.jobs():
            with contextlib.suppress(ProcessLookupError):
                os.kill(job["keeper"], signal.SIGKILL)


def make_slurm(folder: Path) -> Slurm:
    """The commands in `folder/bin`, and empty books."""
    (folder / "bin").mkdir(parents=True)
    (folder / "jobs").mkdir()
    for name in COMMANDS:
        file = folder / "bin" / name
        file.write_text(f'#!/bin/sh\nFAKE_SLURM={folder} exec {sys.executable} -E -S {Path(__file__)} {name} "$@"\n')
        file.chmod(0o755)
    return Slurm(folder)


def step(session: int) -> list[int]:
    """The processes of a job's session, without the batch script itself, which Slurm does not signal."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == session and fields[0] != "Z":
                    found.append(int(entry.name))
    return [pid for pid in found if pid != session]


def signal_step(session: int, number: int) -> None:
    for pid in step(session):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def sbatch(books: Books, words: list[str]) -> int:
    refusal = books.setting("refuses")
    if refusal:
        print(f"sbatch: error: {refusal}\nsbatch: error: Batch job submission failed: {refusal}", file=sys.stderr)
        return 1
    options = dict(re.findall(r"^#SBATCH --([\w-]+)=?(.*)$", Path(words[-1]).read_text(), re.MULTILINE))
    number = books.next_id()
    last = re.match(r"0-(\d+)", options.get("array", "").strip("'"))
    names = [f"{number}_{task}" for task in range(int(last[1]) + 1)] if last else [str(number)]
    for name in names:
        books.change(name, state="PENDING", reason="Priority", name=options["job-name"].strip("'"), keeper=0)
        if os.fork() == 0:
            os.setsid()
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            keep(books, name, options, str(Path(words[-1]).absolute()))
            os._exit(0)
    print(f"Submitted batch job {number}")
    return 0


def keep(books: Books, name: str, options: Mapping[str, str], script: str) -> None:
    """Starts a job when there is room, as often as it is queued again, and writes down how it ends."""
    books.change(name, keeper=os.getpid())
    while True:
        while books.setting("hold"):
            if books.job(name)["state"] == "CANCELLED":
                return
            books.change(name, reason="Resources")
            time.sleep(TICK_S)
        if books.job(name)["state"] != "PENDING":
            return
        process = subprocess.Popen(["bash", script], env=variables(name), start_new_session=True)
        books.change(name, state="RUNNING", reason="None", pid=process.pid, fate="", starts=books.job(name)["starts"] + 1)
        await_end(books, name, process, options)
        signal_step(process.pid, signal.SIGKILL)
        fate = books.job(name)["fate"]
        if fate != "requeue":
            books.change(name, state=fate or ("FAILED" if process.returncode else "COMPLETED"))
            return
        books.change(name, state="PENDING", reason="BeginTime")
        time.sleep(float(books.setting("requeue_s", 1.0)))


def await_end(books: Books, name: str, process: "subprocess.Popen[bytes]", options: Mapping[str, str]) -> None:
    second = float(books.setting("seconds_per_minute", 60.0)) / 60
    began, limit = time.monotonic(), int(options["time"]) * 60 * second
    code, _, before = options["signal"].strip("'").partition("@")
    warn, cancelled = limit - int(before) * second, 0.0
    while process.poll() is None:
        now = time.monotonic() - began
        if now > warn:
            warn = float("inf")
            signal_step(process.pid, getattr(signal, f"SIG{code}"))
        if books.job(name)["fate"] == "CANCELLED" and not cancelled:
            cancelled = now
        if now > limit or (cancelled and now > cancelled + KILL_WAIT_S):
            if now > limit:
                books.change(name, fate=books.job(name)["fate"] or "TIMEOUT")
            signal_step(process.pid, signal.SIGKILL)
            process.kill()
        time.sleep(TICK_S)


def variables(name: str) -> dict[str, str]:
    job, _, task = name.partition("_")
    array = {"SLURM_ARRAY_JOB_ID": job, "SLURM_ARRAY_TASK_ID": task} if task else {}
    fixed = {"SLURM_JOB_ID": job, "SLURM_PROCID": "0", "SLURM_LOCALID": "0", "SLURM_NODEID": "0", "SLURM_NTASKS": "1"}
    return {**os.environ, **fixed, **array, "SLURM_JOB_NUM_NODES": "1", "SLURM_JOB_NODELIST": socket.gethostname()}


def srun(books: Books, words: list[str]) -> int:
    """Runs the command with its output in the files that are named for it."""
    files = {1: words[words.index("--output") + 1], 2: words[words.index("--error") + 1]}
    job, task = os.environ["SLURM_JOB_ID"], os.environ.get("SLURM_ARRAY_TASK_ID", "")
    for descriptor, name in files.items():
        for pattern, value in (("%A", job), ("%a", task), ("%j", job), ("%t", "0")):
            name = name.replace(pattern, value)
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), descriptor)
    command = words[words.index("--error") + 2 :]
    os.execvp(command[0], command)
    return 0


def squeue(books: Books, words: list[str]) -> int:
    asked = words[words.index("--jobs") + 1]
    if books.setting("silent"):
        print("slurm_load_jobs error: Unable to contact slurm controller (connect failure)", file=sys.stderr)
        return 1
    known = books.jobs(asked)
    if not known:
        print("slurm_load_jobs error: Invalid job id specified", file=sys.stderr)
        return 1
    for job in known:
        if job["state"] in {"PENDING", "RUNNING"}:
            print("|".join((job["id"], job["state"], job["reason"], job["name"])))
    return 0


def sacct(books: Books, words: list[str]) -> int:
    for job in books.jobs(words[words.index("--jobs") + 1]):
        shown = "CANCELLED by 1000" if job["state"] == "CANCELLED" else job["state"]
        print(f"{job['id']}|{shown}|\n{job['id']}.batch|{shown}|")
    return 0


def scancel(books: Books, words: list[str]) -> int:
    flags = dict(word.removeprefix("--").split("=") for word in words[:-1])
    for job in books.jobs(words[-1]):
        if job["state"] not in {flags.get("state", job["state"])} & {"PENDING", "RUNNING"}:
            continue
        if "signal" in flags:
            if job["state"] == "RUNNING":
                signal_step(job["pid"], getattr(signal, f"SIG{flags['signal']}"))
        elif job["state"] == "PENDING":
            books.change(job["id"], state="CANCELLED")
        else:
            books.change(job["id"], fate="CANCELLED")
            signal_step(job["pid"], signal.SIGTERM)
    return 0


def scontrol(books: Books, words: list[str]) -> int:
    books.change(words[-1], fate="requeue")
    return 0


def sinfo(books: Books, words: list[str]) -> int:
    print("\n".join(books.setting("nodes", [socket.gethostname()])))
    return 0


PROGRAMS: dict[str, Callable[[Books, list[str]], int]] = {
    "sbatch": sbatch, "srun": srun, "squeue": squeue, "scancel": scancel, "sacct": sacct, "scontrol": scontrol, "sinfo": sinfo,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(PROGRAMS[sys.argv[1]](Books(Path(os.environ["FAKE_SLURM"])), sys.argv[2:]))
