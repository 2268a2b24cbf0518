"""How fast and with how much memory `synthsweep predict` labels many short texts, and what a kill in the middle loses.

    python tests/benchmarks/predict_throughput.py --texts 1000000

It trains the smallest classifier, kills the command when a third of the parts is there, gives it again, and checks that every
row stands in the file exactly once.
"""

import argparse
import csv
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = ("lines", "up", "cars", "covers", "ears", "at", "noise", "no", "eye", "contact", "again", "and", "the", "same", "route")
TRAIN = (
    "run", "experiment=ci", "tracking.log_model=true", "tracking.figures=false", "characteristics=none", "study=bench",
)  # fmt: skip


def synthsweep(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "synthsweep", *arguments]


def write_texts(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text"])
        for number in range(count):
            chosen = [WORDS[(number * step + step) % len(WORDS)] for step in range(3, 11)]
            rows.writerow([f"t{number}", " ".join(chosen) + f" {number % 977}"])


def killed_at(command: list[str], parts: Path, count: int) -> float:
    """Kills the command when so many parts are there; seconds until then."""
    began = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while process.poll() is None and len(list(parts.glob("*.parquet"))) < count:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000)
    count = parser.parse_args().texts
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        subprocess.run(synthsweep(*TRAIN), check=True, capture_output=True)
        (model,) = Path().glob("mlruns/artifacts/*/*/artifacts/model")
        write_texts(Path("new.csv"), count)
        command = synthsweep("predict", f"run={model}", "data.path=new.csv", "out=labels.csv")
        parts = Path(".labels.csv.parts")
        print(f"{count} texts, {Path('new.csv').stat().st_size / 2**20:.0f} MiB")
        seconds = killed_at(command, parts, max(count // 4096 // 3, 1))
        print(f"killed after {seconds:.0f} s: {len(list(parts.glob('*.parquet')))} parts kept")
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        print(f"the same command: {time.monotonic() - began:.0f} s, {cpu:.0f} CPU s")
        print(f"at most {used.ru_maxrss / 2**20:.2f} GiB in one process")
        with Path("labels.csv").open(newline="") as file:
            ids = [row["id"] for row in csv.DictReader(file)]
        assert ids == [f"t{number}" for number in range(count)], "a text is missing, or stands there twice"
        print(f"{len(ids)} rows, each text once, in order")


if __name__ == "__main__":
    main()
