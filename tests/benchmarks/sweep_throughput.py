"""Trials an hour of a whole sweep: synthsweep beside Hydra's Optuna sweeper with transformers' Trainer, and the floor.

    python tests/benchmarks/sweep_throughput.py [DATA] [--trials 8] [--epochs 6] [--repeats 1]

DATA holds train.csv, dev.csv and test.csv (id, text, one 0/1 column a label); without it the demo corpus stands in.
Both sides read the same files, train the same MiniLM on the same grid of learning rates and weight decays, with two
processes of one thread, evaluate on dev each epoch, keep the best, look at test once and log to MLflow on SQLite. Each
is timed as a whole command, from its start to its end; only the making of the empty MLflow store is left out, on both.

The peer (tests/benchmarks/peer/) is hydra-optuna-sweeper 1.4.0rc3 with hydra-joblib-launcher 1.2.0, whose loky workers
live on between trials, in an environment of its own that pip makes in --peer-venv. Its trial is transformers' Trainer
with its defaults; `--sampling group_by_length` gives it the Trainer's own way to less padding.

The floor is the arithmetic of one sweep (real tokens, no padding, no start) at the matrix product rate that this machine
shows at the same time. `--ours` replaces the overrides that choose synthsweep's launcher and design; to compare searches
with pruning, give `--ours ... hydra.sweeper.design=search hydra.sweeper.pruner=...` and read the table's last lines, the
seconds until the best trial so far reaches --target on dev.
"""

import argparse
import csv
import json
import os
import signal
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from sweep_floor import Work, measured_rate, work_of
from sweep_sides import PARTS, Sweep, Task, Trial, model_folder, peer_python, run_ours, run_peer

LAUNCHER = ("hydra/launcher=workers", "hydra.launcher.n_workers={workers}", "hydra.sweeper.design=factorial")
RATES, DECAYS = (2e-5, 2e-4), ("0.0", "0.01")
# Where a target is not given: what both sides reach, and almost as good as the worse of their best.
NEARLY = 0.99
# The share of the machine that other programs may take before the table says that it means nothing.
QUIET = 0.05

Sweeps = Mapping[str, Sequence[Sweep]]


def write_texts(data: Path | None, sizes: Mapping[str, int], folder: Path) -> dict[str, list[str]]:
    """The same CSV files for both sides, drawn once; returns the texts of each part."""
    from synthsweep.config.keys.texts import DataConfig, FilesConfig, LabelsConfig
    from synthsweep.corpus.corpus import load_corpus

    chosen = {f"{part}_size": size for part, size in sizes.items()}
    if data is None:
        source = DataConfig(id="id", group="child", **{**chosen, "train_size": 0, "dev_size": 0, "test_size": 0})
    else:
        source = DataConfig(kind="csv", id="id", files=FilesConfig(*(str(data / f"{part}.csv") for part in PARTS)), **chosen)
    corpus = load_corpus(LabelsConfig(), source, subset_seed=1)
    labels = corpus.labels.ids
    for part, examples in corpus.split.parts.items():
        with (folder / f"{part}.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["id", "text", *labels])
            rows.writerows([e.id, e.text, *(int(label in e.labels) for label in labels)] for e in examples)
    return {part: [e.text for e in examples] for part, examples in corpus.split.parts.items()}


def make_task(given: argparse.Namespace, folder: Path) -> Task:
    """A grid of `trials`: half as many learning rates, evenly spaced in their logarithm, under two weight decays."""
    count, rest = divmod(given.trials, len(DECAYS))
    if rest or not count:
        raise SystemExit(f"--trials must be a multiple of {len(DECAYS)}, the weight decays of the grid; got {given.trials}")
    low, high = RATES
    rates = [low * (high / low) ** (index / max(1, count - 1)) for index in range(count)]
    return Task(folder, model_folder(), [f"{rate:.3g}" for rate in rates], DECAYS, given.epochs, given.workers)


def sides(given: argparse.Namespace, task: Task) -> dict[str, Callable[[Path], Sweep]]:
    """What is to be run, by name; each takes an empty folder."""
    launcher = [part.replace("{workers}", str(given.workers)) for part in given.ours]
    found: dict[str, Callable[[Path], Sweep]] = {}
    if given.only != "peer":
        found["synthsweep"] = lambda folder: run_ours(task, folder, launcher)
    if given.only != "synthsweep":
        python = peer_python(given.peer_venv)
        found["peer"] = lambda folder: run_peer(task, folder, python, given.sampling)
    return found


def run_all(given: argparse.Namespace, task: Task) -> tuple[Sweeps, float]:
    """Interleaved, and in turns first, so that a busy machine slows both; the rate is the best that was seen."""
    runs = sides(given, task)
    done: dict[str, list[Sweep]] = {name: [] for name in runs}
    rates = [measured_rate(given.workers)]
    for repeat in range(given.repeats):
        for name in list(runs)[:: -1 if repeat % 2 else 1]:
            with tempfile.TemporaryDirectory(prefix=f"sweep-{name}-") as folder:
                whole = name == "peer" or "hydra.sweeper.design=search" not in given.ours
                done[name].append(checked(name, runs[name](Path(folder)), task, whole_grid=whole))
            print(f"repeat {repeat + 1}, {name}: {done[name][-1].wall:.1f} s", file=sys.stderr)
        rates.append(measured_rate(given.workers))
    return done, max(rates)


def checked(name: str, sweep: Sweep, task: Task, *, whole_grid: bool) -> Sweep:
    """Both sides ran the same configurations, or there is nothing to compare; a search need not finish them all."""
    finished, wanted = {key_of(trial) for trial in sweep.trials}, set(task.grid)
    if not finished or (whole_grid and (finished != wanted or len(sweep.trials) != task.trials)):
        raise SystemExit(
            f"{name} finished {len(sweep.trials)} trials, {len(finished & wanted)} of the {task.trials} of the grid"
        )
    return sweep


def key_of(trial: Trial) -> tuple[float, float]:
    return trial.learning_rate, trial.weight_decay


def split_of(sweep: Sweep, workers: int) -> dict[str, float]:
    """Worker seconds, `workers` times the wall in all: start, the phases of trials, and what is left, idle or between."""
    first = {}
    for trial in sorted(sweep.trials, key=lambda trial: -trial.began):
        first[trial.process] = trial.began
    seconds = {"start": sum(first.values())}
    for trial in sweep.trials:
        for name, value in trial.seconds.items():
            seconds[name] = seconds.get(name, 0.0) + value
        seconds["rest of trials"] = seconds.get("rest of trials", 0.0) + trial.ended - trial.began - sum(trial.seconds.values())
    return {**seconds, "between, idle": workers * sweep.wall - sum(seconds.values())}


def until(sweep: Sweep, target: float) -> float | None:
    """Seconds until a finished trial reaches the target on dev."""
    return next((trial.ended for trial in sweep.trials if trial.dev >= target), None)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    return f"{statistics.mean(values):.4f} ± {statistics.stdev(values) if len(values) > 1 else 0:.4f}"


def line(title: str, cells: Sequence[str]) -> None:
    print(f"{title:<34}" + "".join(f"{cell:>20}" for cell in cells))


def show_throughput(done: Sweeps, task: Task, work: Work, rate: float) -> None:
    """The whole command: seconds, trials an hour, share of the floor, and how busy the machine was with it."""
    floor = task.trials * work.flops / rate / task.workers
    walls = {name: median([sweep.wall for sweep in sweeps]) for name, sweeps in done.items()}
    line("", list(done))
    line("seconds, whole command", [f"{wall:.1f}" for wall in walls.values()])
    line("trials an hour", [f"{3600 * task.trials / wall:.0f}" for wall in walls.values()])
    line("floor / seconds", [f"{floor / wall:.1%}" for wall in walls.values()])
    line("CPU seconds", [f"{median([sweep.cpu for sweep in sweeps]):.1f}" for sweeps in done.values()])
    line("CPU seconds of other programs", [f"{median([sweep.others for sweep in sweeps]):.1f}" for sweeps in done.values()])
    line("peak memory, GB", [f"{median([sweep.peak_gb for sweep in sweeps]):.2f}" for sweeps in done.values()])
    if len(done) == 2:
        ours, peer = done.values()
        ratios = [other.wall / mine.wall for mine, other in zip(ours, peer, strict=True)]
        each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"\nsynthsweep / peer, trials an hour: {median(ratios):.2f} (repeats: {each})")
    print(
        f"floor: {floor:.1f} s = {task.trials} trials x {work.parameters / 1e6:.2f} M parameters x (6 x {work.trained_tokens}"
        f" + 2 x {work.evaluated_tokens} tokens) / {rate / 1e9:.1f} GFLOP/s / {task.workers} processes"
    )


def warn_if_busy(done: Sweeps) -> None:
    """Seconds, ratio and floor mean little where other programs took the cores; even CPU seconds grow a little."""
    cores = os.cpu_count() or 1
    shares = [sweep.others / (cores * sweep.wall) for sweeps in done.values() for sweep in sweeps]
    if max(shares) > QUIET:
        print(f"NOT A RESULT: other programs took up to {max(shares):.0%} of the machine; measure again on an idle one")


def show_split(done: Sweeps, workers: int) -> None:
    splits = {name: [split_of(sweep, workers) for sweep in sweeps] for name, sweeps in done.items()}
    warn_if_busy(done)
    print(f"\nworker seconds ({workers} x wall)")
    for phase in dict.fromkeys(phase for found in splits.values() for split in found for phase in split):
        line(f"  {phase}", [f"{median([split.get(phase, 0.0) for split in found]):.1f}" for found in splits.values()])


def show_quality(done: Sweeps, target: float | None) -> None:
    """Do both sides train the same classifiers? The same configurations side by side, and how soon one is good."""
    print("\nmacro average precision, over trials")
    for part in ("dev", "test"):
        line(f"  {part}", [spread([getattr(t, part) for s in sweeps for t in s.trials]) for sweeps in done.values()])
    if len(done) == 2:
        for part in ("dev", "test"):
            print(f"  {part}, synthsweep - peer, same configuration: {paired(*done.values(), part)}")
    goal = target or NEARLY * min(max(trial.dev for trial in s.trials) for sweeps in done.values() for s in sweeps)
    soon = {name: [until(sweep, goal) for sweep in sweeps] for name, sweeps in done.items()}
    cells = ["–" if None in found else f"{median([s for s in found if s is not None]):.1f}" for found in soon.values()]
    line(f"seconds until dev reaches {goal:.4f}", cells)


def paired(ours: Sequence[Sweep], peer: Sequence[Sweep], part: str) -> str:
    """Mean difference and its standard error over learning rates.

    Trials that share one are one observation: a weight decay of 0.01 hardly moves a score, and a repeat has the same seed.
    """
    gaps: dict[float, list[float]] = {}
    for mine, other in zip(ours, peer, strict=True):
        theirs = {key_of(trial): getattr(trial, part) for trial in other.trials}
        for trial in mine.trials:
            if key_of(trial) in theirs:
                gaps.setdefault(trial.learning_rate, []).append(getattr(trial, part) - theirs[key_of(trial)])
    means = [statistics.mean(found) for found in gaps.values()]
    if len(means) < 2:
        return f"{means[0]:+.4f} (one learning rate: no standard error)" if means else "none in common"
    error = statistics.stdev(means) / len(means) ** 0.5
    return f"{statistics.mean(means):+.4f} (standard error {error:.4f}, {len(means)} learning rates)"


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    for part, size in {"train": 400, "dev": 500, "test": 1500}.items():
        parser.add_argument(f"--{part}", type=int, default=size, help="texts drawn from DATA; 0 for all")
    for name, number in {"trials": 8, "epochs": 6, "repeats": 1, "workers": 2}.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--only", choices=("synthsweep", "peer"))
    parser.add_argument("--ours", nargs="*", default=LAUNCHER, metavar="OVERRIDE", help=f"default: {' '.join(LAUNCHER)}")
    parser.add_argument("--sampling", choices=("random", "group_by_length"), default="random", help="the peer's batches")
    parser.add_argument("--peer-venv", type=Path, default=Path(tempfile.gettempdir()) / "synthsweep-peer")
    parser.add_argument("--target", type=float, help="a macro average precision on dev")
    parser.add_argument("--json", type=Path, help="every trial of every repeat goes here")
    return parser.parse_args()


def main() -> None:
    """Runs both sides in turns and prints the tables."""
    # A `kill` or `timeout` ends the workers too, and the temporary folders with them.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given = parsed()
    data = given.data and given.data.absolute()
    given.peer_venv = given.peer_venv.absolute()
    with tempfile.TemporaryDirectory(prefix="sweep-texts-") as name:
        texts = write_texts(data, {part: getattr(given, part) for part in PARTS}, Path(name))
        task = make_task(given, Path(name))
        work = work_of(texts, task.model, epochs=task.epochs, max_length=task.max_length)
        done, rate = run_all(given, task)
    if given.json:
        kept = {name: [asdict(sweep) for sweep in sweeps] for name, sweeps in done.items()}
        given.json.write_text(json.dumps({"floor": {**asdict(work), "flops_a_second": rate}, **kept}, indent=2))
    sizes = ", ".join(f"{part} {len(rows)}" for part, rows in texts.items())
    print(f"{sizes} texts; {task.trials} trials of {task.epochs} epochs; {task.workers} processes of one thread\n")
    for show in (partial(show_throughput, task=task, work=work, rate=rate), partial(show_split, workers=task.workers)):
        show(done)
    show_quality(done, given.target)


if __name__ == "__main__":
    main()
