"""The closed form beside the bootstrap: standard errors by new texts, as a ratio, on five grids.

    python tests/benchmarks/compare_bootstrap.py [--resamples 20000]

Each grid is one simulated study of five seeds with an effect (`calibration/designs.py`): common criteria, eight positives,
groups of five, few predicted texts, and 1,500 texts. The bootstrap draws groups of texts with replacement, the same for all
seeds. A ratio is the root of the closed variance of texts over that of the bootstrap; a row has the median and the range over
criteria, then macro and micro. Resamples in which a criterion has no precision are left out of that of the bootstrap.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from calibration.designs import DESIGNS, Design
from calibration.simulation import contrasts_of, simulate

from support.bootstrap import observe, resample
from support.resampled import differences_of
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.inference.text_variance import observe_blocks
from synthsweep.compare.stats.scores.estimands import estimands
from synthsweep.progress import silent

NAMES = ("common, 5 seeds", "8 positives, 5 seeds", "groups of five, 5 seeds", "few predicted, 5 seeds")


def designs() -> Iterator[Design]:
    by_name = {design.name: design for design in DESIGNS}
    yield from (by_name[name] for name in NAMES)
    yield replace(by_name[NAMES[0]], name="1,500 texts, 5 seeds", texts=1500)


def ratios(design: Design, resamples: int) -> np.ndarray:
    """(metrics, criteria and macro and micro)."""
    rng = np.random.default_rng(1)
    grid = simulate(design, True, rng)
    row, blocks, groups = estimands(grid, contrasts_of(design, grid)), range(design.seeds), grid.tests[0].group_count
    closed = observe_blocks((row.influences(block).row for block in blocks), shared=True).text_variance
    drawn = [differences_of(row, block).row for block in blocks]
    found = resample(drawn, observe(drawn, [groups] * design.seeds), groups, resamples, rng, silent)
    # The variance that the seeds share, as the closed form has it.
    shared = (design.seeds * found.of_mean - found.of_block) / (design.seeds - 1)
    effects = row.effects(closed)[0], shared.reshape(row.effect_shape)[0]
    return np.asarray(np.sqrt(np.where(effects[1] > 0, effects[0] / np.maximum(effects[1], 1e-12), np.nan)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--resamples", type=int, default=20_000)
    options = parser.parse_args()
    print(f"{'grid':28} {'metric':18} {'criteria':>18} {'macro':>6} {'micro':>6}")
    for design in designs():
        for metric, row in zip(METRICS, ratios(design, options.resamples), strict=True):
            criteria = f"{np.nanmedian(row[:-2]):.2f} ({np.nanmin(row[:-2]):.2f} to {np.nanmax(row[:-2]):.2f})"
            print(f"{design.name:28} {metric:18} {criteria:>18} {row[-2]:6.2f} {row[-1]:6.2f}", flush=True)


if __name__ == "__main__":
    main()
