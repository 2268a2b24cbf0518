"""Mean scores over seeds on endless texts: what average precision of a small test set is not."""

import numpy as np
from scipy.special import ndtr

from calibration.designs import Design
from calibration.simulation import seed_parts


def endless(design: Design, metric: str) -> np.ndarray:
    """(criteria,) differences of one arm with the planted effect; equal seed spreads over criteria are assumed."""
    found = [
        [_population(design, effect, prevalence)[metric] for effect in (design.effect, 0.0)] for prevalence in design.prevalence
    ]
    return np.array([arm - baseline for arm, baseline in found])


def _population(design: Design, effect: float, prevalence: float, seeds: int = 2000) -> dict[str, float]:
    level, separation = seed_parts(design, (seeds,), np.random.default_rng(0))
    cuts = np.linspace(-8, 12, 801)[:, None]

    def shares(cut: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        hits = prevalence * ndtr((design.separation + effect + separation + level - cut) / design.text_spread)
        return hits, (1 - prevalence) * ndtr((level - cut) / design.text_spread)

    hits, wrong = shares(design.cut)
    found, missed = shares(cuts)
    precision = found / np.maximum(found + missed, 1e-300)
    gained = -np.diff(found, axis=0) * (precision[1:] + precision[:-1]) / 2
    return {
        "precision": float(np.mean(hits / (hits + wrong))),
        "recall": float(np.mean(hits / prevalence)),
        "f1": float(np.mean(2 * hits / (hits + wrong + prevalence))),
        "average_precision": float(np.mean(gained.sum(axis=0) / prevalence)),
    }
