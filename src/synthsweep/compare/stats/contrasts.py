"""Which cells are set against which: arms, main effects, interactions, trends; pure.

The shared control (ratio 0) stands outside the factorial: neither LLM nor prompt acts in it.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.grid import Cell, Contrast
from synthsweep.pages.numbers import MINUS
from synthsweep.study.queue.trial_queue import in_words

# What a cell has of some factors: hashable, so that cells can be sorted into groups.
Setting = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Arm:
    """Cells that agree in the factors that are looked at; one cell where all of its factors are."""

    name: str
    assignment: Mapping[str, str]
    cells: tuple[Cell, ...]

    @property
    def weights(self) -> dict[str, float]:
        """The mean of its cells."""
        return {cell.name: 1 / len(self.cells) for cell in self.cells}

    def fact(self, name: str) -> float | None:
        """The mean of a fact over the cells that have it."""
        found = [cell.facts[name] for cell in self.cells if name in cell.facts]
        return sum(found) / len(found) if found else None


def partner_of(arm: str, baseline: str | Mapping[str, str]) -> str:
    """The cell that an arm is held against: one for all, or by arm; empty for what is held against nothing."""
    return baseline if isinstance(baseline, str) else baseline.get(arm, "")


def leaf_names(keys: Sequence[str]) -> dict[str, str]:
    """Key to no more of it than tells it from the others, as `in_words` shortens them."""
    leaves = Counter(key.rpartition(".")[2] for key in keys)
    return {key: leaf if leaves[leaf := key.rpartition(".")[2]] == 1 else key for key in keys}


def arms_of(cells: Sequence[Cell], factors: Sequence[str] | None = None) -> tuple[Arm, ...]:
    """The cells sorted by their settings of `factors` (None: each cell is an arm), in the order in which they first occur."""
    if factors is None:
        return tuple(Arm(cell.name, cell.assignment, (cell,)) for cell in cells)
    groups: dict[Setting, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(_setting(cell, factors), []).append(cell)
    return tuple(_arm(members, factors) for members in groups.values())


def arm_contrasts(cells: Sequence[Cell], baseline: str, factors: Sequence[str] | None = None) -> tuple[Contrast, ...]:
    """Every arm against the arm of the cell `baseline`.

    Where `factors` leaves some out, like is compared with like: means over the settings of what is left out that both
    sides have. An arm that shares none of them with the baseline has no contrast.
    """
    arms = arms_of(cells, factors)
    base = next(arm for arm in arms if any(cell.name == baseline for cell in arm.cells))
    weighed = ((arm, _against(arm, base, factors)) for arm in arms if arm is not base)
    return tuple(
        Contrast(arm.name, "effect", weights, ", ".join(arm.assignment), ", ".join(arm.assignment.values()))
        for arm, weights in weighed
        if weights
    )


def main_contrasts(cells: Sequence[Cell], control: str | None, factors: Sequence[str]) -> tuple[Contrast, ...]:
    """Each level of a factor against its first one, over all settings of the other factors.

    A factor whose levels do not all occur with the same settings of the others has none: its effect would be mixed with
    theirs.
    """
    inside = _factorial(cells, control, factors)
    names = leaf_names(factors)
    balanced = (factor for factor in factors if _balanced(inside, (factor,)))
    return tuple(found for factor in balanced for found in _mains(inside, factor, names[factor]))


def interaction_contrasts(cells: Sequence[Cell], control: str | None, factors: Sequence[str]) -> tuple[Contrast, ...]:
    """Two-way: how much a difference between two levels of one factor changes with the level of another.

    Only for pairs of factors of which every pair of levels occurs with the same settings of the rest.
    """
    inside = _factorial(cells, control, factors)
    pairs = itertools.combinations(factors, 2)
    return tuple(found for pair in pairs if _balanced(inside, pair) for found in _interactions(inside, pair, factors))


def trend_contrast(arms: Sequence[Arm], doses: Sequence[float], name: str, factor: str = "") -> Contrast | None:
    """The least-squares slope a unit of dose through the arms; None for fewer than three doses."""
    if len(set(doses)) < 3:
        return None
    centred = np.asarray(doses, dtype=float) - np.mean(doses)
    slopes = centred / np.sum(centred**2)
    weights: Counter[str] = Counter()
    for arm, slope in zip(arms, slopes, strict=True):
        weights.update({cell: float(slope) * share for cell, share in arm.weights.items()})
    return Contrast(name, "trend", dict(weights), factor)


def _mains(cells: Sequence[Cell], factor: str, name: str) -> Iterator[Contrast]:
    (first, here), *others = _levels(cells, factor)
    for level, there in others:
        weights = _mean(there) | {cell: -share for cell, share in _mean(here).items()}
        yield Contrast(f"{name}: {level} {MINUS} {first}", "main", weights, factor, level)


def _interactions(cells: Sequence[Cell], pair: tuple[str, str], factors: Sequence[str]) -> Iterator[Contrast]:
    one, other = pair
    names = leaf_names(factors)
    # A factor that acts under some levels of another alone is looked at there.
    cells = [cell for cell in cells if one in cell.assignment and other in cell.assignment]
    (first, _), *ones = _levels(cells, one)
    (second, _), *others = _levels(cells, other)
    for (level, _), (against, _) in itertools.product(ones, others):
        signs = {(level, against): 1, (level, second): -1, (first, against): -1, (first, second): 1}
        weights: dict[str, float] = {}
        for (a, b), sign in signs.items():
            members = [cell for cell in cells if (cell.assignment[one], cell.assignment[other]) == (a, b)]
            weights |= {cell: sign * share for cell, share in _mean(members).items()}
        message = f"{level} {MINUS} {first}, {against} {MINUS} {second}"
        label = f"{names[one]} × {names[other]}"
        yield Contrast(f"{label}: {message}", "interaction", weights, f"{one} × {other}", f"{level}, {against}")


def _factorial(cells: Sequence[Cell], control: str | None, factors: Sequence[str]) -> list[Cell]:
    """The cells less the control, and less those in which the same factors act as in it.

    A control in which every factor acts, and whose levels other cells share, is a cell like any other.
    """
    found = next((cell for cell in cells if cell.name == control), None)
    if found is None:
        return list(cells)
    acting = {key for key in factors if key in found.assignment}
    if acting < set(factors):
        return [cell for cell in cells if {key for key in factors if key in cell.assignment} != acting]
    alone = any(sum(cell.assignment.get(key) == found.assignment[key] for cell in cells) == 1 for key in acting)
    return [cell for cell in cells if not alone or cell is not found]


def _levels(cells: Sequence[Cell], factor: str) -> list[tuple[str, list[Cell]]]:
    """(level, its cells), in the order in which they first occur; one empty level where the factor never acts."""
    levels: dict[str, list[Cell]] = {}
    for cell in cells:
        if factor in cell.assignment:
            levels.setdefault(cell.assignment[factor], []).append(cell)
    return list(levels.items()) or [("", [])]


def _balanced(cells: Sequence[Cell], factors: tuple[str, ...]) -> bool:
    """Whether every combination of their levels occurs with the same settings of the rest."""
    acting = [cell for cell in cells if all(factor in cell.assignment for factor in factors)]
    rests: dict[Setting, set[Setting]] = {}
    for cell in acting:
        rest = [key for key in cell.assignment if key not in factors]
        rests.setdefault(_setting(cell, factors), set()).add(_setting(cell, rest))
    levels = [{cell.assignment[factor] for cell in acting} for factor in factors]
    complete = len(rests) == np.prod([len(found) for found in levels])
    return bool(acting) and complete and len({frozenset(rest) for rest in rests.values()}) == 1


def _against(arm: Arm, base: Arm, factors: Sequence[str] | None) -> dict[str, float]:
    both = (*arm.cells, *base.cells)
    left_out = [key for key in both[0].assignment if all(key in cell.assignment for cell in both)]
    left_out = [] if factors is None else [key for key in left_out if key not in factors]
    sides = [_by_setting(side.cells, left_out) for side in (arm, base)]
    shared = [setting for setting in sides[0] if setting in sides[1]]
    weights: dict[str, float] = {}
    for setting in shared:
        for side, sign in zip(sides, (1, -1), strict=True):
            weights |= {cell: sign * share / len(shared) for cell, share in _mean(side[setting]).items()}
    return weights


def _by_setting(cells: Sequence[Cell], keys: Sequence[str]) -> dict[Setting, list[Cell]]:
    groups: dict[Setting, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(_setting(cell, keys), []).append(cell)
    return groups


def _setting(cell: Cell, keys: Sequence[str]) -> Setting:
    return tuple((key, cell.assignment[key]) for key in sorted(keys) if key in cell.assignment)


def _arm(members: Sequence[Cell], factors: Sequence[str]) -> Arm:
    kept = {key: members[0].assignment[key] for key in factors if key in members[0].assignment}
    words = in_words(kept) or f"no {', '.join(leaf_names(factors).values())}"
    return Arm(members[0].name if len(members) == 1 else words, kept, tuple(members))


def _mean(cells: Sequence[Cell]) -> dict[str, float]:
    return {cell.name: 1 / len(cells) for cell in cells}
