"""The values of a comparison as unrounded rows, in shares and not in points; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from synthsweep.compare.result import Comparison, SearchResult


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
        "left": answer.excluded,
    }
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        **{name: [_flat(value) for value in of] for name, of in values.items()},
        "doses": _doses(answer),
        "scores": _scores(answer),
        "facts": _facts(answer),
        "trials": _trials(answer.search) if answer.search else [],
        "importances": _importances(answer.search) if answer.search else [],
    }
    return {name: rows for name, rows in tables.items() if rows}


def _flat(record: Any) -> dict[str, Any]:
    """A dataclass as cells: an interval becomes `interval_low` and `interval_high`; a tuple fills one cell."""
    row: dict[str, Any] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if is_dataclass(value):
            row |= {f"{field.name}_{name}": cell for name, cell in _flat(value).items()}
        else:
            row[field.name] = " ".join(map(str, value)) if isinstance(value, tuple) else value
    return row


def _doses(answer: Comparison) -> list[dict[str, Any]]:
    return [
        {"factor": curve.factor, "held": curve.held, "dose": point.dose, **_flat(point.effect)}
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
    # An undefined interval is one column, a defined one is two: if there are two, the one is left out.
    names = dict.fromkeys(key for row in sorted(rows, key=len, reverse=True) for key in row)
    return [name for name in names if f"{name}_low" not in names]
