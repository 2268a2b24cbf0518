"""The values of a comparison as unrounded rows, for CSV files and data frames; pure.

Scores are shares in [0, 1], as MLflow has them. Differences of scores, their intervals and standard deviations are in points,
as everywhere a reader sees them; such a column ends in `_points`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, fields
from typing import Any

from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import ChangeDecomposition, Effect, Interval, PartEffects
from synthsweep.compare.result.search import SearchResult
from synthsweep.compare.result.supplements import Power, VarianceShare

# Fields that hold differences of scores, or their standard deviations.
DIFFERENCES: Mapping[type[Any], tuple[str, ...]] = {
    Effect: (
        *("difference", "pooled_difference", "corrected_difference"),
        *("interval", "plain_interval", "simultaneous_interval", "pooled_interval", "tost_interval"),
    ),
    ChangeDecomposition: ("change", "ranking", "ranking_interval", "operating_point", "operating_point_interval"),
    Power: ("seed_sd", "text_sd", "detectable", "wanted"),
}
# Fields that hold variances, which are written as standard deviations.
VARIANCES: Mapping[type[Any], tuple[str, ...]] = {Effect: ("seed_variance", "text_variance"), VarianceShare: ("variance",)}

WORTH = frozenset({"arm", "real", "synthetic", "score", "equal", "above", "low", "high"})


def records(answer: Comparison) -> dict[str, Sequence[Mapping[str, Any]]]:
    """Maps file names to rows; undefined values are None, and files without rows are left out."""
    values: dict[str, Iterable[Any]] = {
        "effects": answer.effects,
        "main_effects": answer.main_effects,
        "interactions": answer.interactions,
        "splits": answer.decompositions,
        "associations": answer.associations,
        "variances": answer.variances,
        "power": answer.power,
        "costs": answer.costs,
        "counts": answer.counts,
        "left": answer.excluded,
    }
    parts = (*answer.subgroups, *answer.further_tests)
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        **{name: [_row(value) for value in of] for name, of in values.items()},
        "pools": [
            {"factor": pair.factor, "one": pair.one, "other": pair.other, **_row(effect)}
            for pair in answer.pools
            for effect in pair.effects
        ],
        "worth": [{name: cell for name, cell in _row(one).items() if name in WORTH} for one in answer.worth],
        "subgroups": [row for part in parts if part.column for row in _part_rows(part, part.effects)],
        "subgroup_differences": [row for part in parts for row in _part_rows(part, part.differences)],
        "further_tests": [row for part in parts if not part.column for row in _part_rows(part, part.effects)],
        "doses": _doses(answer),
        "scores": _scores(answer),
        "facts": _facts(answer),
        "trials": _trials(answer.search) if answer.search else [],
        "importances": _importances(answer.search) if answer.search else [],
    }
    return {name: rows for name, rows in tables.items() if rows}


def _row(record: Any) -> dict[str, Any]:
    """A dataclass as cells: an interval fills two, a tuple one."""
    return {name: cell for item in fields(record) for name, cell in _cells(type(record), item, getattr(record, item.name))}


def _cells(kind: type[Any], item: Field[Any], value: Any) -> list[tuple[str, Any]]:
    name, factor = item.name.replace("difference", "change"), 1
    if item.name in VARIANCES.get(kind, ()):
        return [(f"{name.replace('variance', 'sd')}_points", None if value is None else 100 * math.sqrt(value))]
    if item.name in DIFFERENCES.get(kind, ()):
        factor = 100
    unit = "_points" if factor == 100 else ""
    if item.type == Interval | None:
        stem, ends = name.removesuffix("interval"), (value.low, value.high) if value else (None, None)
        return [(f"{stem}{end}{unit}", _times(factor, cell)) for end, cell in zip(("low", "high"), ends, strict=True)]
    return [(f"{name}{unit}", " ".join(map(str, value)) if isinstance(value, tuple) else _times(factor, value))]


def _times(factor: int, value: Any) -> Any:
    return value if value is None or factor == 1 else factor * value


def _part_rows(part: PartEffects, effects: Iterable[Effect]) -> list[dict[str, Any]]:
    """The effects on a part of the test texts; `positives` are those of the criterion, of all criteria for an average."""
    place = {"column": part.column, "value": part.value} if part.column else {"test_set": part.value}
    if effects is part.differences:
        place["reference"] = part.reference
    every = sum(part.positives.values())
    return [
        {**place, "texts": part.texts, "positives": part.positives.get(effect.criterion, every), **_row(effect)}
        for effect in effects
    ]


def _doses(answer: Comparison) -> list[dict[str, Any]]:
    return [
        {"factor": curve.factor, "held": curve.held, "dose": point.dose, **_row(point.effect)}
        for curve in answer.doses
        for point in curve.points
    ]


def _scores(answer: Comparison) -> list[dict[str, Any]]:
    return [
        {"arm": arm.arm, "runs": arm.runs, "score": name, "mean": mean, "sd": spread}
        for arm in answer.arms
        for name, (mean, spread) in arm.scores.items()
    ]


def _facts(answer: Comparison) -> list[dict[str, Any]]:
    return [{"arm": arm.arm, "fact": name, "mean": value} for arm in answer.arms for name, value in arm.facts.items()]


def _trials(search: SearchResult) -> list[dict[str, Any]]:
    return [
        {"trial": trial.number, "state": trial.state, "front": trial.front}
        | dict(zip(search.objectives, trial.values, strict=False))
        | dict(trial.assignment)
        for trial in search.trials
    ]


def _importances(search: SearchResult) -> list[dict[str, Any]]:
    return [
        {"objective": objective, "factor": factor, "importance": value}
        for objective, of in search.importances.items()
        for factor, value in of.items()
    ]


def columns_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of all rows, in the order of the longest row."""
    return list(dict.fromkeys(key for row in sorted(rows, key=len, reverse=True) for key in row))
