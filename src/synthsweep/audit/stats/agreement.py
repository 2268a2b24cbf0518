"""Agreement of raters beyond chance; unsure answers are excluded; pure."""

import warnings
from collections.abc import Hashable, Mapping
from itertools import combinations

import numpy as np

Ratings = Mapping[str, Mapping[str, Hashable]]
"""Rater to unit to value; a unit that a rater did not rate is missing."""


def krippendorff_alpha(ratings: Ratings) -> float | None:
    """Alpha of nominal values for any number of raters, with missing values (Krippendorff 2011); at most 1.

    None if no unit has two values, or if all values are the same, because chance agreement is undefined then.
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
    """(values, values): pairs of values within units that have at least two; a unit of m values weighs m."""
    units = sorted({unit for rated in ratings.values() for unit in rated})
    values = sorted({value for rated in ratings.values() for value in rated.values()}, key=str)
    counts = [[sum(rated.get(unit) == value for rated in ratings.values()) for value in values] for unit in units]
    matrix = np.zeros((len(values), len(values)))
    for row in np.array(counts, dtype=float):
        if row.sum() > 1:
            matrix += (np.outer(row, row) - np.diag(row)) / (row.sum() - 1)
    return matrix


def cohen_kappa(ratings: Ratings) -> float | None:
    """Cohen's kappa (1960) of two raters; for more, the mean over pairs of raters (Light 1971).

    None if no pair of raters shares two units, or if every pair used only one value.
    """
    kappas = [_pair_kappa(ratings[one], ratings[other]) for one, other in combinations(sorted(ratings), 2)]
    defined = [kappa for kappa in kappas if kappa is not None]
    return float(np.mean(defined)) if defined else None


def _pair_kappa(one: Mapping[str, Hashable], other: Mapping[str, Hashable]) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    common = sorted(set(one) & set(other))
    first, second = ([str(rated[unit]) for unit in common] for rated in (one, other))
    if len(common) < 2 or len({*first, *second}) < 2:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(cohen_kappa_score(first, second))
