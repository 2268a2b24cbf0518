"""What each level of a study's factors is: a choice such as `training=fast` is the values that it sets."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from itertools import product
from typing import Any

from synthsweep.config.acting import acts_of, below
from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.rules import Acts
from synthsweep.examples import digest_of
from synthsweep.study.design.definition import CONFIGURATION, defaults
from synthsweep.study.design.space import Assignment, Choice, Factor, Space, Value


@dataclass(frozen=True)
class Levels:
    """The configurations of a study's levels, by factor and by the level as it is written.

    Each level has the first acting level of every other factor beside it.
    """

    of: Mapping[str, Mapping[str, RunConfig]]

    @property
    def configs(self) -> list[RunConfig]:
        return [config for levels in self.of.values() for config in levels.values()]

    def all_values(self, space: Space, compose: Callable[[Assignment], RunConfig]) -> dict[str, dict[str, Any]]:
        """What each level sets, and the digest of each combination of levels of which one may hide what another sets."""
        values = self.values()
        return {**values, **_combined(space, compose, {name.partition("=")[0] for name in values})}

    def values(self) -> dict[str, dict[str, Any]]:
        """The keys that each level sets beside its own, as in `{"training=fast": {"training.epochs": 2}}`."""
        found: dict[str, dict[str, Any]] = {}
        for factor, levels in self.of.items():
            composed = {text: flat(plain(config)) for text, config in levels.items()}
            keys = dict.fromkeys(key for values in composed.values() for key in values)
            set_by = [key for key in keys if self._is_set_by(key, factor, composed)]
            for text, values in composed.items():
                if set_by:
                    found[f"{factor}={text}"] = {key: values[key] for key in set_by if key in values}
        return found

    def _is_set_by(self, key: str, factor: str, composed: Mapping[str, Mapping[str, Any]]) -> bool:
        if key in self.of or Acts.DEFINITION not in acts_of(RunConfig, key):
            return False
        given = [values.get(key) for values in composed.values()]
        return below(key, [factor]) or any(value != given[0] for value in given)


def _combined(space: Space, compose: Callable[[Assignment], RunConfig], setting: Set[str]) -> dict[str, dict[str, Any]]:
    """The digest of each combination of the levels of these factors; with one of them alone, there is nothing to combine."""
    choices = [factor for factor in space.factors if isinstance(factor, Choice) and factor.key in setting]
    found: dict[str, dict[str, Any]] = {}
    for levels in product(*(factor.levels for factor in choices)) if len(choices) > 1 else ():
        assignment = assignment_with(space, dict(zip((factor.key for factor in choices), levels, strict=True)))
        name = " ".join(space.overrides({key: value for key, value in assignment.items() if key in setting}))
        found[name] = {CONFIGURATION: _digest_of(compose(assignment))}
    return found


def _digest_of(config: RunConfig) -> str:
    # A key that a later version adds changes no digest.
    values = {key: value for key, value in flat(plain(config)).items() if value != defaults().get(key)}
    return digest_of({key: value for key, value in values.items() if Acts.DEFINITION in acts_of(RunConfig, key)})[:12]


def compose_levels(space: Space, compose: Callable[[Assignment], RunConfig]) -> Levels:
    """Composes every level of every factor that has levels."""
    return Levels(
        {
            factor.key: {
                factor.text(level): compose(assignment_with(space, _with_conditions(space, factor.key, level)))
                for level in factor.levels
            }
            for factor in space.factors
            if isinstance(factor, Choice)
        }
    )


def assignment_with(space: Space, chosen: Assignment) -> Assignment:
    """The chosen levels, and the first level of every other factor that acts beside them."""
    assignment: dict[str, Value] = {}
    for factor in space.factors:
        if space.acts(factor.key, assignment):
            assignment[factor.key] = chosen.get(factor.key, first_level(factor))
    return assignment


def _with_conditions(space: Space, key: str, level: Value) -> dict[str, Value]:
    """A level, with a level of each factor on which it depends, so that it acts."""
    chosen = {key: level}
    for condition in space.conditions.get(key, ()):
        chosen = {**_with_conditions(space, condition.on, condition.levels[0]), **chosen}
    return chosen


def first_level(factor: Factor) -> Value:
    """The first level of a choice, the lower bound of a range."""
    if isinstance(factor, Choice):
        return factor.levels[0]
    return int(factor.low) if factor.whole else factor.low
