"""What each job of an array runs: one command, which is asked to end in order when Slurm takes its node away.

submitit calls it on the node. At its signal before a time limit or a pre-emption it calls `checkpoint`, and has the job queued
again; SIGTERM, with which Slurm itself ends a job, reaches the command too.
"""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from synthsweep.workers.worker_pool import GRACE_S

# How long the command may take to close its runs: its workers have half of it.
ENDING_S = 2 * GRACE_S
POLL_S = 0.1
# The signal by which submitit has a job queued again may come after the SIGTERM that has ended the command already.
SECOND_SIGNAL_S = 5.0
# Slurm signals every process of a job. The command knows what SIGTERM means; submitit's signals would end it.
SHIELDED = ["sh", "-c", "trap '' USR1 USR2 CONT; exec \"$@\"", "sh"]


@dataclass
class CommandJob:
    """`command` is a list of words; the exit status of the job is that of the command."""

    command: list[str]
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    _asked: bool = field(default=False, init=False)

    def __call__(self) -> None:
        signal.signal(signal.SIGTERM, self._note)
        # Clusters send one or the other before a pre-emption.
        signal.signal(signal.SIGUSR1, signal.getsignal(signal.SIGUSR2))
        self._process = subprocess.Popen([*SHIELDED, *self.command], stdin=subprocess.DEVNULL)
        if self._asked:
            # It came before there was a command to hear it.
            self._process.terminate()
        # The command has had it as well, and ends after what it runs.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # Without Popen's lock, which a signal handler would wait for in vain.
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        status = self._process.wait()
        if status and self._asked:
            time.sleep(SECOND_SIGNAL_S)
        if status:
            raise SystemExit(status if status > 0 else 128 - status)

    def checkpoint(self) -> Any:
        """Ends the command, whose replicates go back to the queue; the same job is then submitted again."""
        from submitit.helpers import DelayedSubmission

        self._ask_to_end()
        self._await_end()
        return DelayedSubmission(CommandJob(self.command))

    def _note(self, number: int, frame: FrameType | None) -> None:
        # The command has had the signal as well.
        self._asked = True

    def _ask_to_end(self) -> None:
        # A second request would cut off what the first one ends in order.
        if self._process is not None and not self._asked:
            self._process.terminate()
        self._asked = True

    def _await_end(self) -> None:
        end = time.monotonic() + ENDING_S
        while self._process is not None and not _has_ended(self._process.pid):
            if time.monotonic() > end:
                self._process.kill()
                return
            time.sleep(POLL_S)


def _has_ended(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    except ChildProcessError:
        return True
