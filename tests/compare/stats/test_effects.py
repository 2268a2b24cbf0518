"""From a grid to effects: what stands where, what is compared, and what is concluded."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from support.grids import against, analysed, one, output, random_grid, texts_of
from synthsweep.compare.grid import Contrast, Grid
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.counts import count_changes
from synthsweep.compare.stats.effects import Analysis
from synthsweep.compare.stats.inference.multiplicity import false_discovery, holm
from synthsweep.compare.stats.scores.observed import score_cells

CRITERIA = ("A", "B", "C", "macro", "micro")


@pytest.fixture(scope="module")
def grid() -> Grid:
    return random_grid(np.random.default_rng(0), {"base": 0.5, "arm": 0.7, "best": 4.0, "unused": 1.0}, blocks=6)


MAIN = Contrast("best", "main", {"base": -0.5, "arm": -0.5, "best": 1.0}, "llm", "best")
INTERACTION = Contrast("both", "interaction", {"base": 1.0, "arm": -1.0, "best": -1.0, "unused": 1.0})


def test_every_contrast_metric_and_criterion_has_its_place(grid: Grid) -> None:
    """Contrasts first, criteria last; splits of the arms alone."""

    found = analysed(grid, [*against("base", "best", "arm"), MAIN])

    expected = [(name, metric, k) for name in ("best", "arm", "best") for metric in METRICS for k in CRITERIA]
    assert [(effect.contrast, effect.metric, effect.criterion) for effect in found.effects] == expected
    expected = [(name, metric, k) for name in ("best", "arm") for metric in ("precision", "recall") for k in CRITERIA]
    assert [(split.contrast, split.metric, split.criterion) for split in found.decompositions] == expected


def test_an_effect_is_the_mean_paired_difference_of_the_scores(grid: Grid) -> None:
    """With the means of its two sides, all pairs defined."""

    found, scores = analysed(grid, [*against("base", "arm"), MAIN]), score_cells(grid)

    for number, metric in enumerate(METRICS):
        for place, criterion in enumerate(CRITERIA):
            base, arm, best = scores[:3, :, number, place].mean(axis=1)
            effect = one(found, "arm", metric, criterion)
            assert (effect.baseline, effect.arm, effect.difference) == pytest.approx((base, arm, arm - base))
            assert (effect.pairs, effect.undefined) == (6, 0)
            effect = one(found, "best", metric, criterion)
            assert (effect.baseline, effect.arm) == pytest.approx(((base + arm) / 2, best))
            assert effect.difference == pytest.approx(best - (base + arm) / 2)


def test_an_interaction_has_no_sides(grid: Grid) -> None:
    """Its difference is one of differences."""

    effect, scores = one(analysed(grid, [INTERACTION]), "both", "recall", "A"), score_cells(grid)[:, :, 1, 0].mean(axis=1)

    assert (effect.baseline, effect.arm) == (None, None)
    assert effect.difference == pytest.approx(scores[0] - scores[1] - scores[2] + scores[3])
    assert effect.interval is not None


def test_a_strong_effect_is_found_and_an_absent_one_is_not(grid: Grid) -> None:
    """By interval, family, sign-flip and screening alike."""

    found = analysed(grid, against("base", "best", "arm"))
    strong, weak = (one(found, name, "f1", "A") for name in ("best", "arm"))

    assert strong.interval is not None
    assert weak.interval is not None
    assert strong.interval.low > 0.1
    assert not weak.interval.excludes_zero
    assert max(strong.p or 1, strong.p_family or 1, strong.q or 1) < 0.01
    assert strong.p_sign_flip == pytest.approx(2 / 64)
    assert min(weak.p or 0, weak.p_family or 0, weak.p_sign_flip or 0, weak.q or 0) > 0.05


def test_the_family_is_the_arms_and_criteria_of_the_primary_metric(grid: Grid) -> None:
    """Holm over the p of its intervals; no macro, no micro, no main effect, no other metric."""

    found = analysed(grid, [*against("base", "best", "arm"), MAIN], primary="recall")
    inside = [e for e in found.effects[:50] if e.metric == "recall" and e.criterion in "ABC"]

    assert inside == [e for e in found.effects if e.p_family is not None]
    assert inside == [e for e in found.effects if e.p_sign_flip is not None]
    assert [e.p_family for e in inside] == pytest.approx(list(holm(np.array([e.p for e in inside]))))


def test_the_screening_table_is_all_arms_metrics_and_criteria(grid: Grid) -> None:
    """Main effects have a p and no q."""

    found = analysed(grid, [*against("base", "best", "arm"), MAIN])

    assert [e.q for e in found.effects[:50]] == pytest.approx(
        list(false_discovery(np.array([e.p for e in found.effects[:50]])))
    )
    assert {e.q for e in found.effects[50:]} == {None}
    assert None not in [e.p for e in found.effects]


def test_the_variances_add_up_to_what_the_interval_has(grid: Grid) -> None:
    """With the t of its degrees."""

    for effect in analysed(grid, against("base", "arm")).effects:
        assert effect.interval is not None
        assert effect.difference is not None
        error = np.sqrt((effect.seed_variance or 0) + (effect.text_variance or 0))
        half = stats.t.ppf(0.975, effect.degrees) * error
        assert effect.interval.high - effect.difference == pytest.approx(half)
        assert effect.difference - effect.interval.low == pytest.approx(half)


def test_cells_without_a_contrast_change_nothing(grid: Grid) -> None:
    """Not even a digit."""

    assert analysed(grid, against("base", "arm")) == analysed(replace(grid, cells=grid.cells[:2]), against("base", "arm"))


def test_the_same_runs_give_the_same_numbers(grid: Grid) -> None:
    """Whatever the seed of the comparison: up to twelve seeds nothing is drawn."""

    first, other = (analysed(grid, against("base", "arm"), seed=seed) for seed in (1, 2))

    assert first == other


def test_an_arm_that_is_the_baseline_differs_by_nothing_and_proves_nothing() -> None:
    """Its interval holds 0 with some width, and no test finds it."""

    grid = random_grid(np.random.default_rng(6), {"base": 1.0}, blocks=3)
    grid = replace(grid, cells=(grid.cells[0], replace(grid.cells[0], name="arm")))

    for effect in analysed(grid, against("base", "arm")).effects:
        assert effect.difference == 0.0
        if effect.metric in ("average_precision", "brier"):
            assert (effect.interval, effect.p) == (None, None)
        else:
            assert effect.interval is not None
            assert effect.interval.low < 0 < effect.interval.high
            assert effect.p == pytest.approx(1)
            assert effect.p_sign_flip in (None, 1.0)


def test_a_contrast_in_other_units_is_the_same_contrast() -> None:
    """A slope a hundred texts is a hundred times that a text: interval too, and p not at all."""

    grid = random_grid(np.random.default_rng(10), {"base": 1.0, "arm": 1.2}, blocks=3)
    slopes = [Contrast("slope", "trend", {"arm": size, "base": -size}) for size in (0.01, 1.0)]
    alike = replace(grid, cells=(grid.cells[0], replace(grid.cells[0], name="arm")))

    for of in (grid, alike):
        found = analysed(of, slopes).effects
        # The last ten of each are average precision and the Brier score, of which equal arms have no variance.
        for small, large in zip(found[:15], found[25:40], strict=True):
            assert large.interval is not None
            assert small.interval is not None
            assert (small.baseline, small.arm) == (None, None)
            assert large.p == pytest.approx(small.p)
            assert large.difference == pytest.approx(100 * (small.difference or 0.0), abs=1e-9)
            assert large.interval.high == pytest.approx(100 * small.interval.high)


def test_undefined_blocks_are_left_out_and_counted() -> None:
    """The arm predicts no A in one of three blocks: its precision rests on two, its recall on three."""

    rng = np.random.default_rng(8)
    grid = random_grid(rng, {"base": 1.0, "arm": 1.0}, blocks=3)
    silent = output(np.where([True, False, False], 0.0, grid.cells[1].outputs[0].probabilities))
    arm = replace(grid.cells[1], outputs=(silent, *grid.cells[1].outputs[1:]))
    found = analysed(replace(grid, cells=(grid.cells[0], arm)), against("base", "arm"))

    precision, recall = (one(found, "arm", metric, "A") for metric in ("precision", "recall"))
    scores = score_cells(grid)[:, 1:, 0, 0]
    assert (precision.pairs, precision.undefined, recall.pairs, recall.undefined) == (2, 1, 3, 0)
    assert (precision.baseline, precision.arm) == pytest.approx(tuple(scores.mean(axis=1)))


def test_a_criterion_without_positives_is_undefined_and_no_test() -> None:
    """All pairs are counted as undefined; the family is the other criteria."""

    grid = random_grid(np.random.default_rng(9), {"base": 1.0, "arm": 2.0})
    test = texts_of(grid.tests[0].truth * [1, 1, 0])
    found = analysed(replace(grid, tests=(test,) * 4), against("base", "arm"))

    effect = one(found, "arm", "f1", "C")
    assert (effect.pairs, effect.undefined) == (0, 4)
    assert {effect.baseline, effect.arm, effect.difference, effect.interval, effect.p, effect.p_family, effect.q} == {None}
    tested = [one(found, "arm", "f1", name) for name in "AB"]
    assert [e.p_family for e in tested] == pytest.approx(list(holm(np.array([e.p for e in tested]))))


def test_splits_add_up_to_the_change(grid: Grid) -> None:
    """Here the change of precision and recall itself, with an interval for each part and both sides' shares."""

    found = analysed(grid, against("base", "best"))

    for split in found.decompositions:
        effect = one(found, "best", split.metric, split.criterion)
        assert split.change == pytest.approx(effect.difference)
        assert (split.ranking or 0) + (split.operating_point or 0) == pytest.approx(split.change)
        assert split.ranking_interval is not None
        assert split.operating_point_interval is not None
        assert split.ranking_interval.low <= (split.ranking or 0) <= split.ranking_interval.high
    shares = [np.mean([run.decided[:, 0].mean() for run in grid.cells[cell].outputs]) for cell in (0, 2)]
    assert [found.decompositions[0].predicted_share_baseline, found.decompositions[0].predicted_share_arm] == pytest.approx(
        shares
    )


def test_a_better_ranking_is_told_from_a_lower_threshold(grid: Grid) -> None:
    """Both arms gain recall: the one by ranking, the other by its operating point alone."""

    base = grid.cells[0]
    bold = replace(base, name="bold", outputs=tuple(replace(run, thresholds=np.full(3, 0.3)) for run in base.outputs))
    found = analysed(replace(grid, cells=(*grid.cells, bold)), against("base", "best", "bold"))

    ranked, lowered = (
        next(s for s in found.decompositions if (s.contrast, s.metric) == (name, "recall")) for name in ("best", "bold")
    )
    assert ranked.ranking_interval is not None
    assert lowered.operating_point_interval is not None
    assert ranked.ranking_interval.low > 0
    assert lowered.operating_point_interval.low > 0
    assert lowered.ranking == pytest.approx(0, abs=0.05)


def test_nothing_to_compare_is_an_empty_analysis(grid: Grid) -> None:
    """No contrast, no effect."""

    assert analysed(grid, []) == Analysis((), ())


def test_an_arm_is_compared_on_the_seeds_that_it_shares_with_its_baseline(grid: Grid) -> None:
    """An arm with two of six seeds has their numbers; the other arm keeps its six."""

    few = tuple(replace(run, present=number in (1, 4)) for number, run in enumerate(grid.cells[1].outputs))
    lacking = replace(grid, cells=(grid.cells[0], replace(grid.cells[1], outputs=few), *grid.cells[2:]))
    found = analysed(lacking, against("base", "arm", "best"))
    whole, two = analysed(grid, against("base", "best")), analysed(grid.on_blocks([1, 4]), against("base", "arm"))

    for effect in two.effects:
        same = one(found, "arm", effect.metric, effect.criterion)
        assert (same.pairs, same.undefined) == (effect.pairs, 0) == (2, 0)
        assert (same.difference, same.baseline, same.arm) == pytest.approx((effect.difference, effect.baseline, effect.arm))
        assert same.text_variance == pytest.approx(effect.text_variance)
        assert same.seed_variance == pytest.approx(effect.seed_variance)
    for effect in whole.effects:
        same = one(found, "best", effect.metric, effect.criterion)
        assert (same.difference, same.pairs) == (effect.difference, 6)
        assert list(vars(same.interval).values()) == pytest.approx(list(vars(effect.interval).values()))
    first = found.decompositions[0]
    assert (first.change, first.predicted_share_arm) == pytest.approx(
        (two.decompositions[0].change, two.decompositions[0].predicted_share_arm)
    )
    assert count_changes(lacking, against("base", "arm")) == count_changes(grid.on_blocks([1, 4]), against("base", "arm"))


def test_an_arm_that_shares_no_seed_with_its_baseline_has_no_numbers(grid: Grid) -> None:
    """All of it is undefined, and the other arm is compared as before."""

    gone = tuple(replace(run, present=False) for run in grid.cells[1].outputs)
    lacking = replace(grid, cells=(grid.cells[0], replace(grid.cells[1], outputs=gone)))
    found = analysed(lacking, against("base", "arm"))

    assert {(one.difference, one.interval, one.pairs, one.undefined) for one in found.effects} == {(None, None, 0, 0)}
    assert {(part.change, part.predicted_share_arm) for part in found.decompositions} == {(None, None)}
    assert count_changes(lacking, against("base", "arm")) == ()


def test_runs_that_are_copies_of_one_another_are_not_flipped() -> None:
    """Two classifiers without draws differ alike with each seed: only the texts give an interval, and there is no sign-flip."""
    varied = random_grid(np.random.default_rng(1), {"base": 0.5, "fixed": 2.0, "drawn": 2.0}, blocks=6)
    copied = tuple(replace(cell, outputs=(cell.outputs[0],) * 6) if cell.name != "drawn" else cell for cell in varied.cells)
    found = analysed(replace(varied, cells=copied), against("base", "fixed", "drawn"))
    fixed, drawn = (one(found, arm, "f1", "A") for arm in ("fixed", "drawn"))

    assert fixed.p_sign_flip is None
    assert drawn.p_sign_flip is not None
    assert fixed.interval is not None
    assert (fixed.seed_variance, (fixed.text_variance or 0) > 0) == (0, True)
