"""What a design can detect: the power of the intervals that `compare` gives; pure.

The variance of a mean paired difference is seed_sd² / seeds + text_sd²: more seeds make the first part smaller, more test
texts the second. Differences and standard deviations are shares in [0, 1].
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincinv, nctdtr, ndtr, stdtrit

from synthsweep.compare.grid import Grid, TestSet
from synthsweep.compare.result.effects import MACRO, MICRO, Effect, average_of
from synthsweep.compare.result.supplements import Power
from synthsweep.compare.stats.inference.effective_draws import macro_draws
from synthsweep.compare.stats.inference.moderation import FEWEST_CRITERIA

ALPHA, POWER = 0.05, 0.8
# Assumed: the recall of each classifier, and the correlation of their decisions over the positives.
SCORE, AGREEMENT = 0.7, 0.6
MOST_SEEDS = 1000
# Above this, the t distribution equals the normal one to four decimals.
MOST_DEGREES = 1e5
# Of the quadrature, for each of the two variances.
NODES = 40
SEEDS_AT_ONCE = 50


@dataclass(frozen=True)
class Spread:
    """Standard deviations of paired differences: `seed_sd` from seed to seed, `text_sd` with the test texts at hand.

    `draws` is the number of independent texts behind `text_sd`, those with a positive; infinite if it is known without error.
    `seed_degrees` are the degrees of freedom of the seeds' variance per seed after the first: 1, more where it is moderated
    over criteria, less where seeds cross. `basis` says in words where all come from.
    """

    seed_sd: float
    text_sd: float
    draws: float = math.inf
    basis: str = ""
    seed_degrees: float = 1.0

    def error(self, seeds: np.ndarray | int) -> np.ndarray:
        """The standard error of the mean difference."""
        return np.asarray(np.sqrt(self.seed_sd**2 / np.asarray(seeds, dtype=float) + self.text_sd**2))


def power_of(effect: float, spread: Spread, seeds: int, *, comparisons: int = 1, alpha: float = ALPHA) -> float | None:
    """The probability that a two-sided test detects a true difference, at the Bonferroni level for `comparisons`.

    None if the error cannot be estimated (one seed, one text with a positive) or is 0.
    """
    power = float(_power(effect, spread, np.array([seeds]), alpha / comparisons)[0])
    return None if math.isnan(power) else power


# A report asks for the same contrasts in several of its sentences.
@cache
def detectable(spread: Spread, seeds: int, *, comparisons: int = 1, power: float = POWER, alpha: float = ALPHA) -> float | None:
    """The smallest true difference that is detected with `power`; None if no difference up to 1 is."""

    def surplus(effect: float) -> float:
        reached = power_of(effect, spread, seeds, comparisons=comparisons, alpha=alpha)
        return -power if reached is None else reached - power

    return float(brentq(surplus, 0.0, 1.0, xtol=1e-7)) if surplus(0.0) < 0 <= surplus(1.0) else None


def macro_of(power: Sequence[Power]) -> Power | None:
    """The row of the average that the study is judged by."""
    return next((one for one in power if one.criterion in (MACRO, MICRO)), None)


def detectable_of(effect: Effect, row: Power, *, comparisons: int = 1) -> float | None:
    """The smallest true difference that one contrast detects, by its own variances; None where they are not known.

    `row` is the power of all contrasts in this metric and criterion: of a single one, its `detectable` is this number.
    `comparisons` counts the arms that are tested together.
    """
    if effect.seed_variance is None or effect.pairs < 2:
        return None
    degrees = (effect.seed_degrees or effect.pairs - 1) / (effect.pairs - 1)
    seeds, texts = effect.seed_variance * effect.pairs, effect.text_variance or 0.0
    if not row.text_sd:
        # Each seed has its own texts, so that the variance between seeds has both parts.
        seeds, texts = seeds + texts * effect.pairs, 0.0
    draws = math.inf if row.text_draws is None else row.text_draws
    spread = Spread(math.sqrt(seeds), math.sqrt(texts), draws, seed_degrees=degrees)
    return detectable(spread, effect.pairs, comparisons=comparisons, power=row.power)


def seeds_needed(
    wanted: float, spread: Spread, *, comparisons: int = 1, power: float = POWER, alpha: float = ALPHA
) -> int | None:
    """The fewest seeds with which a difference of `wanted` is detected with `power`; None if 1,000 are too few.

    No number of seeds makes up for too few test texts.
    """
    for first in range(2, MOST_SEEDS + 1, SEEDS_AT_ONCE):
        seeds = np.arange(first, min(first + SEEDS_AT_ONCE, MOST_SEEDS + 1))
        enough = np.flatnonzero(_power(wanted, spread, seeds, alpha / comparisons) >= power)
        if len(enough):
            return int(seeds[enough[0]])
    return None


def text_sd_from_positives(positives: float, *, score: float = SCORE, agreement: float = AGREEMENT) -> float | None:
    """The standard deviation of the difference of two recalls on the same `positives`; that of average precision is similar.

    `score` is the mean of the two recalls, `agreement` the correlation of the two classifiers' decisions over the positives.
    """
    return math.sqrt(2 * score * (1 - score) * (1 - agreement) / positives) if positives > 0 else None


def assumed_spreads(
    positives: Mapping[str, int],
    *,
    seed_sd: float,
    score: float = SCORE,
    agreement: float = AGREEMENT,
    metric: str = "average_precision",
) -> dict[str, Spread]:
    """Spreads before any run: of each criterion, from its test positives, and of their mean as `macro`.

    A criterion without a positive has no spread, and is not part of the mean. Accuracy is a share of all texts, each of which
    is a positive of one class: its spread is that of their number, as `micro`.
    """
    basis = f"assumed: seeds {100 * seed_sd:g} points, {score:g} of positives found, agreement {agreement:g}"
    sds = {name: text_sd_from_positives(count, score=score, agreement=agreement) for name, count in positives.items()}
    known = {name: sd for name, sd in sds.items() if sd is not None}
    # Criteria with one and the same spread know it together (`inference.moderation`).
    together = float(len(known)) if len(known) >= FEWEST_CRITERIA else 1.0
    spreads = {name: Spread(seed_sd, sd, float(positives[name]), basis, together) for name, sd in known.items()}
    if not spreads:
        return {}
    if average_of(metric) == MICRO:
        texts = float(sum(positives.values()))
        text_sd = text_sd_from_positives(texts, score=score, agreement=agreement) or 0.0
        return {**spreads, MICRO: Spread(seed_sd, text_sd, texts, basis)}
    mean = math.sqrt(sum(spread.text_sd**2 for spread in spreads.values())) / len(spreads)
    draws = macro_draws(np.array([spread.draws for spread in spreads.values()]))
    return {**spreads, MACRO: Spread(seed_sd, mean, draws, basis)}


def pilot_spreads(
    effects: Sequence[Effect], metric: str, positives_pilot: Mapping[str, int], positives_now: Mapping[str, int] | None = None
) -> dict[str, Spread]:
    """Spreads of a finished study, as means over its arms; `effects` are those of arms against a baseline.

    If the new study has other test texts, the variance of the texts is scaled by the pilot's positives over the new ones.
    """
    now = positives_now or positives_pilot
    names = [*(name for name in positives_pilot if min(positives_pilot[name], now.get(name, 0)) > 0), average_of(metric)]
    spreads = {name: _pilot_spread(effects, metric, name, positives_pilot, now) for name in names}
    return {name: spread for name, spread in spreads.items() if spread is not None}


def power_table(
    spreads: Mapping[str, Spread],
    positives: Mapping[str, int],
    seeds: int,
    *,
    comparisons: int,
    arms: int = 1,
    power: float = POWER,
    wanted: float | None = None,
) -> tuple[Power, ...]:
    """One row per spread; criteria are tested in a family of `comparisons`, the macro average in one of all `arms`."""

    def row(name: str, spread: Spread) -> Power:
        is_average = name in (MACRO, MICRO)
        family = arms if is_average else comparisons
        return Power(
            criterion=name,
            positives=sum(positives.values()) if is_average else positives.get(name, 0),
            seeds=seeds,
            seed_sd=spread.seed_sd,
            text_sd=spread.text_sd,
            detectable=detectable(spread, seeds, comparisons=family, power=power),
            wanted=wanted,
            seeds_needed=seeds_needed(wanted, spread, comparisons=family, power=power) if wanted else None,
            basis=spread.basis,
            power=power,
            text_draws=None if math.isinf(spread.draws) else spread.draws,
        )

    return tuple(row(name, spread) for name, spread in spreads.items())


def power_of_study(effects: Sequence[Effect], grid: Grid, metric: str, power: float = POWER) -> tuple[Power, ...]:
    """What a finished study could detect, from its own variances; `effects` are of its arms against their baselines."""
    by_criterion = _draws(grid.tests[0], metric)
    average = average_of(metric)
    of_average = macro_draws(by_criterion) if average == MACRO else _decided_groups(grid.tests[0])
    draws = {**dict(zip(grid.labels, by_criterion.tolist(), strict=True)), average: of_average}
    found = {name: _own_spread(effects, metric, name, count, shared=grid.texts == "shared") for name, count in draws.items()}
    spreads = {name: spread for name, spread in found.items() if spread is not None}
    family = sum(one.p_family is not None for one in effects)
    arms = sum((one.metric, one.criterion) == (metric, average) and one.p is not None for one in effects)
    seeds = _seeds(effects, grid)
    return power_table(spreads, grid.positives, seeds, comparisons=max(family, 1), arms=max(arms, 1), power=power)


def _seeds(effects: Sequence[Effect], grid: Grid) -> int:
    """What the arms share with their baselines, on average."""
    pairs = [one.pairs for one in effects if one.criterion == MACRO and one.pairs]
    return round(float(np.mean(pairs))) if pairs else len(grid.blocks)


def _draws(test: TestSet, metric: str) -> np.ndarray:
    """(criteria,) groups with a positive; for a Brier score all groups with a text that somebody decided on."""
    counted = test.known if metric == "brier" else test.positive
    return np.array([len(np.unique(test.groups[column])) for column in counted.T], dtype=float)


def _decided_groups(test: TestSet) -> float:
    return float(len(np.unique(test.groups[test.known.any(axis=1)])))


def _power(effect: float, spread: Spread, seeds: np.ndarray, level: float) -> np.ndarray:
    """(seeds,) the chance that an interval of this level excludes 0; NaN where the error is 0 or unknown.

    The half width is the root of t_a^2 A U / a + t_t^2 T V / t, with chi-squared U and V; the difference is normal with the
    variance A + T. With one of them alone it is the noncentral t distribution, else a quadrature over both.
    """
    seeds = np.asarray(seeds, dtype=float)
    variances = np.stack([spread.seed_sd**2 / seeds, np.full_like(seeds, spread.text_sd**2)])
    texts = np.full_like(seeds, min(spread.draws - 1, MOST_DEGREES))
    degrees = np.stack([np.minimum(spread.seed_degrees * (seeds - 1), MOST_DEGREES), texts])
    unknown = ((variances > 0) & (degrees <= 0)).any(axis=0) | (variances.sum(axis=0) <= 0)
    degrees, error = np.where(degrees > 0, degrees, 1.0), np.where(unknown, 1.0, spread.error(seeds))
    alone = variances[0] <= 0 if spread.text_sd else np.zeros_like(seeds, dtype=bool)
    if not spread.text_sd or alone.all():
        power = _of_one_variance(effect / error, degrees[1 if spread.text_sd else 0], level)
    else:
        power = _of_two_variances(effect, variances, degrees, error, level)
    return np.where(unknown, np.nan, power)


def _of_one_variance(shift: np.ndarray, degrees: np.ndarray, level: float) -> np.ndarray:
    bound = stdtrit(degrees, 1 - level / 2)
    # SciPy gives NaN for a tail that is almost 0 (1e-50).
    missed, wrong = (np.nan_to_num(nctdtr(degrees, shift, end)) for end in (bound, -bound))
    return np.asarray(1 - missed + wrong)


def _of_two_variances(effect: float, variances: np.ndarray, degrees: np.ndarray, error: np.ndarray, level: float) -> np.ndarray:
    """`variances` and `degrees` are (2, seeds)."""
    nodes, weights = _gauss_legendre()
    # By quantiles of U and V, so that both are spread evenly.
    quantiles = 2 * gammaincinv(degrees[..., None] / 2, (nodes + 1) / 2) / degrees[..., None]
    squares = stdtrit(degrees, 1 - level / 2)[..., None] ** 2 * variances[..., None] * quantiles
    half = np.sqrt(squares[0][:, :, None] + squares[1][:, None, :])
    sides = [ndtr((sign * effect - half) / error[:, None, None]) for sign in (1, -1)]
    return np.asarray(np.einsum("sab,a,b->s", sides[0] + sides[1], weights / 2, weights / 2))


@cache
def _gauss_legendre() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(NODES)


def _variances(effects: Sequence[Effect], metric: str, criterion: str) -> tuple[float, float, float] | None:
    """Means over arms: the variances between single seeds and of the texts, and the seeds' degrees per seed after the first."""
    variances = [
        (one.seed_variance * one.pairs, one.text_variance or 0.0, (one.seed_degrees or one.pairs - 1) / (one.pairs - 1))
        for one in effects
        if (one.metric, one.criterion) == (metric, criterion) and one.seed_variance is not None and one.pairs > 1
    ]
    if not variances:
        return None
    seeds, texts, degrees = (float(np.mean(column)) for column in zip(*variances, strict=True))
    return seeds, texts, degrees


def _pilot_spread(
    effects: Sequence[Effect], metric: str, name: str, pilot: Mapping[str, int], now: Mapping[str, int]
) -> Spread | None:
    variances = _variances(effects, metric, name)
    if variances is None:
        return None
    seeds, texts, degrees = variances
    shared = [label for label in pilot if min(pilot[label], now.get(label, 0)) > 0]
    before, after = (np.array([float(positives[label]) for label in shared]) for positives in (pilot, now))
    if name == MICRO:
        scale, basis = float(before.sum() / after.sum()) if shared else 1.0, f"spreads of the pilot's {metric}"
        return Spread(math.sqrt(seeds), math.sqrt(texts * scale), float(after.sum()), basis, degrees)
    if name == MACRO:
        # The text variance of the macro average is proportional to the mean of 1 / positives.
        scale = float((1 / after).sum() / (1 / before).sum()) if shared else 1.0
        return Spread(
            math.sqrt(seeds), math.sqrt(texts * scale), macro_draws(after), "spreads of the pilot's macro average", degrees
        )
    return Spread(
        math.sqrt(seeds), math.sqrt(texts * pilot[name] / now[name]), float(now[name]), "spreads of the pilot", degrees
    )


def _own_spread(effects: Sequence[Effect], metric: str, name: str, draws: float, *, shared: bool) -> Spread | None:
    variances = _variances(effects, metric, name)
    if variances is None:
        return None
    seeds, texts, degrees = variances
    arms = sum((one.metric, one.criterion) == (metric, name) and one.seed_variance is not None for one in effects)
    basis = "spreads of this study" if arms < 2 else f"spreads of this study, means over {arms} arms"
    if shared:
        return Spread(math.sqrt(seeds), math.sqrt(texts), draws, basis, degrees)
    # Each seed has its own texts: the variance between seeds contains both parts, and that of the texts was derived from it.
    pairs = max((one.pairs for one in effects if (one.metric, one.criterion) == (metric, name)), default=0)
    return Spread(math.sqrt(seeds + pairs * texts), 0.0, basis=f"{basis}, seeds and texts together", seed_degrees=degrees)
