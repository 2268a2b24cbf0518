"""What `replicates=auto` does to errors: coverage of the interval at the stop, false findings, power, and seeds that it took.

    .venv/bin/python tests/benchmarks/seed_growth_calibration.py --studies 1000

Changes are drawn from the model of the intervals (a part of the seeds, a part of the texts that all seeds share), their
variances are estimated with the degrees of freedom that they have, and interval, p value and decision are those of the package.
`sd` are points; a study of one arm has up to 20 seeds, and what is wanted is what `at` seeds give on average.
"""

import argparse
from collections import Counter
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.result.effects import MACRO, Effect
from synthsweep.compare.stats.inference.intervals import Estimates
from synthsweep.compare.stats.inference.seed_variance import SeedVariance
from synthsweep.compare.stats.power import Spread, detectable
from synthsweep.compare.stats.seed_growth import look_at
from synthsweep.study.design.seed_rule import Look, SeedRule

METRIC, LEAST, MOST, DRAWS = "average_precision", 3, 20, 60
POINTS = 100


@dataclass(frozen=True)
class Design:
    """Spreads in points, and the number of seeds at which the rule holds on average; `change` is the true one, in points."""

    kind: str
    seed_sd: float
    text_sd: float
    at: int
    change: float = 0.0

    def rule(self) -> SeedRule:
        if self.kind == "detect":
            wanted = detectable(Spread(self.seed_sd / POINTS, self.text_sd / POINTS, DRAWS), self.at)
            return SeedRule("detect", POINTS * (wanted or 1.0), LEAST, MOST)
        one = estimates(np.full((1, 1), 0.0), self.at, self.seed_sd**2, np.full(1, self.text_sd**2))
        return SeedRule("half_width", float(one.half_width[0]), LEAST, MOST)


def estimates(values: np.ndarray, seeds: int, seed_variance: np.ndarray | float, text_variance: np.ndarray) -> Estimates:
    """(studies,) estimates in points, from the means in `values`."""
    count = len(values)
    seeds_part = SeedVariance(np.broadcast_to(seed_variance, count)[None] / seeds, np.full((1, count), seeds - 1.0))
    return Estimates(values.ravel(), np.full(count, seeds), seeds_part, text_variance, np.full(count, DRAWS - 1.0))


def effects_of(design: Design, studies: int, rng: np.random.Generator) -> dict[int, list[Effect]]:
    """The effect of each study at each number of seeds."""
    change = design.change + design.text_sd * rng.standard_normal(studies)
    drawn = change[:, None] + design.seed_sd * rng.standard_normal((studies, MOST))
    texts = design.text_sd**2 * rng.chisquare(DRAWS - 1, studies) / (DRAWS - 1)
    found = {}
    for seeds in range(LEAST, MOST + 1):
        first = drawn[:, :seeds]
        at = estimates(first.mean(axis=1) / POINTS, seeds, first.var(axis=1, ddof=1) / POINTS**2, texts / POINTS**2)
        found[seeds] = [effect(at, place) for place in range(studies)]
    return found


def effect(at: Estimates, place: int) -> Effect:
    return Effect(
        "arm", METRIC, MACRO, None, None, float(at.difference[place]), at.interval(place), int(at.pairs[place]),
        p=float(at.p[place]), seed_variance=float(at.seed_variance[place]), text_variance=float(at.text_variance[place]),
        seed_degrees=float(at.seed_degrees[place]),
    )  # fmt: skip


def run(rule: SeedRule, effects: dict[int, list[Effect]], place: int) -> tuple[Effect, Look]:
    """One study to its stop: its effect there, and its last look."""
    looks: list[Look] = []
    seeds = rule.least
    while not looks or not looks[-1].stops:
        looks.append(look_at(rule, METRIC, [effects[seeds][place]], seeds, looks))
        stopped_at, seeds = seeds, looks[-1].following
    return effects[stopped_at][place], looks[-1]


def holds(one: Effect, truth: float) -> bool:
    return one.interval is not None and one.interval.low <= truth <= one.interval.high


def line(design: Design, studies: int, seed: int) -> str:
    effects, rule = effects_of(design, studies, np.random.default_rng(seed)), design.rule()
    ended = [run(rule, effects, place) for place in range(studies)]
    truth = design.change / POINTS
    covered = np.mean([holds(one, truth) for one, _ in ended])
    fixed = np.mean([holds(one, truth) for one in effects[design.at]])
    found = np.mean([look.arms[0].decided == "changed" for _, look in ended]) if design.kind == "detect" else np.nan
    plain = np.mean([one.p is not None and one.p <= 0.05 for one, _ in ended])
    seeds = np.array([look.seeds for _, look in ended])
    reasons = dict(Counter(look.reason for _, look in ended))
    return (
        f"{rule.text:19} sd {design.seed_sd:<3g} texts {design.text_sd:<3g} at {design.at:2} change {design.change:<5.2g} "
        f"coverage {covered:.3f} (fixed {fixed:.3f})  found {found:.3f}  p<=.05 {plain:.3f}  seeds {seeds.mean():4.1f} "
        f"({np.percentile(seeds, 5):.0f}-{np.percentile(seeds, 95):.0f})  {reasons}"
    )


def designs() -> list[Design]:
    spreads = [(3.0, 0.0), (3.0, 0.5), (3.0, 1.0), (1.0, 1.5)]
    widths = [Design("half_width", *spread, at) for spread in spreads for at in (5, 8, 14)]
    nulls = [Design("detect", *spread, at) for spread in spreads for at in (5, 8, 14)]
    found = [Design("detect", one.seed_sd, one.text_sd, one.at, one.rule().wanted * size) for one in nulls for size in (1, 2)]
    return [*widths, *nulls, *found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for design in designs():
        print(line(design, given.studies, given.seed), flush=True)


if __name__ == "__main__":
    main()
