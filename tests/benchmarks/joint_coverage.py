"""Do intervals hold together, and do pooled effects hold? Simulated studies of `compare_calibration`, seven criteria.

    python tests/benchmarks/joint_coverage.py [--studies 300] [--only rare]

Per scenario, in average precision and F1, without an effect:

    together  share of the studies in which all seven simultaneous intervals hold the truth, and their width over that of the
              single ones
    single    the same share for the single intervals
    pooled    share of the pooled intervals that hold the truth, their width over that of the raw ones, and the mean squared
              error of the pooled effects over that of the raw ones
    AP        bias in points of the baseline's average precision against endless texts, raw and corrected
"""

import argparse
from collections.abc import Sequence
from statistics import mean

import numpy as np
from compare_calibration import CRITERIA, SCENARIOS, Scenario, population, simulate

from synthsweep.compare.grid import Contrast
from synthsweep.compare.result.effects import Effect
from synthsweep.compare.stats.effects import analyse


def study(scenario: Scenario, seed: int) -> list[Effect]:
    rng = np.random.default_rng(seed)
    contrasts = [Contrast("arm", "effect", {"arm": 1.0, "real_only": -1.0})]
    return list(analyse(simulate(scenario, False, rng), contrasts, primary="f1", rng=rng).effects)


def holds(middle: np.ndarray, half: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(middle) <= half)


def line(studies: Sequence[Sequence[Effect]], metric: str) -> str:
    rows = [[e for e in effects if e.metric == metric and e.criterion in CRITERIA and e.pooled_interval] for effects in studies]
    raw, single, wide, pooled, narrow = (
        [np.array(values) for values in column]
        for column in zip(*([list(part) for part in zip(*map(_numbers, row), strict=True)] for row in rows if row), strict=True)
    )
    together = mean(bool(holds(*one).all()) for one in zip(raw, wide, strict=True))
    alone = mean(bool(holds(*one).all()) for one in zip(raw, single, strict=True))
    values = [np.concatenate(part) for part in (raw, single, wide, pooled, narrow)]
    return (
        f"  {metric:18} together {together:.3f} ({np.mean(values[2] / values[1]):.2f})  single {alone:.3f}"
        f"  pooled {np.mean(holds(values[3], values[4])):.3f} ({np.mean(values[4] / values[1]):.2f},"
        f" {np.mean(values[3] ** 2) / np.mean(values[0] ** 2):.2f})"
    )


def _numbers(effect: Effect) -> tuple[float, float, float, float, float]:
    """The difference, half widths of its single and simultaneous intervals, the pooled difference and its half width."""
    middle, pooled = effect.difference, effect.pooled_difference
    highs = effect.interval.high, effect.simultaneous_interval.high
    return middle, highs[0] - middle, highs[1] - middle, pooled, effect.pooled_interval.high - pooled


def bias(studies: Sequence[Sequence[Effect]], scenario: Scenario) -> str:
    shares = dict(zip(CRITERIA, scenario.prevalence, strict=True))
    true = {label: population(scenario, 0.0, share)["average_precision"] for label, share in shares.items()}
    found = [e for effects in studies for e in effects if e.metric == "average_precision" and e.criterion in true]
    raw = 100 * mean(e.baseline - true[e.criterion] for e in found)
    corrected = 100 * mean(e.corrected_baseline - true[e.criterion] for e in found if e.corrected_baseline is not None)
    return f"  AP of the baseline: bias {raw:+.1f} raw, {corrected:+.1f} corrected"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=300)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    for scenario in (scenario for scenario in SCENARIOS if options.only in scenario.name):
        studies = [study(scenario, seed) for seed in range(options.studies)]
        print(scenario.name, *(line(studies, metric) for metric in ("average_precision", "f1")), sep="\n")
        print(bias(studies, scenario), flush=True)


if __name__ == "__main__":
    main()
