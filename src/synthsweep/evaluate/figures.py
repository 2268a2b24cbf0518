"""Pictures of one split: bars a criterion, precision-recall curves, calibration."""

import math
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import precision_recall_curve

from synthsweep.evaluate.calibration import reliability
from synthsweep.evaluate.metrics import Scores
from synthsweep.evaluate.predictions import Predictions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito (2008): told apart by the colour-blind too.
COLOURS = {"precision": "#0072B2", "recall": "#E69F00", "f1": "#009E73", "average_precision": "#CC79A7"}
TITLES = {"precision": "precision", "recall": "recall", "f1": "F1", "average_precision": "average precision"}


def write_figures(predictions: Predictions, scores: Scores, thresholds: np.ndarray, folder: Path, *, bins: int) -> None:
    """Writes `SPLIT_criteria.png`, `SPLIT_precision_recall.png` and `SPLIT_calibration.png`."""
    figures = {
        "criteria": criteria_bars(predictions, scores),
        "precision_recall": precision_recall_curves(predictions, scores, thresholds),
        "calibration": calibration_curves(predictions, scores, bins=bins),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.savefig(folder / f"{predictions.split}_{name}.png", dpi=110)


def criteria_bars(predictions: Predictions, scores: Scores) -> "Figure":
    """Precision, recall, F1 and average precision a criterion, beside their macro averages; a dash is undefined."""
    from matplotlib.figure import Figure

    rows = (*predictions.label_ids, "macro")
    figure = Figure(figsize=(max(6.0, 1.1 * len(rows) + 1.5), 4.2), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / len(COLOURS)
    for position, (metric, colour) in enumerate(COLOURS.items()):
        values = [scores[f"{metric}/{row}"] for row in rows]
        heights = [math.nan if value is None else value for value in values]
        places = [index + (position - 1.5) * width for index in range(len(rows))]
        axes.bar(places, heights, width, color=colour, label=TITLES[metric])
        for place, value in zip(places, values, strict=True):
            if value is None:
                # A bare gap would read as 0.
                axes.text(place, 0.01, "–", ha="center", color="0.4")
    support = [f"{_wrapped(row, 14)}\nn={int(scores[f'support/{row}'] or 0)}" for row in predictions.label_ids]
    axes.set_xticks(range(len(rows)), [*support, "macro"], fontsize=9)
    axes.set(
        ylim=(0, 1),
        ylabel="score (–: undefined)",
        title=f"Scores by criterion, {predictions.split} ({len(predictions.ids)} texts)",
    )
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def precision_recall_curves(predictions: Predictions, scores: Scores, thresholds: np.ndarray) -> "Figure":
    """A panel a criterion: the curve, the working point at its threshold, and the share of positives as the floor."""
    figure, panels = _panels(predictions, "recall", "precision", f"Precision and recall, {predictions.split}")
    for index, (label, axes) in enumerate(zip(predictions.label_ids, panels, strict=False)):
        truth, probabilities = predictions.truth[:, index], predictions.probabilities[:, index]
        if not truth.any():
            axes.set_title(f"{_wrapped(label)}\nno positive", fontsize=9)
            continue
        precision, recall, _ = precision_recall_curve(truth, probabilities)
        axes.step(recall, precision, where="post", color=COLOURS["precision"])
        axes.axhline(truth.mean(), color="0.6", linestyle=":", linewidth=1)
        point = scores[f"recall/{label}"], scores[f"precision/{label}"]
        if None not in point:
            axes.plot(*point, "o", color=COLOURS["recall"], markersize=6, clip_on=False, zorder=3)
        numbers = f"AP {scores[f'average_precision/{label}']:.2f}, threshold {thresholds[index]:.2f}"
        axes.set_title(f"{_wrapped(label)}\n{numbers}", fontsize=9)
    return figure


def calibration_curves(predictions: Predictions, scores: Scores, *, bins: int) -> "Figure":
    """A panel a criterion: positive rate over probability, the diagonal being perfect; a larger dot is more texts."""
    figure, panels = _panels(predictions, "probability", "positive rate", f"Calibration, {predictions.split}")
    for index, (label, axes) in enumerate(zip(predictions.label_ids, panels, strict=False)):
        found = reliability(predictions.truth[:, index], predictions.probabilities[:, index], bins)
        places, rates = [b.mean_probability for b in found], [b.positive_rate for b in found]
        axes.plot([0, 1], [0, 1], color="0.6", linestyle=":", linewidth=1)
        axes.plot(places, rates, color=COLOURS["precision"], linewidth=1)
        sizes = [8 + 150 * b.count / len(predictions.ids) for b in found]
        axes.scatter(places, rates, s=sizes, color=COLOURS["precision"], clip_on=False, zorder=3)
        numbers = f"ECE {scores[f'ece/{label}']:.2f}, Brier {scores[f'brier/{label}']:.2f}"
        axes.set_title(f"{_wrapped(label)}\n{numbers}", fontsize=9)
    return figure


def _wrapped(label: str, width: int = 28) -> str:
    # Some call a criterion A1, others by a whole phrase.
    return "\n".join(textwrap.wrap(label, width))


def _panels(predictions: Predictions, x: str, y: str, title: str) -> tuple["Figure", list[Any]]:
    from matplotlib.figure import Figure

    columns = min(4, len(predictions.label_ids))
    rows = math.ceil(len(predictions.label_ids) / columns)
    figure = Figure(figsize=(2.9 * columns, 2.9 * rows + 0.5), layout="constrained")
    panels = list(np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel())
    for axes in panels:
        axes.set(xlim=(0, 1), ylim=(0, 1.02))
        axes.set_box_aspect(1)
        axes.grid(alpha=0.3)
    for axes, above in zip(panels[len(predictions.label_ids) :], panels[len(predictions.label_ids) - columns :], strict=False):
        axes.set_visible(False)
        above.xaxis.set_tick_params(labelbottom=True)
    figure.supxlabel(x)
    figure.supylabel(y)
    figure.suptitle(title)
    return figure, panels
