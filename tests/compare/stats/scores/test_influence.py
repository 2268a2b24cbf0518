"""Contributions of groups of texts beside a loop that leaves each group out, scored by scikit-learn, and beside a bootstrap."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, precision_score, recall_score

from support.bootstrap import observe, resample
from support.grids import against, grid_of, output, random_grid, texts_of
from support.resampled import differences_of
from synthsweep.compare.grid import Grid, Output, TestSet
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.inference.text_variance import observe_blocks
from synthsweep.compare.stats.scores.estimands import estimands
from synthsweep.compare.stats.scores.influence import FEW_GROUPS, run_influences, text_counts
from synthsweep.examples import UNKNOWN
from synthsweep.progress import silent

Score = Callable[[np.ndarray, np.ndarray, np.ndarray], float]


def ratio_of(score: Callable[..., float]) -> Score:
    return lambda truth, chances, decided: float(score(truth, decided, zero_division=np.nan))


SCORES: dict[str, Score] = {
    "precision": ratio_of(precision_score),
    "recall": ratio_of(recall_score),
    "f1": lambda truth, chances, decided: float(f1_score(truth, decided)) if truth.any() else np.nan,
    "average_precision": lambda truth, chances, _: float(average_precision_score(truth, chances)) if truth.any() else np.nan,
    "brier": lambda truth, chances, _: float(brier_score_loss(truth, chances)) if len(truth) else np.nan,
}


def drawn(seed: int, group_size: int, kind: str, texts: int = 18) -> tuple[TestSet, Output]:
    """Three criteria with ties; a fifth of the labels is unknown (with classes, whole texts)."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((texts, 3)) < (0.5, 0.3, 0.1)).astype(int)
    if kind == "single":
        truth = np.eye(3, dtype=int)[rng.integers(3, size=texts)]
    gaps = rng.random((texts, 1 if kind == "single" else 3)) < 0.2
    truth[np.broadcast_to(gaps, truth.shape)] = UNKNOWN
    chances = np.round(rng.random((texts, 3)) * 0.7 + 0.3 * (truth == 1), 1)
    return texts_of(truth, group_size), Output("", chances, np.array([0.5, 0.6, 0.8]), kind)


def without(test: TestSet, run: Output, group: int, score: Score) -> list[float]:
    """Of each criterion and of all cells together, without one group (-1: with all)."""
    kept = (test.groups != group)[:, None] & test.known
    cells = [(slice(None), k) for k in range(3)] + [(slice(None), slice(None))]
    return [score(test.truth[of][kept[of]], run.probabilities[of][kept[of]], run.decided[of][kept[of]]) for of in cells]


@pytest.mark.slow
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 3]), st.sampled_from(["multi", "single"]))
@settings(max_examples=6, deadline=None)
def test_a_contribution_is_the_change_without_the_group(seed: int, group_size: int, kind: str) -> None:
    """For every metric, criterion and micro, with ties, unknown labels and classes; 0 where nothing is left."""

    test, run = drawn(seed, group_size, kind)
    found, groups = run_influences(run, test, text_counts(test)).scores, test.group_count

    for row, metric in enumerate(METRICS):
        whole = np.array(without(test, run, -1, SCORES[metric]))
        left = np.array([without(test, run, group, SCORES[metric]) for group in range(groups)])
        np.testing.assert_allclose(found.values[row], whole, atol=1e-12)
        expected = np.nan_to_num((whole - left) * np.sqrt((groups - 1) / groups))
        # With many groups, those of several texts get influence values instead.
        exact = [k for k in range(4) if metric != "average_precision" or _few(test, k)]
        np.testing.assert_allclose(found.groups[row, exact], expected.T[exact], atol=1e-12)


def _few(test: TestSet, criterion: int) -> bool:
    positive = test.positive.any(axis=1) if criterion == 3 else test.positive[:, criterion]
    alone = test.group_count == len(test.ids) and criterion < 3
    return alone or len(set(test.groups[positive])) <= FEW_GROUPS


def text_variances(grid: Grid, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """(metrics, criteria) of the closed form, and of a bootstrap of all blocks at once."""
    row, number = estimands(grid, against("base", "arm")), len(grid.blocks)
    closed = observe_blocks((row.influences(block).row for block in range(number)), shared=True).text_variance
    blocks, groups = [differences_of(row, block).row for block in range(number)], grid.tests[0].group_count
    found = resample(blocks, observe(blocks, [groups] * number), groups, draws, np.random.default_rng(1), silent)
    drawn_ = (number * found.of_mean - found.of_block) / (number - 1)
    return row.effects(closed)[0], row.effects(drawn_)[0]


def with_hard_texts(rng: np.random.Generator, texts: int, group_size: int) -> Grid:
    """Two arms of three seeds; what an arm makes of a text is the same with every seed."""
    truth = (rng.random((texts, 3)) < (0.4, 0.2, 0.15)).astype(int)

    def arm(separation: float) -> list[Output]:
        of_text = separation * (truth - 0.5) + rng.normal(size=truth.shape)
        latent = [of_text + 0.4 * rng.normal(size=truth.shape) for _ in range(3)]
        return [output(np.round(1 / (1 + np.exp(-one)), 2)) for one in latent]

    return grid_of((texts_of(truth, group_size),) * 3, {"base": arm(1.0), "arm": arm(2.0)})


@pytest.mark.parametrize("group_size", [1, 3])
def test_the_closed_form_is_what_a_bootstrap_finds(group_size: int) -> None:
    """Within 12 % of its standard errors, for common and rarer criteria, macro and micro, in groups and alone."""

    grid = with_hard_texts(np.random.default_rng(4), 600, group_size)

    closed, reference = text_variances(grid, 1500)

    np.testing.assert_allclose(np.sqrt(closed / reference), 1, atol=0.12)


def test_texts_that_no_block_shares_have_no_variance_of_their_own() -> None:
    """Contributions to different blocks that are independent add up to about 0, and never to less."""

    rng = np.random.default_rng(5)
    grid = random_grid(rng, {"base": 0.0, "arm": 0.0}, blocks=8, texts=400)
    row = estimands(grid, against("base", "arm"))

    found = observe_blocks((row.influences(block).row for block in range(8)), shared=True)
    alone = observe_blocks([row.influences(0).row], shared=True)

    assert np.all(found.text_variance >= 0)
    assert np.median(found.text_variance / alone.text_variance) < 0.1
