"""What `replicates=auto` does to errors, from texts: each look puts a simulated study through `analyse`.

    python tests/benchmarks/compare_sequential.py [--studies 200] [--at 5 8]

The studies are those of the design "common" of `calibration/designs.py` (seven criteria, 300 texts, one arm that does nothing)
with up to 20 seeds; a look has the first of them. What is wanted is what `at` seeds give by the mean variances of 40 other
studies. A line per rule: the share of intervals of macro average precision that hold 0 at the stop and, beside it, at `at`
seeds fixed before; the share of studies in which `detect` found a change; and the seeds.
`seed_growth_calibration.py` does the same with normal scores, in more designs.
"""

import argparse
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
from calibration.designs import DESIGNS
from calibration.simulation import contrasts_of, simulate
from scipy.special import stdtrit

from synthsweep.compare.result.effects import MACRO, Effect
from synthsweep.compare.stats.effects import analyse
from synthsweep.compare.stats.power import Spread, detectable
from synthsweep.compare.stats.seed_growth import look_at
from synthsweep.study.design.seed_rule import Look, SeedRule

METRIC, LEAST, MOST, POINTS, PILOTS = "average_precision", 3, 20, 100, 40
DESIGN = replace(DESIGNS[0], seeds=MOST)
# Of the texts' part: the positives of seven criteria.
DRAWS = 100


class Study:
    """One simulated study without an effect, whose seeds are looked at one after another."""

    def __init__(self, number: int) -> None:
        self.grid = simulate(DESIGN, False, np.random.default_rng(number))
        self.effects = cache(self._effects)

    def _effects(self, seeds: int) -> list[Effect]:
        first = self.grid.on_blocks(range(seeds))
        found = analyse(first, contrasts_of(DESIGN, first), primary=METRIC, rng=np.random.default_rng(0))
        return [effect for effect in found.effects if (effect.metric, effect.criterion) == (METRIC, MACRO)]

    def stop(self, rule: SeedRule) -> tuple[Effect, Look]:
        looks: list[Look] = []
        seeds = rule.least
        while not looks or not looks[-1].stops:
            looks.append(look_at(rule, METRIC, self.effects(seeds), seeds, looks))
            seeds = looks[-1].following
        return self.effects(looks[-1].seeds)[0], looks[-1]


def holds(effect: Effect) -> bool:
    return effect.interval is not None and not effect.interval.excludes_zero


def rules(at: int) -> tuple[SeedRule, SeedRule]:
    """Both rules, whose wish is what `at` seeds give on average."""
    pilots = [Study(10_000 + number).effects(at)[0] for number in range(PILOTS)]
    seeds = float(np.mean([(one.seed_variance or 0.0) * one.pairs for one in pilots]))
    texts = float(np.mean([one.text_variance or 0.0 for one in pilots]))
    half = POINTS * np.sqrt(stdtrit(at - 1, 0.975) ** 2 * seeds / at + stdtrit(DRAWS, 0.975) ** 2 * texts)
    change = POINTS * (detectable(Spread(seeds**0.5, texts**0.5, DRAWS), at) or 0.0)
    return SeedRule("half_width", round(float(half), 1), LEAST, MOST), SeedRule("detect", round(change, 1), LEAST, MOST)


def line(rule: SeedRule, at: int, studies: list[Study]) -> str:
    ended = [study.stop(rule) for study in studies]
    seeds = np.array([look.seeds for _, look in ended])
    changed = np.mean([any(arm.decided == "changed" for arm in look.arms) for _, look in ended])
    found = f"{changed:.3f}" if rule.kind == "detect" else "-"
    return (
        f"{rule.text:17} at {at:2}  {len(studies):4} studies  held {np.mean([holds(effect) for effect, _ in ended]):.3f} "
        f"(fixed {np.mean([holds(study.effects(at)[0]) for study in studies]):.3f})  found {found:5}  "
        f"seeds {seeds.mean():4.1f} ({seeds.min()}-{seeds.max()})  {dict(Counter(look.reason for _, look in ended))}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--at", type=int, nargs="+", default=[5, 8])
    given = parser.parse_args()
    studies = [Study(number) for number in range(given.studies)]
    for at in given.at:
        for rule in rules(at):
            print(line(rule, at, studies), flush=True)


if __name__ == "__main__":
    main()
