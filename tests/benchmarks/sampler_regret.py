"""Which sampler finds a good configuration soon, and what it costs that several processes search at once?

    python tests/benchmarks/sampler_regret.py [--seeds 20] [--trials 32] [--samplers TPESampler GPSampler] [--table FILE]

A sampler may have arguments, as in `TPESampler,multivariate=true,constant_liar=true`.

The objective is a table: `sampler_regret.csv` has the average precision on dev of every combination of dose, prompt and
penalty of a logistic regression on embeddings of the demo corpus, the mean of two seeds, as

    synthsweep run -m study=table model=embeddings data.train_size=150 replicates=2 mix.ratio=0.25,0.5,1,2,3,4
        prompt=plain,attributed model.inverse_penalty=0.03,0.1,0.3,1,3,10,30,100 characteristics=none

measured it. Everything is as in a search but the run: each process opens the study for itself, with its own stream of random
numbers, and all ask before one of them tells. A line per sampler and number of processes: the mean regret (points below the
best of the table) after a quarter, half and all of the trials, its standard error at the end, and how many proposals were
ones that another process had open.
"""

import argparse
import csv
import math
import statistics
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hydra.utils import instantiate

from synthsweep.config.keys.run import RunConfig
from synthsweep.study.design.definition import define
from synthsweep.study.design.objective import make_goal
from synthsweep.study.design.space import Choice, Range, Space
from synthsweep.study.optuna_storage import StudyStore, open_study
from synthsweep.study.queue.search_queue import SearchQueue
from synthsweep.study.queue.trial_queue import Job, Outcome
from synthsweep.study.samplers import make_sampler, own_stream

METRIC = "dev/average_precision/macro"
TABLE = Path(__file__).with_name("sampler_regret.csv")
SAMPLERS = ("TPESampler", "GPSampler", "RandomSampler", "QMCSampler")
PROCESSES = (1, 2, 4)

Table = dict[tuple[str, ...], float]


def read(file: Path) -> tuple[list[str], Table]:
    """The names of the factors, and the value of each combination of levels as they are written."""
    with file.open(encoding="utf-8") as lines:
        names, *rows = csv.reader(lines)
    return names[:-1], {tuple(row[:-1]): float(row[-1]) for row in rows}


class Search:
    """One study on the table, in so many processes; `best` is the best value after each trial."""

    def __init__(self, table: tuple[list[str], Table], sampler: str, processes: int, seed: int, folder: Path) -> None:
        names, self.values = table
        self.levels = {name: list(dict.fromkeys(key[place] for key in self.values)) for place, name in enumerate(names)}
        name, *given = sampler.split(",")
        arguments = {key: yaml.safe_load(text) for key, text in (argument.split("=", 1) for argument in given)}
        self.settings = {"_target_": f"optuna.samplers.{name}", **arguments}
        self.processes, self.seed = processes, seed
        self.address = f"sqlite:///{folder}/{name}-{processes}-{seed}.db"
        self.best: list[float] = []
        self.twice = 0

    def run(self, trials: int) -> None:
        opened = [self._open() for _ in range(self.processes)]
        queues = [SearchQueue(store, self.space, self.goal, (1,), trials) for store in opened]
        while len(self.best) < trials:
            jobs = [(queue, queue.next_job()) for queue in queues]
            asked = [tuple(job.trial.assignment.values()) for _, job in jobs if job]
            self.twice += len(asked) - len(set(asked))
            for queue, job in jobs:
                if job:
                    self._record(queue, job)
        for store in opened:
            store.leases.close()

    @property
    def space(self) -> Space:
        return Space(
            tuple(
                Range(name, 0, len(levels) - 1, step=1, whole=True) if _is_number(levels[0]) else Choice(name, levels, levels)
                for name, levels in ((name, tuple(levels)) for name, levels in self.levels.items())
            )
        )

    @property
    def goal(self) -> Any:
        return make_goal(METRIC, "maximize", [], "mean", 1)

    def _open(self) -> StudyStore:
        configs = RunConfig(seed=1), RunConfig(seed=2)
        definition = define(configs, self.space, self.goal, design="search", seeds=(1,), pruner="", fraction=1.0)
        store = open_study(self.address, "table", definition, self.goal, pruner=None, lease_s=600)
        store.study.sampler = make_sampler(self.settings, self.seed, instantiate, own_stream(store))
        return store

    def _record(self, queue: SearchQueue, job: Job) -> None:
        chosen = job.trial.assignment
        key = tuple(levels[value] if isinstance(value := chosen[name], int) else value for name, levels in self.levels.items())
        value = self.values[key]
        queue.record(job, Outcome("", "", {METRIC: value}, 0.0))
        self.best.append(max([value, *self.best[-1:]]))


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, default=32)
    parser.add_argument("--samplers", nargs="+", default=SAMPLERS)
    parser.add_argument("--table", type=Path, default=TABLE)
    options = parser.parse_args()
    table = read(options.table)
    best, marks = max(table[1].values()), (options.trials // 4, options.trials // 2, options.trials)
    print(f"{len(table[1])} configurations, the best {best:.4f}, {options.seeds} seeds")
    print(f"{'sampler':16} processes   regret after {', '.join(map(str, marks))} trials   open elsewhere")
    for sampler in options.samplers:
        for processes in PROCESSES:
            with tempfile.TemporaryDirectory() as folder:
                searches = [Search(table, sampler, processes, seed, Path(folder)) for seed in range(1, options.seeds + 1)]
                for search in searches:
                    search.run(options.trials)
            regrets = {mark: [100 * (best - search.best[mark - 1]) for search in searches] for mark in marks}
            shown = "  ".join(f"{statistics.fmean(regret):5.2f}" for regret in regrets.values())
            error = statistics.stdev(regrets[options.trials]) / math.sqrt(options.seeds)
            print(
                f"{sampler:16} {processes:9}   {shown} (±{error:.2f})   {sum(search.twice for search in searches):6}",
                flush=True,
            )


if __name__ == "__main__":
    main()
