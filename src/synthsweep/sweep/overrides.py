"""Overrides in Hydra's grammar, read as the factors of a study."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, QuotedString, RangeSweep

from synthsweep.config.acting import acts_of
from synthsweep.config.compose.grammar import word
from synthsweep.config.compose.mistakes import PARAMS, varied_by_itself
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.rules import Acts
from synthsweep.config.spelling import kind_of, number_of, spelled
from synthsweep.config.thresholds import in_grammar
from synthsweep.errors import StudyError
from synthsweep.study.design.space import Choice, Condition, Factor, Range, Space, Value, plain_number


def read_overrides(
    params: Mapping[str, Any], arguments: Sequence[str], loader: ConfigLoader, *, search: bool
) -> tuple[list[Factor], list[str]]:
    """The factors, and the overrides that all runs share; the command line takes precedence over `hydra.sweeper.params`."""
    parser = OverridesParser.create(config_loader=loader)
    given = parser.parse_overrides(list(arguments))
    _require_once(given)
    named = {_key_of(override) for override in given}
    listed = parser.parse_overrides([f"{key}={_in_grammar(key, value)}" for key, value in params.items() if key not in named])
    factors = [read_factor(override, search=search) for override in (*listed, *given) if override.is_sweep_override()]
    fixed = [str(override.input_line) for override in (*listed, *given) if not override.is_sweep_override()]
    return factors, fixed


def _key_of(override: Override) -> str:
    """What an override sets: `mix.ratio` of `++mix.ratio=1`, and `judge` of `llm@judge=NAME`."""
    name = override.get_key_element().lstrip("+~")
    return name.partition("@")[2] or name


def _require_once(given: Sequence[Override]) -> None:
    """Of two values of a key, Hydra takes the later one; levels and a value contradict each other.

    Raises:
        StudyError: a key that is varied is given again.
    """
    swept = {_key_of(override) for override in given if override.is_sweep_override()}
    texts = {key: [str(override.input_line) for override in given if _key_of(override) == key] for key in swept}
    twice = next((texts[key] for key in texts if len(texts[key]) > 1), None)
    if twice:
        raise StudyError(f"{twice[0]} and {twice[1]} set the same key: keep one of them")


def _require_varied(key: str, written: str) -> None:
    """Refuses a factor that changes no number of a run: its levels would be one configuration, or other studies.

    Raises:
        StudyError: it is such a key.
    """
    if key == "sweeps":
        raise StudyError(f"{written}: each file of sweeps/ is a study of its own; give one command per file")
    # `seed` is how many replicates there are.
    if key != "seed" and acts_of(RunConfig, key) == Acts.NEVER:
        raise StudyError(f"{written}: {key} changes no number of a run, so a study cannot vary it; give it one value")


def _in_grammar(key: str, value: Any) -> str:
    """A value of `hydra.sweeper.params` in Hydra's grammar: a string is in it already, a list holds plain levels."""
    if isinstance(value, Mapping):
        whole = f"{key}.{next(iter(value), 'KEY')}"
        raise StudyError(f"{PARAMS}{key} must be one key with dots, as in {whole}: ...; {varied_by_itself(whole)}")
    if not isinstance(value, list):
        return in_grammar(f"{key}={value}").partition("=")[2] if isinstance(value, str) else _level_text(value)
    if not value:
        raise StudyError(f"hydra.sweeper.params.{key} must name at least one level, got []")
    return ",".join(_level_text(item) for item in value)


def _level_text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(_level_text(item) for item in value)}]"
    if isinstance(value, str):
        return word(value)
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def read_factor(override: Override, *, search: bool) -> Factor:
    """The factor of one swept override; in a search, a range of Hydra's is a Range with a step.

    Raises:
        StudyError: an unknown tag, no level, a repeated level, or bounds in the wrong order.
    """
    key, value = _key_of(override), override.value()
    written = override.get_key_element()
    _require_varied(key, str(override.input_line))
    factor = _read_factor(override, key, value, search=search)
    return factor if written == key else replace(factor, written=written)


def _read_factor(override: Override, key: str, value: Any, *, search: bool) -> Factor:
    tags = set(getattr(value, "tags", ()))
    if tags - {"log"}:
        raise StudyError(f"{key}: tag {', '.join(sorted(tags - {'log'}))} is not known here; there is log")
    if isinstance(value, IntervalSweep):
        return _read_interval(key, value, log="log" in tags)
    if isinstance(value, (ChoiceSweep, RangeSweep)):
        # Hydra would shuffle again each time it is asked; the design has an order of its own.
        value.shuffle = False
    if isinstance(value, RangeSweep) and search:
        return _read_range(key, value, log="log" in tags)
    written = list(zip(override.sweep_iterator(), override.sweep_string_iterator(), strict=True))
    computed = isinstance(value, RangeSweep)
    levels = tuple(_one_spelling(key, _level_value(item, text), computed=computed) for item, text in written)
    texts = tuple(
        spelled(key, level) if computed or number_of(key, level) is not None else text
        for level, (_, text) in zip(levels, written, strict=True)
    )
    if not levels:
        raise StudyError(f"{key}={override.get_value_string()}: there is nothing in it")
    if len({_as_composed(key, level) for level in levels}) < len(levels):
        raise StudyError(f"{key}={','.join(texts)}: a level occurs twice")
    return Choice(key, levels, texts)


def _read_interval(key: str, value: IntervalSweep, *, log: bool) -> Range:
    assert value.start is not None
    assert value.end is not None
    return _with_valid_bounds(Range(key, value.start, value.end, log=log, whole=isinstance(value.start, int)))


def _read_range(key: str, value: RangeSweep, *, log: bool) -> Range:
    steps = list(value.range())
    if not steps:
        raise StudyError(f"{key}=range({value.start}, {value.stop}, {value.step}): there is nothing in it")
    whole = all(isinstance(step, int) for step in steps)
    step = None if log else abs(value.step)
    return _with_valid_bounds(Range(key, min(steps), max(steps), log=log, step=step, whole=whole))


def _require_finite(key: str, *values: Value) -> None:
    """Raises StudyError for a level or a bound that no comparison holds for, or that no run can reach."""
    strange = next((value for value in values if isinstance(value, float) and not math.isfinite(value)), None)
    if strange is not None:
        raise StudyError(f"{key}={strange}: a level must be a finite number")


def _with_valid_bounds(factor: Range) -> Range:
    _require_finite(factor.key, factor.low, factor.high)
    if factor.low > factor.high:
        raise StudyError(f"{factor.key}={factor}: the first bound must be the lower one")
    if factor.log and factor.low <= 0:
        raise StudyError(f"{factor.key}={factor}: a log interval must lie above 0")
    return factor


def _level_value(item: Any, text: str) -> Value:
    if isinstance(item, QuotedString):
        return item.text
    # Optuna stores plain values: a list or a dictionary becomes its text.
    return item if item is None or isinstance(item, (bool, int, float, str)) else text


def _as_composed(key: str, level: Value) -> Any:
    """A key that has a type takes a quoted `'3'` for 3, and `'true'` for true; any other one keeps both apart."""
    if kind_of(key) is None or level is None:
        return type(level), level
    return str(level).lower() if isinstance(level, bool) else str(level)


def _one_spelling(key: str, level: Value, *, computed: bool = False) -> Value:
    """1 for 1 and 1.0 of a key for decimal numbers: a level is a number, however it was typed or `computed`."""
    _require_finite(key, level)
    if computed and isinstance(level, float):
        level = plain_number(level)
    number = number_of(key, level)
    if number is not None:
        _require_finite(key, number)
    return level if number is None else int(number) if number.is_integer() else number


def make_space(factors: Sequence[Factor], conditions: Mapping[str, Any]) -> Space:
    """The space, with `conditions: {FACTOR: {OTHER: LEVEL or [LEVELS]}}`.

    Raises:
        StudyError: a factor is varied twice, or a condition names what is not a factor or a level.
    """
    keys = [factor.key for factor in factors]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise StudyError(f"{twice[0]}: it is varied twice")
    parsed: dict[str, tuple[Condition, ...]] = {}
    for key, rule in conditions.items():
        if not isinstance(rule, Mapping):
            raise StudyError(f"hydra.sweeper.conditions.{key} must be {{FACTOR: [LEVELS]}}, got {rule}")
        parsed[str(key)] = tuple(Condition(str(on), tuple(v) if isinstance(v, list) else (v,)) for on, v in rule.items())
    return Space(tuple(factors), parsed)
