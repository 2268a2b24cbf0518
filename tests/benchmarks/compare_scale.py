"""What a large comparison costs: seconds and peak memory of `analyse`, by its runs and its texts.

    python tests/benchmarks/compare_scale.py [--cells 50] [--blocks 20] [--criteria 7] [--texts 2000]

prints a line for that size, for half and for double of its runs, and for half and double of its texts; with `--once`,
for that size alone. Each size has a process of its own, so that its peak memory is its own. The contrasts: every cell against
the first, and a main effect of all cells, halves against each other. One criterion in ten texts is positive.
"""

import argparse
import resource
import subprocess
import sys
import time

import numpy as np

from synthsweep.compare.grid import Cell, Contrast, Grid, Output, TestSet
from synthsweep.compare.stats.effects import analyse


def make_grid(cells: int, blocks: int, criteria: int, texts: int, rng: np.random.Generator) -> Grid:
    truth = (rng.random((texts, criteria)) < 0.1).astype(int)
    test = TestSet(tuple(map(str, range(texts))), truth, np.arange(texts))

    def output() -> Output:
        latent = rng.normal(size=truth.shape) + 1.5 * truth - 1
        return Output("", 1 / (1 + np.exp(-latent)), np.full(criteria, 0.5))

    made = tuple(Cell(f"cell {number}", {}, tuple(output() for _ in range(blocks)), {}) for number in range(cells))
    return Grid(tuple(f"C{k}" for k in range(criteria)), tuple(map(str, range(blocks))), (test,) * blocks, made)


def contrasts_of(grid: Grid) -> list[Contrast]:
    names, half = [cell.name for cell in grid.cells], len(grid.cells) // 2
    arms = [Contrast(name, "effect", {name: 1.0, names[0]: -1.0}) for name in names[1:]]
    main = dict.fromkeys(names[half:], 1 / (len(names) - half)) | dict.fromkeys(names[:half], -1 / half)
    return [*arms, Contrast("halves", "main", main)]


def measure(options: argparse.Namespace) -> None:
    rng = np.random.default_rng(0)
    grid = make_grid(options.cells, options.blocks, options.criteria, options.texts, rng)
    start, used, before = time.perf_counter(), time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    analyse(grid, contrasts_of(grid), primary="average_precision", rng=rng)
    on_reply, peak = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu = time.process_time() - used
    runs = options.cells * options.blocks
    print(
        f"{runs:6} runs {options.texts:7} texts  {on_reply:7.1f} s  ({cpu:7.1f} s of all cores)"
        f"  peak {peak / 2**20:5.2f} GiB, of which the grid {before / 2**20:5.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("cells", 50), ("blocks", 20), ("criteria", 7), ("texts", 2000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    if options.once:
        return measure(options)
    whole = vars(options)
    changes = [("cells", 1.0), ("cells", 0.5), ("cells", 2.0), ("texts", 0.5), ("texts", 2.0)]
    for name, factor in changes:
        size = whole | {name: int(whole[name] * factor)}
        words = [word for key, value in size.items() if key != "once" for word in (f"--{key}", str(value))]
        subprocess.run([sys.executable, __file__, *words, "--once"], check=True)
    return None


if __name__ == "__main__":
    main()
