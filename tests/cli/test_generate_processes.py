"""`synthsweep generate` as processes: killed, twice at once, watched for what they write down."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.llm_server import Llm, Reply, serving

pytestmark = pytest.mark.slow
SERVER = Path(__file__).parents[1] / "support" / "llm_server.py"
KEY, CANARY = "sk-canary-0123456789", "Canary words of a private sentence that nobody else wrote"


def command(address: str, *overrides: str) -> list[str]:
    base = ["generate", "llm=vllm", "llm.model=m", f"llm.base_url={address}", "generate.n=100", "tracking=none"]
    return [sys.executable, "-m", "synthsweep.cli.main", *base, *overrides]


@contextmanager
def server(folder: Path, latency: float) -> Iterator[tuple[str, Path]]:
    """A server of its own process; gives its address and its log."""
    log = folder / "log"
    log.touch()
    process = subprocess.Popen(
        [sys.executable, str(SERVER), "--latency", str(latency), "--log", str(log)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield process.stdout.readline().strip(), log
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def answered(log: Path) -> Counter[str]:
    return Counter(json.loads(line)[0] for line in log.read_text().splitlines())


def stored(folder: Path) -> int:
    from synthsweep.generate.replies.store import open_reply_store

    store = open_reply_store(folder / "mlruns")
    return sum(1 for _ in store.all())


def test_kills_lose_nothing_that_was_stored_and_ask_nothing_twice(own_folder: Path) -> None:
    """Ten kill -9 at random moments; the server's log has each request once, but for what was on the wire at a kill."""

    rng = random.Random(7)
    kills = 0
    with server(own_folder, latency=0.4) as (address, log):
        while kills < 10:
            before = sum(answered(log).values())
            process = subprocess.Popen(
                command(address, "generate.concurrency=2"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            while process.poll() is None and sum(answered(log).values()) < before + rng.randint(0, 5):
                time.sleep(0.02)
            time.sleep(rng.uniform(0, 0.4))
            process.kill()
            process.wait()
            kills += 1
        done = subprocess.run(command(address), capture_output=True, text=True, check=True)
        found = answered(log)

    assert "700 of 700 texts" in done.stdout
    assert (len(found), stored(own_folder)) == (70, 70)
    # A reply that reached the process in the moment of its death was not stored, and is asked for again.
    assert sum(found.values()) - 70 <= kills


def test_two_processes_share_a_pool(own_folder: Path) -> None:
    """Each request is paid for once, and none fails on a lock."""

    with server(own_folder, latency=0.2) as (address, log):
        both = [
            subprocess.Popen(command(address, "generate.concurrency=4"), stdout=subprocess.PIPE, text=True) for _ in range(2)
        ]
        said = [process.communicate()[0] for process in both]
        found = answered(log)

    assert [process.returncode for process in both] == [0, 0]
    assert all("700 of 700 texts" in text for text in said)
    assert (len(found), set(found.values())) == (70, {1})


def test_ctrl_c_keeps_what_is_under_way(own_folder: Path) -> None:
    """Once: nothing more is sent, what was is waited for; the last line says how to go on."""

    with server(own_folder, latency=0.5) as (address, log):
        process = subprocess.Popen(
            command(address, "generate.concurrency=4"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        while not answered(log):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        error = process.communicate()[1]

    assert process.returncode == 130
    assert "the same command goes on" in error
    assert stored(own_folder) == sum(answered(log).values())


def test_neither_key_nor_private_text_is_written_anywhere(own_folder: Path) -> None:
    """Not in mlruns, on the screen, or in an error, although the server quotes the key in each of its own."""

    rows = "".join(
        f"{i},c{i % 12},{CANARY if i == 3 else f'ordinary sentence number {i}'} {i},{i % 2},{i % 3 % 2}\n" for i in range(90)
    )
    (own_folder / "mine.csv").write_text(f"id,child,text,A,B\n{rows}")

    def quoting(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
        return Reply(500, {"error": {"message": f"key {KEY} failed on {asked['messages']}"}}) if number % 3 == 0 else None

    said = ""
    with serving(quoting) as llm:
        data = ["data=csv", "data.path=mine.csv", "data.group=child", "labels=from_data", "generate.n=20"]
        common = ["llm=gpt-4o-mini", f"llm.base_url={llm.address}", "generate.max_usd=1", "generate.max_attempts=9", *data]
        train = ["model=tiny", "training.epochs=1", "mix.ratio=0.2"]
        for verb in (["generate"], ["generate", "prompt=few_shot", "llm.base_url=https://llm.example/v1"], ["run", *train]):
            given = [sys.executable, "-m", "synthsweep.cli.main", verb[0], *common, *verb[1:]]
            done = subprocess.run(given, capture_output=True, text=True, env={**os.environ, "OPENAI_API_KEY": KEY})
            said += done.stdout + done.stderr
            assert done.returncode == (2 if "few_shot" in str(verb) else 0), said

    written = b"".join(path.read_bytes() for path in own_folder.joinpath("mlruns").rglob("*") if path.is_file()) + said.encode()
    assert "prompt=few_shot shows real texts to llm.example: refused" in said
    assert KEY in str(llm.headers)
    assert KEY.encode() not in written
    assert CANARY.encode() not in written


def test_a_study_asks_for_its_pools_under_one_cap(own_folder: Path) -> None:
    """Two workers share what two prompts lack; no reply is paid for twice, and the cap is the study's."""

    from synthsweep.generate.replies.store import open_reply_store

    with serving(latency=0.05) as llm:
        given = [
            "run",
            "-m",
            "experiment=ci",
            "study=prompts",
            "llm=gpt-4o-mini",
            f"llm.base_url={llm.address}",
            "generate.n=20",
        ]
        varied = ["prompt=plain,attributed", "replicates=2", "generate.max_usd=0.1", "hydra.launcher.n_workers=2"]
        done = subprocess.run(
            [sys.executable, "-m", "synthsweep.cli.main", *given, *varied],
            capture_output=True, text=True, env={**os.environ, "OPENAI_API_KEY": KEY},
        )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "4 of 4 replicates finished" in done.stdout
    assert 28 == len(llm.requests) == len(set(llm.answered))
    spent = open_reply_store(own_folder / "mlruns").spending("prompts")
    assert spent.total == pytest.approx(28 * (200 * 0.15 + 300 * 0.6) / 1e6)
