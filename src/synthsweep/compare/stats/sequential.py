"""Bounds of a test that looks at its data several times; pure.

Group-sequential bounds by alpha spending (Lan and DeMets 1983): of the 5 % of false findings, a look may spend as much as the
share of the wanted information that it has, by the spending function that resembles O'Brien and Fleming's bounds (1979). Early
looks spend next to nothing. The bounds follow from the recursive integration of Armitage, McPherson and Rowe (1969; Jennison
and Turnbull 2000, chapter 19). The estimates of one study at several looks have independent increments of information also
where all seeds share their test texts: the covariance of two looks is the variance of the later one, texts and seeds together.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

ALPHA = 0.05
# Of the integration: nodes at each look, and the widest score that is looked at.
_NODES, _WIDEST = 401, 8.0
# Looks are at least so far from one another in information: nearer ones are taken for so far, and spend no less.
_NEAR = 2e-3
# Less than this is not spent: its bound lies beyond the widest score.
_LEAST = 1e-14


def spent(fraction: float, alpha: float = ALPHA) -> float:
    """The share of false findings that may have occurred up to this fraction of the information, both sides together."""
    if fraction <= 0:
        return 0.0
    return float(4 * ndtr(-ndtri(1 - alpha / 4) / np.sqrt(min(fraction, 1.0))))


def levels(information: Sequence[float], spending: Sequence[float], alpha: float = ALPHA) -> list[float]:
    """The two-sided level of each look: a p value at most as large is a finding; 0 where a look has nothing to spend.

    `information` is that of each look over what is wanted, which does not fall; `spending` the fraction up to which it spends:
    the same, but for a last look, which spends the rest whatever its information.
    """
    found, looks, before = [], _Looks(), 0.0
    for share, fraction in zip(information, spending, strict=True):
        now = spent(fraction, alpha)
        if now - before < _LEAST:
            found.append(0.0)
            continue
        found.append(float(2 * ndtr(-looks.add(max(share, looks.information + _NEAR), now - before))))
        before = now
    return found


class _Looks:
    """The density of the score's sum at the latest look, where no bound was crossed before it."""

    def __init__(self) -> None:
        self.information = 0.0
        self._places, self._mass = np.zeros(1), np.ones(1)

    def add(self, information: float, spend: float) -> float:
        """The bound of a further look, in standard deviations, which is crossed for the first time with the chance `spend`."""
        step = np.sqrt(information - self.information)

        def surplus(bound: float) -> float:
            edge = bound * np.sqrt(information)
            tails = ndtr((-edge - self._places) / step) + ndtr((self._places - edge) / step)
            return float(np.sum(self._mass * tails)) - spend

        bound = float(brentq(surplus, 0.0, _WIDEST)) if surplus(_WIDEST) < 0 else _WIDEST
        edge = bound * np.sqrt(information)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        density = np.exp(-0.5 * ((edge * nodes[:, None] - self._places[None]) / step) ** 2) / (step * np.sqrt(2 * np.pi))
        self._places, self._mass = edge * nodes, edge * weights * (density @ self._mass)
        self.information = information
        return bound


def conditional_power(estimate: float, error: float, true: float, fraction: float, level: float = ALPHA) -> float:
    """The chance that the last look finds something if the true change is `true`, given the `estimate` so far.

    `error` is the standard error of the estimate, `fraction` the share of the last look's information that it has (Lan, Simon
    and Halperin 1982).
    """
    if fraction >= 1:
        return float(abs(estimate) >= ndtri(1 - level / 2) * error)
    bound = ndtri(1 - level / 2)
    reached, drift = estimate / error * np.sqrt(fraction), true / error * (1 - fraction) / np.sqrt(fraction)
    left = np.sqrt(1 - fraction)
    return float(ndtr((reached + drift - bound) / left) + ndtr((-reached - drift - bound) / left))
