"""Variances of seeds beside statsmodels' mean squares, and what intervals of crossed seeds cover."""

from itertools import product

import numpy as np
import pandas
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from synthsweep.compare.stats.inference.intervals import nested
from synthsweep.compare.stats.inference.seed_variance import flip_units, seed_clusters, seed_variance

BLOCKS = [f"seeds.draw={draw} seeds.init={init}" for draw, init in product(range(3), range(4))]


def test_keys_that_several_blocks_share_are_sources() -> None:
    """Not the key of which each block has a level, nor one that says the same twice, nor one that never varies."""

    draw, init = seed_clusters(BLOCKS)

    assert (list(draw[:5]), list(init[:5])) == ([0, 0, 0, 0, 1], [0, 1, 2, 3, 0])
    assert seed_clusters(["seed=1", "seed=2", "seed=3"]) == ()
    assert len(seed_clusters([f"data.split_seed={one // 2} seed={one} seeds.order={one // 2}" for one in range(4)])) == 1
    assert seed_clusters(["0", "1"]) == seed_clusters(["seed=1"]) == ()


def test_crossed_seeds_are_the_mean_squares() -> None:
    """(MS_key - MS_rest) / blocks for each key and MS_rest / blocks, each with its degrees, as statsmodels has them."""

    rng, clusters = np.random.default_rng(2), seed_clusters(BLOCKS)
    values = rng.normal(size=3)[clusters[0]] + 2 * rng.normal(size=4)[clusters[1]] + 0.3 * rng.normal(size=12)
    frame = pandas.DataFrame({"draw": clusters[0], "init": clusters[1], "values": values})
    table = anova_lm(ols("values ~ C(draw) + C(init)", frame).fit())
    squares, rest = table["mean_sq"], table["mean_sq"]["Residual"]

    found = seed_variance(values[:, None], clusters)

    assert found.parts[:, 0] == pytest.approx([rest / 12, (squares["C(draw)"] - rest) / 12, (squares["C(init)"] - rest) / 12])
    assert list(found.degrees[:, 0]) == list(table["df"][["Residual", "C(draw)", "C(init)"]])


def test_seeds_nested_in_splits_vary_with_them() -> None:
    """Two seeds for each of four splits: the variance of the four means, with three degrees."""

    clusters = (np.repeat(np.arange(4), 2),)
    values = np.array([1.0, 1.2, 3.0, 3.4, 2.0, 2.2, 5.0, 4.8])[:, None]

    found = seed_variance(values, clusters)

    assert found.parts.sum() == pytest.approx(np.var(values.reshape(4, 2).mean(axis=1), ddof=1) / 4)
    assert list(found.degrees[:, 0]) == [4, 3]


def test_a_layout_with_a_gap_is_still_taken_apart() -> None:
    """One of twelve combinations did not finish: close to what the whole layout gives, and not as eleven seeds."""

    rng, clusters = np.random.default_rng(3), seed_clusters(BLOCKS)
    values = (2 * rng.normal(size=3)[clusters[0]] + 0.1 * rng.normal(size=12))[:, None]
    gap = values.copy()
    gap[5] = np.nan

    whole, rest, apart = (seed_variance(*one).parts.sum() for one in ((values, clusters), (gap, clusters), (gap,)))

    assert rest == pytest.approx(whole, rel=0.35)
    assert rest > 2 * apart


def test_a_single_level_that_is_left_says_nothing_of_others() -> None:
    """Where an estimand is defined with one draw alone, its variance is unknown, and it has no interval."""

    clusters = seed_clusters(BLOCKS)
    values = np.where(clusters[0] == 0, np.arange(12.0), np.nan)[:, None]

    assert np.isnan(seed_variance(values, clusters).parts.sum())
    assert nested(values, clusters).interval(0) is None


def test_only_what_is_independent_is_flipped() -> None:
    """Blocks, or whole levels where seeds are nested; nothing where keys cross."""

    assert list(flip_units(3, ()) if flip_units(3, ()) is not None else []) == [0, 1, 2]
    assert flip_units(12, seed_clusters(BLOCKS)) is None
    assert flip_units(4, (np.array([0, 0, 1, 1]),)) is not None


@pytest.mark.parametrize("spreads", [(1, 1, 1), (2, 0, 1), (0, 2, 1), (0, 0, 1), (2, 2, 0.2)])
def test_intervals_of_crossed_seeds_hold_the_truth(spreads: tuple[float, float, float]) -> None:
    """In 0.93 of 4,000 layouts of 3 x 4 at least, whichever source dominates; as if independent, two in three."""

    rng, clusters = np.random.default_rng(4), seed_clusters(BLOCKS)
    draw, init, rest = (size * rng.normal(size=(count, 4000)) for size, count in zip(spreads, (3, 4, 12), strict=True))

    found = nested(draw[clusters[0]] + init[clusters[1]] + rest, clusters)

    assert np.mean(np.abs(found.difference) <= found.half_width) >= 0.93
