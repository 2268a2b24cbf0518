"""Seeds until it is known: the rule by which a study gets more seeds, and what each look at it has found; pure.

A rule is `half_width<=2` (the 95 % interval of each arm's change is at most 2 points to either side) or `detect=3` (a true
change of 3 points would be found, or the question is answered before). Points are those of the primary metric's macro average.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from synthsweep.config.keys.sweeper import UNTIL
from synthsweep.config.rules import MAX_SEED
from synthsweep.errors import StudyError

# The tag of a study's run that holds the rule.
UNTIL_TAG = "until"
EXAMPLES = f'{UNTIL}="half_width<=2" or {UNTIL}="detect=3"'
MOST_POINTS = 100.0
_RULE = re.compile(r"(half_width)\s*<=\s*(\d+(?:\.\d*)?|\.\d+)|(detect)\s*=\s*(\d+(?:\.\d*)?|\.\d+)")

# Why a study stopped: the rule holds; every arm is decided before; seeds no longer help, because of the texts or of the seeds
# that are left; no arm's change is known; no seed may follow.
Reason = Literal["", "reached", "decided", "texts", "futile", "unknown", "most"]


@dataclass(frozen=True)
class SeedRule:
    """What is wanted, in points, and the numbers of seeds at the first look and at most."""

    kind: Literal["half_width", "detect"]
    wanted: float
    least: int
    most: int

    @property
    def text(self) -> str:
        """As it is given."""
        return f"{self.kind}{'<=' if self.kind == 'half_width' else '='}{self.wanted:g}"

    @property
    def goal(self) -> str:
        """What is wanted, in words."""
        if self.kind == "half_width":
            return f"intervals of at most {self.wanted:g} points to either side"
        return f"changes of {self.wanted:g} points found"


@dataclass(frozen=True)
class ArmLook:
    """One arm at one look, in points; None where it is not known.

    `reached` is what the rule looks at: the half width of the interval, or the smallest change that would be found. `at_most`
    is the same as it would be with the most seeds, `texts` with endless ones. `level` is the p value up to which the arm is
    `decided` as changed at this look; `decided` is `changed`, `small` (a change of the wanted size has become unlikely to be
    found) or empty.
    """

    arm: str
    change: float | None
    half_width: float | None
    reached: float | None
    at_most: float | None
    texts: float | None
    p: float | None = None
    level: float = 0.0
    decided: str = ""


@dataclass(frozen=True)
class Look:
    """What was found with so many `seeds`; `following` is how many there will be then, the same where the study has stopped."""

    seeds: int
    following: int
    reason: Reason
    metric: str
    arms: tuple[ArmLook, ...]

    @property
    def stops(self) -> bool:
        return bool(self.reason)

    def plain(self) -> dict[str, Any]:
        """As JSON values, as which it is kept."""
        return asdict(self)


def look_of(values: Mapping[str, Any]) -> Look:
    """A look from the values that `plain` gave."""
    return Look(**{**values, "arms": tuple(ArmLook(**arm) for arm in values["arms"])})


def read_rule(text: str, least: int, most: int) -> SeedRule:
    """The rule of `hydra.sweeper.until` with `min_seeds` and `max_seeds`.

    Raises:
        StudyError: it is not one.
    """
    found = _RULE.fullmatch(text.strip())
    if found is None:
        raise StudyError(f"{UNTIL} must be half_width<=POINTS or detect=POINTS, as in {EXAMPLES}; got {text}")
    wanted = float(found[2] or found[4])
    if not 0 < wanted <= MOST_POINTS:
        raise StudyError(f"{UNTIL} must have points in (0, {MOST_POINTS:g}], as in {EXAMPLES}; got {text}")
    if most < least:
        raise StudyError(
            f"hydra.sweeper.max_seeds must be at least hydra.sweeper.min_seeds={least}, got {most}: raise it or lower min_seeds"
        )
    return SeedRule("half_width" if found[1] else "detect", wanted, least, most)


def seeds_from(first: int, count: int) -> tuple[int, ...]:
    """The seeds of so many replicates: those that follow the seed of the study."""
    return tuple(range(first, first + count))


def require_seeds(first: int, most: int) -> None:
    """Raises StudyError where the last of the seeds would be too large."""
    if first + most - 1 > MAX_SEED:
        raise StudyError(
            f"seed={first}: with hydra.sweeper.max_seeds={most}, seeds would go above {MAX_SEED}: lower one of them"
        )
