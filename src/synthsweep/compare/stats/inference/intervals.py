"""95 % intervals of mean paired differences, for new seeds and new texts, of all estimands at once; pure.

Arrays end in (estimands,). Undefined is NaN.

Two variances are estimated with different degrees of freedom: A between seeds, T between texts. The half width of the
interval is the root of t_A^2 A + t_T^2 T, each with the t quantile of its own degrees (after Cochran and Cox 1950; exact where
either is 0), and p is the level at which the interval would just reach 0. Satterthwaite's degrees, estimated from A and T
themselves, fail in the tail that matters for a family: at 3 seeds, if A is 90 % of the variance, 2.2 % of p are below 0.0036.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import stdtr, stdtridf, stdtrit

from synthsweep.compare.grid import Texts
from synthsweep.compare.result import Interval
from synthsweep.compare.stats.inference.bootstrap import TextVariances
from synthsweep.compare.stats.inference.effective_draws import FEWEST_DRAWS, EffectiveDraws
from synthsweep.compare.stats.scores.kernel import mean_defined

LEVEL = 0.95
# Halvings of the range in which log p must lie: enough for eight digits.
_HALVINGS = 30
# Equal differences may differ from their mean in the last digits.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Estimates:
    """Mean paired differences and the two variances of their error, each (estimands,); `pairs` counts the defined blocks."""

    difference: np.ndarray
    pairs: np.ndarray
    seed_variance: np.ndarray
    seed_degrees: np.ndarray
    text_variance: np.ndarray
    text_degrees: np.ndarray

    @cached_property
    def half_width(self) -> np.ndarray:
        """NaN if both variances are 0: no observed variation does not prove that there is none."""
        half = self._half_width(np.full(self.difference.shape, (1 - LEVEL) / 2))
        return np.where(half > 0, half, np.nan)

    @cached_property
    def degrees(self) -> np.ndarray:
        """The degrees of freedom of the one t distribution that gives this interval."""
        error = np.sqrt(self.seed_variance + self.text_variance)
        ratio = np.divide(self.half_width, error, out=np.full_like(error, np.nan), where=error > 0)
        return np.asarray(stdtridf((1 + LEVEL) / 2, ratio))

    @cached_property
    def p(self) -> np.ndarray:
        """The two-sided p value."""
        error = np.sqrt(self.seed_variance + self.text_variance)
        size = np.divide(np.abs(self.difference), error, out=np.full_like(error, np.nan), where=error > 0)
        # p lies between the tails of the two t distributions; in logarithms, since strong effects have tiny p values.
        tails = [np.log(np.maximum(stdtr(degrees, -size), 1e-300)) for degrees in self._both_degrees()]
        low, high = np.minimum(*tails), np.maximum(*tails)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            too_small = self._half_width(np.exp(middle)) > np.abs(self.difference)
            low, high = np.where(too_small, middle, low), np.where(too_small, high, middle)
        return np.asarray(2 * np.exp((low + high) / 2))

    def interval(self, place: int) -> Interval | None:
        middle, half = float(self.difference[place]), float(self.half_width[place])
        return None if np.isnan(half) else Interval(middle - half, middle + half)

    def _half_width(self, tail: np.ndarray) -> np.ndarray:
        """Half the width of the interval with the probability `tail` beyond either end."""
        seeds, texts = (stdtrit(degrees, tail) for degrees in self._both_degrees())
        return np.asarray(np.sqrt(seeds**2 * self.seed_variance + texts**2 * self.text_variance))

    def _both_degrees(self) -> tuple[np.ndarray, np.ndarray]:
        """For seeds and for texts. A text variance without degrees is 0 or unknown, so the seeds' degrees replace them."""
        return self.seed_degrees, np.where(self.text_degrees > 0, self.text_degrees, self.seed_degrees)


def estimate(
    observed: np.ndarray, texts: Texts, test_share: float, resampled: TextVariances | None, draws: EffectiveDraws
) -> Estimates:
    """Chooses the method by how the test sets of the blocks are related; only shared ones use `resampled` and `draws`."""
    if resampled is not None:
        return crossed(observed, resampled, draws)
    return overlapping(observed, test_share) if texts == "overlapping" else nested(observed)


def crossed(observed: np.ndarray, resampled: TextVariances, draws: EffectiveDraws) -> Estimates:
    """Blocks that share their texts, crossed with resamples of the texts (Owen 2007).

    `observed`: (blocks, estimands) paired differences; `draws`: (estimands,) the draws that a text variance rests on, and the
    floor of both variances together. The variance between blocks contains seeds and seeds x texts. The variance of one block
    over resamples contains texts and seeds x texts; that of the mean of n blocks contains texts and 1 / n of seeds x texts.
    Their difference gives the variance of texts alone. Resamples of n draws vary too little, by the factor (n - 1) / n.
    """
    estimates = nested(observed)
    pairs, degrees = estimates.pairs, estimates.seed_degrees
    texts = np.maximum((pairs * resampled.of_mean - resampled.of_block) / degrees, 0)
    count = np.where(draws.count >= FEWEST_DRAWS, draws.count, np.nan)
    texts = texts * count / (count - 1)
    texts = np.maximum(texts, draws.variance_floor - estimates.seed_variance)
    return replace(estimates, text_variance=texts, text_degrees=count - 1)


def nested(observed: np.ndarray) -> Estimates:
    """Blocks with separate test texts: the variance between blocks contains seeds and texts together."""
    pairs = (~np.isnan(observed)).sum(axis=0)
    mean, degrees = mean_defined(observed, axis=0), np.where(pairs > 1, pairs - 1.0, np.nan)
    deviations = np.where(np.isnan(observed) | (np.abs(observed - mean) < _ROUNDING), 0.0, observed - mean)
    variance, none = np.sum(deviations**2, axis=0) / (degrees * pairs), np.zeros(len(mean))
    return Estimates(mean, pairs, variance, degrees, none, none)


def overlapping(observed: np.ndarray, test_share: float) -> Estimates:
    """Re-splits of one corpus, which share texts (Nadeau and Bengio 2003): `test_share` is test over training texts."""
    estimates = nested(observed)
    shared = estimates.seed_variance * estimates.pairs * test_share
    return replace(estimates, text_variance=shared, text_degrees=estimates.seed_degrees)
