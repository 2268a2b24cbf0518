"""What defines a study: a second command under its name must mean the same study; pure."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from synthsweep.config.acting import acts_of, below
from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.run import CONTENT, RunConfig
from synthsweep.config.rules import Acts
from synthsweep.config.spelling import is_decimal, number_text
from synthsweep.errors import StudyError
from synthsweep.examples import digest_of
from synthsweep.study.design.growth import PARAMS, additions
from synthsweep.study.design.objective import Goal
from synthsweep.study.design.space import Space

# A combination of levels has this one value, a digest of all keys; it differs whenever a level does.
CONFIGURATION = "configuration"
# At most this many differing keys are shown.
SHOWN = 6
NUMBER = re.compile(r"(?<![\w.])\d+\.?\d*(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Definition:
    """Everything that decides which trials a study has and how they are valued.

    `fixed` are the values of keys and contents of files that all runs share; `levels` those that a level of a factor sets.
    """

    design: str
    space: Mapping[str, str]
    objectives: tuple[str, ...]
    constraints: tuple[str, ...]
    aggregate: str
    seeds: tuple[int, ...]
    pruner: str
    fixed: Mapping[str, Any]
    fraction: float = 1.0
    levels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return digest_of(asdict(self))

    def plain(self) -> dict[str, Any]:
        """The definition as JSON keeps it."""
        return {
            **asdict(self),
            "objectives": list(self.objectives),
            "constraints": list(self.constraints),
            "seeds": list(self.seeds),
        }


def define(
    configs: tuple[RunConfig, RunConfig],
    space: Space,
    goal: Goal,
    *,
    design: str,
    seeds: tuple[int, ...],
    pruner: str,
    fraction: float,
    beside: Mapping[str, Any] | None = None,
    levels: Mapping[str, Mapping[str, Any]] | None = None,
) -> Definition:
    """The definition of a study; `configs` are one of its configurations with two seeds, `beside` are further fixed values."""
    config, other = configs
    varied = {factor.key for factor in space.factors} | {"seed"}
    # A part that follows `seed` varies with it; one that was set by itself is fixed.
    varied |= {f"seeds.{name}" for name, value in vars(config.seeds).items() if value != getattr(other.seeds, name)}
    return Definition(
        design=design,
        space=space.describe(),
        objectives=tuple(f"{way} {name}" for name, way in zip(goal.metrics, goal.directions, strict=True)),
        constraints=tuple(str(constraint) for constraint in goal.constraints),
        aggregate=goal.aggregate,
        seeds=seeds,
        pruner=pruner,
        fixed={
            key: value
            for key, value in flat(plain(config)).items()
            if Acts.DEFINITION in acts_of(RunConfig, key) and not below(key, varied)
        }
        | dict(beside or {}),
        fraction=fraction,
        levels=levels or {},
    )


def require_same(name: str, kept: Mapping[str, Any], wanted: Definition) -> list[str]:
    """What a factorial study has more than it was begun with, in words: levels or seeds; none where it is the same.

    Raises:
        StudyError: the study of this name was begun with another definition; it names the difference.
    """
    before, now = _leaves(kept), _leaves(wanted.plain())
    if "levels" not in kept:
        # Begun before a study kept what its levels are.
        before, now = _in_both(before, now)
    changed = [key for key in (*now, *(key for key in before if key not in now)) if _differs(key, before, now)]
    more = additions(_respelled(kept), wanted.plain())
    other = [key for key in changed if key not in more]
    if not other:
        return [words for words in more.values() if words]
    other = [key for key in other if not key.endswith(f": {CONFIGURATION}")] or other
    message = "; ".join(f"{key}: {_shown(before, key)} before, {_shown(now, key)} now" for key in other[:SHOWN])
    rest = f"; and {len(other) - SHOWN} more" if len(other) > SHOWN else ""
    raise StudyError(
        f"study={name} was begun as another study ({message}{rest}): take another name with study=NAME "
        "(finished runs are reused all the same), or give the command as it was"
    )


def _differs(key: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    if key not in now and Acts.DEFINITION not in acts_of(RunConfig, key):
        # It made another study once, and does not any more.
        return False
    if key.startswith(CONTENT) and key not in before:
        # It was not known then, as a model that no hub could name.
        return False
    # A key that was added since then had its default.
    return bool(_spelled(key, before.get(key, defaults().get(key))) != _spelled(key, now.get(key)))


def _spelled(key: str, value: Any) -> Any:
    """Levels as they are spelled now: a study of an earlier version has them as they were typed, such as 0.50 and 1.0."""
    if not isinstance(value, str) or not is_decimal(key.removeprefix(f"{PARAMS}.")):
        return value
    return NUMBER.sub(lambda found: number_text(float(found[0])), value)


def _respelled(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {**kept, "space": {key: _spelled(key, text) for key, text in kept["space"].items()}}


@cache
def defaults() -> Mapping[str, Any]:
    """Every key at its default, but for the parts of the seed, which follow it by default."""
    return {key: value for key, value in flat(plain(RunConfig())).items() if not key.startswith("seeds.")}


def _in_both(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both without what only one of them has, but for factors: the earlier one kept fewer keys, contents and values."""
    lacking = {key for key in before.keys() ^ now.keys() if not key.startswith(f"{PARAMS}.")}
    left, right = ({key: value for key, value in one.items() if key not in lacking} for one in (before, now))
    return left, right


def _leaves(definition: Mapping[str, Any]) -> dict[str, Any]:
    named = {"space": f"{PARAMS}.", "fixed": ""}
    leaves: dict[str, Any] = {}
    for name, value in definition.items():
        if name in named:
            leaves |= {f"{named[name]}{key}": inner for key, inner in value.items()}
        elif name == "levels":
            leaves |= {f"{level}: {key}": inner for level, values in value.items() for key, inner in values.items()}
        else:
            leaves[name] = value
    return leaves


def _shown(leaves: Mapping[str, Any], key: str) -> str:
    text = str(leaves[key]) if key in leaves else "not there"
    return text if len(text) <= 60 else f"{text[:59]}…"
