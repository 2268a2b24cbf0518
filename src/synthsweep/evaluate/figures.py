"""Pictures of one split: scores by criterion, precision-recall curves, calibration."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synthsweep.evaluate.calibration import reliability
from synthsweep.evaluate.metrics import Scores, confusion
from synthsweep.evaluate.predictions import Predictions
from synthsweep.evaluate.ranking import precision_recall
from synthsweep.pages.numbers import DASH
from synthsweep.pages.pictures.palette import METRICS, REFERENCE
from synthsweep.pages.pictures.panels import panels, wrapped
from synthsweep.pages.pictures.picture import canvas, drawing, lay_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Of a PNG file.
DPI = 110
TITLES = {"precision": "precision", "recall": "recall", "f1": "F1", "average_precision": "average precision"}


def write_figures(predictions: Predictions, scores: Scores, thresholds: np.ndarray, folder: Path, *, bins: int) -> None:
    """Writes `SPLIT_criteria.png`, `SPLIT_precision_recall.png`, `SPLIT_calibration.png`; of classes, `SPLIT_confusion.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    with drawing():
        figures = {
            "criteria": criteria_bars(predictions, scores),
            "precision_recall": precision_recall_curves(predictions, scores, thresholds),
            "calibration": calibration_curves(predictions, scores, bins=bins),
        }
        if predictions.kind == "single":
            figures["confusion"] = confusion_map(predictions, thresholds)
        for name, figure in figures.items():
            figure.dpi = DPI
            lay_out(figure)
            figure.savefig(folder / f"{predictions.split}_{name}.png", dpi=DPI)


def criteria_bars(predictions: Predictions, scores: Scores) -> "Figure":
    """Precision, recall, F1 and average precision by criterion, beside their macro averages; a dash is undefined."""
    rows = (*predictions.label_ids, "macro")
    figure = canvas(4.2, max(6.0, 1.1 * len(rows) + 1.5))
    axes = figure.subplots()
    width = 0.8 / len(METRICS)
    for position, (metric, colour) in enumerate(METRICS.items()):
        values = [scores[f"{metric}/{row}"] for row in rows]
        heights = [math.nan if value is None else value for value in values]
        places = [index + (position - 1.5) * width for index in range(len(rows))]
        axes.bar(places, heights, width, color=colour, label=TITLES[metric])
        for place, value in zip(places, values, strict=True):
            if value is None:
                # A bare gap would read as 0.
                axes.text(place, 0.01, DASH, ha="center", color="0.4")
    support = [f"{wrapped(row, 14, 9)}\nn={int(scores[f'support/{row}'] or 0)}" for row in predictions.label_ids]
    axes.set_xticks(range(len(rows)), [*support, "macro"])
    axes.set(
        ylim=(0, 1),
        ylabel=f"score ({DASH}: undefined)",
        title=f"Scores by criterion, {predictions.split} ({len(predictions.ids)} texts)",
    )
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=4)
    return figure


def precision_recall_curves(predictions: Predictions, scores: Scores, thresholds: np.ndarray) -> "Figure":
    """One panel per criterion: the curve, the point of its threshold, and the share of positives as the floor."""
    figure, grid = _unit_panels(predictions, "recall", "precision", f"Precision and recall, {predictions.split}")
    for index, (label, axes) in enumerate(zip(predictions.label_ids, grid, strict=True)):
        truth, probabilities = predictions.column(index)
        if not truth.any():
            axes.set_title(f"{wrapped(label, 28, 9)}\nno positive")
            continue
        precision, recall = precision_recall(truth, probabilities)
        axes.step(recall, precision, where="post", color=METRICS["precision"])
        axes.axhline(truth.mean(), color=REFERENCE, linestyle=":", linewidth=1)
        point = scores[f"recall/{label}"], scores[f"precision/{label}"]
        if None not in point:
            axes.plot(*point, "o", color=METRICS["recall"], markersize=6, clip_on=False, zorder=3)
        threshold = "" if predictions.kind == "single" else f", threshold {thresholds[index]:.2f}"
        axes.set_title(f"{wrapped(label, 28, 9)}\nAP {scores[f'average_precision/{label}']:.2f}{threshold}")
    return figure


def calibration_curves(predictions: Predictions, scores: Scores, *, bins: int) -> "Figure":
    """One panel per criterion: positive rate over probability; the diagonal is perfect, and a larger dot is more texts."""
    figure, grid = _unit_panels(predictions, "probability", "positive rate", f"Calibration, {predictions.split}")
    for index, (label, axes) in enumerate(zip(predictions.label_ids, grid, strict=True)):
        truth, probabilities = predictions.column(index)
        if not len(truth):
            axes.set_title(f"{wrapped(label, 28, 9)}\nno text decided")
            continue
        points = reliability(truth, probabilities, bins)
        places, rates = [point.mean_probability for point in points], [point.positive_rate for point in points]
        axes.plot([0, 1], [0, 1], color=REFERENCE, linestyle=":", linewidth=1)
        axes.plot(places, rates, color=METRICS["precision"], linewidth=1)
        sizes = [8 + 150 * point.count / len(truth) for point in points]
        axes.scatter(places, rates, s=sizes, color=METRICS["precision"], clip_on=False, zorder=3)
        numbers = f"ECE {scores[f'ece/{label}']:.2f}, Brier {scores[f'brier/{label}']:.2f}"
        axes.set_title(f"{wrapped(label, 28, 9)}\n{numbers}")
    return figure


def confusion_map(predictions: Predictions, thresholds: np.ndarray) -> "Figure":
    """Texts by true class (rows) and predicted class (columns); the shade is the share of the true class."""
    counts = confusion(predictions.truth, predictions.decided(thresholds))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = max(3.4, 0.55 * len(counts) + 1.6)
    figure = canvas(size, size + 0.6)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        shade = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=shade, fontsize=8)
    names = [wrapped(label, 14, 9) for label in predictions.label_ids]
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted", ylabel="true", title=f"Confusion matrix, {predictions.split} ({counts.sum()} texts)")
    return figure


def _unit_panels(predictions: Predictions, x: str, y: str, title: str) -> tuple["Figure", list[Any]]:
    """Square panels from 0 to 1 on both axes, one per criterion."""
    count = len(predictions.label_ids)
    figure, grid = panels(count, 4, 2.9, 2.9 * min(4, count), sharex=True, sharey=True)
    for axes in grid:
        axes.set(xlim=(0, 1), ylim=(0, 1.02))
        axes.set_box_aspect(1)
        axes.grid(alpha=0.3)
    figure.supxlabel(x)
    figure.supylabel(y)
    figure.suptitle(title)
    return figure, grid
