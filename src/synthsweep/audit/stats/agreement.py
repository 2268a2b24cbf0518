"""How far raters agree beyond chance; pure. Unsure is no verdict: such an answer is left out."""

import warnings
from collections.abc import Hashable, Mapping
from itertools import combinations

import numpy as np

Ratings = Mapping[str, Mapping[str, Hashable]]
"""Rater to unit to value; a unit that a rater did not value is not there."""


def krippendorff_alpha(ratings: Ratings) -> float | None:
    """Alpha of nominal values for any number of raters, with missing ones (Krippendorff 2011); at most 1.

    None where no unit has two values, or all values are the same: then nothing could have been agreed by chance.
    """
    coincidences = coincidence_matrix(ratings)
    totals = coincidences.sum(axis=1)
    count = totals.sum()
    if count < 2:
        return None
    expected = (count**2 - (totals**2).sum()) / (count * (count - 1))
    observed = (count - np.trace(coincidences)) / count
    return None if expected == 0 else float(1 - observed / expected)


def coincidence_matrix(ratings: Ratings) -> np.ndarray:
    """(values, values): pairs of values within units, each unit of m values weighing m; of units with two values or more."""
    units = sorted({unit for of in ratings.values() for unit in of})
    values = sorted({value for of in ratings.values() for value in of.values()}, key=str)
    counts = [[sum(of.get(unit) == value for of in ratings.values()) for value in values] for unit in units]
    matrix = np.zeros((len(values), len(values)))
    for row in np.array(counts, dtype=float):
        if row.sum() > 1:
            matrix += (np.outer(row, row) - np.diag(row)) / (row.sum() - 1)
    return matrix


def cohen_kappa(ratings: Ratings) -> float | None:
    """Cohen's kappa (1960) of two raters; of more, the mean over pairs of raters (Light 1971).

    None where no pair valued two units or more in common, or both gave one and the same value throughout.
    """
    kappas = [_of_pair(ratings[one], ratings[other]) for one, other in combinations(sorted(ratings), 2)]
    found = [kappa for kappa in kappas if kappa is not None]
    return float(np.mean(found)) if found else None


def _of_pair(one: Mapping[str, Hashable], other: Mapping[str, Hashable]) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    common = sorted(set(one) & set(other))
    ours, theirs = ([str(of[unit]) for unit in common] for of in (one, other))
    if len(common) < 2 or len({*ours, *theirs}) < 2:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(cohen_kappa_score(ours, theirs))
