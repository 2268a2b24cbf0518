"""The scores of parts of a test set: those texts with one value of a column."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from synthsweep.config.metrics import SUBGROUP
from synthsweep.evaluate.metrics import Scores, evaluate
from synthsweep.evaluate.predictions import Predictions

_ALLOWED = re.compile(r"[^\w\-. ]")
_LONGEST = 60


def rows_of(predictions: Predictions, rows: Sequence[int] | np.ndarray) -> Predictions:
    """The predictions of some of the examples, in this order."""
    places = [int(row) for row in rows]
    return replace(
        predictions,
        ids=tuple(predictions.ids[row] for row in places),
        groups=tuple(predictions.groups[row] for row in places),
        truth=predictions.truth[places],
        probabilities=predictions.probabilities[places],
        subgroups={name: tuple(values[row] for row in places) for name, values in predictions.subgroups.items()},
    )


def parts_of(predictions: Predictions) -> Iterator[tuple[str, str, Predictions]]:
    """Column, value and predictions of each subgroup, sorted by value."""
    for column, values in predictions.subgroups.items():
        for value in sorted(set(values)):
            yield column, value, rows_of(predictions, [row for row, one in enumerate(values) if one == value])


def subgroup_scores(predictions: Predictions, thresholds: np.ndarray, *, bins: int) -> dict[str, Scores]:
    """The scores of each subgroup, and its number of texts, by how the names of its metrics begin: `subgroup/COLUMN/VALUE`.

    Those of another test set than the primary one begin with its name: `test_NAME/subgroup/COLUMN/VALUE`.
    """
    before = "" if predictions.split == "test" else f"{predictions.split}/"
    found: dict[str, Scores] = {}
    for column, value, part in parts_of(predictions):
        scores = evaluate(part, thresholds, bins=bins)
        # The thresholds are those of the whole.
        own = {name: score for name, score in scores.items() if not name.startswith("threshold/")}
        found[f"{before}{SUBGROUP}/{metric_word(column)}/{metric_word(value)}"] = {**own, "examples": float(len(part.ids))}
    return found


def metric_word(text: str) -> str:
    """A column or a value as a part of a metric's name.

    Where a character has no place in such a name, or the text is long, four digits of its digest keep it apart from others.
    """
    plain = _ALLOWED.sub("_", text)[:_LONGEST].strip()
    if plain == text and text.strip("."):
        return text
    return f"{plain.strip('. ') or '_'}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:4]}"


def renamed_values(predictions: Predictions) -> dict[str, str]:
    """The columns and values that have another name in metrics."""
    words = {word for column, values in predictions.subgroups.items() for word in (column, *values)}
    return {word: metric_word(word) for word in sorted(words) if metric_word(word) != word}
