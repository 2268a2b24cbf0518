"""Comparisons of partly labelled test texts, and of texts with exactly one label."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.grids import against, analysed, grid_of, one, texts_of
from synthsweep.compare.cautions import cautions
from synthsweep.compare.grid import Grid, Output
from synthsweep.compare.result.effects import ALL, METRICS
from synthsweep.compare.stats.counts import count_changes
from synthsweep.compare.stats.scores.observed import score_cells
from synthsweep.compare.tfidf_baseline import learnable, tfidf_score
from synthsweep.evaluate.metrics import evaluate
from synthsweep.evaluate.predictions import Predictions
from synthsweep.examples import UNKNOWN


def partly_labelled(seed: int, kind: str = "multi", *, other: bool = False) -> Grid:
    """Two cells of three blocks; with `other`, what is predicted where nobody decided is something else."""
    rng = np.random.default_rng(seed)
    truth = (
        (rng.random((60, 3)) < (0.5, 0.3, 0.2)).astype(int) if kind == "multi" else np.eye(3, dtype=int)[rng.integers(0, 3, 60)]
    )
    unknown = rng.random((60, 3)) < 0.3 if kind == "multi" else np.repeat(rng.random((60, 1)) < 0.3, 3, axis=1)
    test = texts_of(np.where(unknown, UNKNOWN, truth), 2)

    def run(separation: float) -> Output:
        latent = rng.normal(size=truth.shape) + separation * truth
        chances = np.round(1 / (1 + np.exp(-latent)), 2)
        return Output("", np.where(unknown & other, 1 - chances, chances), np.full(3, 0.5), kind)

    return grid_of((test,) * 3, {name: [run(gap) for _ in range(3)] for name, gap in {"base": 0.5, "arm": 1.5}.items()})


@given(st.integers(0, 1000), st.sampled_from(["multi", "single"]))
@settings(max_examples=20, deadline=None)
def test_the_scores_of_a_cell_are_those_of_its_runs(seed: int, kind: str) -> None:
    """As `evaluate` gives them, on the same known cells and the same decisions."""

    grid = partly_labelled(seed, kind)
    test, output, table = grid.tests[0], grid.cells[1].outputs[2], score_cells(grid)
    found = Predictions("test", grid.labels, test.ids, (None,) * 60, test.truth, output.probabilities, kind=kind)
    scores = evaluate(found, np.full(3, 0.5), bins=10)
    expected = [[scores[f"{metric}/{name}"] for name in (*grid.labels, "macro", "micro")] for metric in METRICS]

    np.testing.assert_allclose(table[1, 2], np.array(expected, dtype=float), atol=1e-6)


def test_what_is_predicted_where_nobody_decided_moves_no_effect_and_no_count() -> None:
    """Neither differences and intervals, nor the parts of changes, nor true and false positives."""

    grids = [partly_labelled(7, other=other) for other in (False, True)]
    contrasts = against("base", "arm")
    first, second = (analysed(grid, contrasts) for grid in grids)

    assert first == second
    assert count_changes(grids[0], contrasts) == count_changes(grids[1], contrasts)


def test_counts_are_per_hundred_texts_on_which_somebody_decided() -> None:
    """Of four texts, two are decided on: one positive among them is 50 in 100; a criterion without any has no row."""

    test = texts_of(np.array([[1, UNKNOWN], [0, UNKNOWN], [UNKNOWN, UNKNOWN], [UNKNOWN, UNKNOWN]]))
    chances = np.array([[0.9, 0.9]] * 4)
    grid = grid_of((test,) * 2, {name: [Output("", chances, np.full(2, 0.5))] * 2 for name in ("base", "arm")})
    rows = {row.criterion: row for row in count_changes(grid, against("base", "arm"))}

    assert (list(rows), rows["A"].positives, rows["A"].true_arm, rows["A"].false_arm) == (["A", ALL], 50.0, 50.0, 50.0)


def test_with_one_class_per_text_micro_f1_is_the_accuracy() -> None:
    """Of both cells, and so is its change."""

    grid = partly_labelled(3, "single")
    known = grid.tests[0].known[:, 0]
    hits = [[(o.probabilities.argmax(1) == grid.tests[0].truth.argmax(1))[known].mean() for o in c.outputs] for c in grid.cells]
    effect = one(analysed(grid, against("base", "arm")), "arm", "f1", "micro")

    assert (effect.baseline, effect.arm) == pytest.approx(tuple(np.mean(hits, axis=1)))


def test_the_report_says_how_many_test_texts_are_undecided() -> None:
    """By criterion, as a caution."""

    grid = partly_labelled(1)
    lines = [line for line in cautions(grid, {}, None, (), ()) if "nobody decided" in line]

    assert len(lines) == 1
    assert f"A ({(~grid.tests[0].known[:, 0]).sum()})" in lines[0]


def test_tf_idf_learns_and_scores_on_known_labels_alone() -> None:
    """Undecided texts change nothing, and a criterion needs a known text with and without it."""

    words = ["train", "lamp", "train today", "lamp again", "nothing", "something"]
    truth = np.array([[1], [0], [1], [0], [UNKNOWN], [UNKNOWN]])
    assert tfidf_score(words, truth, words, truth) == 1.0
    assert learnable(np.array([[1], [UNKNOWN]]), np.array([[1], [0]])) == []


def test_tf_idf_of_classes_is_one_multinomial_model() -> None:
    """Its probabilities sum to one; texts without a known class are left out."""

    words = ["train", "lamp", "boat", "train now", "lamp now", "boat now", "nothing"]
    truth = np.vstack([np.eye(3, dtype=int)[[0, 1, 2, 0, 1, 2]], np.full((1, 3), UNKNOWN)])
    assert tfidf_score(words, truth, words, truth, "single") == 1.0
