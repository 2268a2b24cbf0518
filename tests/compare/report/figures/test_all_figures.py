"""All pictures show the numbers of the answer, readably, whatever they are and however many."""

import itertools
from collections.abc import Callable, Sequence

import pytest
from matplotlib.text import Text

from support import answers
from synthsweep.compare.report.figures.bars import effect_variances, importance_bars, sources
from synthsweep.compare.report.figures.dose_response import dose_curves
from synthsweep.compare.report.figures.forest import forests
from synthsweep.compare.report.figures.fronts import frontier, fronts
from synthsweep.compare.report.figures.heat_map import heat_maps
from synthsweep.compare.report.figures.learning_curve import learning_curves
from synthsweep.compare.report.figures.precision_recall import movements, parts
from synthsweep.compare.result.comparison import Comparison
from synthsweep.pages.pictures.picture import Picture, drawing

pytestmark = pytest.mark.slow

FULL = answers.factorial()
# Each with numbers of the answer that its alt text must have, and the name of the table of all of them.
PICTURES: dict[Callable[[Comparison], list[Picture]], tuple[str, str]] = {
    forests: ("macro +2.2 [+0.2, +4.3], 0 of 7 criteria", "effects_average_precision"),
    heat_maps: (
        "B3 −6.1 [−10.7, −1.5]; highest: llm=recorded, prompt=plain on B2 +9.5 [+1.8, +17.1]",
        "effects_average_precision",
    ),
    movements: ("precision −3.6, of which ranking +0.0 and operating point −3.6", "splits"),
    parts: ("recall +4.9, of which ranking −0.4 and operating point +5.3", "splits"),
    dose_curves: ("macro (llm=gpt-4o-mini): +1.3 [−0.6, +3.2] at 0.25, +4.0 [+2.4, +5.6] at 0.5", "doses"),
    effect_variances: ("llm=gpt-4o-mini, prompt=plain, macro: seeds 27 %", "effect_variance"),
    sources: ("average precision, macro: seeds.subset 35 %, seeds.draw 25 %", "variances"),
    learning_curves: ("200 synthetic texts beside 400 real ones are worth 70 more real texts", "worth"),
    frontier: ("llm=gpt-4o-mini, prompt=attributed +0.8 for 0.62", "costs"),
}


@pytest.mark.parametrize("draw", PICTURES)
def test_the_alt_text_has_the_main_numbers_and_the_table_all(draw: Callable[[Comparison], list[Picture]]) -> None:
    numbers, table = PICTURES[draw]
    (picture,) = draw(FULL)

    assert numbers in picture.alt
    assert picture.table is not None
    assert (picture.table.name, len(picture.table.rows) > 0) == (table, True)


def test_pictures_of_a_search_have_their_numbers_in_words() -> None:
    """The best trials, and every importance."""
    search = answers.search(2).search
    assert search is not None

    assert "Best: trial 8: 0.587, 0.473; trial 26: 0.559, 0.534" in fronts(search)[0].alt
    assert "dev/recall/macro: training.learning_rate 0.61, mix.ratio 0.27, llm 0.12." in importance_bars(search)[0].alt


@pytest.mark.parametrize("draw", PICTURES)
def test_nothing_defined_is_no_error(draw: Callable[[Comparison], list[Picture]]) -> None:
    """A picture of it has dashes, or there is none."""

    for picture in draw(answers.undefined()):
        assert picture.file("svg").startswith(b"<?xml")


def overlapping(texts: Sequence[Text]) -> list[tuple[str, str]]:
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text() and text.get_visible()]
    return [
        (a, b)
        for (a, one), (b, other) in itertools.combinations(boxes, 2)
        if one.shrunk(0.98, 0.9).overlaps(other.shrunk(0.98, 0.9))
    ]


@pytest.mark.parametrize("answer", [FULL, answers.many_labels()], ids=["seven", "twenty"])
@pytest.mark.parametrize("draw", [forests, heat_maps, movements, parts, dose_curves, effect_variances])
def test_no_label_runs_into_another_or_off_the_page(draw: Callable[[Comparison], list[Picture]], answer: Comparison) -> None:
    """A criterion may be called by a whole phrase, and an arm by all of its factors."""
    picture = draw(answer)[0]
    # As its files are laid out and measured.
    figure, box = picture.figure, picture.box
    shown = [axes for axes in figure.axes if axes.get_visible()]
    titles = [title for axes in shown for title in (axes.title, axes._left_title)]

    with drawing():
        figure.draw_without_rendering()
        assert overlapping(titles) == []
        for axes in shown:
            assert overlapping(axes.get_yticklabels()) == []
    assert (box.x0 >= 0, box.y0 >= 0, box.x1 <= figure.get_figwidth(), box.y1 <= figure.get_figheight()) == (True,) * 4
