"""Replies from a server on loopback: seconds over the ideal and over OpenAI's bare SDK, CPU seconds, memory, the same again.

    python tests/benchmarks/generate_throughput.py [--latency 0.5] [--limit 32] [--replies 210] [--stored 0 100000]
        [--beside DIR]

Seven criteria, ten texts a request. In the ideal no client takes any time: the first request is sent alone, since nobody knows
what it costs, and the others go in whole rounds, so (1 + ceil((requests - 1) / limit)) x latency. `sdk` sends the same requests
by OpenAI's own client in so many tasks, and neither reads nor keeps a reply. Seconds run from the first request that reached
the server to the last reply that was stored; CPU seconds are those of the whole command; beside those of the same command again
they give the CPU of one request, also on a machine that others use. `--stored` puts so many replies of another LLM, and as many
paid entries of the same budget, into the store before; several numbers are measured in turns. `--beside` names another
checkout,
measured in turns with this one: the version before. 10,000 replies beside 100,000 others:
`--replies 10000 --stored 0 100000 --latency 0.05 --repeats 1`. On a machine that others use, `chrt -f 10` before the command
gives it what an idle machine would.
"""

import argparse
import json
import math
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).parents[2]
SERVER = Path(__file__).parents[1] / "support" / "llm_server.py"
CRITERIA, PER_REQUEST = 7, 10
FILL = """
import sys
from pathlib import Path
from synthsweep.generate.completer import Completion, Usage
from synthsweep.generate.replies.store import ReplyKey, StoredReply, open_reply_store
store = open_reply_store(Path(sys.argv[1]))
done = Completion("In a note he looks away when his aunt waves. " * 40, "other", usage=Usage(200, 300))
store.add([StoredReply(ReplyKey(f"{n // 1400:064x}", n % 1400, "other"), "plain", "A", done) for n in range(int(sys.argv[2]))])
with store._writing() as write:
    write("INSERT INTO ledger (budget, usd, state, at, ratio) SELECT 'm/plain', 0.0, 'paid', 0, 0.1 FROM replies")
store.close()
"""


SDK = """
import asyncio, resource, sys, time
import openai
PROMPT = "Write 10 different texts of at most 60 words, each of which describes what a child does, and how often. " * 10
async def main(address, requests, limit):
    client = openai.AsyncOpenAI(base_url=address, api_key="none", max_retries=0)
    left = iter(range(1, requests))
    async def ask(number):
        await client.chat.completions.create(model="m", messages=[{"role": "user", "content": PROMPT}], max_tokens=2000,
                                             extra_headers={"Idempotency-Key": str(number)})
    async def work():
        for number in left:
            await ask(number)
    began = time.time()
    await ask(0)
    first = time.process_time()
    await asyncio.gather(*(work() for _ in range(limit)))
    print(time.time() - began, (time.process_time() - first) / (requests - 1))
asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


@dataclass(frozen=True)
class Measured:
    """Seconds of asking, CPU seconds of the command, and CPU seconds of the same command again, which asks nothing."""

    asking: float
    cpu: float
    again: float


def run(source: Path, words: list[str], folder: Path) -> float:
    """One Python process with the package of a checkout; returns its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(source / "src")}
    subprocess.run([sys.executable, *words], check=True, capture_output=True, cwd=folder, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure_sdk(requests: int, given: argparse.Namespace) -> tuple[float, float]:
    """Seconds of asking by OpenAI's client alone, and CPU seconds of one request."""
    server = subprocess.Popen(
        [sys.executable, str(SERVER), "--latency", str(given.latency)], stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    try:
        address = server.stdout.readline().strip()
        words = [sys.executable, "-c", SDK, address, str(requests), str(given.limit)]
        said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    finally:
        server.kill()
        server.wait()
    seconds, cpu = map(float, said.split())
    return seconds, cpu


def measure(source: Path, stored: int, given: argparse.Namespace) -> Measured:
    """A pool in a new folder."""
    with tempfile.TemporaryDirectory() as name:
        folder, log = Path(name), Path(name) / "log"
        if stored:
            run(source, ["-c", FILL, str(folder), str(stored)], folder)
        command = [sys.executable, str(SERVER), "--latency", str(given.latency), "--log", str(log)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().strip()
            words = [
                "-m", "synthsweep.cli.main", "generate", "llm=vllm", "llm.model=m", f"llm.base_url={address}",
                f"generate.n={math.ceil(given.replies / CRITERIA) * PER_REQUEST}",
                f"generate.concurrency={given.limit}", "tracking=none",
                f"tracking.folder={folder}",
            ]  # fmt: skip
            cpu = run(source, words, folder)
            rows = [json.loads(line) for line in log.read_text().splitlines()]
            again = run(source, words, folder)
            if len(log.read_text().splitlines()) != len(rows):
                raise SystemExit("the second time something was asked again")
        finally:
            server.kill()
            server.wait()
        if len({row[0] for row in rows}) != len(rows):
            raise SystemExit("something was asked twice")
        with sqlite3.connect(folder / "replies.db") as store:
            last = store.execute("SELECT max(answered_at) FROM replies WHERE llm='m'").fetchone()[0]
        return Measured(datetime.fromisoformat(last).timestamp() - min(row[1] for row in rows), cpu, again)


def main() -> None:
    """Prints a row for each checkout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--limit", type=int, default=32)
    parser.add_argument("--replies", type=int, default=210)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--stored", type=int, nargs="+", default=[0])
    parser.add_argument("--beside", type=Path)
    given = parser.parse_args()
    requests = math.ceil(given.replies / CRITERIA) * CRITERIA
    ideal = given.latency * (1 + math.ceil((requests - 1) / given.limit))
    sources = {"here": HERE} | ({"beside": given.beside.resolve()} if given.beside else {})
    print(f"{requests} requests of {given.latency} s, {given.limit} at once; ideal {ideal:.1f} s", flush=True)
    found: dict[tuple[str, int], list[Measured]] = {(name, stored): [] for stored in given.stored for name in sources}
    bare: list[tuple[float, float]] = []
    for _ in range(given.repeats):
        bare.append(measure_sdk(requests, given))
        for name, stored in found:
            found[name, stored].append(measure(sources[name], stored, given))
    floor, each = (statistics.median(column) for column in zip(*bare, strict=True))
    of_sdk = f"asking {floor:6.2f} s, ratio {floor / ideal:5.2f}; {1000 * each:.2f} ms CPU per request"
    print(f"{'sdk':<7} {'keeps nothing':>22}: {of_sdk}")
    for (name, stored), all_ in found.items():
        asking, cpu, again = (statistics.median(getattr(one, what) for one in all_) for what in ("asking", "cpu", "again"))
        each = 1000 * (cpu - again) / requests
        print(
            f"{name:<7} {stored:>7,} replies before: asking {asking:6.2f} s, ratio {asking / ideal:5.2f}, "
            f"{asking / floor:.2f} of the sdk; CPU {cpu:6.2f} s, again {again:5.2f} s, {each:.2f} ms more per request"
        )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"medians of {given.repeats}; peak memory {peak:.0f} MB; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs")


if __name__ == "__main__":
    main()
