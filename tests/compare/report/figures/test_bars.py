"""Bars of shares of variance and of importance."""

from dataclasses import replace

from support import answers
from support.marks import spans
from synthsweep.compare.report.figures.bars import effect_variances, importance_bars

FULL = answers.factorial()
ARM = answers.ARMS[0]


def test_seeds_and_texts_share_the_variance() -> None:
    """Two bars that fill the whole."""
    effects = tuple(replace(e, seed_variance=0.03, text_variance=0.01) for e in FULL.effects if e.contrast == ARM)
    seeds, texts = effect_variances(replace(FULL, effects=effects))[0].figure.axes[0].collections

    assert set(spans(seeds)) == {(0.0, 75.0)}
    assert set(spans(texts)) == {(75.0, 100.0)}


def test_each_objective_has_bars_of_importance() -> None:
    """With their numbers; none where there are none."""
    search = answers.search(2).search
    assert search is not None
    (picture,) = importance_bars(search)

    assert [[bar.get_width() for bar in axes.containers[0]] for axes in picture.figure.axes] == [[0.61, 0.27, 0.12]] * 2
    assert importance_bars(replace(search, importances={})) == []
