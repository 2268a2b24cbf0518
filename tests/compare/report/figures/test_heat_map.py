"""The heat map shows the change of every arm and criterion."""

from dataclasses import replace

from support import answers
from synthsweep.compare.report.figures.heat_map import heat_maps
from synthsweep.compare.result.effects import Interval

FULL = answers.factorial()


def test_a_cell_is_number_colour_and_mark() -> None:
    """White at 0, blue above and red below, as strong on both sides; a star where it is significant after the correction."""
    values = {"A1": (0.05, 0.01), "A2": (-0.05, 0.1), "A3": (0.0, 0.1)}
    effects = [
        replace(
            FULL.effects[0],
            metric="average_precision",
            criterion=label,
            difference=d,
            interval=Interval(d - half, d + half),
            p_family=half,
        )
        for label, (d, half) in values.items()
    ]
    gone = replace(effects[0], criterion="B1", difference=None, interval=None, p_family=None)
    answer = replace(FULL, labels=("A1", "A2", "A3", "B1"), effects=(*effects, gone))
    axes = heat_maps(answer)[0].figure.axes[0]
    known, undefined = axes.collections
    up, down, none = known.get_facecolor()

    assert [text.get_text() for text in axes.texts] == ["+5.0*", "−5.0", "0", "–"]
    assert (up[2] > up[0], down[0] > down[2]) == (True, True)
    assert min(none) > 0.95
    assert undefined.get_hatch() == "////"


def test_arms_too_long_for_their_columns_are_numbered() -> None:
    """With a key below, so that no two read the same."""
    answer = answers.many_labels()
    figure = heat_maps(answer)[0].figure
    names = [text.get_text().split("  ", 1) for text in figure.legends[0].get_texts()]

    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == [number for number, _ in names]
    assert [name for _, name in names] == list(dict.fromkeys(effect.contrast for effect in answer.effects))
