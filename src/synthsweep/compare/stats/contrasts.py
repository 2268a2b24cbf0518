"""Contrasts of cells: arms against a baseline, main effects, interactions, trends; pure.

The shared control (ratio 0) is outside the factorial design: neither LLM nor prompt has an effect in it.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.grid import Cell, Contrast
from synthsweep.pages.numbers import MINUS
from synthsweep.study.queue.trial_queue import in_words

# The levels of some factors in a cell, sorted by key; hashable, to group cells.
Setting = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Arm:
    """The cells that agree in some chosen factors; a single cell where all factors are chosen."""

    name: str
    assignment: Mapping[str, str]
    cells: tuple[Cell, ...]

    @property
    def weights(self) -> dict[str, float]:
        """Equal weights of its cells, for their mean."""
        return {cell.name: 1 / len(self.cells) for cell in self.cells}

    def fact(self, name: str) -> float | None:
        """The mean of a fact over the cells that have it."""
        found = [cell.facts[name] for cell in self.cells if name in cell.facts]
        return sum(found) / len(found) if found else None


def partner_of(arm: str, baseline: str | Mapping[str, str]) -> str:
    """The cell that an arm is compared with: one for all arms, or one per arm; empty for an arm that is not compared."""
    return baseline if isinstance(baseline, str) else baseline.get(arm, "")


def leaf_names(keys: Sequence[str]) -> dict[str, str]:
    """Maps each key to its last part, or to the whole key if two keys end alike, as `in_words` does."""
    leaves = Counter(key.rpartition(".")[2] for key in keys)
    return {key: leaf if leaves[leaf := key.rpartition(".")[2]] == 1 else key for key in keys}


def arms_of(cells: Sequence[Cell], factors: Sequence[str] | None = None) -> tuple[Arm, ...]:
    """The cells grouped by their settings of `factors` (None: each cell is an arm), in the order of first occurrence."""
    if factors is None:
        return tuple(Arm(cell.name, cell.assignment, (cell,)) for cell in cells)
    return tuple(_arm(members, factors) for members in _by_setting(cells, factors).values())


def arm_contrasts(cells: Sequence[Cell], baseline: str, factors: Sequence[str] | None = None) -> tuple[Contrast, ...]:
    """Every arm against the arm of the cell `baseline`.

    If `factors` omits some, both arms are averaged over the settings of the omitted factors that they share. An arm that
    shares no such setting with the baseline has no contrast.
    """
    arms = arms_of(cells, factors)
    base = next(arm for arm in arms if any(cell.name == baseline for cell in arm.cells))
    by_arm = ((arm, _weights_against(base, arm, factors)) for arm in arms if arm is not base)
    return tuple(
        Contrast(arm.name, "effect", weights, ", ".join(arm.assignment), ", ".join(arm.assignment.values()))
        for arm, weights in by_arm
        if weights
    )


def main_contrasts(cells: Sequence[Cell], control: str | None, factors: Sequence[str]) -> tuple[Contrast, ...]:
    """Each level of a factor against its first one, over all settings of the other factors.

    A factor is skipped if its levels do not all occur with the same settings of the others, since its effect would be
    confounded with theirs.
    """
    factorial = _factorial(cells, control, factors)
    names = leaf_names(factors)
    balanced = (factor for factor in factors if _balanced(factorial, (factor,)))
    return tuple(contrast for factor in balanced for contrast in _mains(factorial, factor, names[factor]))


def interaction_contrasts(cells: Sequence[Cell], control: str | None, factors: Sequence[str]) -> tuple[Contrast, ...]:
    """Two-way: how much the difference between two levels of one factor changes with the level of another.

    Only for pairs of factors whose levels all occur together, with the same settings of the other factors.
    """
    factorial = _factorial(cells, control, factors)
    pairs = (pair for pair in itertools.combinations(factors, 2) if _balanced(factorial, pair))
    return tuple(contrast for pair in pairs for contrast in _interactions(factorial, pair, factors))


def trend_contrast(arms: Sequence[Arm], doses: Sequence[float], name: str, factor: str = "") -> Contrast | None:
    """The least-squares slope per unit of dose through the arms; None for fewer than three doses."""
    if len(set(doses)) < 3:
        return None
    centred = np.asarray(doses, dtype=float) - np.mean(doses)
    slopes = centred / np.sum(centred**2)
    weights: Counter[str] = Counter()
    for arm, slope in zip(arms, slopes, strict=True):
        weights.update({cell: float(slope) * share for cell, share in arm.weights.items()})
    return Contrast(name, "trend", dict(weights), factor)


def _mains(cells: Sequence[Cell], factor: str, name: str) -> Iterator[Contrast]:
    (first, reference), *others = _levels(cells, factor)
    for level, members in others:
        weights = _mean(members) | {cell: -share for cell, share in _mean(reference).items()}
        yield Contrast(f"{name}: {level} {MINUS} {first}", "main", weights, factor, level)


def _interactions(cells: Sequence[Cell], pair: tuple[str, str], factors: Sequence[str]) -> Iterator[Contrast]:
    one, other = pair
    names = leaf_names(factors)
    # A factor that only has an effect under some levels of the other is compared under these levels.
    cells = [cell for cell in cells if one in cell.assignment and other in cell.assignment]
    (first, _), *ones = _levels(cells, one)
    (second, _), *others = _levels(cells, other)
    for (level, _), (other_level, _) in itertools.product(ones, others):
        signs = {(level, other_level): 1, (level, second): -1, (first, other_level): -1, (first, second): 1}
        weights: dict[str, float] = {}
        for (a, b), sign in signs.items():
            members = [cell for cell in cells if (cell.assignment[one], cell.assignment[other]) == (a, b)]
            weights |= {cell: sign * share for cell, share in _mean(members).items()}
        name = f"{names[one]} × {names[other]}: {level} {MINUS} {first}, {other_level} {MINUS} {second}"
        yield Contrast(name, "interaction", weights, f"{one} × {other}", f"{level}, {other_level}")


def _factorial(cells: Sequence[Cell], control: str | None, factors: Sequence[str]) -> list[Cell]:
    """The cells that form the design: not the control, and not cells with the same subset of factors as the control.

    A control that has every factor, and whose levels other cells share, is kept like any other cell.
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
    """(level, its cells), in the order of first occurrence; one empty level if no cell has the factor."""
    levels: dict[str, list[Cell]] = {}
    for cell in cells:
        if factor in cell.assignment:
            levels.setdefault(cell.assignment[factor], []).append(cell)
    return list(levels.items()) or [("", [])]


def _balanced(cells: Sequence[Cell], factors: tuple[str, ...]) -> bool:
    """Whether every combination of the factors' levels occurs with the same settings of the other factors."""
    acting = [cell for cell in cells if all(factor in cell.assignment for factor in factors)]
    rests: dict[Setting, set[Setting]] = {}
    for cell in acting:
        rest = [key for key in cell.assignment if key not in factors]
        rests.setdefault(_setting(cell, factors), set()).add(_setting(cell, rest))
    levels = [{cell.assignment[factor] for cell in acting} for factor in factors]
    complete = len(rests) == np.prod([len(level_set) for level_set in levels])
    return bool(acting) and complete and len({frozenset(rest) for rest in rests.values()}) == 1


def _weights_against(base: Arm, arm: Arm, factors: Sequence[str] | None) -> dict[str, float]:
    """Maps cells to weights; empty if the two arms share no setting of the factors outside `factors`."""
    both = (*arm.cells, *base.cells)
    common = [key for key in both[0].assignment if all(key in cell.assignment for cell in both)]
    omitted = [] if factors is None else [key for key in common if key not in factors]
    of_arm, of_base = (_by_setting(one.cells, omitted) for one in (arm, base))
    shared = [setting for setting in of_arm if setting in of_base]
    weights: dict[str, float] = {}
    for setting in shared:
        for members, sign in ((of_arm[setting], 1), (of_base[setting], -1)):
            weights |= {cell: sign * share / len(shared) for cell, share in _mean(members).items()}
    return weights


def _by_setting(cells: Sequence[Cell], keys: Sequence[str]) -> dict[Setting, list[Cell]]:
    groups: dict[Setting, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(_setting(cell, keys), []).append(cell)
    return groups


def _setting(cell: Cell, keys: Sequence[str]) -> Setting:
    return tuple((key, cell.assignment[key]) for key in sorted(keys) if key in cell.assignment)


def _arm(members: Sequence[Cell], factors: Sequence[str]) -> Arm:
    assignment = {key: members[0].assignment[key] for key in factors if key in members[0].assignment}
    words = in_words(assignment) or f"no {', '.join(leaf_names(factors).values())}"
    return Arm(members[0].name if len(members) == 1 else words, assignment, tuple(members))


def _mean(cells: Sequence[Cell]) -> dict[str, float]:
    return {cell.name: 1 / len(cells) for cell in cells}
