"""4,200 examples from a server on loopback: seconds over the ideal, memory, and the same command again.

    python tests/benchmarks/generate_throughput.py [--latency 0.5] [--limit 32] [--repeats 3]

Seven criteria, two LLMs, 300 examples each, ten a request: 420 requests. The ideal is requests x latency / limit, with the
limit where it starts; it may grow, so that a ratio below 1 is possible. Seconds run from the first request that reached the
server to the last reply that was stored, for each LLM, and are added; each command's own seconds stand beside them.
"""

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

SERVER = Path(__file__).parents[1] / "support" / "llm_server.py"
LLMS = ("first", "second")
N, CRITERIA, PER_REQUEST = 300, 7, 10


def run(address: str, folder: Path, llm: str, limit: int) -> float:
    """One command; returns its seconds."""
    began = time.monotonic()
    subprocess.run(
        [
            sys.executable, "-m", "synthsweep.cli.main", "generate", "llm=vllm", f"llm.model={llm}", f"llm.base_url={address}",
            f"generate.n={N}", f"generate.concurrency={limit}", "tracking=none", f"tracking.folder={folder}",
        ],
        check=True, capture_output=True, cwd=folder, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return time.monotonic() - began


def span(folder: Path, llm: str, first: float) -> float:
    """Seconds from the first request to the last stored reply."""
    with sqlite3.connect(folder / "replies.db") as store:
        last = store.execute("SELECT max(answered_at) FROM replies WHERE llm=?", (llm,)).fetchone()[0]
    return datetime.fromisoformat(last).timestamp() - first


def measure(latency: float, limit: int) -> tuple[float, list[float], list[float]]:
    """Seconds of asking, of the commands, and of the same commands again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, str(SERVER), "--latency", str(latency), "--log", str(folder / "log")]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().strip()
            walls = [run(address, folder, llm, limit) for llm in LLMS]
            rows = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
            again = [run(address, folder, llm, limit) for llm in LLMS]
            if len((folder / "log").read_text().splitlines()) != len(rows):
                raise SystemExit("the second time something was asked again")
        finally:
            server.kill()
            server.wait()
        firsts = {row[0].split()[0]: row[1] for row in reversed(rows)}
        if len({row[0] for row in rows}) != len(rows):
            raise SystemExit("something was asked twice")
        return sum(span(folder, llm, firsts[llm]) for llm in LLMS), walls, again


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--limit", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    requests = len(LLMS) * CRITERIA * N // PER_REQUEST
    ideal = requests * given.latency / given.limit
    found = [measure(given.latency, given.limit) for _ in range(given.repeats)]
    print(f"{len(LLMS) * CRITERIA * N} examples, {requests} requests of {given.latency} s, limit {given.limit} at first")
    for seconds, walls, again in found:
        told = " + ".join(f"{wall:.1f}" for wall in walls)
        print(f"  asking {seconds:.1f} s, commands {told} s; again {' + '.join(f'{wall:.1f}' for wall in again)} s, no request")
    ratio = statistics.median(seconds / ideal for seconds, _, _ in found)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"ideal {ideal:.1f} s; ratio {ratio:.2f} (median of {given.repeats}); peak memory of a command {peak:.0f} MB")


if __name__ == "__main__":
    main()
