"""What a study varies: factors with their levels or ranges, and when each of them acts; pure."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from synthsweep.errors import StudyError

# Significant digits of a level that arithmetic gives.
DIGITS = 12
Value = str | int | float | bool | None
Assignment = Mapping[str, Value]


class Suggester(Protocol):
    """The part of an Optuna trial that proposes values."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any: ...

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int: ...

    def suggest_float(self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False) -> float: ...


def plain_number(value: float) -> float:
    """0.3 for 0.30000000000000004: what arithmetic gives is the number that somebody would write."""
    return float(f"{value:.{DIGITS}g}")


def same_level(one: Value, other: Value) -> bool:
    """Whether two values are one level, although arithmetic gave one of them."""
    if isinstance(one, float) and isinstance(other, (int, float)) and not isinstance(other, bool):
        return plain_number(one) == plain_number(other)
    return one == other


@dataclass(frozen=True)
class Choice:
    """A factor with levels; `texts` are the levels as Hydra's grammar writes them.

    `written` is the key as an override writes it, if it is another one: `+training` or `llm@judge`.
    """

    key: str
    levels: tuple[Value, ...]
    texts: tuple[str, ...]
    written: str = ""

    def suggest(self, trial: Suggester) -> Value:
        value: Value = trial.suggest_categorical(self.key, self.levels)
        return value

    def text(self, value: Value) -> str:
        # 1 == True == 1.0: the type decides between levels, but an enqueued 1 may mean the level 1.0.
        equal = [(type(level), text) for level, text in zip(self.levels, self.texts, strict=True) if level == value]
        return next((text for kind, text in equal if kind is type(value)), equal[0][1])

    def holds(self, value: Value) -> bool:
        return value in self.levels

    def __str__(self) -> str:
        return f"choice({', '.join(self.texts)})"


@dataclass(frozen=True)
class Range:
    """A factor between two bounds, both included; `whole` for integers, `written` as for a Choice."""

    key: str
    low: float
    high: float
    log: bool = False
    step: float | None = None
    whole: bool = False
    written: str = ""

    def suggest(self, trial: Suggester) -> Value:
        if self.whole:
            return trial.suggest_int(self.key, int(self.low), int(self.high), step=int(self.step or 1), log=self.log)
        value = trial.suggest_float(self.key, self.low, self.high, step=self.step, log=self.log)
        return plain_number(value) if self.step else value

    def text(self, value: Value) -> str:
        return repr(plain_number(value)) if self.step and isinstance(value, float) else repr(value)

    def holds(self, value: Value) -> bool:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not self.low <= value <= self.high:
            return False
        step = self.step or (1 if self.whole else None)
        return step is None or abs((value - self.low) / step - round((value - self.low) / step)) < 1e-8

    def __str__(self) -> str:
        kind = "int " if self.whole else ""
        step = f", step {self.step:g}" if self.step else ""
        return f"{kind}interval({self.low:g}, {self.high:g}{step}{', log' if self.log else ''})"


Factor = Choice | Range


@dataclass(frozen=True)
class Condition:
    """A factor acts only while the factor `on` has one of these levels."""

    on: str
    levels: tuple[Value, ...]


@dataclass(frozen=True)
class Space:
    """Factors, each after those that it depends on."""

    factors: tuple[Factor, ...]
    conditions: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {factor.key: factor for factor in self.factors}
        for key, conditions in self.conditions.items():
            if key not in known:
                raise StudyError(f"hydra.sweeper.conditions.{key}: there is no such factor; the factors are {', '.join(known)}")
            for condition in conditions:
                self._require_levels(key, condition, known)
        object.__setattr__(self, "factors", tuple(self._ordered(known)))

    def _require_levels(self, key: str, condition: Condition, known: Mapping[str, Factor]) -> None:
        on = known.get(condition.on)
        if on is None:
            raise StudyError(
                f"hydra.sweeper.conditions.{key}: {condition.on} is not a factor; the factors are {', '.join(known)}"
            )
        unknown = [level for level in condition.levels if not on.holds(level)]
        if unknown:
            raise StudyError(f"hydra.sweeper.conditions.{key}: {condition.on} is never {unknown[0]}; it is {on}")

    def _ordered(self, known: Mapping[str, Factor]) -> Iterator[Factor]:
        placed: set[str] = set()
        waiting = list(known)
        while waiting:
            ready = [key for key in waiting if all(c.on in placed for c in self.conditions.get(key, ()))]
            if not ready:
                raise StudyError(f"hydra.sweeper.conditions: {', '.join(waiting)} depend on one another")
            placed.update(ready)
            waiting = [key for key in waiting if key not in placed]
            yield from (known[key] for key in ready)

    def acts(self, key: str, assignment: Assignment) -> bool:
        """Whether a factor acts, given the values before it; it does not if a factor that it depends on does not."""
        return all(
            c.on in assignment and any(same_level(assignment[c.on], level) for level in c.levels)
            for c in self.conditions.get(key, ())
        )

    def suggest(self, trial: Suggester) -> dict[str, Value]:
        """The values that a sampler proposes, for the factors that act."""
        assignment: dict[str, Value] = {}
        for factor in self.factors:
            if self.acts(factor.key, assignment):
                assignment[factor.key] = factor.suggest(trial)
        return assignment

    def grid(self) -> list[dict[str, Value]]:
        """Every combination of levels once, without the factors that do not act in it.

        Raises:
            StudyError: a factor is a range, which has no levels.
        """
        cells: list[dict[str, Value]] = []
        for values in itertools.product(*(self._levels(factor) for factor in self.factors)):
            cell: dict[str, Value] = {}
            for factor, value in zip(self.factors, values, strict=True):
                if self.acts(factor.key, cell):
                    cell[factor.key] = value
            cells.append(cell)
        return list({tuple((k, type(v), v) for k, v in cell.items()): cell for cell in cells}.values())

    def _levels(self, factor: Factor) -> tuple[Value, ...]:
        if isinstance(factor, Range):
            raise StudyError(
                f"{factor.key}={factor}: an interval has no levels for a grid; name some ({factor.key}=A,B), "
                "or set hydra.sweeper.design=search"
            )
        return factor.levels

    def overrides(self, assignment: Assignment) -> list[str]:
        """The assignment as Hydra overrides."""
        acting = [factor for factor in self.factors if factor.key in assignment]
        return [f"{factor.written or factor.key}={factor.text(assignment[factor.key])}" for factor in acting]

    def require(self, assignment: Assignment, name: str) -> None:
        """Raises StudyError unless the space holds every value; `name` is the key that the assignment came from."""
        known = {factor.key: factor for factor in self.factors}
        for key, value in assignment.items():
            if key not in known:
                raise StudyError(f"{name}: {key} is not a factor of this study; the factors are {', '.join(known)}")
            if not known[key].holds(value):
                raise StudyError(f"{name}: {key} is never {value}; it is {known[key]}")

    def describe(self) -> dict[str, str]:
        """Each factor as a text, with its conditions."""
        texts = {factor.key: str(factor) for factor in self.factors}
        for key, conditions in self.conditions.items():
            texts[key] += "".join(f" if {c.on} is {' or '.join(map(str, c.levels))}" for c in conditions)
        return texts
