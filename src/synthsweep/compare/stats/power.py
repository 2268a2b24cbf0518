"""What a design can find: power of the t test that stands behind the intervals; pure.

The variance of a mean paired difference is seed_sd² / seeds + text_sd²: more seeds make the first part smaller, more test
texts the second. All differences and deviations are of shares in [0, 1].
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import nctdtr, stdtrit

from synthsweep.compare.grid import Grid, TestSet
from synthsweep.compare.result import Effect, Power
from synthsweep.compare.stats.inference.effective_draws import macro_draws

ALPHA, POWER = 0.05, 0.8
# Of the positives, the share that is found, and how alike two classifiers are on one text.
SCORE, AGREEMENT = 0.7, 0.6
MOST_SEEDS = 1000
# From here on the t distribution is the normal one to four decimals.
MOST_DEGREES = 1e5
MACRO = "macro"


@dataclass(frozen=True)
class Spread:
    """How far paired differences spread: `seed_sd` from one seed to the next, `text_sd` with the test texts at hand.

    `draws` is how many independent texts stand behind `text_sd`: those with a positive; infinite where it is known without
    error. `basis` says in words where the two come from.
    """

    seed_sd: float
    text_sd: float
    draws: float = math.inf
    basis: str = ""

    def error(self, seeds: np.ndarray | int) -> np.ndarray:
        """The standard error of the mean difference."""
        return np.asarray(np.sqrt(self.seed_sd**2 / np.asarray(seeds, dtype=float) + self.text_sd**2))

    def degrees(self, seeds: np.ndarray | int) -> np.ndarray:
        """Of that error when both parts are estimated (Satterthwaite 1946); NaN where one of them cannot be."""
        seeds = np.asarray(seeds, dtype=float)
        parts = [
            (self.seed_sd**2 / seeds, seeds - 1),
            (np.full_like(seeds, self.text_sd**2), np.full_like(seeds, self.draws - 1)),
        ]
        spread = np.zeros_like(seeds)
        for variance, degrees in parts:
            share = np.divide(variance**2, degrees, out=np.full_like(seeds, np.nan), where=degrees > 0)
            spread = spread + np.where(variance > 0, share, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.minimum(self.error(seeds) ** 4 / spread, MOST_DEGREES))


def power_of(effect: float, spread: Spread, seeds: int, *, comparisons: int = 1, alpha: float = ALPHA) -> float | None:
    """The chance that a two-sided test finds a true difference, at Bonferroni's level for so many comparisons.

    None where the error cannot be estimated (one seed, one text with a positive) or is 0.
    """
    found = float(_power(effect, spread, np.asarray(seeds, dtype=float), alpha / comparisons))
    return None if math.isnan(found) else found


def detectable(spread: Spread, seeds: int, *, comparisons: int = 1, power: float = POWER, alpha: float = ALPHA) -> float | None:
    """The smallest true difference that is found with `power`; None where nothing up to a whole 1 is."""

    def lacking(effect: float) -> float:
        found = power_of(effect, spread, seeds, comparisons=comparisons, alpha=alpha)
        return -power if found is None else found - power

    return float(brentq(lacking, 0.0, 1.0, xtol=1e-7)) if lacking(0.0) < 0 <= lacking(1.0) else None


def seeds_needed(
    wanted: float, spread: Spread, *, comparisons: int = 1, power: float = POWER, alpha: float = ALPHA
) -> int | None:
    """The fewest seeds with which a difference of `wanted` is found with `power`; None where 1,000 are too few.

    What the test texts leave open, no number of seeds closes.
    """
    seeds = np.arange(2, MOST_SEEDS + 1)
    enough = np.flatnonzero(_power(wanted, spread, seeds, alpha / comparisons) >= power)
    return int(seeds[enough[0]]) if len(enough) else None


def text_sd_from_positives(positives: float, *, score: float = SCORE, agreement: float = AGREEMENT) -> float | None:
    """The standard deviation of the difference of two recalls on the same texts, of which `positives` carry the criterion.

    Each is a share of found positives, `score` on average, and `agreement` the correlation of the two over texts. Average
    precision spreads about as far.
    """
    return math.sqrt(2 * score * (1 - score) * (1 - agreement) / positives) if positives > 0 else None


def assumed(
    positives: Mapping[str, int], *, seed_sd: float, score: float = SCORE, agreement: float = AGREEMENT
) -> dict[str, Spread]:
    """Spreads before any run: by the positives of each criterion on test, and for their mean as `macro`.

    A criterion without a positive has none, and is no part of the mean.
    """
    basis = f"assumed: seeds {100 * seed_sd:g} points, {score:g} of positives found, agreement {agreement:g}"
    sds = {name: text_sd_from_positives(count, score=score, agreement=agreement) for name, count in positives.items()}
    found = {name: Spread(seed_sd, sd, float(positives[name]), basis) for name, sd in sds.items() if sd is not None}
    if not found:
        return {}
    mean = math.sqrt(sum(spread.text_sd**2 for spread in found.values())) / len(found)
    draws = macro_draws(np.array([spread.draws for spread in found.values()]))
    return {**found, MACRO: Spread(seed_sd, mean, draws, basis)}


def from_pilot(
    effects: Sequence[Effect], metric: str, positives_pilot: Mapping[str, int], positives_now: Mapping[str, int] | None = None
) -> dict[str, Spread]:
    """Spreads that a finished study had, as means over its arms; `effects` are of arms against a baseline.

    Where the new study has other test texts, the texts' variance goes with the pilot's positives over its own.
    """
    now = positives_now or positives_pilot
    names = [name for name in (*positives_pilot, MACRO) if name == MACRO or min(positives_pilot[name], now.get(name, 0)) > 0]
    found = {name: _pilot_spread(effects, metric, name, positives_pilot, now) for name in names}
    return {name: spread for name, spread in found.items() if spread is not None}


def power_table(
    spreads: Mapping[str, Spread],
    positives: Mapping[str, int],
    seeds: int,
    *,
    comparisons: int,
    power: float = POWER,
    wanted: float | None = None,
) -> tuple[Power, ...]:
    """A row for each spread; criteria are tested in a family of so many comparisons, their macro average alone."""
    return tuple(_rows(spreads, positives, seeds, comparisons, power, wanted))


def power_of_study(effects: Sequence[Effect], grid: Grid, metric: str, power: float = POWER) -> tuple[Power, ...]:
    """What a finished study could find, by its own variances; `effects` are of its arms against their baselines."""
    counts = np.mean([test.truth.sum(axis=0) for test in grid.tests], axis=0)
    positives = {label: round(float(count)) for label, count in zip(grid.labels, counts, strict=True)}
    single = _draws(grid.tests[0], metric)
    draws = {**dict(zip(grid.labels, single.tolist(), strict=True)), MACRO: macro_draws(single)}
    found = {name: _own_spread(effects, metric, name, draw, shared=grid.texts == "shared") for name, draw in draws.items()}
    spreads = {name: spread for name, spread in found.items() if spread is not None}
    family = sum(one.p_family is not None for one in effects)
    return power_table(spreads, positives, len(grid.blocks), comparisons=max(family, 1), power=power)


def _draws(test: TestSet, metric: str) -> np.ndarray:
    """(criteria,) groups that hold a positive; a Brier score rests on all of them."""
    holders = [len(np.unique(test.groups[column > 0])) for column in test.truth.T]
    return np.full(len(holders), float(test.group_count)) if metric == "brier" else np.array(holders, dtype=float)


def _power(effect: float, spread: Spread, seeds: np.ndarray, level: float) -> np.ndarray:
    """(seeds,) the noncentral t distribution beyond both quantiles; NaN where there is no error to divide by."""
    error, degrees = spread.error(seeds), spread.degrees(seeds)
    shift = np.divide(effect, error, out=np.full_like(error, np.nan), where=error > 0)
    bound = stdtrit(degrees, 1 - level / 2)
    # SciPy gives NaN where next to nothing (1e-50) lies below a bound.
    missed, wrong = (np.nan_to_num(nctdtr(degrees, shift, end)) for end in (bound, -bound))
    return np.where(np.isnan(shift) | np.isnan(degrees), np.nan, 1 - missed + wrong)


def _variances(effects: Sequence[Effect], metric: str, criterion: str) -> tuple[float, float] | None:
    """Means over arms: the variance between single seeds, and that of the texts."""
    found = [
        (one.seed_variance * one.pairs, one.text_variance or 0.0)
        for one in effects
        if (one.metric, one.criterion) == (metric, criterion) and one.seed_variance is not None
    ]
    return (float(np.mean([a for a, _ in found])), float(np.mean([b for _, b in found]))) if found else None


def _pilot_spread(
    effects: Sequence[Effect], metric: str, name: str, pilot: Mapping[str, int], now: Mapping[str, int]
) -> Spread | None:
    variances = _variances(effects, metric, name)
    if variances is None:
        return None
    seeds, texts = variances
    shared = [label for label in pilot if min(pilot[label], now.get(label, 0)) > 0]
    before, after = (np.array([float(side[label]) for label in shared]) for side in (pilot, now))
    if name == MACRO:
        # A mean of criteria: its texts' variance goes with the mean of one over the positives.
        scale = float((1 / after).sum() / (1 / before).sum()) if shared else 1.0
        return Spread(math.sqrt(seeds), math.sqrt(texts * scale), macro_draws(after), "spreads of the pilot's macro average")
    return Spread(math.sqrt(seeds), math.sqrt(texts * pilot[name] / now[name]), float(now[name]), "spreads of the pilot")


def _own_spread(effects: Sequence[Effect], metric: str, name: str, draws: float, *, shared: bool) -> Spread | None:
    variances = _variances(effects, metric, name)
    if variances is None:
        return None
    seeds, texts = variances
    if shared:
        return Spread(math.sqrt(seeds), math.sqrt(texts), draws, "spreads of this study")
    # Each seed has texts of its own: what varies between seeds is both, and what re-splits share was estimated from it.
    pairs = max((one.pairs for one in effects if (one.metric, one.criterion) == (metric, name)), default=0)
    return Spread(math.sqrt(seeds + pairs * texts), 0.0, basis="spreads of this study, seeds and texts together")


def _rows(
    spreads: Mapping[str, Spread],
    positives: Mapping[str, int],
    seeds: int,
    comparisons: int,
    power: float,
    wanted: float | None,
) -> Iterator[Power]:
    for name, spread in spreads.items():
        family = 1 if name == MACRO else comparisons
        yield Power(
            criterion=name,
            positives=sum(positives.values()) if name == MACRO else positives.get(name, 0),
            seeds=seeds,
            seed_sd=spread.seed_sd,
            text_sd=spread.text_sd,
            detectable=detectable(spread, seeds, comparisons=family, power=power),
            wanted=wanted,
            seeds_needed=seeds_needed(wanted, spread, comparisons=family, power=power) if wanted else None,
            basis=spread.basis,
        )
