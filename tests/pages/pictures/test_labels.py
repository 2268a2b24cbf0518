"""Labels of pictures that hold dollar signs."""

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from synthsweep.pages.pictures.picture import Picture, drawing, without_formulas

FOREIGN = ["$x", "a$b$c", "$\\frac$", "${HOME}", "costs $5 to $6", "<b>&amp;"]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_label_is_no_formula(name: str) -> None:
    """Broken ones would raise, whole ones lose their signs."""

    def draw() -> Figure:
        figure = Figure()
        figure.subplots().set(title=name, xlabel=name)
        return figure

    picture = Picture("p", "", "", draw)

    assert picture.file("svg")
    assert {text.get_parse_math() for text in picture.figure.findobj(Text)} == {False}


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("name", FOREIGN)
def test_a_figure_of_another_package_shows_names_as_they_are(name: str, scale: str) -> None:
    """But a log axis writes its numbers as powers."""

    figure = Figure()
    axes = figure.subplots()
    axes.plot([1, 10, 100], [1, 2, 3], label=name)
    axes.set(title=name, xscale=scale)
    axes.set_yticks([1, 2, 3], [name, name, name])
    axes.legend()
    without_formulas(figure)
    with drawing():
        figure.canvas.draw()

    named = [text for text in figure.findobj(Text) if text.get_text() == name]
    assert len(named) >= 5
    assert {text.get_parse_math() for text in named} == {False}
    assert {text.get_parse_math() for text in axes.get_xticklabels()} == {scale == "log"}
