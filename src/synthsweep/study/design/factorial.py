"""The factorial design: which configurations, in which order; pure."""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from synthsweep.config.acting import below, sections_of_synthetic
from synthsweep.config.spelling import is_decimal
from synthsweep.examples import digest_of
from synthsweep.study.design.space import Space, Value


@dataclass(frozen=True)
class DesignCell:
    """One configuration of a grid; it stands for `merged` combinations that give the same numbers, the `members`."""

    assignment: dict[str, Value]
    first: dict[str, Value]
    merged: int = 1
    members: tuple[dict[str, Value], ...] = field(default=(), compare=False)

    @property
    def digest(self) -> str:
        """A name that stays the same when the grid changes."""
        return self.digests[0]

    @cached_property
    def digests(self) -> tuple[str, ...]:
        """The name, and those that earlier versions gave: they told 1 from 1.0 of a key for decimal numbers."""
        typed = [_spellings(key, value) for key, value in self.assignment.items()]
        return tuple(digest_of(dict(zip(self.assignment, one, strict=True)))[:16] for one in itertools.product(*typed))


def cell_of(assignment: dict[str, Value], cells: Sequence[DesignCell]) -> DesignCell | None:
    """The one cell of a grown grid for which a trial of the smaller grid stands: every combination with its levels is in it."""
    held = [cell for cell in cells if any(assignment.items() <= member.items() for member in cell.members)]
    return held[0] if len(held) == 1 else None


def _spellings(key: str, value: Value) -> list[list[Value]]:
    own: list[Value] = [type(value).__name__, value]
    whole = isinstance(value, int) and not isinstance(value, bool) and is_decimal(key)
    return [own, ["float", float(value or 0)]] if whole else [own]


def plan_cells(
    space: Space,
    acting: Callable[[dict[str, Value]], str],
    *,
    fraction: float = 1.0,
    seed: int = 1,
    is_control: Callable[[dict[str, Value]], bool] = lambda assignment: False,
) -> list[DesignCell]:
    """The cells of a full or fractional grid.

    Combinations for which `acting` returns the same key give the same numbers (any LLM at ratio 0): they become one
    cell, the shared control, which keeps the levels that they share. A fraction below 1 is one of the cells that add texts:
    of the others (`is_control`) it keeps those with the same settings beside, so that every arm keeps its baseline.
    """
    groups: dict[str, list[dict[str, Value]]] = {}
    for assignment in space.grid():
        groups.setdefault(acting(assignment), []).append(assignment)
    cells = [
        DesignCell(_control(members, key, acting), members[0], len(members), tuple(members)) for key, members in groups.items()
    ]
    if fraction >= 1:
        return cells
    crossed = [cell for cell in cells if cell.merged == 1 and not is_control(cell.first)]
    kept = balanced_fraction([cell.assignment for cell in crossed], round(fraction * len(crossed)), random.Random(seed))
    chosen = {crossed[index].digest for index in kept}
    beside, arms = [_beside(crossed[index].assignment) for index in kept], {cell.digest for cell in crossed}
    return [cell for cell in cells if cell.digest in chosen or (cell.digest not in arms and _serves(cell, beside))]


def _serves(control: DesignCell, arms: Sequence[dict[str, Value]]) -> bool:
    """Whether a control has the settings of one of these arms."""
    own = _beside(control.assignment)
    return control.merged > 1 or any(all(arm.get(key, value) == value for key, value in own.items()) for arm in arms)


def _beside(assignment: dict[str, Value]) -> dict[str, Value]:
    """The levels that act without synthetic texts."""
    return {key: value for key, value in assignment.items() if not below(key, sections_of_synthetic())}


def _control(members: Sequence[dict[str, Value]], key: str, acting: Callable[[dict[str, Value]], str]) -> dict[str, Value]:
    first = members[0]
    common = {name: value for name, value in first.items() if all(name in other and other[name] == value for other in members)}
    # real_only at any ratio and augment at ratio 0 share no level, and the defaults are another configuration.
    return common if acting(common) == key else first


def balanced_fraction(assignments: Sequence[dict[str, Value]], count: int, rng: random.Random) -> list[int]:
    """Indices of `count` assignments (at least one) in which levels, and pairs of levels, occur as evenly as possible.

    Greedy: the next assignment is one whose levels and pairs occur least so far; `rng` breaks ties. The last choices have
    few to choose from, so both the kept and the excluded assignments are drawn this way, and the more even draw is taken.
    """
    count = min(max(count, 1), len(assignments))
    kept = _greedy(assignments, count, rng)
    excluded = set(_greedy(assignments, len(assignments) - count, rng))
    others = [index for index in range(len(assignments)) if index not in excluded]
    return min(kept, others, key=lambda indices: _unevenness([assignments[index] for index in indices]))


def _greedy(assignments: Sequence[dict[str, Value]], count: int, rng: random.Random) -> list[int]:
    left, taken = list(range(len(assignments))), []
    rng.shuffle(left)
    seen: Counter[tuple[tuple[str, Value], ...]] = Counter()
    for _ in range(count):
        best = min(left, key=lambda index: [sum(seen[t] for t in _terms(assignments[index], size)) for size in (1, 2)])
        seen.update(term for size in (1, 2) for term in _terms(assignments[best], size))
        taken.append(best)
        left.remove(best)
    return sorted(taken)


def _unevenness(chosen: Sequence[dict[str, Value]]) -> list[int]:
    # For a given sum of counts, the sum of their squares is smallest where all are equal.
    counts = [Counter(term for one in chosen for term in _terms(one, size)) for size in (1, 2)]
    return [sum(used**2 for used in counter.values()) for counter in counts]


def _terms(assignment: dict[str, Value], size: int) -> list[tuple[tuple[str, Value], ...]]:
    """Its levels (size 1), or its pairs of levels (size 2)."""
    return list(itertools.combinations(sorted(assignment.items(), key=lambda item: item[0]), size))


def blocks(cells: int, replicates: int, seed: int) -> list[tuple[int, int]]:
    """(cell, replicate) pairs, one block per replicate: all cells in a random order, then all again.

    A half-finished study then compares cells on the same seeds: all blocks but the last are complete.
    """
    pairs: list[tuple[int, int]] = []
    for replicate in range(replicates):
        block = [(cell, replicate) for cell in range(cells)]
        random.Random(f"{seed}/block/{replicate}").shuffle(block)
        pairs += block
    return pairs
