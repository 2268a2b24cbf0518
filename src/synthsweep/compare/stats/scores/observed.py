"""The scores of runs on their test texts as they are: no text is drawn or left out, so one pass per run is enough; pure."""

from collections.abc import Mapping

import numpy as np

from synthsweep.compare.grid import Cell, Grid, Output, TestSet
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.scores.kernel import ratio, with_macro


def score_cells(grid: Grid, known: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
    """(cells, blocks, metrics, criteria and macro and micro), metrics as `result.METRICS`; macro is over defined criteria.

    Undefined is NaN, by the rules of `evaluate.metrics`. `known` has the scores of some cells, by their names.
    """
    known = known or {}
    return np.stack([_of_cell(cell, grid) if cell.name not in known else known[cell.name] for cell in grid.cells])


def _of_cell(cell: Cell, grid: Grid) -> np.ndarray:
    scores = [_scores(output, test) for output, test in zip(cell.outputs, grid.tests, strict=True)]
    return with_macro(np.stack(scores), axis=-1)


def _scores(output: Output, test: TestSet) -> np.ndarray:
    """(metrics, criteria and micro) of one run; NaN for a run that is not there."""
    if not output.present:
        return np.full((len(METRICS), test.truth.shape[1] + 1), np.nan)
    known, truth, decided = test.known, test.positive, output.decided & test.known
    errors = np.where(known, (output.probabilities - truth) ** 2, 0)
    sums = [_with_sum(table.sum(axis=0)) for table in (decided, decided & truth, truth, known, errors)]
    predicted, hits, positives, texts, error = sums
    f1 = np.where(positives > 0, ratio(2 * hits, predicted + positives), np.nan)
    by_criterion = [average_precision(output.probabilities[rows, k], truth[rows, k]) for k, rows in enumerate(known.T)]
    pooled = average_precision(output.probabilities[known], truth[known])
    return np.stack([ratio(hits, predicted), ratio(hits, positives), f1, [*by_criterion, pooled], ratio(error, texts)])


def average_precision(scores: np.ndarray, truth: np.ndarray) -> float:
    """Both (texts,); as scikit-learn's `average_precision_score`, where texts that tie count at once; NaN with no positive."""
    if not truth.any():
        return np.nan
    order = np.argsort(-scores)
    ordered = scores[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    found = np.cumsum(truth[order])[ends]
    return float(np.sum(np.diff(found, prepend=0) * found / (ends + 1)) / found[-1])


def _with_sum(counts: np.ndarray) -> np.ndarray:
    return np.append(counts, counts.sum()).astype(float)
