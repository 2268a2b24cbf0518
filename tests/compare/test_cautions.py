"""What a reader must know before believing an effect."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from support.grids import against, analysed, grid_of, output, texts_of
from synthsweep.compare.cautions import cautions, spread_cautions, threshold_cautions
from synthsweep.compare.grid import Cell, Grid, Output
from synthsweep.compare.result.effects import Effect, Interval
from synthsweep.compare.result.supplements import Power, TfidfBaseline


def grid(base: dict[str, float], arm: dict[str, float], *, positives: int = 30, seeds: int = 6) -> Grid:
    truth = np.zeros((100, 2), dtype=int)
    truth[:30, 0], truth[:positives, 1] = 1, 1
    test = texts_of(truth)
    made = grid_of((test,) * seeds, {})
    outputs = tuple(output(np.full(truth.shape, 0.2 + seed / 100)) for seed in range(seeds))
    cells = (Cell("base", {}, outputs, base), Cell("arm", {}, outputs, arm))
    return Grid(made.labels, made.blocks, made.tests, cells)


CUT = {
    "train/length_limit": 512.0, "train/truncated": 25.0, "train/tokens": 20_000.0, "train/lost_token_share": 0.3,
    "train/longest_text": 402.0, "dev/examples": 50.0, "dev/truncated": 0.4, "dev/tokens": 5_000.0,
    "dev/lost_token_share": 0.0, "dev/longest_text": 120.0,
}  # fmt: skip


def cut(base: dict[str, float], arm: dict[str, float]) -> list[str]:
    """The cautions about cut texts."""
    real = {"train/real": 200.0}
    return [line for line in cautions(grid(real | base, real | arm), {}, None, (), ()) if line.startswith("texts are cut")]


def test_cut_texts_are_counted_by_part_with_what_cuts_none() -> None:
    """A part that is cut with some seeds alone counts, too."""
    assert cut(CUT, CUT) == [
        "texts are cut: 25 of 200 in train, 1 of 50 in dev have more tokens than training.max_length; 24 % of all tokens are "
        "not read. training.max_length=402 cuts none; so does training.windows=mean"
    ]


def test_the_arm_that_loses_most_is_named() -> None:
    more = CUT | {"train/lost_token_share": 0.5, "train/longest_text": 9812.0}

    assert [line.partition(" are not read. ")[2] for line in cut(CUT, more)] == [
        "The longest has 9,812 and training.max_length is at most 512 with this encoder: training.windows=mean reads them "
        "whole (most in arm)"
    ]


def test_texts_that_are_read_in_windows_are_not_cut() -> None:
    read = {"train/length_limit": 512.0, "train/truncated": 0.0, "train/tokens": 9_000.0, "train/lost_token_share": 0.0}

    assert cut(read, read) == []


def said(
    *, tfidf: TfidfBaseline | None = None, positives: int = 30, seeds: int = 6, power: Sequence[Power] = (), encoder: str = "",
    **arm: float,
) -> list[str]:  # fmt: skip
    facts = {name.replace("__", "/"): value for name, value in arm.items()}
    base = {"train/real": 200.0, "train/steps": 100.0}
    found = cautions(grid(base, base | facts, positives=positives, seeds=seeds), {"arm": "base"}, tfidf, power, (encoder,))
    return [line[:60] for line in found]


def test_a_sound_study_has_none() -> None:
    """Steps that differ by less than 5 % are equal, and a baseline above TF-IDF is trained."""
    assert said(tfidf=TfidfBaseline(0.4, 0.41), train__steps=104.0) == []


def test_an_uncertainty_that_comes_from_the_texts_is_called_so() -> None:
    """More seeds would be bought in vain."""
    assert said(power=[Power("macro", 30, 6, seed_sd=0.06, text_sd=0.03, detectable=0.1)]) == []
    assert said(power=[Power("A", 30, 6, 0.0, 0.1, 0.1), Power("macro", 30, 4, seed_sd=0.02, text_sd=0.1, detectable=0.1)]) == [
        "97 % of the width of the macro interval comes from the test texts"[:60]
    ]


def test_random_weights_are_called_so() -> None:
    """`experiment=ci` is to see that all works."""
    assert said(encoder="tiny (random initial weights, tokens of x)")[0].startswith("the encoder began with random weights")


def test_each_threat_has_its_sentence() -> None:
    """The most serious first."""
    found = said(
        tfidf=TfidfBaseline(0.43, 0.40), synthetic__leaks=2.0, train__synthetic=50.0,
        train__truncated=25.0, positives=3, seeds=3,
    )  # fmt: skip

    assert found == [
        "the baseline scores below TF-IDF with logistic regression (m",
        "up to 2 synthetic texts of a run repeated a dev or test text",
        "texts are cut: 10 % in train have more tokens than training.",
        "with 3 seeds the joint sign-flip test cannot reach p < 0.05,",
        "test has few positives of B (3): a single text moves their r",
    ]


def test_a_baseline_that_does_not_clearly_beat_tfidf_is_named_with_the_interval() -> None:
    """By the same texts and seeds; one whose interval excludes 0 from below is trained."""
    gap = Effect("base", "average_precision", "macro", 0.4, 0.41, 0.01, Interval(-0.02, 0.04), 6)
    close, clear = TfidfBaseline(0.4, 0.41, gap=gap), TfidfBaseline(0.4, 0.41, gap=replace(gap, interval=Interval(0.001, 0.02)))
    (line,) = (line for line in cautions(grid({}, {}), {}, close, (), ()) if "TF-IDF" in line)

    assert line == (
        "the baseline is not clearly better than TF-IDF with logistic regression (macro average precision 0.410 against 0.400; "
        "+1.0 points, 95 % interval −2.0 to +4.0, on the same 6 seeds): it may be undertrained"
    )
    assert not any("TF-IDF" in line for line in cautions(grid({}, {}), {}, clear, (), ()))


def test_a_study_of_thresholds_is_told_which_scores_they_do_not_move() -> None:
    """Average precision is of the ranking, and compare.threshold would make all arms alike."""

    cells = [Cell(f"threshold={rule}", {"evaluation.threshold": rule}, (), {}) for rule in ("dev_f1", "dev_f2")]
    partners = {"threshold=dev_f2": "threshold=dev_f1"}
    alike = [Cell("ratio=0", {}, (), {}), Cell("ratio=1", {}, (), {})]

    assert threshold_cautions(cells, partners, "average_precision", None) == (
        "average precision does not depend on evaluation.threshold, which the study varies: see compare.metric=f1, precision "
        "or recall",
    )
    assert threshold_cautions(cells, partners, "f1", None) == ()
    assert threshold_cautions(cells, partners, "f1", 0.3) == (
        "compare.threshold=0.3 takes the place of evaluation.threshold, which the study varies: leave it out to compare those "
        "(threshold=dev_f2)",
    )
    assert threshold_cautions(alike, {"ratio=1": "ratio=0"}, "average_precision", 0.3) == ()


def test_an_arm_with_fewer_seeds_than_its_baseline_is_named() -> None:
    """With how many it has; nothing is said where all have all."""

    whole = grid({}, {})
    few = replace(
        whole.cells[1], outputs=tuple(replace(one, present=place < 2) for place, one in enumerate(whole.cells[1].outputs))
    )
    lacking = replace(whole, cells=(whole.cells[0], few))
    said = [
        [line for line in cautions(one, {"arm": "base"}, None, (), ()) if "share fewer" in line] for one in (whole, lacking)
    ]

    assert said == [[], ["of 6 seeds, these arms share fewer with their baseline and are compared on those: arm (2)"]]


def test_seeds_that_cross_are_said() -> None:
    """Three draws of two initialisations are no six seeds."""

    names = tuple(f"seeds.draw={draw} seeds.init={init}" for draw in range(3) for init in range(2))
    lines = cautions(replace(grid({}, {}), blocks=names), {}, None, (), ())

    assert any(line.startswith("6 blocks share seeds (3 and 2 levels)") and "no joint sign-flip" in line for line in lines)


@pytest.mark.parametrize(("noise", "named"), [(0.02, False), (2.0, True)])
def test_a_criterion_whose_spread_over_seeds_stands_out_is_named(noise: float, named: bool) -> None:
    """One of five criteria depends on the seed as no other does; without it, nothing is said."""
    rng = np.random.default_rng(3)
    truth = (rng.random((200, 5)) < 0.3).astype(int)
    noises = np.array([0.02, 0.02, 0.02, 0.02, noise])

    def run() -> Output:
        return output(1 / (1 + np.exp(-(truth - 0.5 + 0.5 * texts + noises * rng.normal(size=5) * rng.normal(size=(200, 1))))))

    texts = rng.normal(size=truth.shape)
    made = grid_of((texts_of(truth),) * 5, {name: [run() for _ in range(5)] for name in ("base", "arm")})

    said = spread_cautions(analysed(made, against("base", "arm")).families, "average_precision")

    assert [line.partition(":")[0] for line in said] == [
        "from seed to seed, average precision varies far more in E (arm) than in the other criteria"
    ] * named


def test_seeds_that_resplit_one_corpus_are_told_of_the_training_texts_that_they_share() -> None:
    resplit = grid_of((texts_of(np.ones((4, 4), dtype=int)),) * 3, {}, "overlapping", 0.25)

    [said, *_] = cautions(resplit, {}, None, (), ())

    assert said.startswith("the seeds re-split one corpus")
    assert "; 2.7 times as wide, in 98 % or more)" in said


def test_many_test_texts_for_each_training_text_make_intervals_of_re_splits_wide_enough() -> None:
    resplit = grid_of((texts_of(np.ones((4, 4), dtype=int)),) * 3, {}, "overlapping", 10.0)

    assert not [line for line in cautions(resplit, {}, None, (), ()) if "re-split" in line]


def test_arms_in_which_no_seed_draws_anything_are_named() -> None:
    """Their runs are copies; of an LLM, with what would differ. Re-splits give each seed other texts."""
    varied = grid({}, {})
    same = (varied.cells[1].outputs[0],) * len(varied.blocks)
    asked = replace(varied, cells=(varied.cells[0], Cell("model=llm", {}, same, {"cost/usd_per_1000": 0.0})))
    fixed = replace(varied, cells=(Cell("model=tfidf", {}, same, {}), varied.cells[1]))
    lines = [
        [line for line in cautions(one, {}, None, (), ()) if "no seed" in line]
        for one in (varied, asked, fixed, replace(asked, texts="overlapping", test_share=0.25))
    ]

    said = "no seed changes the predictions of {}: further seeds say nothing more, and intervals hold for these"
    assert lines == [
        [], [said.format("model=llm") + "; asked anew, an LLM may answer differently"], [said.format("model=tfidf")], [],
    ]  # fmt: skip


def test_a_baseline_without_training_is_not_called_undertrained() -> None:
    """An LLM below TF-IDF is no matter of epochs."""
    asked = grid({"train/steps": 0.0}, {"train/steps": 30.0})
    (line,) = (one for one in cautions(asked, {"arm": "base"}, TfidfBaseline(0.43, 0.40), (), ()) if "TF-IDF" in one)

    assert line == "the baseline is below TF-IDF with logistic regression (macro average precision 0.400 against 0.430)"
