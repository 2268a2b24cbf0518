"""Figures are files with something on them, for few and many criteria, defined or not."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib import image
from matplotlib.figure import Figure

from synthsweep.evaluate.figures import calibration_curves, criteria_bars, precision_recall_curves, write_figures
from synthsweep.evaluate.metrics import evaluate
from synthsweep.evaluate.predictions import Predictions

LABELS = ("A1", "A2", "A3", "B1", "B2", "B3", "B4")


def predictions(count: int, *, empty: bool = False) -> Predictions:
    """`empty`: the last criterion has no positive."""
    rng = np.random.default_rng(1)
    truth = (rng.random((60, count)) < 0.3).astype(int)
    if empty:
        truth[:, -1] = 0
    probabilities = np.clip(0.35 * truth + 0.6 * rng.random((60, count)), 0, 1)
    ids = tuple(str(row) for row in range(60))
    return Predictions("test", LABELS[:count], ids, (None,) * 60, truth, probabilities)


@pytest.mark.slow
@pytest.mark.parametrize(("count", "empty"), [(1, False), (1, True), (3, True), (7, True)])
def test_three_pictures_are_written_per_split(tmp_path: Path, count: int, empty: bool) -> None:
    """Each is a PNG with more than one colour on it."""
    found, thresholds = predictions(count, empty=empty), np.full(count, 0.5)
    write_figures(found, evaluate(found, thresholds, bins=10), thresholds, tmp_path / "new" / "folder", bins=10)

    paths = sorted((tmp_path / "new" / "folder").iterdir())
    assert [path.name for path in paths] == ["test_calibration.png", "test_criteria.png", "test_precision_recall.png"]
    for path in paths:
        assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        assert len(np.unique(image.imread(path).reshape(-1, 4), axis=0)) > 10


def test_bars_show_each_score_and_a_dash_where_it_is_undefined() -> None:
    """Not a bar of height 0, nor a gap that looks like one."""
    found, thresholds = predictions(3, empty=True), np.full(3, 0.5)
    scores = evaluate(found, thresholds, bins=10)

    axes = criteria_bars(found, scores).axes[0]
    heights = {bar.get_label(): [patch.get_height() for patch in bar] for bar in axes.containers}
    recall = [scores[f"recall/{row}"] for row in ("A1", "A2", "A3", "macro")]
    assert [None if np.isnan(height) else height for height in heights["recall"]] == recall
    assert recall[2] is None
    assert [text.get_text() for text in axes.texts] == ["–"] * 3
    assert list(heights) == ["precision", "recall", "F1", "average precision"]


def test_ticks_of_the_bars_have_the_support() -> None:
    """A score of three texts reads differently."""
    found = predictions(3, empty=True)
    axes = criteria_bars(found, evaluate(found, np.full(3, 0.5), bins=10)).axes[0]

    expected = [f"{label}\nn={found.truth[:, index].sum()}" for index, label in enumerate(found.label_ids)]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == [*expected, "macro"]


def test_a_curve_has_the_point_of_its_threshold() -> None:
    """At the recall and the precision that the table reports."""
    found, thresholds = predictions(3), np.array([0.4, 0.5, 0.6])
    scores = evaluate(found, thresholds, bins=10)

    for label, axes in zip(found.label_ids, precision_recall_curves(found, scores, thresholds).axes, strict=False):
        (point,) = [line for line in axes.lines if line.get_marker() == "o"]
        assert (point.get_xdata()[0], point.get_ydata()[0]) == (scores[f"recall/{label}"], scores[f"precision/{label}"])
        assert f"AP {scores[f'average_precision/{label}']:.2f}" in axes.get_title()


def test_a_criterion_without_positives_has_no_curve() -> None:
    """Its panel says why it is empty."""
    found, thresholds = predictions(3, empty=True), np.full(3, 0.5)
    axes = precision_recall_curves(found, evaluate(found, thresholds, bins=10), thresholds).axes[2]

    assert (axes.get_title(), len(axes.lines)) == ("A3\nno positive", 0)


def test_a_curve_without_precision_has_no_such_point() -> None:
    """Nothing reaches a threshold of 1 here."""
    found, thresholds = predictions(1), np.ones(1)
    axes = precision_recall_curves(found, evaluate(found, thresholds, bins=10), thresholds).axes[0]

    assert [line for line in axes.lines if line.get_marker() == "o"] == []


def test_a_calibration_panel_has_a_dot_per_bin() -> None:
    """At its mean probability and its positive rate."""
    found = Predictions(
        "dev", ("A",), ("1", "2", "3"), (None,) * 3, np.array([[0], [1], [1]]), np.array([[0.25], [0.125], [1.0]])
    )
    axes = calibration_curves(found, evaluate(found, np.full(1, 0.5), bins=2), bins=2).axes[0]

    assert axes.collections[0].get_offsets().tolist() == [[0.1875, 0.5], [1.0, 1.0]]


def test_places_of_the_grid_without_a_criterion_are_hidden() -> None:
    """Seven criteria leave one of eight panels over."""
    found, thresholds = predictions(7), np.full(7, 0.5)
    figure = precision_recall_curves(found, evaluate(found, thresholds, bins=10), thresholds)

    assert [axes.get_visible() for axes in figure.axes] == [True] * 7 + [False]


@pytest.mark.parametrize("draw", [criteria_bars, calibration_curves])
def test_a_long_name_does_not_run_into_its_neighbour(draw: Callable[..., Figure]) -> None:
    """A data set's columns may be whole phrases."""
    found = replace(predictions(3), label_ids=tuple(f"sticks to sameness and to a routine {index}" for index in range(3)))
    scores = evaluate(found, np.full(3, 0.5), bins=10)
    figure = draw(found, scores) if draw is criteria_bars else draw(found, scores, bins=10)

    figure.draw_without_rendering()
    texts = figure.axes[0].get_xticklabels() if draw is criteria_bars else [axes.title for axes in figure.axes]
    boxes = [text.get_window_extent() for text in texts]
    assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)
