"""`synthsweep generate` as processes: killed, twice at once, watched for what they write down."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from support.forks import Forks
from support.llm_faults import job_of
from support.llm_server import Llm, Reply, serving
from support.stopped_jobs import answered, command, server, start, stop_often, stored
from synthsweep.errors import CompletionError, ReplyStoreError
from synthsweep.generate.llm.job import run_job
from synthsweep.generate.replies.exchange import read_replies
from synthsweep.generate.replies.store import ReplyStore
from synthsweep.progress import silent

pytestmark = pytest.mark.slow
KEY, CANARY = "sk-canary-0123456789", "Canary words of a private sentence that nobody else wrote"


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_job_that_is_stopped_keeps_what_is_under_way(own_folder: Path, number: int) -> None:
    """Nothing more is sent, what was is waited for; each request is answered once, over all stops."""

    out = stop_often(own_folder, number, stops=2, texts=100, rng=random.Random(int(number)))

    assert (out.stored, out.answered, out.lost, out.paid_twice, out.statuses) == (70, 70, 0, 0, (130, 130, 0))
    assert "the same command goes on" in (own_folder / "said").read_text()


def under_way(address: str, log: Path, folder: Path, *overrides: str) -> "subprocess.Popen[bytes]":
    """A job whose first answer is there, so that others are under way."""
    process = start(command(address, "generate.concurrency=8", *overrides), folder)
    while not answered(log):
        time.sleep(0.02)
    time.sleep(0.5)
    return process


def test_a_second_request_to_stop_ends_the_wait(own_folder: Path) -> None:
    """What is under way is given up: it counts as spent, and the next command asks for it again."""

    with server(own_folder, latency=10) as (address, log):
        process = under_way(address, log, own_folder)
        process.send_signal(signal.SIGTERM)
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        status = process.wait(60)

    assert status == 130
    assert stored(own_folder) == 1


def test_a_signal_that_comes_twice_at_once_is_one(own_folder: Path) -> None:
    """`timeout` sends SIGTERM to the process and to its group."""

    with server(own_folder, latency=1.5) as (address, log):
        process = under_way(address, log, own_folder)
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGHUP):
            process.send_signal(number)
            time.sleep(0.02)
        process.wait(60)

    assert stored(own_folder) == sum(answered(log).values()) > 1


@pytest.mark.parametrize("fault", ["401", "bug", "disk"])
def test_an_error_in_the_middle_keeps_what_is_under_way(own_folder: Path, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal, which books nothing, a bug of ours, a reply that cannot be stored: all other answers are kept."""

    def script(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
        refusal = Reply(401, {"error": {"message": "no", "code": "invalid_api_key"}}, delay=0.05)
        return refusal if fault == "401" and number == 4 else None

    with serving(script, latency=0.6) as llm:
        job = job_of(llm, own_folder, "generate.n=200", "generate.concurrency=8")
        keep, read, kept = ReplyStore.keep, job.missing.on_reply, list[Any]()

        def full(self: ReplyStore, *given: Any) -> None:
            if given[0].key not in kept:
                kept.append(given[0].key)
            if fault == "disk" and [given[0].key] == kept[2:3]:
                raise ReplyStoreError("replies.db: database or disk is full")
            keep(self, *given)

        def buggy(*given: Any) -> Any:
            if fault == "bug" and len(llm.answered) > 1:
                raise ZeroDivisionError
            return read(*given)

        monkeypatch.setattr(ReplyStore, "keep", full)
        monkeypatch.setattr(job.missing, "on_reply", buggy)
        with pytest.raises((CompletionError, ZeroDivisionError, ReplyStoreError)) as caught:
            run_job(job, silent)

    name = str(caught.value).partition("stored is in ")[2]
    rescued = len(read_replies(Path(name.split()[0]))) if name else 0
    assert len(list(job.store.all())) + rescued == len(llm.answered) > 5
    assert (job.spending.lost, rescued > 0) == (0.0, fault == "disk")


@pytest.mark.usefixtures("made_store")
def test_a_worker_of_a_sweep_keeps_what_is_under_way(own_folder: Path) -> None:
    """SIGTERM to the sweep, and to its whole group, as a scheduler sends it; the same command then asks for the rest alone."""

    study = [
        "run",
        "-m",
        "experiment=ci",
        "tracking.figures=false",
        "study=s",
        "llm=vllm",
        "llm.model=m",
        "generate.n=60",
        "hydra.launcher.n_workers=1",
    ]
    words = [sys.executable, "-m", "synthsweep.cli.main", *study, "prompt=plain,attributed", "generate.concurrency=4"]
    with server(own_folder, latency=1.5) as (address, log):
        words.append(f"llm.base_url={address}")
        for group in (False, True):
            before = sum(answered(log).values())
            process = subprocess.Popen(
                words, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            while sum(answered(log).values()) < before + 3:
                time.sleep(0.1)
            time.sleep(0.3)
            os.killpg(process.pid, signal.SIGTERM) if group else process.terminate()
            said = process.communicate()[0]
            assert process.returncode == 130, said
            found = answered(log)
            assert stored(own_folder) == sum(found.values()) == len(found)

    assert before > 0


@pytest.mark.usefixtures("made_store")
def test_neither_key_nor_private_text_is_written_anywhere(forks: Forks, own_folder: Path) -> None:
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
            done = forks.run(verb[0], *common, *verb[1:], OPENAI_API_KEY=KEY)
            said += "\n".join([done.out, *done.err])
            assert done.status == (2 if "few_shot" in str(verb) else 0), said

    written = b"".join(path.read_bytes() for path in own_folder.joinpath("mlruns").rglob("*") if path.is_file()) + said.encode()
    assert "prompt=few_shot shows real texts to llm.example: refused" in said
    assert KEY in str(llm.headers)
    assert KEY.encode() not in written
    assert CANARY.encode() not in written


@pytest.mark.usefixtures("made_store")
def test_a_study_asks_for_its_pools_under_one_cap(forks: Forks, own_folder: Path) -> None:
    """Two workers share what two prompts lack; no reply is paid for twice, and the cap is the study's."""

    from synthsweep.generate.replies.store import open_reply_store

    with serving(latency=0.05) as llm:
        given = [
            "experiment=ci",
            "tracking.figures=false",
            "study=prompts",
            "llm=gpt-4o-mini",
            f"llm.base_url={llm.address}",
            "generate.n=20",
        ]
        varied = ["prompt=plain,attributed", "replicates=2", "generate.max_usd=0.1", "hydra.launcher.n_workers=2"]
        done = forks.run("run", "-m", *given, *varied, OPENAI_API_KEY=KEY)

    assert done.status == 0, done.err
    assert "4 of 4 replicates finished" in done.out
    assert 28 == len(llm.requests) == len(set(llm.answered))
    spent = open_reply_store(own_folder / "mlruns").spending("prompts")
    assert spent.total == pytest.approx(28 * (200 * 0.15 + 300 * 0.6) / 1e6)
