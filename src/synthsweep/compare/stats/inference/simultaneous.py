"""Intervals that hold together: half widths at which all intervals of a family hold in 95 of 100 studies; pure.

The largest of several t statistics follows from the correlation of their errors (max-t; Hothorn, Bretz and Westfall 2008): that
of what each group of texts contributes, and that of the differences over the seeds. The level is that of correlated normals
(Conneely and Boehnke 2007), and each interval takes it with the t quantiles of its own degrees: the single interval if all
errors are one, Šidák's (1967) if they are independent. A multivariate t has one denominator for all; where each criterion has
its own variance, seven of them are all held in 0.89 of the studies with three seeds (here 0.95).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr
from scipy.stats.qmc import MultivariateNormalQMC

from synthsweep.compare.stats.inference.intervals import LEVEL, Estimates
from synthsweep.compare.stats.inference.text_variance import ObservedBlocks

# Quasi-random draws, the same ones in every study.
_DRAWS, _SEED = 2**13, 0


@dataclass(frozen=True)
class JointErrors:
    """How the errors of estimands go together."""

    observed: ObservedBlocks
    estimates: Estimates

    def defined(self, places: np.ndarray) -> np.ndarray:
        """(places,), whether there is an interval from two blocks or more; an estimand without one is outside its family."""
        return np.asarray(~np.isnan(self.estimates.half_width[places]) & (self.estimates.pairs[places] > 1))

    def half_widths(self, places: np.ndarray) -> np.ndarray:
        """(places,) of the intervals that hold together; NaN where there is no interval."""
        halves, defined = np.full(len(places), np.nan), self.defined(places)
        if defined.any():
            family = places[defined]
            tail = np.full(len(family), family_level(self.correlation(family)) / 2)
            halves[defined] = self.estimates.half_width_at(tail, family)
        return halves

    def correlation(self, places: np.ndarray) -> np.ndarray:
        """(places, places) of the errors, each source shrunk; all of them have an interval."""
        seeds, texts = self._sources(places)
        degrees = self.estimates.plain.seeds.degrees[:, places].min(), self.estimates.text_degrees[places].min()
        return self._joined(places, shrunk(seeds, degrees[0]), shrunk(texts, degrees[1] or degrees[0]))

    def mean_correlation(self, places: np.ndarray) -> float:
        """Of the errors of two different places, not shrunk: chance gives correlations of both signs, with the mean 0."""
        found = self._joined(places, *self._sources(places))
        return float(np.mean(found[~np.eye(len(found), dtype=bool)]))

    def _sources(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The correlations of seeds and of texts; where blocks have texts of their own, seeds stand for both."""
        values, contributions = self.observed.values[:, places], self.observed.contributions
        seeds = _correlation(np.nan_to_num(values - np.nanmean(values, axis=0)).T)
        return seeds, seeds if contributions is None else _correlation(contributions[places])

    def _joined(self, places: np.ndarray, seeds: np.ndarray, texts: np.ndarray) -> np.ndarray:
        variances = np.stack([self.estimates.seed_variance[places], self.estimates.text_variance[places]])
        of_seeds, of_texts = np.sqrt(variances / variances.sum(axis=0))
        return np.asarray(np.outer(of_seeds, of_seeds) * seeds + np.outer(of_texts, of_texts) * texts)


def family_level(correlation: np.ndarray) -> float:
    """1 - the level of each interval if the family is to hold in LEVEL of the studies."""
    size = len(correlation)
    values, vectors = np.linalg.eigh(correlation)
    drawn = _normals(size) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    largest = np.quantile(np.abs(drawn).max(axis=1), LEVEL)
    return float(np.clip(2 * ndtr(-largest), 1 - LEVEL ** (1 / size), 1 - LEVEL))


def shrunk(correlation: np.ndarray, degrees: float) -> np.ndarray:
    """Drawn to 0 by the part of its mean square that chance gives with so few degrees, 1 / degrees of what is independent.

    The adjusted R² of a regression in place of R² (Ezekiel 1930). Without correlation the family is widest (Šidák 1967).
    """
    apart = ~np.eye(len(correlation), dtype=bool)
    square = float(np.mean(correlation[apart] ** 2)) if apart.any() else 0.0
    if not square:
        return correlation
    known = 1 - (1 - square) * degrees / (degrees - 1) if degrees > 1 else 0.0
    return np.where(apart, correlation * max(known, 0.0) / square, 1.0)


def _correlation(rows: np.ndarray) -> np.ndarray:
    """(rows, rows) of centred rows; one that is 0 throughout is correlated with none."""
    lengths = np.sqrt(np.einsum("ro,ro->r", rows, rows))[:, None]
    unit = np.divide(rows, lengths, out=np.zeros_like(rows, dtype=float), where=lengths > 0)
    found = unit @ unit.T
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


@lru_cache(maxsize=8)
def _normals(size: int) -> np.ndarray:
    return np.asarray(MultivariateNormalQMC(np.zeros(size), rng=_SEED).random(_DRAWS))
