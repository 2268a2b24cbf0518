"""Curves of the change by dose."""

from dataclasses import replace

import pytest

from support import answers
from synthsweep.compare.report.figures.dose_response import dose_curves
from synthsweep.compare.result.effects import Interval

FULL = answers.factorial()


def test_a_dose_curve_has_points_a_band_and_the_fit() -> None:
    """In points, at the doses."""
    curve = FULL.doses[0]
    axes = dose_curves(replace(FULL, doses=(curve,)))[0].figure.axes[0]
    lines = {line.get_linestyle(): line for line in axes.lines if len(line.get_xdata()) > 2}

    assert lines["None"].get_xdata().tolist() == [point.dose for point in curve.points]
    assert lines["None"].get_ydata().tolist() == [100 * (point.effect.difference or 0) for point in curve.points]
    assert lines["--"].get_ydata().tolist() == [100 * height for _, height in curve.smooth]
    lows = [point.effect.interval.low * 100 for point in curve.points if point.effect.interval]
    assert axes.collections[0].get_paths()[0].vertices[:, 1].min() == pytest.approx(min(lows))


def test_a_curve_of_undefined_effects_says_so() -> None:
    """No empty panel; where nothing is defined there is no picture."""
    figure = dose_curves(replace(FULL, doses=(FULL.doses[0], answers.undefined().doses[1])))[0].figure

    assert [[text.get_text() for text in axes.texts] for axes in figure.axes] == [[], ["undefined"]]
    assert dose_curves(answers.undefined()) == []


def test_curves_with_other_held_values_can_be_distinguished() -> None:
    """By marker and by a legend."""
    other = replace(FULL.doses[0], held="llm=recorded")
    figure = dose_curves(replace(FULL, doses=(FULL.doses[0], other)))[0].figure

    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["llm=gpt-4o-mini", "llm=recorded"]
    assert {line.get_marker() for line in figure.axes[0].lines if line.get_linestyle() == "None"} == {"o", "s"}


def test_intervals_that_hold_at_once_are_a_light_band_that_the_legend_names() -> None:
    """Without any, there is neither."""
    curve = FULL.doses[0]
    points = tuple(
        replace(point, effect=replace(point.effect, simultaneous_interval=Interval(-0.5, 0.5))) for point in curve.points
    )
    picture = dose_curves(replace(FULL, doses=(replace(curve, points=points),)))[0]
    axes = picture.figure.axes[0]

    assert [text.get_text() for text in picture.figure.legends[0].get_texts()] == [
        "95 % interval of a dose",
        "all doses at once",
    ]
    light = axes.collections[1]
    assert light.get_paths()[0].vertices[:, 1].min() == -50
    assert light.get_facecolor()[0][3] == pytest.approx(0.07)
    assert "light band at once" in picture.caption
    assert dose_curves(replace(FULL, doses=(curve,)))[0].figure.legends == []
