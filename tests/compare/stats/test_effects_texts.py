"""Effects where the blocks share their texts, have their own, or re-split one corpus; and texts in groups."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from support.grids import against, analysed, grid_of, one, output, random_grid, texts_of
from synthsweep.compare.grid import Grid
from synthsweep.compare.stats.effects import analyse
from synthsweep.compare.stats.scores.observed import score_cells
from synthsweep.progress import Advance, Event


@pytest.fixture(scope="module")
def grid() -> Grid:
    return random_grid(np.random.default_rng(0), {"base": 0.5, "arm": 0.7, "best": 4.0}, blocks=6)


def test_texts_of_one_group_are_one_draw() -> None:
    """Each text written three times in one group gives what it gives once."""

    once = random_grid(np.random.default_rng(3), {"base": 0.5, "arm": 2.0}, blocks=3, texts=60)
    test = texts_of(np.repeat(once.tests[0].truth, 3, axis=0), group_size=3)
    runs = {cell.name: [output(np.repeat(run.probabilities, 3, axis=0)) for run in cell.outputs] for cell in once.cells}
    thrice = grid_of([test] * 3, runs)

    first, second = (analysed(grid, against("base", "arm")) for grid in (once, thrice))

    for effect, same in zip(first.effects, second.effects, strict=True):
        assert same.text_variance == pytest.approx(effect.text_variance, rel=1e-3, abs=1e-9)
        assert same.difference == pytest.approx(effect.difference)


def test_more_texts_narrow_the_interval_for_new_texts() -> None:
    """Sixteen times as many, a quarter of the error, where all blocks are the same run."""

    few, many = (random_grid(np.random.default_rng(5), {"base": 0.5, "arm": 1.5}, blocks=2, texts=n) for n in (100, 1600))

    def text_error(grid: Grid) -> float:
        copies = tuple(replace(cell, outputs=cell.outputs[:1] * 4) for cell in grid.cells)
        same = replace(grid, cells=copies, tests=grid.tests[:1] * 4, blocks=("0", "1", "2", "3"))
        effect = one(analysed(same, against("base", "arm")), "arm", "brier", "A")
        assert effect.seed_variance == 0.0
        return float(np.sqrt(effect.text_variance or np.nan))

    assert text_error(many) == pytest.approx(text_error(few) / 4, rel=0.3)


def test_disjoint_texts_are_compared_by_the_paired_t() -> None:
    """Each block is scored on its own texts, and told when it is done."""

    rng = np.random.default_rng(7)
    folds = [random_grid(rng, {"base": 0.5, "arm": 2.0}, blocks=1, texts=n) for n in (60, 70, 80)]
    runs = {name: [fold.cells[k].outputs[0] for fold in folds] for k, name in enumerate(("base", "arm"))}
    nested = grid_of([fold.tests[0] for fold in folds], runs, "disjoint")
    events: list[Event] = []

    found = analyse(
        nested,
        against("base", "arm"),
        primary="f1",
        rng=rng,
        progress=events.append,
    )

    effect, scores = one(found, "arm", "recall", "macro"), score_cells(nested)[:, :, 1, 3]
    expected = stats.ttest_rel(scores[1], scores[0])
    assert (effect.p, effect.degrees) == pytest.approx((expected.pvalue, 2))
    assert [type(event) for event in events] == [Advance] * 3


def test_re_splits_are_corrected_for_what_they_share(grid: Grid) -> None:
    """With a quarter of the training texts in each test set, V is (1/6 + 1/4) s^2."""

    found = analysed(replace(grid, texts="overlapping", test_share=0.25), against("base", "arm"))

    effect = one(found, "arm", "recall", "A")
    assert effect.text_variance == pytest.approx((effect.seed_variance or 0) * 6 * 0.25)
    assert effect.degrees == pytest.approx(5)


def test_a_single_block_has_an_interval_for_new_texts_alone(grid: Grid) -> None:
    """By t with the draws of the texts. It is labelled, claims nothing and has no p: another seed may do anything."""

    cells = tuple(replace(cell, outputs=cell.outputs[:1]) for cell in grid.cells)
    found = analysed(replace(grid, cells=cells, tests=grid.tests[:1], blocks=("0",)), against("base", "best"))

    effect = one(found, "best", "f1", "A")
    positives = grid.tests[0].truth[:, 0].sum()
    half = stats.t.ppf(0.975, positives - 1) * np.sqrt(effect.text_variance or np.nan)
    assert effect.interval is not None
    assert effect.difference is not None
    assert (effect.interval.low, effect.interval.high) == pytest.approx((effect.difference - half, effect.difference + half))
    assert effect.interval.low > 0
    assert not effect.interval.excludes_zero
    assert effect.interval == replace(effect.interval, new_seeds=False)
    assert (effect.p, effect.p_family, effect.q, effect.seed_variance) == (None,) * 4
    assert effect.degrees == pytest.approx(positives - 1)
    part = found.decompositions[0].ranking_interval
    assert part is not None
    assert not part.new_seeds


def test_a_single_block_of_own_texts_has_no_interval(grid: Grid) -> None:
    """Neither seeds nor texts have a second block to be compared with."""

    cells = tuple(replace(cell, outputs=cell.outputs[:1]) for cell in grid.cells)
    alone = replace(grid, cells=cells, tests=grid.tests[:1], blocks=("0",), texts="disjoint")

    effect = one(analysed(alone, against("base", "best")), "best", "f1", "A")

    assert effect.difference is not None
    assert (effect.interval, effect.p) == (None, None)
