"""A generation job that is stopped again and again: what its server answered beside what the store holds."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.patience import LIMIT_S

SERVER = Path(__file__).parent / "llm_server.py"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@dataclass(frozen=True)
class Stopped:
    """What came of it: `lost` answers that no store holds, and those `paid_twice`; the worst status that a stop ended with."""

    stops: int
    answered: int
    stored: int
    lost: int
    paid_twice: int
    statuses: tuple[int, ...]


def command(address: str, *overrides: str) -> list[str]:
    """Seventy requests, ten texts each."""
    base = ["generate", "llm=vllm", "llm.model=m", f"llm.base_url={address}", "generate.n=100", "tracking=none"]
    return [sys.executable, "-m", "synthsweep.cli.main", *base, *overrides]


@contextmanager
def server(folder: Path, latency: float) -> Iterator[tuple[str, Path]]:
    """A server in a process of its own; its address and its log."""
    log = folder / "log"
    log.touch()
    process = subprocess.Popen(
        [sys.executable, str(SERVER), "--latency", str(latency), "--log", str(log)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), log
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def answered(log: Path) -> Counter[str]:
    """How often each request was answered in whole, by its model and its Idempotency-Key."""
    return Counter(json.loads(line)[0] for line in log.read_text().splitlines())


def stored(folder: Path) -> int:
    """The replies in the store of a folder."""
    from synthsweep.generate.replies.store import open_reply_store

    with closing(open_reply_store(folder / "mlruns")) as store:
        return sum(1 for _ in store.all())


def start(words: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    """A command as a terminal would start it: Ctrl-C reaches it, even if this process was told to ignore it."""
    with (folder / "said").open("ab") as said:
        return subprocess.Popen(
            words, cwd=folder, stdout=said, stderr=said, env={**os.environ, "OMP_NUM_THREADS": "1"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip


def stop_often(folder: Path, number: int, *, stops: int, texts: int, rng: random.Random) -> Stopped:
    """A job that gets the signal at so many random moments, and then runs to its end."""
    words = (f"generate.n={texts}", "generate.concurrency=8")
    statuses = []
    with server(folder, latency=0.4) as (address, log):
        for _ in range(stops):
            goal = sum(answered(log).values()) + rng.randint(1, 12)
            process = start(command(address, *words), folder)
            while process.poll() is None and sum(answered(log).values()) < goal:
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.5))
            process.send_signal(number)
            statuses.append(process.wait(LIMIT_S))
        statuses.append(start(command(address, *words), folder).wait(LIMIT_S))
        found = answered(log)
    kept = stored(folder)
    return Stopped(stops, sum(found.values()), kept, len(found) - kept, sum(found.values()) - len(found), tuple(statuses))
