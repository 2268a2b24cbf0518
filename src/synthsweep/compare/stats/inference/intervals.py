"""95 % intervals of a mean paired difference, for new seeds and new texts; pure, and on whole tables of coordinates at once.

Arrays end in (coordinates,). Undefined is NaN.

Two variances are estimated with different degrees of freedom: A between seeds, T of the texts. The interval's half width is
the root of t_A^2 A + t_T^2 T, each with the t of its own degrees (after Cochran and Cox 1950; exact where either is 0), and p
the level at which it would just reach 0. Satterthwaite's degrees, estimated from A and T themselves, fail in the tail that
judges a family: at 3 seeds, where A makes nine tenths, 2.2 % of p fall below 0.0036.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import stdtr, stdtridf, stdtrit

from synthsweep.compare.grid import Texts
from synthsweep.compare.result import Interval
from synthsweep.compare.stats.inference.bootstrap import Drawn
from synthsweep.compare.stats.inference.effective_draws import FEWEST, Support
from synthsweep.compare.stats.scores.kernel import mean_defined

LEVEL = 0.95
# Halvings of the range in which log p must lie: enough for eight digits.
_HALVINGS = 30
# Equal differences may differ from their mean in the last digits.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Estimates:
    """Mean paired differences with what is known of their error, each (coordinates,).

    `pairs` counts the defined blocks; the degrees of freedom are each variance's own.
    """

    difference: np.ndarray
    pairs: np.ndarray
    seed_variance: np.ndarray
    seed_degrees: np.ndarray
    text_variance: np.ndarray
    text_degrees: np.ndarray

    @cached_property
    def half_width(self) -> np.ndarray:
        """NaN where both variances are 0: that nothing varied is no proof that nothing would."""
        half = self._reach(np.full(self.difference.shape, (1 - LEVEL) / 2))
        return np.where(half > 0, half, np.nan)

    @cached_property
    def degrees(self) -> np.ndarray:
        """Of the one t whose 95 % interval this is."""
        error = np.sqrt(self.seed_variance + self.text_variance)
        ratio = np.divide(self.half_width, error, out=np.full_like(error, np.nan), where=error > 0)
        return np.asarray(stdtridf((1 + LEVEL) / 2, ratio))

    @cached_property
    def p(self) -> np.ndarray:
        """Two-sided."""
        error = np.sqrt(self.seed_variance + self.text_variance)
        size = np.divide(np.abs(self.difference), error, out=np.full_like(error, np.nan), where=error > 0)
        # Between the tails of the two t: in logarithms, since a strong effect lies far out.
        tails = [np.log(np.maximum(stdtr(degrees, -size), 1e-300)) for degrees in self._both_degrees()]
        low, high = np.minimum(*tails), np.maximum(*tails)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            too_small = self._reach(np.exp(middle)) > np.abs(self.difference)
            low, high = np.where(too_small, middle, low), np.where(too_small, high, middle)
        return np.asarray(2 * np.exp((low + high) / 2))

    def interval(self, place: int) -> Interval | None:
        middle, half = float(self.difference[place]), float(self.half_width[place])
        return None if np.isnan(half) else Interval(middle - half, middle + half)

    def _reach(self, tail: np.ndarray) -> np.ndarray:
        """How far from the mean the interval goes that leaves `tail` out at either end."""
        seeds, texts = (stdtrit(degrees, tail) for degrees in self._both_degrees())
        return np.asarray(np.sqrt(seeds**2 * self.seed_variance + texts**2 * self.text_variance))

    def _both_degrees(self) -> tuple[np.ndarray, np.ndarray]:
        """A variance without degrees is 0 or unknown."""
        return self.seed_degrees, np.where(self.text_degrees > 0, self.text_degrees, self.seed_degrees)


def estimate(observed: np.ndarray, texts: Texts, test_share: float, drawn: Drawn | None, support: Support) -> Estimates:
    """By how the blocks' test sets are related; `drawn` and `support` are for those that are one."""
    if drawn is not None:
        return crossed(observed, drawn, support)
    return overlapping(observed, test_share) if texts == "overlapping" else nested(observed)


def crossed(observed: np.ndarray, drawn: Drawn, support: Support) -> Estimates:
    """Blocks that share their texts, crossed with resamples of the texts (Owen 2007).

    `observed`: (blocks, coordinates) paired differences; `support`: (coordinates,) the draws that a text variance rests on, and
    the least that both variances come to. The variance between blocks holds seeds and seeds x texts. A block's variance
    over resamples holds texts and seeds x texts; that of the blocks' mean holds texts and a block's part of seeds x texts:
    texts alone are what remains. A resample of n draws spreads by (n - 1) / n too little.
    """
    estimates = nested(observed)
    pairs, others = estimates.pairs, estimates.seed_degrees
    texts = np.maximum((pairs * drawn.of_mean - drawn.of_block) / others, 0)
    draws = np.where(support.draws >= FEWEST, support.draws, np.nan)
    texts = texts * draws / (draws - 1)
    texts = np.maximum(texts, support.least - estimates.seed_variance)
    return replace(estimates, text_variance=texts, text_degrees=draws - 1)


def nested(observed: np.ndarray) -> Estimates:
    """Blocks with texts of their own: what varies between blocks is seeds and texts alike."""
    pairs = (~np.isnan(observed)).sum(axis=0)
    mean, others = mean_defined(observed, axis=0), np.where(pairs > 1, pairs - 1.0, np.nan)
    apart = np.where(np.isnan(observed) | (np.abs(observed - mean) < _ROUNDING), 0.0, observed - mean)
    return Estimates(mean, pairs, np.sum(apart**2, axis=0) / (others * pairs), others, np.zeros(len(mean)), np.zeros(len(mean)))


def overlapping(observed: np.ndarray, test_share: float) -> Estimates:
    """Re-splits of one corpus (Nadeau and Bengio 2003): `test_share`, test over training texts, stands for what they share."""
    estimates = nested(observed)
    shared = estimates.seed_variance * estimates.pairs * test_share
    return replace(estimates, text_variance=shared, text_degrees=estimates.seed_degrees)
