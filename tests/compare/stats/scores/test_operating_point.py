"""A change of precision and recall taken apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from support.grids import output, random_grid, texts_of
from synthsweep.compare.grid import Output, TestSet
from synthsweep.compare.stats.scores import operating_point
from synthsweep.compare.stats.scores.influence import Influences, run_influences, text_counts
from synthsweep.compare.stats.scores.kernel import base_counts, scorer
from synthsweep.compare.stats.scores.operating_point import DECOMPOSED_METRICS, PARTS, Ranks, matched_counts

PROBABILITIES = st.integers(0, 10).map(lambda tenths: tenths / 10)


def contributions(test: TestSet, baseline: Output, arm: Output) -> Influences:
    """(metrics, parts, criteria and macro and micro)."""
    counts = text_counts(test)
    runs = [run_influences(run, test, counts) for run in (baseline, arm)]
    return operating_point.parts_of(*runs, matched_counts((baseline, arm), test), counts.positives)


def most_probable(probabilities: np.ndarray, count: int) -> np.ndarray:
    """(examples,)."""
    ranks = Ranks.of(probabilities[None], np.array([len(probabilities)]))
    return ranks.most_probable(np.array([count]))[0]


def parts_of(test: TestSet, baseline: Output, arm: Output) -> np.ndarray:
    return contributions(test, baseline, arm).values


@given(arrays(float, st.integers(1, 30), elements=PROBABILITIES), st.data())
def test_the_match_predicts_exactly_as_many_texts(probabilities: np.ndarray, data: st.DataObject) -> None:
    """The most probable ones whole; those that tie at the cut in equal parts; the others not."""

    count = data.draw(st.integers(0, len(probabilities)))
    decided = most_probable(probabilities, count)

    assert decided.sum() == pytest.approx(count)
    cut = np.sort(probabilities)[::-1][count - 1] if count else 2.0
    assert np.all(decided[probabilities > cut] == 1)
    assert np.all(decided[probabilities < cut] == 0)
    assert len(set(decided[probabilities == cut])) <= 1


def test_ties_share_what_is_left_at_the_cut() -> None:
    """Two more are wanted of three that tie."""

    assert most_probable(np.array([0.9, 0.5, 0.5, 0.1, 0.5]), 3).tolist() == pytest.approx([1, 2 / 3, 2 / 3, 0, 2 / 3])


def test_a_lower_threshold_alone_is_all_operating_point() -> None:
    grid = random_grid(np.random.default_rng(0), {"a": 1.5}, blocks=1)
    run = grid.cells[0].outputs[0]
    baseline, arm = (Output("", run.probabilities + np.arange(80)[:, None] * 1e-6, np.full(3, cut)) for cut in (0.6, 0.4))

    found = parts_of(grid.tests[0], baseline, arm)

    np.testing.assert_allclose(found[:, PARTS.index("ranking")], 0, atol=1e-12)
    assert np.all(found[DECOMPOSED_METRICS.index("recall"), PARTS.index("operating_point"), :3] > 0)
    assert np.all(found[DECOMPOSED_METRICS.index("precision"), PARTS.index("operating_point"), 3:] < 0)


def test_a_better_order_of_as_many_predicted_is_all_ranking() -> None:
    """Two of four texts are predicted by either: one is right, then both are."""

    test = texts_of(np.array([[1], [1], [0], [0]]))
    baseline, arm = output(np.array([[0.9], [0.1], [0.8], [0.2]])), output(np.array([[0.9], [0.8], [0.2], [0.1]]))

    np.testing.assert_allclose(parts_of(test, baseline, arm), [[[0.5] * 3, [0.0] * 3]] * 2)


def test_both_parts_by_hand() -> None:
    """The arm finds both positives among three; at the baseline's one it would find one, where the baseline finds none."""

    test = texts_of(np.array([[1], [1], [0], [0]]))
    baseline, arm = output(np.array([[0.1], [0.1], [0.8], [0.2]])), output(np.array([[0.9], [0.7], [0.8], [0.1]]))

    found = parts_of(test, baseline, arm)[:, :, 0]

    np.testing.assert_allclose(found, [[1.0, 2 / 3 - 1.0], [0.5, 0.5]])


@given(arrays(float, (12, 4), elements=PROBABILITIES), arrays(int, (12, 2), elements=st.integers(0, 1)))
def test_the_parts_add_up_to_the_change(probabilities: np.ndarray, truth: np.ndarray) -> None:
    """Of every criterion and of micro, wherever both parts are defined."""

    test, baseline, arm = texts_of(truth), output(probabilities[:, :2]), output(probabilities[:, 2:])
    base, ones = base_counts(test) @ np.ones((12, 1)), np.ones((12, 1))
    before, after = (scorer(run, test).scores(base, ones)[:2, :, 0] for run in (baseline, arm))

    total = parts_of(test, baseline, arm).sum(axis=1)[:, [0, 1, 3]]

    known = ~np.isnan(total)
    np.testing.assert_allclose(total[known], (after - before)[known], atol=1e-12)


def test_nothing_predicted_by_the_baseline_leaves_precision_undefined() -> None:
    """Of that criterion alone: macro is the other's, and recall goes from nothing to what the arm finds."""

    test = texts_of(np.array([[1, 1], [0, 0], [1, 0]]))
    baseline, arm = (
        output(np.array([[0.1, 0.9], [0.1, 0.9], [0.1, 0.1]])),
        output(np.array([[0.9, 0.9], [0.1, 0.1], [0.1, 0.1]])),
    )

    precision, recall = parts_of(test, baseline, arm)

    np.testing.assert_allclose(precision[:, :3], [[np.nan, 0.0, 0.0], [np.nan, 0.5, 0.5]])
    np.testing.assert_allclose(recall[:, 0], [0.0, 0.5])


def test_nothing_predicted_by_the_arm_leaves_both_parts_undefined() -> None:
    """There is no change of precision to take apart, though its ranking could be judged; recall falls to 0."""

    test = texts_of(np.array([[1], [0]]))

    found = parts_of(test, output(np.array([[0.9], [0.1]])), output(np.array([[0.4], [0.3]])))[:, :, 0]

    np.testing.assert_allclose(found, [[np.nan, np.nan], [0.0, -1.0]])


def test_micro_matches_each_criterion_before_it_pools() -> None:
    """The baseline predicts two A and no B; the arm, surer of B, is held to two A as well."""

    test = texts_of(np.array([[1, 1], [1, 1], [0, 1]]))
    baseline, arm = (
        output(np.array([[0.9, 0.1], [0.1, 0.1], [0.9, 0.1]])),
        output(np.array([[0.6, 0.9], [0.6, 0.9], [0.1, 0.9]])),
    )

    precision, recall = parts_of(test, baseline, arm)[:, :, 3]

    np.testing.assert_allclose(precision, [1.0 - 0.5, 1.0 - 1.0])
    np.testing.assert_allclose(recall, [2 / 5 - 1 / 5, 1.0 - 2 / 5])


def test_contributions_add_up_to_nothing() -> None:
    """Whatever a text adds to the share at the cut, another one takes."""

    grid = random_grid(np.random.default_rng(3), {"base": 0.5, "arm": 2.0}, blocks=1, texts=200)
    runs = [cell.outputs[0] for cell in grid.cells]
    matched = matched_counts((runs[0], runs[1]), grid.tests[0])

    np.testing.assert_allclose(matched[:3].sum(axis=1), runs[0].decided.sum(axis=0))
    hits = [
        most_probable(runs[1].probabilities[:, k], runs[0].decided[:, k].sum()) @ grid.tests[0].truth[:, k] for k in range(3)
    ]
    np.testing.assert_allclose(matched[3:].sum(axis=1), hits)


def test_contributions_are_those_of_a_cut_that_other_texts_move() -> None:
    """The standard errors of a loop over drawn texts, each matched anew, within a fifth; of every part."""

    rng = np.random.default_rng(5)
    truth = (rng.random((400, 2)) < (0.4, 0.25)).astype(int)
    probabilities = [
        1 / (1 + np.exp(-(rng.normal(size=truth.shape) + gap * (truth - 0.5) + up))) for gap, up in ((1, 0), (2, 0.7))
    ]

    def drawn(rows: np.ndarray) -> np.ndarray:
        return parts_of(texts_of(truth[rows]), *(output(one[rows]) for one in probabilities))

    found = contributions(texts_of(truth), *map(output, probabilities))
    draws = [drawn(rng.integers(400, size=400)) for _ in range(200)]

    ratios = np.sqrt(np.sum(found.groups**2, axis=-1)) / np.std(draws, axis=0)
    np.testing.assert_allclose(ratios, 1, atol=0.2)
