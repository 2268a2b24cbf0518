"""Of many arms, figures show the first ones."""

from dataclasses import replace

import pytest

from support import answers
from synthsweep.compare.report.figures.bars import effect_variances
from synthsweep.compare.report.figures.drawn_arms import MOST, drawn_arms
from synthsweep.compare.report.figures.forest import forests
from synthsweep.compare.report.figures.heat_map import heat_maps
from synthsweep.compare.report.figures.precision_recall import movements, parts
from synthsweep.compare.report.headline.arms import macro_effects
from synthsweep.compare.result.comparison import Comparison

ARMS = tuple(f"mix.ratio={ratio}" for ratio in range(1, 31))
FAMILIES = (forests, movements, parts, effect_variances)


def with_arms(count: int) -> Comparison:
    """A study with so many arms; the later ones change more."""
    model = answers.of_arm(answers.factorial(), answers.ARMS[0])
    effects = tuple(
        replace(effect, contrast=arm, difference=None if effect.difference is None else (place + 1) / 100)
        for place, arm in enumerate(ARMS[:count])
        for effect in model.effects
    )
    split = tuple(replace(one, contrast=arm) for arm in ARMS[:count] for one in model.decompositions)
    return replace(model, effects=effects, decompositions=split)


def test_of_many_arms_figures_show_those_that_the_verdict_names_first() -> None:
    """In the order of the study; all figures show the same arms."""
    many = with_arms(30)
    first = {effect.contrast for effect in macro_effects(many)[:MOST]}

    assert drawn_arms(many) == tuple(arm for arm in ARMS if arm in first)
    for family in (forests, movements, parts):
        drawn = "; ".join(picture.alt for picture in family(many))
        assert {arm for arm in ARMS if f"{arm}:" in drawn} == first


@pytest.mark.parametrize("family", FAMILIES)
def test_each_figure_says_that_arms_are_missing_and_how_to_see_them(family: object) -> None:
    """The heat map has all arms, and says nothing of the kind."""
    many = with_arms(30)

    assert callable(family)
    assert all("Shown: 12 of 30 arms" in picture.caption for picture in family(many))
    assert all("compare.figures=all draws them" in picture.caption for picture in family(many))
    assert "Shown:" not in heat_maps(many)[0].caption


@pytest.mark.parametrize("answer", [with_arms(MOST), replace(with_arms(30), every_arm_drawn=True)], ids=["few", "asked"])
def test_few_arms_are_all_drawn_and_many_are_where_that_is_asked(answer: Comparison) -> None:
    """Without a word about it."""
    arms = {effect.contrast for effect in answer.effects}
    pictures = [picture for family in FAMILIES for picture in family(answer)]

    assert set(drawn_arms(answer)) == arms
    assert not any("Shown:" in picture.caption for picture in pictures)


def test_twice_the_arms_need_no_more_figures() -> None:
    """Beyond the first ones."""
    names = [{picture.name for family in FAMILIES for picture in family(with_arms(count))} for count in (15, 30)]

    assert names[0] == names[1]
