"""Three effects of known kind, planted in pools: does `synthsweep compare` find each, and tell them apart?

    python tests/benchmarks/planted_effects.py [--replicates 6] [--folder FOLDER]

Each is a whole study through run, sweep and compare, on 200 sentences of the demo corpus.

- threshold: the simulator repeats the training texts of each criterion (diversity 0.3: next to nothing new). Positives get
  commoner, so at a fixed threshold more is predicted: recall up, precision down, by the operating point alone.
- ranking: the pool is 400 real sentences that the baseline does not see, with their labels. Thresholds follow dev.
- label noise: the simulator, with 0 and with 80 % of its labels wrong, against each other at the same size.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

SHARED = [
    "data.train_size=200", "seeds.subset=1", "training.max_length=64", "training.epochs=10", "training.match_steps=true",
    "model.frozen_layers=4", "training.precision=bf16",
]  # fmt: skip
SIMULATOR = ["llm=simulator", "generate.n=60"]
KINDS = ("average_precision", "precision", "recall")


def studies(pool: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Name to what `run -m` varies and what `compare` is asked."""
    shift = [*SIMULATOR, "llm.simulator.diversity=0.3", "mix.ratio=0,1.5", "evaluation.threshold=0.5"]
    noise = [*SIMULATOR, "mix.ratio=1", "llm.simulator.label_noise=0,0.8"]
    return {
        "threshold": (shift, []),
        "ranking": ([f"llm.path={pool}", "mix.ratio=0,1"], []),
        "label-noise": (noise, ["baseline=llm.simulator.label_noise:0"]),
    }


def write_pool(path: Path) -> None:
    """Real sentences that are in no part of the studies: carriers of a criterion alone, since a line must name one."""
    from synthsweep.config.keys.texts import DataConfig, LabelsConfig
    from synthsweep.corpus.corpus import load_corpus

    def train(size: int) -> list:  # type: ignore[type-arg]
        return list(load_corpus(LabelsConfig(), DataConfig(id="id", group="child", train_size=size), subset_seed=1).split.train)

    seen = {example.id for example in train(200)}
    rest = [example for example in train(0) if example.id not in seen and example.labels]
    lines = [{"label": sorted(e.labels)[0], "also": sorted(e.labels)[1:], "text": e.text} for e in rest]
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")


def command(*words: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "synthsweep.cli.main", *words, f"tracking.folder={folder}"], stdout=subprocess.PIPE
    )
    if done.returncode:
        raise SystemExit(done.stdout.decode())


def rows(folder: Path, name: str, table: str) -> list[dict[str, str]]:
    """A table of the report."""
    import csv

    with (folder / "reports" / name / "tables" / f"{table}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def points(row: dict[str, str], change: str, bound: str) -> str:
    found = [row[f"{change}_points"], row[f"{bound}low_points"], row[f"{bound}high_points"]]
    if not all(found):
        return "undefined"
    middle, low, high = map(float, found)
    return f"{middle:+.1f} [{low:+.1f}, {high:+.1f}]"


def show(folder: Path, name: str) -> None:
    for row in rows(folder, name, "effects"):
        if row["criterion"] == "macro" and row["metric"] in KINDS:
            print(f"{name:<12} {row['metric']:<18} change          {points(row, 'change', '')}")
    for row in rows(folder, name, "splits"):
        if row["criterion"] == "macro":
            for part in ("ranking", "operating_point"):
                print(f"{name:<12} {row['metric']:<18} {part:<15} {points(row, part, f'{part}_')}")


def main() -> None:
    """Runs the studies (finished runs are reused) and prints macro averages in points, with 95 % intervals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=6)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    folder = (given.folder or Path(tempfile.mkdtemp(prefix="planted-"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    pool = folder / "held_out.jsonl"
    write_pool(pool)
    for name, (varied, asked) in studies(pool).items():
        if given.only in name:
            command("run", "-m", f"study={name}", f"replicates={given.replicates}", *SHARED, *varied, folder=folder)
            command("compare", f"study={name}", *asked, folder=folder)
            show(folder, name)


if __name__ == "__main__":
    main()
