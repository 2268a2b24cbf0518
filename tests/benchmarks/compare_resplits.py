"""Re-splits of one corpus: what the shared test texts alone would say, beside the correction of Nadeau and Bengio (2003).

    python tests/benchmarks/compare_resplits.py [--studies 200]

For each design of re-splits (`calibration/designs.py`), the coverage and the width (points) of five intervals, of criteria and
macro: `corrected` is what `compare` gives; `texts` has the text variance of shared texts, from the contributions of the texts
that two blocks have in common; `larger` the larger of both variances, `sum` their sum; `widest` takes all of what seeds differ
by for their training texts, which two blocks share in the same part as all texts are for training.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.special import stdtrit

sys.path.insert(0, str(Path(__file__).parent))

from calibration.designs import DESIGNS, Design
from calibration.simulation import contrasts_of, simulate

from synthsweep.compare.grid import Grid
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.scores.estimands import Estimands, estimands
from synthsweep.compare.stats.scores.influence import joined

INTERVALS = ("corrected", "texts", "larger", "sum", "widest")


def study(design: Design, seed: int) -> tuple[Estimands, np.ndarray, np.ndarray]:
    """The differences and the half widths (intervals, estimands)."""
    grid = simulate(design, True, np.random.default_rng(seed))
    row = estimands(grid, contrasts_of(design, grid))
    values, shared = observed(grid, row, design.texts)
    whole = values.var(axis=0, ddof=1)
    # The texts of all blocks together are the draws.
    draws = row.effective_draws(row.influences(0).predicted).count * design.texts / len(grid.tests[0].ids)
    seeds, texts = (stdtrit(degrees, 0.975) ** 2 for degrees in (len(values) - 1.0, np.maximum(draws - 1, 1)))
    between, corrected, alone = seeds * whole / len(values), seeds * whole * grid.test_share, texts * shared
    widest = seeds * whole / grid.test_share
    squares = np.stack([corrected, alone, np.maximum(corrected, alone), corrected + alone, widest])
    return row, values.mean(axis=0), np.sqrt(between + squares)


def observed(grid: Grid, row: Estimands, texts: int) -> tuple[np.ndarray, np.ndarray]:
    """(blocks, estimands) differences; the variance of shared texts, with contributions of 0 where a text is absent."""
    values, total, squares, blocks = [], np.zeros(1), np.zeros(1), len(grid.blocks)
    for block, test in enumerate(grid.tests):
        found = joined(row.influences(block).row)
        of_all = np.zeros((len(found.values), texts))
        of_all[:, np.array(test.ids, dtype=int)] = found.groups
        values.append(found.values)
        total, squares = total + of_all, squares + np.sum(of_all**2, axis=1)
    pairs = np.sum(total**2, axis=1) - squares
    return np.stack(values), np.maximum(pairs / (blocks * (blocks - 1)), 0.0)


def lines(design: Design, studies: int) -> Iterator[str]:
    rows, differences, halves = zip(*(study(design, seed) for seed in range(studies)), strict=True)
    middle, half = np.stack(differences), np.stack(halves)
    inside = np.abs(middle - middle.mean(axis=0))[:, None] <= half
    coverage, width = inside.mean(axis=0), 200 * half.mean(axis=0)
    yield design.name
    for place, name in enumerate(INTERVALS):
        tables = (rows[0].effects(values[place])[0] for values in (coverage, width))
        of_metrics = (
            f"{metric[:7]} {held[:-2].mean():.3f} ({wide[:-2].mean():.1f}) {held[-2]:.3f} ({wide[-2]:.1f})"
            for metric, held, wide in zip(METRICS, *tables, strict=True)
        )
        yield f"  {name:9} {'  '.join(of_metrics)}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=200)
    options = parser.parse_args()
    for design in (design for design in DESIGNS if design.test_share):
        print("\n".join(lines(design, options.studies)), flush=True)


if __name__ == "__main__":
    main()
