"""The baseline: the cell that each arm is compared with, chosen by the user or by default; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synthsweep.compare.grid import Cell, Contrast
from synthsweep.compare.read.assemble import added_texts
from synthsweep.compare.read.cells import SYNTHETIC_KEYS, shown
from synthsweep.compare.stats.contrasts import arm_contrasts
from synthsweep.config.acting import below
from synthsweep.errors import StudyError
from synthsweep.messages import listing


@dataclass(frozen=True)
class Baseline:
    """`partners` maps each cell's name to the name of the cell that it is compared with; `title` describes the baseline."""

    title: str
    partners: Mapping[str, str]

    @property
    def cells(self) -> tuple[str, ...]:
        """The names of the cells that others are compared with."""
        return tuple(dict.fromkeys(self.partners.values()))


def find_baseline(cells: Sequence[Cell], words: Sequence[str], trials: Mapping[int, str]) -> Baseline:
    """Finds each cell's baseline: of the cells that `words` name, the one with the same levels of all other factors.

    Without words, these are the cells without added texts, and the factors of synthetic texts may differ. `trials` maps trial
    numbers to cell names.

    Raises:
        StudyError: the words name no cell, or no other cell can be compared with the named ones.
    """
    one = _single_baseline(cells, words, trials)
    named = [one] if one else [cell for cell in cells if _is_named(cell, words)]
    free = {key_and_value(word)[0] for word in words} or set(SYNTHETIC_KEYS)
    if not named:
        levels = listing([cell.name for cell in cells], 6)
        if words:
            raise StudyError(f"baseline={','.join(words)}: no finished configuration is it; there are {levels}")
        raise StudyError(f"no run is without synthetic texts: name another baseline, as baseline=KEY:VALUE; there are {levels}")
    others = [cell for cell in cells if cell not in named]
    partners = {cell.name: one.name if one else _partner(cell, named, free) for cell in others}
    partners = {name: partner for name, partner in partners.items() if partner}
    if not partners:
        raise StudyError(
            f"nothing can be held against baseline={','.join(words) or 'real_only'} ({listing([c.name for c in named], 4)}): "
            "every other configuration differs from it in other factors, too, or there is none"
            f"{_way_out(cells, named, words, trials)}"
        )
    several = f"the same with {' '.join(words)}" if words else "real texts alone, same settings"
    return Baseline(named[0].name if len(named) == 1 else several, partners)


def _way_out(cells: Sequence[Cell], named: Sequence[Cell], words: Sequence[str], trials: Mapping[int, str]) -> str:
    """How to name one of several configurations that no word chose."""
    numbers = [f"{number}, the number of its trial" for number, name in trials.items() if name == named[0].name]
    others = [cell.assignment for cell in cells if cell is not named[0]]
    own = [f"{key}:{level}" for key, level in named[0].assignment.items() if all(one.get(key) != level for one in others)]
    ways = [*numbers, *own]
    if words or len(named) < 2 or not ways:
        return ""
    return f": name the one that the others are compared with, as baseline={ways[0]}"


def contrasts_to(cells: Sequence[Cell], baseline: Baseline, factors: Sequence[str]) -> tuple[Contrast, ...]:
    """Each cell against its baseline; with `factors`, means over the cells with the same levels of these factors.

    Raises:
        StudyError: only the baseline is left.
    """
    if not factors:
        pairs = baseline.partners.items()
        return tuple(Contrast(name, "effect", {name: 1.0, partner: -1.0}) for name, partner in pairs)
    contrasts = arm_contrasts(cells, baseline.cells[0], factors)
    if not contrasts:
        raise StudyError(f"factors={','.join(factors)}: nothing but the baseline is left; name those in which arms differ")
    return contrasts


def _single_baseline(cells: Sequence[Cell], words: Sequence[str], trials: Mapping[int, str]) -> Cell | None:
    """The baseline of all arms, if `words` is the number of its trial or the full name of its cell."""
    name = trials.get(int(words[0]), "") if len(words) == 1 and words[0].isdigit() else " ".join(words)
    return next((cell for cell in cells if words and cell.name == name), None)


def _is_named(cell: Cell, words: Sequence[str]) -> bool:
    return all(has_level(cell.assignment, word) for word in words) if words else not added_texts(cell.facts)


def has_level(assignment: Mapping[str, str], word: str) -> bool:
    """Whether a configuration has the level that `KEY:LEVEL` names."""
    key, value = key_and_value(word)
    level = assignment.get(key, "")
    return key in assignment and (level in {value, shown(value)} or _equal(value, level))


def _equal(value: str, level: str) -> bool:
    try:
        return float(value) == float(level)
    except ValueError:
        return False


def key_and_value(word: str) -> tuple[str, str]:
    """Splits `KEY:VALUE` or `KEY=VALUE` at the first of the two marks."""
    mark = min((place, mark) for mark in ":=" if (place := word.find(mark)) >= 0)[1] if set(word) & set(":=") else ":"
    key, _, value = word.partition(mark)
    return key, value


def _partner(cell: Cell, named: Sequence[Cell], free: set[str]) -> str:
    """The name of the only named cell that differs from `cell` just in free factors; empty if there is none or several."""
    alike = [other.name for other in named if _agree(cell, other, free)]
    return alike[0] if len(alike) == 1 else ""


def _agree(cell: Cell, other: Cell, free: set[str]) -> bool:
    # A control has fewer factors than other cells: the missing ones have no effect in it.
    common = {key for key in cell.assignment.keys() & other.assignment.keys() if not below(key, free)}
    return all(cell.assignment[key] == other.assignment[key] for key in common)
