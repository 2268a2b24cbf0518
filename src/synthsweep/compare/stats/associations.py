"""Characteristics of pools against what the pools did; the pool is the unit, however many runs used it; pure.

Rank correlations: a few pools, and nobody says that an outcome follows a characteristic in a straight line.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from synthsweep.compare.grid import Cell
from synthsweep.compare.result import Association, Effect, Interval
from synthsweep.compare.stats.contrasts import Setting

FEWEST = 8
OUTCOMES = ("average_precision", "precision", "recall", "f1")
# What tells one pool from another; the rest of a configuration is how it was used.
POOL_KEYS = ("llm", "prompt", "generate", "plant", "curation", "judge", "select")
# Faults of a known dose.
KNOBS = ("llm.simulator.", "plant.")
REJECTED = "synthetic/rejected"
# The size of a pool is asked for, and a seed is a name.
NO_CHARACTERISTICS = ("synthetic/pool", "llm.simulator.seed")
# What lies behind many characteristics, and must not pass for them.
CONFOUNDERS = ("length", "label_noise")
ANY = "any characteristic"


@dataclass(frozen=True)
class PoolOutcome:
    """One pool: its characteristics by name, and by metric its mean macro effect in points of [0, 1]."""

    characteristics: Mapping[str, float]
    outcomes: Mapping[str, float]


def associations(cells: Sequence[Cell], baseline: str | Collection[str], effects: Sequence[Effect]) -> tuple[Association, ...]:
    """Every characteristic against every outcome, of cells with synthetic texts whose effects are of the cell's name.

    A pool's effect is the mean over its other settings (the ratio), of those alone that every pool was used with. Fewer than
    eight pools are refused, and so is what does not vary.
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
    """The pools with their means over the settings that all of them share; none where they share no setting."""
    shared = set.intersection(*(set(uses) for uses in groups)) if groups else set()
    used = [[cell for use, cell in uses.items() if use in shared] for uses in groups]
    macro = {(one.contrast, one.metric): one.difference for one in effects if one.criterion == "macro"}
    keys = (key for members in used for cell in members for key in (*cell.facts, *cell.assignment))
    names = [name for name in dict.fromkeys(keys) if _is_characteristic(name)]
    return tuple(PoolOutcome(_characteristics(members, names), _outcomes(members, macro)) for members in used if members)


def spearman(one: np.ndarray, other: np.ndarray, held: Sequence[np.ndarray] = ()) -> float | None:
    """The rank correlation, with the ranks of `held` taken out of both; None where one of the two does not vary beyond them."""
    design = np.column_stack([np.ones(len(one)), *(rankdata(values) for values in held)])
    rests = [_residuals(rankdata(values), design) for values in (one, other)]
    lengths = [float(np.linalg.norm(rest)) for rest in rests]
    if min(lengths) < 1e-8 * len(one):
        return None
    return float(np.clip(rests[0] @ rests[1] / (lengths[0] * lengths[1]), -1, 1))


def interval_of(correlation: float, count: int, held: int = 0) -> Interval | None:
    """95 %, by Fisher's z with the standard error of Bonett and Wright (2000), for `count` units less the `held` ones.

    None at -1 and 1, where z is infinite, and where fewer than four units are left.
    """
    left = count - held - 3
    if left < 1 or abs(correlation) > 1 - 1e-12:
        return None
    reach = float(ndtri(0.975)) * math.sqrt((1 + correlation**2 / 2) / left)
    middle = math.atanh(correlation)
    return Interval(math.tanh(middle - reach), math.tanh(middle + reach))


def _associate(pools: Sequence[PoolOutcome], name: str, outcome: str, names: Sequence[str]) -> Association:
    known = [pool for pool in pools if name in pool.characteristics and outcome in pool.outcomes]
    if len(known) < FEWEST:
        return Association(name, outcome, len(known), refused=_too_few(len(known)))
    values, effects = _column(known, name), np.array([pool.outcomes[outcome] for pool in known])
    correlation = spearman(values, effects)
    if correlation is None:
        what = name if np.ptp(values) == 0 else outcome
        return Association(name, outcome, len(known), refused=f"{what} is the same in all pools")
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
    """Those that every pool has and that vary."""
    named = [other for other in names if other != name and any(word in other for word in CONFOUNDERS)]
    everywhere = [other for other in named if all(other in pool.characteristics for pool in pools)]
    return tuple(other for other in everywhere if np.ptp(_column(pools, other)) > 0)


def _rank(pools: Sequence[PoolOutcome], held: Sequence[str]) -> int:
    """How many of the held characteristics say something of their own."""
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
    """A dictionary a pool, of how it was used."""
    groups: dict[Setting, dict[Setting, Cell]] = {}
    for cell in cells:
        pool, use = _parts(cell)
        groups.setdefault(pool, {})[use] = cell
    return list(groups.values())


def _parts(cell: Cell) -> tuple[Setting, Setting]:
    """The pool that a cell used, and how it used it."""
    settings = sorted(cell.assignment.items())
    of_pool = [key.partition(".")[0] in POOL_KEYS for key, _ in settings]
    pool = tuple(item for item, of in zip(settings, of_pool, strict=True) if of)
    return pool, tuple(item for item, of in zip(settings, of_pool, strict=True) if not of)


def _characteristics(cells: Sequence[Cell], names: Sequence[str]) -> dict[str, float]:
    """Means over the cells of a pool, as far as they have them."""
    columns = {name: [value for cell in cells if (value := _value(cell, name)) is not None] for name in names}
    return {name: float(np.mean(column)) for name, column in columns.items() if column}


def _is_characteristic(name: str) -> bool:
    known = name.startswith(("synthetic/", *KNOBS)) or name == "cost/usd_per_text"
    return known and name not in NO_CHARACTERISTICS


def _value(cell: Cell, name: str) -> float | None:
    if name in cell.facts:
        return cell.facts[name]
    try:
        return float(cell.assignment[name])
    except (KeyError, ValueError):
        # A run counts the reasons that occurred.
        return 0.0 if name.startswith(REJECTED) else None


def _outcomes(cells: Sequence[Cell], macro: Mapping[tuple[str, str], float | None]) -> dict[str, float]:
    """Undefined where one of the cells has no effect: a mean of fewer settings is another quantity."""
    columns = {metric: [macro.get((cell.name, metric)) for cell in cells] for metric in OUTCOMES}
    return {
        metric: float(np.mean([v for v in column if v is not None])) for metric, column in columns.items() if None not in column
    }
