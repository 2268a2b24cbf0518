"""New texts: what is drawn, and the variances that follow, beside a loop that copies texts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score

from support.bootstrap import CHUNK, draws, observe, resample
from support.grids import against, random_grid
from support.resampled import differences_of
from synthsweep.compare.grid import Grid
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.scores.estimands import estimands
from synthsweep.progress import Advance, Event, silent


def all_draws(groups: int, resamples: int, seed: int = 0) -> np.ndarray:
    return np.concatenate(list(draws(groups, resamples, np.random.default_rng(seed))), axis=1)


@given(st.integers(1, 30), st.integers(1, 2 * CHUNK + 1))
def test_each_draw_holds_as_many_groups_as_there_are(groups: int, resamples: int) -> None:
    """With replacement, and as many draws as were asked for."""

    weights = all_draws(groups, resamples)

    assert weights.shape == (groups, resamples)
    assert np.all(weights.sum(axis=0) == groups)


def test_more_resamples_begin_with_the_same_ones() -> None:
    np.testing.assert_array_equal(all_draws(12, 2 * CHUNK + 7)[:, : CHUNK + 3], all_draws(12, CHUNK + 3))


def test_groups_are_drawn_alike() -> None:
    """A group's count is binomial: mean 1, variance 1 - 1/groups."""

    weights = all_draws(10, 20_000)

    np.testing.assert_allclose(weights.mean(axis=1), 1, atol=0.03)
    np.testing.assert_allclose(weights.var(axis=1), 0.9, atol=0.05)


@pytest.mark.slow
def test_the_variances_are_those_of_a_loop_over_copied_texts() -> None:
    """Of F1 and average precision of each criterion, of one block and of the mean over blocks, with texts in groups."""

    grid = random_grid(np.random.default_rng(2), {"base": 0.5, "arm": 2.0}, blocks=3, texts=240, group_size=2)
    where = estimands(grid, against("base", "arm"))
    blocks = [differences_of(where, number).row for number in range(3)]
    drawn = resample(blocks, observe(blocks, [120] * 3), 120, 40, np.random.default_rng(3), silent)

    found = np.empty((40, 3, 2, 3))
    for r, weights in enumerate(all_draws(120, 40, seed=3).T.astype(int)):
        rows = np.concatenate([np.repeat([2 * group, 2 * group + 1], count) for group, count in enumerate(weights)])
        for b in range(3):
            found[r, b] = by_copies(grid, b, rows)

    of_mean, of_block = (
        where.effects(variance)[0, [METRICS.index("f1"), METRICS.index("average_precision")], :3]
        for variance in (drawn.of_mean, drawn.of_block)
    )
    np.testing.assert_allclose(of_mean, found.mean(axis=1).var(axis=0, ddof=1), rtol=1e-4)
    np.testing.assert_allclose(of_block, found.var(axis=0, ddof=1).mean(axis=0), rtol=1e-4)


def by_copies(grid: Grid, block: int, rows: np.ndarray) -> np.ndarray:
    """(F1 and average precision, criteria) differences on the texts in these rows, by scikit-learn."""
    truth = grid.tests[block].truth[rows]

    def scores(cell: int) -> list[list[float]]:
        run = grid.cells[cell].outputs[block]
        decided, chances = run.decided[rows], run.probabilities[rows]
        f1 = [f1_score(truth[:, k], decided[:, k], zero_division=0.0) for k in range(3)]
        return [f1, [average_precision_score(truth[:, k], chances[:, k]) for k in range(3)]]

    return np.subtract(scores(1), scores(0))


def test_a_draw_is_shared_by_all_blocks() -> None:
    """The mean of equal blocks varies as each of them does; were the draws independent, it would vary a quarter as much."""

    def share(weights: np.ndarray) -> np.ndarray:
        return weights[:3].sum(axis=0, keepdims=True) / weights.sum(axis=0)

    drawn = resample([share] * 4, observe([share] * 4, [10] * 4), 10, 400, np.random.default_rng(0), silent)

    assert drawn.of_block == pytest.approx(drawn.of_mean)
    assert drawn.of_mean == pytest.approx([0.3 * 0.7 / 10], rel=0.2)


def test_draws_in_which_a_statistic_is_undefined_are_left_out() -> None:
    """As in a loop that skips them; a statistic that is never defined has no variance."""

    def known_if_drawn(weights: np.ndarray) -> np.ndarray:
        value = np.where(weights[0] > 0, weights[1], np.nan)
        return np.stack([value, np.full_like(value, np.nan)])

    drawn = resample([known_if_drawn], np.array([[1.0, np.nan]]), 5, 600, np.random.default_rng(1), silent)

    weights = all_draws(5, 600, seed=1)
    expected = weights[1][weights[0] > 0].var(ddof=1)
    np.testing.assert_allclose(drawn.of_mean, [expected, np.nan])
    np.testing.assert_allclose(drawn.of_block, [expected, np.nan])


def test_a_block_that_is_undefined_in_a_draw_leaves_no_gap() -> None:
    """Deviations are averaged over the other blocks: that it scores higher than they do is no variance of texts."""

    def low(weights: np.ndarray) -> np.ndarray:
        return weights[1:2]

    def high_if_drawn(weights: np.ndarray) -> np.ndarray:
        return np.where(weights[:1] > 0, weights[1:2] + 10, np.nan)

    drawn = resample([low, high_if_drawn], np.array([[1.0], [11.0]]), 5, 600, np.random.default_rng(1), silent)

    assert drawn.of_mean == pytest.approx([all_draws(5, 600, seed=1)[1].var(ddof=1)])


def test_progress_is_shown_chunk_by_chunk() -> None:
    events: list[Event] = []

    resample([lambda weights: weights[:1]], np.ones((1, 1)), 4, CHUNK + 5, np.random.default_rng(0), events.append)

    assert events == [Advance(CHUNK, CHUNK + 5), Advance(CHUNK + 5, CHUNK + 5)]
