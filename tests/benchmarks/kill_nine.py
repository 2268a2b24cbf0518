"""kill -9 at random moments of a study of twelve trials, the same command after each, and what is left at the end.

    python tests/benchmarks/kill_nine.py [--target sweep|worker|group] [--design factorial|search] [--moments 20]
        [--epochs 30] [--longest 20]

At the end twelve trials must be finished, no configuration trained twice, nothing RUNNING in Optuna or MLflow, no worker left
behind; a factorial must have the numbers of a study that nobody disturbed. Exit status 1 if not.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.kills import DESIGNS, LIMIT_S, TARGETS, count, numbers, orphans, start, strike, wait_until


def disturbed(folder: Path, given: argparse.Namespace, rng: random.Random) -> int:
    """Runs the study to its end under so many kills; returns how many of them met it alive."""
    struck = 0
    sweep = start(given.design, folder, given.epochs)
    for moment in range(given.moments):
        seconds = rng.uniform(0.5, given.longest)
        wait_until(seconds, sweep)
        hit = strike(sweep, given.target, rng)
        struck += hit
        print(
            f"moment {moment + 1}: {given.target} after {seconds:.1f} s, {'killed' if hit else 'nothing to kill'}", flush=True
        )
        if sweep.poll() is not None:
            sweep = start(given.design, folder, given.epochs)
    sweep.wait(LIMIT_S)
    last = start(given.design, folder, given.epochs)
    print(f"the last command ended with status {last.wait(LIMIT_S)}", flush=True)
    return struck


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", choices=TARGETS, default="group")
    parser.add_argument("--design", choices=list(DESIGNS), default="factorial")
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=30, help="more epochs keep the study alive under more kills")
    parser.add_argument("--longest", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        folder, calm = Path(one).resolve(), Path(two).resolve()
        rng = random.Random(arguments.seed)
        struck = disturbed(folder, arguments, rng)
        time.sleep(3)
        found, left = count(folder), orphans(folder)
        print(f"{struck} kills of {arguments.target}; Optuna {found.trials}; MLflow {found.runs}; trained twice {found.twice}")
        same = True
        if arguments.design == "factorial":
            start(arguments.design, calm, arguments.epochs).wait(LIMIT_S)
            same = numbers(folder) == numbers(calm)
            print(f"numbers of the undisturbed study: {'the same' if same else 'DIFFERENT'} ({len(numbers(calm))} runs)")
        finished = found.trials.get("COMPLETE", 0) + found.trials.get("PRUNED", 0)
        running = found.trials.get("RUNNING", 0) + sum(n for (_, status), n in found.runs.items() if status == "RUNNING")
        good = finished == 12 and not running and not found.twice and not left and same
    print(f"{finished} trials finished, {running} running, {len(left)} workers left behind: {'good' if good else 'NOT GOOD'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
