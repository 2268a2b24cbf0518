"""Which LLM, which prompt: contrasts between the texts of two levels, over arms that are alike in all else; pure."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from synthsweep.compare.grid import Cell, Contrast
from synthsweep.compare.read.assemble import SYNTHETIC
from synthsweep.compare.result.effects import Effect, PoolPair
from synthsweep.compare.stats.contrasts import leaf_names
from synthsweep.compare.stats.over_arms import over_pairs
from synthsweep.config.acting import below
from synthsweep.pages.numbers import MINUS

WRITERS = ("llm", "prompt")
# Contrasts of this kind are tested over all pairs of their factor.
KIND = "pool"
# A control: its texts do not have the labels that the LLM gave them.
WITHOUT_LABELS = "shuffled_labels"
# With more levels, the main effects say it.
MOST_LEVELS = 12

Setting = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class PoolContrast:
    """The contrast of two levels of a factor."""

    factor: str
    one: str
    other: str
    contrast: Contrast


def pool_contrasts(cells: Sequence[Cell]) -> tuple[PoolContrast, ...]:
    """Each pair of levels of each LLM and prompt factor, as means over the settings that both levels have.

    Factors of which no pair shares a setting, such as an LLM with a prompt of its own, are one factor together.
    """
    written = [cell for cell in cells if cell.facts.get(SYNTHETIC) and WITHOUT_LABELS not in cell.assignment.values()]
    keys = dict.fromkeys(key for cell in written for key in cell.assignment if below(key, WRITERS))
    varied = [key for key in keys if len(_by_level(written, (key,))) > 1]
    found = {key: tuple(_pairs(written, (key,))) for key in varied}
    together = tuple(key for key in varied if not found[key])
    joint = tuple(_pairs(written, together)) if len(together) > 1 else ()
    return (*(pair for pairs in found.values() for pair in pairs), *joint)


def pool_pairs(contrasts: Sequence[PoolContrast], effects: Sequence[Effect]) -> tuple[PoolPair, ...]:
    """The effects of these contrasts, pair by pair, tested over all pairs of a factor."""
    by_name: dict[str, list[Effect]] = {}
    for effect in effects:
        by_name.setdefault(effect.contrast, []).append(effect)
    pairs = (PoolPair(one.factor, one.one, one.other, tuple(by_name.get(one.contrast.name, ()))) for one in contrasts)
    return over_pairs(tuple(pairs))


def _pairs(cells: Sequence[Cell], keys: tuple[str, ...]) -> Iterator[PoolContrast]:
    levels = _by_level(cells, keys)
    if len(levels) > MOST_LEVELS:
        return
    factor = ", ".join(leaf_names(keys).values()) if len(keys) > 1 else keys[0]
    for (one, its), (other, theirs) in itertools.combinations(levels.items(), 2):
        weights = _weights(its, theirs)
        if weights:
            yield PoolContrast(factor, one, other, Contrast(f"{factor}: {one} {MINUS} {other}", KIND, weights, factor))


def _by_level(cells: Sequence[Cell], keys: tuple[str, ...]) -> dict[str, dict[Setting, Cell]]:
    """Maps each level to its cells, by their settings of all other factors."""
    levels: dict[str, dict[Setting, Cell]] = {}
    for cell in cells:
        if all(key in cell.assignment for key in keys):
            level = ", ".join(cell.assignment[key] for key in keys)
            rest = frozenset(item for item in cell.assignment.items() if item[0] not in keys)
            levels.setdefault(level, {})[rest] = cell
    return levels


def _weights(its: Mapping[Setting, Cell], theirs: Mapping[Setting, Cell]) -> dict[str, float]:
    shared = [setting for setting in its if setting in theirs]
    return {cell.name: sign / len(shared) for setting in shared for cell, sign in ((its[setting], 1), (theirs[setting], -1))}
