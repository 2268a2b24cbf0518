"""p values of many tests: Holm for a stated family, the false discovery rate for a screening table; pure. NaN is left out."""

import numpy as np
from scipy.stats import false_discovery_control


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted p values of a family (Holm 1979)."""
    adjusted, tested = np.full(p.shape, np.nan), np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested])]
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1.0) if len(order) else []
    return adjusted


def false_discovery(p: np.ndarray) -> np.ndarray:
    """Adjusted p values of a table (Benjamini and Hochberg 1995)."""
    adjusted, tested = np.full(p.shape, np.nan), ~np.isnan(p)
    if tested.any():
        adjusted[tested] = false_discovery_control(p[tested])
    return adjusted
