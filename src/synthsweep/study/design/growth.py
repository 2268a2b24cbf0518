"""How a factorial study may grow under its name: by further levels of its factors, and by further seeds; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synthsweep.config.keys.sweeper import UNTIL
from synthsweep.pages.numbers import counted

# How a message calls the space.
PARAMS = "hydra.sweeper.params"
# A list of levels and what follows it, as a space describes a factor; a level may be a list or quoted text.
LEVELS = re.compile(r"choice\((.*)\)( if .*)?", re.DOTALL)
LEVEL = re.compile(r"""(?:\[[^\]]*\]|\{[^}]*\}|'(?:\\.|[^'])*'|"(?:\\.|[^"])*"|[^,])+""")


def additions(kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, str]:
    """What a definition has more than the one that was kept, in words, by the leaf that differs.

    The values of a further level are no addition of their own, and have no words.
    """
    return dict(_additions(kept, wanted)) if _may_grow(kept) and _may_grow(wanted) else {}


def _additions(kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if seeds := further_seeds(kept["seeds"], wanted["seeds"]):
        yield "seeds", counted(seeds, "more seed")
    grown = {key: further_levels(kept["space"].get(key, ""), text) for key, text in wanted["space"].items()}
    yield from ((f"{PARAMS}.{key}", f"{key}={','.join(levels)}") for key, levels in grown.items() if levels)
    if any(grown.values()):
        known, fixed = kept.get("levels", {}), kept["fixed"]
        for level, values in wanted["levels"].items():
            factor, _, text = level.partition("=")
            further = text in grown.get(factor, ())
            # A level of before had, of a key that no level set, what all runs shared.
            yield from (
                (f"{level}: {key}", "")
                for key, value in values.items()
                if key not in known.get(level, {}) and (further or fixed.get(key, value) == value)
            )


def _may_grow(definition: Mapping[str, Any]) -> bool:
    """A search proposes trials for the seeds that it has; a fraction is drawn from all cells; a rule adds seeds itself."""
    whole = definition.get("design") == "factorial" and definition.get("fraction", 1.0) == 1.0
    return bool(whole and UNTIL not in definition["fixed"])


def further_seeds(before: Sequence[int], now: Sequence[int]) -> int:
    """How many seeds follow those of before; 0 where these are not the first ones."""
    return len(now) - len(before) if list(now[: len(before)]) == list(before) else 0


def further_levels(before: str, now: str) -> list[str]:
    """The levels that a described factor has more, in their order; none where it lost one, or has no list of levels."""
    one, other = LEVELS.fullmatch(before), LEVELS.fullmatch(now)
    if one is None or other is None or one[2] != other[2]:
        return []
    known, levels = _levels_of(one[1]), _levels_of(other[1])
    return [level for level in levels if level not in known] if set(known) <= set(levels) else []


def _levels_of(text: str) -> list[str]:
    return [level.strip() for level in LEVEL.findall(text)]
