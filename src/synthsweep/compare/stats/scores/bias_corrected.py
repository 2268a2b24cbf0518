"""Average precision corrected for the size of the test set, by the jackknife; pure.

On few positives, the expected average precision differs from that on endless texts by about a constant over their number. The
jackknife estimates this bias from the scores without each group (Quenouille 1956): AP + (G - 1) (AP - the mean of the scores
without one of G groups), here from the contributions of the groups, which hold these differences.
"""

import numpy as np

from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.scores.differences import baseline_and_arm, weighted_sums
from synthsweep.compare.stats.scores.influence import Influences
from synthsweep.compare.stats.scores.kernel import mean_defined, with_macro

# With a positive.
FEWEST_GROUPS = 2
PRECISION = METRICS.index("average_precision")


def bias_corrected(scores: Influences, positive: np.ndarray) -> np.ndarray:
    """(cells, criteria and macro and micro), from scores of (cells, metrics, criteria and micro); micro is NaN.

    `positive` is (criteria and micro,), the number of groups with a positive. One alone cannot be left out: NaN. A corrected
    value may lie a little outside of [0, 1].

    Where influence values stand for the scores without each group (groups of several texts, more than `influence.FEW_GROUPS`
    of them with a positive), they add up to 0, and the raw value stays: the bias is small there.
    """
    count, sums = scores.groups.shape[-1], scores.groups[:, PRECISION].sum(axis=-1)
    corrected = scores.values[:, PRECISION] + np.sqrt((count - 1) / count) * sums
    corrected[:, positive < FEWEST_GROUPS] = np.nan
    corrected[:, -1] = np.nan
    return with_macro(corrected, axis=-1)


def corrected_effects(weights: np.ndarray, corrected: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """(3, contrasts x metrics x criteria and macro and micro): baseline, arm and difference; NaN in other metrics.

    `weights` is (contrasts, cells), `corrected` (cells, blocks, criteria and macro and micro), `shape` that of the effects.
    """
    found = np.full((3, *shape), np.nan)
    found[:2, :, PRECISION] = np.concatenate(baseline_and_arm(weights, corrected[:, :, None]), axis=1).swapaxes(0, 1)
    differences = weighted_sums(weights, np.delete(corrected, -2, axis=-1))
    found[2, :, PRECISION] = mean_defined(with_macro(differences, axis=-1), axis=1)
    return found.reshape(3, -1)
