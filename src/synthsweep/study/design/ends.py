"""The ends of a search's space: between them, no trial trains longer or asks more; pure."""

from collections.abc import Iterator, Mapping

from synthsweep.study.design.space import Assignment, Factor, Range, Space, Value

# Keys of which more always takes more steps or requests, and those of which less does.
GROWING = frozenset({"training.epochs", "mix.ratio", "mix.count", "generate.n", "curation.judge_answers"})
SHRINKING = frozenset({"training.batch_size"})
# Keys that act on neither, apart from the exceptions.
IDLE = ("training.", "evaluation", "characteristics", "select", "plant", "model.")
NOT_IDLE = frozenset({"training.epochs", "training.batch_size", "training.match_steps", "model.name_or_path", "model.name"})
# Values of these between two ends give pools of their own.
OF_POOLS = ("llm", "prompt", "data", "labels", "seeds")


def ends(space: Space) -> Iterator[Assignment]:
    """Every combination of the values of each factor at which a trial may take the most, without factors that do not act."""
    cells: list[dict[str, Value]] = [{}]
    levels = _levels(space)
    for factor in space.factors:
        key = factor.key
        cells = [
            {**cell, key: value} if space.acts(key, cell) else cell
            for cell in cells
            for value in (levels[key] if space.acts(key, cell) else levels[key][:1])
        ]
    yield from cells


def is_countable(space: Space) -> bool:
    """Whether all pools of a search are among those at the ends: no range gives each of its values a pool of its own."""
    ranges = [factor.key for factor in space.factors if isinstance(factor, Range)]
    return not any(key.partition(".")[0] in OF_POOLS for key in ranges)


def _levels(space: Space) -> Mapping[str, tuple[Value, ...]]:
    decisive: dict[str, list[Value]] = {}
    for conditions in space.conditions.values():
        for condition in conditions:
            decisive.setdefault(condition.on, []).extend(condition.levels)
    return {factor.key: _of_factor(factor, tuple(decisive.get(factor.key, ()))) for factor in space.factors}


def _of_factor(factor: Factor, decisive: tuple[Value, ...]) -> tuple[Value, ...]:
    """The values of a factor that count; `decisive` are those on which another factor depends."""
    values = _bounds(factor) if isinstance(factor, Range) else factor.levels
    if decisive:
        return tuple(dict.fromkeys((*values, *decisive)))
    if factor.key.startswith(IDLE) and factor.key not in NOT_IDLE:
        return values[:1]
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if len(numbers) == len(values) and factor.key in GROWING:
        return (max(numbers),)
    if len(numbers) == len(values) and factor.key in SHRINKING:
        return (min(numbers),)
    return values


def _bounds(factor: Range) -> tuple[Value, ...]:
    return (int(factor.low), int(factor.high)) if factor.whole else (factor.low, factor.high)
