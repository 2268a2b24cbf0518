"""Does `synthsweep compare` keep its promises? Simulated studies whose truth is known, put through the real `analyse`.

    python tests/benchmarks/compare_calibration.py [--studies 1000] [--planted 200] [--only rare] [--jobs 1]

A run's latent score of a text: separation x truth + how hard the text is + what this arm makes of it + what this seed makes
of all texts (a level, a separation) + noise. An arm's effect is added to its separation. The truth is the difference of the
scores on endless texts, averaged over seeds. One arm and a baseline, seven criteria; F1 is primary: a family of seven.
`--studies` have no effect, `--planted` ones have.

    false+    share of the studies without effect in which anything in the family is significant: by Holm over the intervals'
              p, and by the joint sign-flip; the latter in brackets where arms differ on this very test set by design, since
              then its own null hypothesis does not hold
    power     mean share of the family that is found where there is an effect, by the same two
    coverage  share of the 95 % intervals that hold the truth, and their mean width in points; "this size": where the truth is
              the mean difference on test sets of this size
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from statistics import mean

import numpy as np
from scipy.special import ndtr

from synthsweep.compare.grid import Cell, Contrast, Grid, Output, TestSet
from synthsweep.compare.result import METRICS, TITLES
from synthsweep.compare.stats.effects import analyse

CRITERIA = tuple("ABCDEFG")
EXTREME_SHARE = 0.4


@dataclass(frozen=True)
class Scenario:
    """Standard deviations are of the latent score, whose threshold is `cut`; `effect` is the planted separation.

    `extreme` ones ask what happens outside of what is promised, with fewer studies. With `draws`, as many draws of texts
    cross `seeds` initialisations; each has half of the variance of a seed.
    """

    name: str
    seeds: int
    texts: int = 300
    prevalence: tuple[float, ...] = (0.3, 0.25, 0.2, 0.2, 0.15, 0.1, 0.1)
    positives: int | None = None
    group_size: int = 1
    separation: float = 1.7
    cut: float = 1.4
    difficulty: float = 0.7
    arm_text: float = 0.4
    seed_level: float = 0.15
    seed_separation: float = 0.15
    noise: float = 0.6
    effect: float = 1.0
    extreme: bool = False
    draws: int = 0

    @property
    def text_spread(self) -> float:
        return float(np.sqrt(self.difficulty**2 + self.arm_text**2 + self.noise**2))


RARE = Scenario("", 6, texts=400, prevalence=(0.025,) * 7, positives=10, separation=2.0, cut=2.0)
SEEDS = Scenario("", 6, arm_text=0.0, separation=1.5, cut=1.3, seed_level=0.3, seed_separation=0.3, noise=0.5)
TEXTS = Scenario("", 6, arm_text=0.9, seed_level=0.05, seed_separation=0.05, noise=0.3)
SCENARIOS = (
    Scenario("common, 3 seeds", 3),
    Scenario("common, 5 seeds", 5),
    Scenario("common, 6 seeds", 6),
    Scenario("common, 10 seeds", 10),
    replace(RARE, name="rare, 3 seeds", seeds=3),
    replace(RARE, name="rare, 6 seeds"),
    replace(RARE, name="rare, 10 seeds", seeds=10),
    Scenario("clustered, 6 seeds", 6, texts=400, group_size=5),
    Scenario("crossed, 3 draws x 4 inits", 4, draws=3),
    replace(SEEDS, name="crossed, seeds dominate, 3 draws x 4 inits", seeds=4, draws=3),
    replace(SEEDS, name="seeds dominate, 3 seeds", seeds=3),
    replace(SEEDS, name="seeds dominate, 6 seeds"),
    replace(TEXTS, name="texts dominate, 3 seeds", seeds=3),
    replace(TEXTS, name="texts dominate, 6 seeds"),
    replace(
        RARE,
        name="rare, near ties, 6 seeds",
        arm_text=0.1,
        seed_level=0.05,
        seed_separation=0.05,
        noise=0.1,
        effect=0.3,
        extreme=True,
    ),
    Scenario("few predicted, 6 seeds", 6, cut=3.2, effect=0.3, extreme=True),
    Scenario("near the ceiling, 6 seeds", 6, separation=2.5, seed_level=0.4, seed_separation=0.4, extreme=True),
)


@dataclass(frozen=True)
class Found:
    """One study: the shares of the family that Holm and the sign-flip reject, and each interval as (middle, half width)."""

    holm: float
    sign_flip: float
    intervals: Mapping[tuple[str, str], tuple[float, float]]


def study(scenario: Scenario, planted: bool, seed: int) -> Found:
    rng = np.random.default_rng(seed)
    contrasts = [Contrast("arm", "effect", {"arm": 1.0, "real_only": -1.0})]
    effects = analyse(simulate(scenario, planted, rng), contrasts, primary="f1", rng=rng).effects
    family = [effect for effect in effects if effect.p_family is not None]
    return Found(
        mean([effect.p_family <= 0.05 for effect in family] or [0.0]),
        mean([effect.p_sign_flip <= 0.05 for effect in family if effect.p_sign_flip is not None] or [0.0]),
        {
            (effect.metric, effect.criterion): (effect.difference, effect.interval.high - effect.difference)
            for effect in effects
            if effect.interval is not None
        },
    )


def simulate(scenario: Scenario, planted: bool, rng: np.random.Generator) -> Grid:
    texts, criteria = scenario.texts, len(CRITERIA)
    groups = np.arange(texts) // scenario.group_size
    truth = _truth(scenario, groups, rng)
    test = TestSet(tuple(map(str, range(texts))), truth, groups)
    difficulty = scenario.difficulty * _clustered(groups, scenario, rng)

    def outputs(effect: float) -> Iterator[Output]:
        of_text = difficulty + scenario.arm_text * _clustered(groups, scenario, rng)
        for level, separation in _of_blocks(scenario, rng):
            latent = (scenario.separation + effect + separation) * truth + level + of_text
            latent += scenario.noise * rng.normal(size=(texts, criteria))
            yield Output("", ndtr(latent - scenario.cut), np.full(criteria, 0.5))

    effects = {"real_only": 0.0, "arm": scenario.effect if planted else 0.0}
    cells = tuple(Cell(name, {}, tuple(outputs(effect)), {}) for name, effect in effects.items())
    names = [f"seeds.draw={draw} seeds.init={init}" for draw in range(scenario.draws) for init in range(scenario.seeds)]
    blocks = tuple(names or map(str, range(scenario.seeds)))
    return Grid(CRITERIA, blocks, (test,) * len(blocks), cells)


def _of_blocks(scenario: Scenario, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """What the seeds of each block make of all texts: a level and a separation, (criteria,) each."""
    inits = [_of_seed(scenario, len(CRITERIA), rng) for _ in range(scenario.seeds)]
    if not scenario.draws:
        return inits
    draws = [_of_seed(scenario, len(CRITERIA), rng) for _ in range(scenario.draws)]
    half = np.sqrt(0.5)
    return [(half * (draw[0] + init[0]), half * (draw[1] + init[1])) for draw in draws for init in inits]


def _truth(scenario: Scenario, groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if scenario.positives:
        ranks = rng.random((scenario.texts, len(CRITERIA))).argsort(axis=0)
        return (ranks < scenario.positives).astype(int)
    latent = _clustered(groups, scenario, rng)
    return (ndtr(latent) < np.array(scenario.prevalence)).astype(int)


def _clustered(groups: np.ndarray, scenario: Scenario, rng: np.random.Generator) -> np.ndarray:
    """(texts, criteria) standard normal; half of the variance is a group's where there are groups."""
    own = rng.normal(size=(len(groups), len(CRITERIA)))
    if scenario.group_size == 1:
        return own
    common = rng.normal(size=(groups.max() + 1, len(CRITERIA)))[groups]
    return np.sqrt(0.5) * (own + common)


def _of_seed(scenario: Scenario, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return scenario.seed_level * rng.normal(size=size), scenario.seed_separation * rng.normal(size=size)


def population(scenario: Scenario, effect: float, prevalence: float, seeds: int = 4000) -> dict[str, float]:
    """Mean scores over seeds on endless texts."""
    level, separation = _of_seed(scenario, seeds, np.random.default_rng(0))
    cuts = np.linspace(-8, 12, 801)[:, None]

    def shares(cut: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        hits = prevalence * ndtr((scenario.separation + effect + separation + level - cut) / scenario.text_spread)
        return hits, (1 - prevalence) * ndtr((level - cut) / scenario.text_spread)

    hits, wrong = shares(scenario.cut)
    found, missed = shares(cuts)
    precision = found / np.maximum(found + missed, 1e-300)
    gained = -np.diff(found, axis=0) * (precision[1:] + precision[:-1]) / 2
    return {
        "precision": float(np.mean(hits / (hits + wrong))),
        "recall": float(np.mean(hits / prevalence)),
        "f1": float(np.mean(2 * hits / (hits + wrong + prevalence))),
        "average_precision": float(np.mean(gained.sum(axis=0) / prevalence)),
    }


def differences(scenario: Scenario, planted: bool) -> dict[tuple[str, str], float]:
    """The truth, by metric and criterion; not of Brier and micro where there is an effect."""
    if not planted:
        return {(metric, criterion): 0.0 for metric in METRICS for criterion in (*CRITERIA, "macro", "micro")}
    found = {}
    for criterion, prevalence in zip(CRITERIA, scenario.prevalence, strict=True):
        arm, base = (population(scenario, effect, prevalence) for effect in (scenario.effect, 0.0))
        found |= {(metric, criterion): arm[metric] - base[metric] for metric in arm}
    return found | {(metric, "macro"): mean(found[metric, criterion] for criterion in CRITERIA) for metric in METRICS[:4]}


def run(scenario: Scenario, planted: bool, studies: int, jobs: int) -> list[Found]:
    one = partial(study, scenario, planted)
    seeds = range(studies * planted, studies * (1 + planted))
    if jobs == 1:
        return list(map(one, seeds))
    with ProcessPoolExecutor(jobs) as processes:
        return list(processes.map(one, seeds, chunksize=5))


def coverage(found: Sequence[Found], truth: Mapping[tuple[str, str], float], metric: str, criteria: Sequence[str]) -> str:
    """Share that holds the truth and, in brackets, mean width in points."""
    keys = [(metric, criterion) for criterion in criteria if (metric, criterion) in truth]
    pairs = [(*one.intervals[key], truth[key]) for key in keys for one in found if key in one.intervals]
    if not pairs:
        return f"{'':13}"
    middle, half, true = np.transpose(pairs)
    return f"{np.mean(np.abs(middle - true) <= half):.3f} ({200 * half.mean():5.1f})"


def lines(scenario: Scenario, null: Sequence[Found], effect: Sequence[Found]) -> Iterator[str]:
    false = [mean(found.holm > 0 for found in null), mean(found.sign_flip > 0 for found in null)]
    power = [mean(found.holm for found in effect), mean(found.sign_flip for found in effect)]
    flip = f"{false[1]:.3f}" if scenario.arm_text == 0 else f"({false[1]:.3f})"
    truth = differences(scenario, True)
    f1 = 100 * truth["f1", "macro"]
    found = f"power {power[0]:.2f} {power[1]:.2f} at {f1:.1f} points of F1"
    yield f"{scenario.name:26.26} false+ {false[0]:.3f} {flip:>7}   {found}"
    # The mean estimate is what test sets of this size expect: average precision falls with more texts.
    expected = {key: float(np.mean([found.intervals[key][0] for found in effect if key in found.intervals])) for key in truth}
    rows = (
        ("a criterion, null", null, differences(scenario, False), CRITERIA),
        ("a criterion, effect", effect, truth, CRITERIA),
        ("macro, null", null, differences(scenario, False), ("macro",)),
        ("macro, effect", effect, truth, ("macro",)),
        ("macro, effect, this size", effect, expected, ("macro",)),
        ("micro, null", null, differences(scenario, False), ("micro",)),
    )
    for name, found, true, criteria in rows:
        yield f"  {name:24} " + "  ".join(coverage(found, true, metric, criteria) for metric in METRICS)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--planted", type=int, default=200)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    start = time.perf_counter()
    print(f"{'':27}" + "  ".join(f"{TITLES[metric]:13.13}" for metric in METRICS))
    for scenario in (scenario for scenario in SCENARIOS if options.only in scenario.name):
        size = int(options.studies * (EXTREME_SHARE if scenario.extreme else 1))
        sizes = ((False, size), (True, min(options.planted, size)))
        null, effect = (run(scenario, planted, size, options.jobs) for planted, size in sizes)
        print("\n".join(lines(scenario, null, effect)), flush=True)
    print(f"{time.perf_counter() - start:.0f} s, {time.process_time():.0f} s of this process on a core")


if __name__ == "__main__":
    main()
