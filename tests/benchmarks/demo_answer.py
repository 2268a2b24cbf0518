"""Is the answer of `make demo` luck? The same study on other splits of the corpus and with other seeds.

    python tests/benchmarks/demo_answer.py [--splits 2 3] [--seed 101] [--folder FOLDER] [OVERRIDE ...]

It prints, for each split, the CPU time of all processes, what each arm changed in macro average precision on test, and the
sentence that sets the baseline beside TF-IDF.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

METRIC = "average_precision"


def command(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "synthsweep.cli.main", *words], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(done.stdout)
    return done.stdout


def cpu_s() -> float:
    """Of the processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def changes(folder: Path, name: str) -> list[str]:
    with (folder / "reports" / name / "tables" / "effects.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (row["metric"], row["criterion"]) == (METRIC, "macro")]
    return ["{contrast}: {difference} [{interval_low}, {interval_high}]".format_map(row) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, nargs="+", default=[2, 3])
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("overrides", nargs="*")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp())
    for split in given.splits:
        name, before = f"demo-split-{split}", cpu_s()
        place = f"tracking.folder={folder}"
        asked = ("sweeps=demo", f"study={name}", f"data.split_seed={split}", f"seed={given.seed}")
        command("run", "-m", *asked, place, *given.overrides)
        training_s = cpu_s() - before
        said = command("compare", f"study={name}", place)
        print(f"split {split}: {training_s:.0f} CPU seconds")
        for line in (*changes(folder, name), *(line for line in said.splitlines() if "TF-IDF" in line)):
            print(f"  {line}")


if __name__ == "__main__":
    main()
