"""Hydra's override grammar as the factors of a study."""

from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, QuotedString, RangeSweep

from synthsweep.config.grammar import word
from synthsweep.errors import StudyError
from synthsweep.study.design.space import Choice, Condition, Factor, Range, Space, Value


def read_overrides(
    params: Mapping[str, Any], arguments: Sequence[str], loader: ConfigLoader, *, search: bool
) -> tuple[list[Factor], list[str]]:
    """The factors, and the overrides that all runs share; the command line takes precedence over `hydra.sweeper.params`."""
    parser = OverridesParser.create(config_loader=loader)
    given = parser.parse_overrides(list(arguments))
    # ++key=1 names the same key.
    named = {override.get_key_element().lstrip("+~") for override in given}
    listed = parser.parse_overrides([f"{key}={_written(key, value)}" for key, value in params.items() if key not in named])
    factors = [factor_of(override, search=search) for override in (*listed, *given) if override.is_sweep_override()]
    fixed = [str(override.input_line) for override in (*listed, *given) if not override.is_sweep_override()]
    return factors, fixed


def _written(key: str, value: Any) -> str:
    """A value of `hydra.sweeper.params` in the grammar: a text is one already, a list holds levels as they are."""
    if isinstance(value, Mapping):
        raise StudyError(f"hydra.sweeper.params.{key} must be one key with dots, as in {key}.{next(iter(value), 'KEY')}: ...")
    if not isinstance(value, list):
        return value if isinstance(value, str) else _element(value)
    if not value:
        raise StudyError(f"hydra.sweeper.params.{key} must name at least one level, got []")
    return ",".join(_element(item) for item in value)


def _element(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(_element(item) for item in value)}]"
    if isinstance(value, str):
        return word(value)
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def factor_of(override: Override, *, search: bool) -> Factor:
    """One swept override; in a search, a range is an interval with a step.

    Raises:
        StudyError: a tag that means nothing here, or bounds the wrong way round.
    """
    key, value = override.get_key_element(), override.value()
    tags = set(getattr(value, "tags", ()))
    if tags - {"log"}:
        raise StudyError(f"{key}: tag {', '.join(sorted(tags - {'log'}))} means nothing here; there is log")
    if isinstance(value, IntervalSweep):
        return _interval(key, value, log="log" in tags)
    if isinstance(value, (ChoiceSweep, RangeSweep)):
        # Hydra draws an order each time it is asked; the design has an order of its own.
        value.shuffle = False
    if isinstance(value, RangeSweep) and search:
        return _stepped(key, value, log="log" in tags)
    texts = tuple(override.sweep_string_iterator())
    levels = tuple(_level(item, text) for item, text in zip(override.sweep_iterator(), texts, strict=True))
    if not levels:
        raise StudyError(f"{key}={override.get_value_string()}: there is nothing in it")
    if len(set(zip(map(type, levels), levels, strict=True))) < len(levels):
        raise StudyError(f"{key}={','.join(texts)}: a level stands there twice")
    return Choice(key, levels, texts)


def _interval(key: str, value: IntervalSweep, *, log: bool) -> Range:
    assert value.start is not None
    assert value.end is not None
    return _checked(Range(key, value.start, value.end, log=log, whole=isinstance(value.start, int)))


def _stepped(key: str, value: RangeSweep, *, log: bool) -> Range:
    steps = list(value.range())
    if not steps:
        raise StudyError(f"{key}=range({value.start}, {value.stop}, {value.step}): there is nothing in it")
    whole = all(isinstance(step, int) for step in steps)
    step = None if log else abs(value.step)
    return _checked(Range(key, min(steps), max(steps), log=log, step=step, whole=whole))


def _checked(interval: Range) -> Range:
    if interval.low > interval.high:
        raise StudyError(f"{interval.key}={interval}: the first bound must be the lower one")
    if interval.log and interval.low <= 0:
        raise StudyError(f"{interval.key}={interval}: a log interval must lie above 0")
    return interval


def _level(item: Any, text: str) -> Value:
    if isinstance(item, QuotedString):
        return item.text
    # Optuna keeps plain values: a list or a dictionary stands there as it is written.
    return item if item is None or isinstance(item, (bool, int, float, str)) else text


def make_space(factors: Sequence[Factor], conditions: Mapping[str, Any]) -> Space:
    """The space, with `conditions: {FACTOR: {OTHER: LEVEL or [LEVELS]}}`.

    Raises:
        StudyError: a factor twice, or a condition on what is none.
    """
    keys = [factor.key for factor in factors]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise StudyError(f"{twice[0]}: it is varied twice")
    read: dict[str, tuple[Condition, ...]] = {}
    for key, rule in conditions.items():
        if not isinstance(rule, Mapping):
            raise StudyError(f"hydra.sweeper.conditions.{key} must be {{FACTOR: [LEVELS]}}, got {rule}")
        read[str(key)] = tuple(Condition(str(on), tuple(v) if isinstance(v, list) else (v,)) for on, v in rule.items())
    return Space(tuple(factors), read)
