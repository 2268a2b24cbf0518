"""Rank correlations of the characteristics of pools with their effects; pure.

The unit is the pool, however many runs used it. Ranks are used because pools are few and relations need not be linear.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from synthsweep.compare.grid import Cell
from synthsweep.compare.result.effects import MACRO, Effect, Interval
from synthsweep.compare.result.supplements import Association
from synthsweep.compare.stats.contrasts import Setting

FEWEST = 8
OUTCOMES = ("average_precision", "precision", "recall", "f1")
# The groups of keys that define a pool; the other keys say how it was used.
POOL_KEYS = ("llm", "prompt", "generate", "plant", "curation", "judge", "select")
# Keys of faults with a known dose.
FAULT_DOSES = ("llm.simulator.", "plant.")
REJECTED = "synthetic/rejected"
# Not measured: the user sets a pool's size, and a seed is only a number.
NO_CHARACTERISTICS = ("synthetic/pool", "llm.simulator.seed")
# Characteristics that influence many others.
CONFOUNDERS = ("length", "label_noise")
ANY = "any characteristic"


@dataclass(frozen=True)
class PoolOutcome:
    """One pool: its characteristics by name, and its mean macro effect by metric, in [-1, 1]."""

    characteristics: Mapping[str, float]
    outcomes: Mapping[str, float]


def associations(cells: Sequence[Cell], baseline: str | Collection[str], effects: Sequence[Effect]) -> tuple[Association, ...]:
    """Every characteristic with every outcome, over the cells with synthetic texts; effects have the names of their cells.

    The effect of a pool is its mean over the other settings (such as the ratio) that all pools share. A correlation needs at
    least eight pools and a characteristic that varies.
    """
    bases = {baseline} if isinstance(baseline, str) else set(baseline)
    groups = _by_pool([cell for cell in cells if cell.name not in bases and cell.facts.get("train/synthetic")])
    pools = pools_of(groups, effects)
    names = list(dict.fromkeys(name for pool in pools for name in pool.characteristics))
    if len(pools) < FEWEST or not names:
        reason = _refusal(len(groups), len(pools))
        return tuple(Association(ANY, outcome, len(pools), refused=reason) for outcome in OUTCOMES)
    return tuple(_associate(pools, name, outcome, names) for name in names for outcome in OUTCOMES)


def pools_of(groups: Sequence[Mapping[Setting, Cell]], effects: Sequence[Effect]) -> tuple[PoolOutcome, ...]:
    """The pools with their means over the settings that all of them share; empty if they share none."""
    shared = set.intersection(*(set(uses) for uses in groups)) if groups else set()
    used = [[cell for use, cell in uses.items() if use in shared] for uses in groups]
    macro = {(one.contrast, one.metric): one.difference for one in effects if one.criterion == MACRO}
    keys = (key for members in used for cell in members for key in (*cell.facts, *cell.assignment))
    names = [name for name in dict.fromkeys(keys) if _is_characteristic(name)]
    return tuple(PoolOutcome(_characteristics(members, names), _outcomes(members, macro)) for members in used if members)


def spearman(one: np.ndarray, other: np.ndarray, held: Sequence[np.ndarray] = ()) -> float | None:
    """The rank correlation, partial on the ranks of `held`; None if one of the two does not vary beyond these."""
    design = np.column_stack([np.ones(len(one)), *(rankdata(values) for values in held)])
    residuals = [_residuals(rankdata(values), design) for values in (one, other)]
    lengths = [float(np.linalg.norm(rest)) for rest in residuals]
    if min(lengths) < 1e-8 * len(one):
        return None
    return float(np.clip(residuals[0] @ residuals[1] / (lengths[0] * lengths[1]), -1, 1))


def interval_of(correlation: float, count: int, held: int = 0) -> Interval | None:
    """The 95 % interval by Fisher's z (standard error of Bonett and Wright 2000), for `count` units and `held` variables.

    None at -1 and 1, where z is infinite, and if `count` minus `held` is less than four.
    """
    degrees = count - held - 3
    if degrees < 1 or abs(correlation) > 1 - 1e-12:
        return None
    half_width = float(ndtri(0.975)) * math.sqrt((1 + correlation**2 / 2) / degrees)
    middle = math.atanh(correlation)
    return Interval(math.tanh(middle - half_width), math.tanh(middle + half_width))


def _associate(pools: Sequence[PoolOutcome], name: str, outcome: str, names: Sequence[str]) -> Association:
    known = [pool for pool in pools if name in pool.characteristics and outcome in pool.outcomes]
    if len(known) < FEWEST:
        return Association(name, outcome, len(known), refused=_too_few(len(known)))
    values, effects = _column(known, name), np.array([pool.outcomes[outcome] for pool in known])
    correlation = spearman(values, effects)
    if correlation is None:
        constant = name if np.ptp(values) == 0 else outcome
        return Association(name, outcome, len(known), refused=f"{constant} is the same in all pools")
    held = _confounders(known, name, names)
    partial = spearman(values, effects, [_column(known, other) for other in held]) if held else None
    count = _rank(known, held)
    return Association(
        characteristic=name,
        outcome=outcome,
        pools=len(known),
        correlation=correlation,
        interval=interval_of(correlation, len(known)),
        partial=partial,
        partial_interval=None if partial is None else interval_of(partial, len(known), count),
        confounders=held,
    )


def _confounders(pools: Sequence[PoolOutcome], name: str, names: Sequence[str]) -> tuple[str, ...]:
    """The confounders other than `name` that every pool has and that vary."""
    named = [other for other in names if other != name and any(word in other for word in CONFOUNDERS)]
    everywhere = [other for other in named if all(other in pool.characteristics for pool in pools)]
    return tuple(other for other in everywhere if np.ptp(_column(pools, other)) > 0)


def _rank(pools: Sequence[PoolOutcome], held: Sequence[str]) -> int:
    """How many of the held characteristics are linearly independent in their ranks."""
    columns = [rankdata(_column(pools, name)) for name in held]
    return int(np.linalg.matrix_rank(np.column_stack([np.ones(len(pools)), *columns]))) - 1


def _column(pools: Sequence[PoolOutcome], name: str) -> np.ndarray:
    return np.array([pool.characteristics[name] for pool in pools])


def _residuals(values: np.ndarray, design: np.ndarray) -> np.ndarray:
    return np.asarray(values - design @ np.linalg.lstsq(design, values, rcond=None)[0])


def _too_few(pools: int) -> str:
    return f"{pools} pool{'s' * (pools != 1)}: fewer than eight say nothing"


def _refusal(groups: int, pools: int) -> str:
    if groups > pools:
        return f"{groups} pools, of which no setting (ratio, training) was used with each: their effects do not compare"
    return _too_few(pools) if pools < FEWEST else "no characteristic of the pools is known"


def _by_pool(cells: Sequence[Cell]) -> list[dict[Setting, Cell]]:
    """One dictionary per pool, from the settings of its use to the cell."""
    groups: dict[Setting, dict[Setting, Cell]] = {}
    for cell in cells:
        pool, use = _pool_and_use(cell)
        groups.setdefault(pool, {})[use] = cell
    return list(groups.values())


def _pool_and_use(cell: Cell) -> tuple[Setting, Setting]:
    """The settings of a cell that define its pool, and the others."""
    settings = sorted(cell.assignment.items())
    pool = tuple(item for item in settings if item[0].partition(".")[0] in POOL_KEYS)
    return pool, tuple(item for item in settings if item not in pool)


def _characteristics(cells: Sequence[Cell], names: Sequence[str]) -> dict[str, float]:
    """Means over the cells of a pool that have the characteristic."""
    columns = {name: [value for cell in cells if (value := _value(cell, name)) is not None] for name in names}
    return {name: float(np.mean(column)) for name, column in columns.items() if column}


def _is_characteristic(name: str) -> bool:
    known = name.startswith(("synthetic/", *FAULT_DOSES)) or name == "cost/usd_per_text"
    return known and name not in NO_CHARACTERISTICS


def _value(cell: Cell, name: str) -> float | None:
    if name in cell.facts:
        return cell.facts[name]
    try:
        return float(cell.assignment[name])
    except (KeyError, ValueError):
        # A run records only the reasons that occurred: a missing one is 0.
        return 0.0 if name.startswith(REJECTED) else None


def _outcomes(cells: Sequence[Cell], macro: Mapping[tuple[str, str], float | None]) -> dict[str, float]:
    """Leaves out metrics that a cell lacks: a mean over fewer settings would be another quantity."""
    columns = {metric: [macro.get((cell.name, metric)) for cell in cells] for metric in OUTCOMES}
    return {
        metric: float(np.mean([v for v in column if v is not None])) for metric, column in columns.items() if None not in column
    }
