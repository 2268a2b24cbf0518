"""What a trial costs a warm worker beyond training and evaluation, in a real sweep with tracking.

    python tests/benchmarks/warm_trial.py [--trials 8]

One worker of one thread runs a factorial study of MiniLM on the demo corpus. From the end of one run to the end of the next
is a cycle; what is left of it without training, dev and test is the harness: order, composition, texts, weights,
tracking, claims. The first cycles of a worker, in which everything is read for the first time, are shown apart.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from contextlib import closing
from itertools import pairwise
from pathlib import Path

RUNS = (
    "SELECT runs.start_time, runs.end_time, (SELECT SUM(value) FROM latest_metrics m WHERE m.run_uuid = runs.run_uuid "
    "AND m.key IN ('time/train', 'time/dev', 'time/evaluate')) FROM runs JOIN tags USING (run_uuid) "
    "WHERE tags.key = 'kind' AND tags.value = 'replicate' AND runs.status = 'FINISHED' ORDER BY runs.end_time"
)
WARM_AFTER = 2


def sweep(trials: int, folder: Path) -> None:
    rates = ",".join(f"{(number + 1) * 1e-5:.0e}" for number in range(trials))
    command = [
        sys.executable, "-m", "synthsweep.cli.main", "run", "-m", f"training.learning_rate={rates}",
        "hydra.launcher.n_workers=1",
        "hydra.launcher.threads=1", "data.train_size=100", "data.dev_size=100", "data.test_size=100", "training.epochs=3",
    ]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        sweep(arguments.trials, Path(name))
        with closing(sqlite3.connect(Path(name) / "mlruns/mlflow.db")) as database:
            runs = database.execute(RUNS).fetchall()
    cycles = [(after[1] - before[1]) / 1000 for before, after in pairwise(runs)]
    fixed = [cycle - run[2] for cycle, run in zip(cycles, runs[1:], strict=True)]
    warm = fixed[WARM_AFTER:]
    print("s beyond training and evaluation, trial by trial: " + " ".join(f"{seconds:.2f}" for seconds in fixed))
    cost = statistics.median(warm)
    print(f"warm: median {cost:.2f} s, most {max(warm):.2f} s; {cost / (30 + cost):.1%} of a trial of 30 s")


if __name__ == "__main__":
    main()
