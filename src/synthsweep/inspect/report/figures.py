"""Pictures of an inspection: real texts are blue filled circles, synthetic ones are orange outlined triangles."""

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from synthsweep.inspect.inspection import Inspection, Map
from synthsweep.inspect.report.meanings import meaning_of
from synthsweep.pages.numbers import counted, number, percent_of
from synthsweep.pages.pictures.palette import BACKGROUND, REAL, SYNTHETIC
from synthsweep.pages.pictures.panels import wrapped
from synthsweep.pages.pictures.picture import Picture, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BINS = 24
HISTOGRAMS = ("length", "mattr", "perplexity", "nearest_real")
FILLED: dict[str, Any] = {
    "color": REAL.colour, "alpha": 0.45, "label": "real", "linestyle": "-", "histtype": "stepfilled",
}  # fmt: skip
OUTLINED: dict[str, Any] = {
    "color": SYNTHETIC.colour, "linewidth": 1.6, "label": "synthetic", "linestyle": "--", "histtype": "step",
}  # fmt: skip


def histograms(inspection: Inspection) -> tuple[Picture, ...]:
    """Length, MATTR, perplexity and the nearest real text, each if both sides have it."""
    sides = {name: (_defined(inspection.real.texts, name), _defined(inspection.synthetic.texts, name)) for name in HISTOGRAMS}
    return tuple(_histogram(name, real, synthetic) for name, (real, synthetic) in sides.items() if len(real) and len(synthetic))


def maps(inspection: Inspection) -> tuple[Picture, ...]:
    """The whole map, then one map per criterion that some text has."""
    points = inspection.map
    if points is None:
        return ()
    carried = {criterion: points.labels[:, place].astype(bool) for place, criterion in enumerate(inspection.criteria)}
    return (
        _map_of_all(points),
        *(_map_of_one(points, _title(inspection, criterion), marked) for criterion, marked in carried.items() if marked.any()),
    )


def _defined(texts: Any, name: str) -> np.ndarray:
    values = texts.get(name, np.empty(0))
    return np.asarray(values[~np.isnan(values)])


def _histogram(name: str, real: np.ndarray, synthetic: np.ndarray) -> Picture:
    meaning = meaning_of(name)
    edges, cut = _edges(np.concatenate([real, synthetic]), whole=name == "length")
    label = meaning.title + (" (last bar: and more)" if cut else "")
    middles = (f"{side} {_middle(values, meaning.decimals)}" for side, values in (("real", real), ("synthetic", synthetic)))
    what = meaning.title if meaning.title.isupper() else meaning.title.lower()
    alt = f"Histogram of {what}, in per cent of texts: {'; '.join(middles)}."
    caption = f"{meaning.title}: {meaning.says}. Lines: medians."
    return Picture(name, caption, alt, partial(_histogram_figure, real, synthetic, edges, label))


def _histogram_figure(real: np.ndarray, synthetic: np.ndarray, edges: np.ndarray, label: str) -> "Figure":
    figure = canvas(2.5, 3.6)
    axes: Any = figure.subplots()
    for values, style in ((real, FILLED), (synthetic, OUTLINED)):
        weights = np.full(len(values), 100 / len(values))
        axes.hist(np.minimum(values, edges[-1]), edges, weights=weights, **style)
        axes.axvline(np.median(values), color=style["color"], linestyle=style["linestyle"], linewidth=1.2)
    axes.set(xlabel=label, ylabel="% of texts", xlim=(edges[0], edges[-1]))
    _legend_of_sides(figure, axes)
    return figure


def _legend_of_sides(figure: "Figure", axes: Any) -> None:
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)


def _edges(values: np.ndarray, *, whole: bool) -> tuple[np.ndarray, bool]:
    """The edges of the bins, and whether the last bin also holds all higher values.

    A few extreme values would otherwise squeeze all others into one bar. `whole`: the values are whole numbers.
    """
    low, high, far = float(values.min()), float(values.max()), float(np.quantile(values, 0.99))
    cut = high > low + 1.6 * (far - low) > low
    high = low + 1.15 * (far - low) if cut else high
    if whole:
        step = max(1, math.ceil((high - low + 1) / BINS))
        return np.arange(low - 0.5, high + step, step), cut
    return np.linspace(low, high if high > low else low + 1e-6, BINS + 1), cut


def _middle(values: np.ndarray, decimals: int) -> str:
    low, middle, high = (number(float(value), decimals) for value in np.quantile(values, [0.25, 0.5, 0.75]))
    return f"median {middle}, middle half {low} to {high}"


def _map_of_all(points: Map) -> Picture:
    real, synthetic = int((~points.synthetic).sum()), int(points.synthetic.sum())
    caption = (
        f"{counted(len(points.places), 'text')} by meaning ({points.method}): near points mean much the same; distances "
        "between far groups, and the axes, mean nothing."
    )
    near = percent_of(_nearest_to_real(points), synthetic)
    alt = f"A map of {real} real and {synthetic} synthetic texts; the nearest point to {near} of the synthetic ones is real."
    return Picture("map", caption, alt, partial(_map_of_all_figure, points))


def _map_of_all_figure(points: Map) -> "Figure":
    figure = canvas(3.9, 4.8)
    axes = figure.subplots()
    _scatter(axes, points, np.ones(len(points.places), dtype=bool), size=9)
    _legend_of_sides(figure, axes)
    return figure


def _nearest_to_real(points: Map) -> int:
    """How many synthetic points have a real point as their nearest neighbour on the map."""
    real, synthetic = points.places[~points.synthetic], points.places[points.synthetic]
    if not len(real) or not len(synthetic):
        return 0
    to_real = ((synthetic[:, None] - real[None]) ** 2).sum(axis=2).min(axis=1)
    among = ((synthetic[:, None] - synthetic[None]) ** 2).sum(axis=2)
    np.fill_diagonal(among, np.inf)
    return int((to_real < among.min(axis=1)).sum())


def _title(inspection: Inspection, criterion: str) -> str:
    name = inspection.names.get(criterion) or criterion
    return criterion if name == criterion else f"{criterion}, {name}"


def _map_of_one(points: Map, title: str, marked: np.ndarray) -> Picture:
    real, synthetic = int((marked & ~points.synthetic).sum()), int((marked & points.synthetic).sum())
    caption = f"{title}: {real} real, {synthetic} synthetic"
    alt = f"The map with the texts of {title} marked: {real} real, {synthetic} synthetic."
    return Picture(f"map of {title}", caption, alt, partial(_map_of_one_figure, points, marked))


def _map_of_one_figure(points: Map, marked: np.ndarray) -> "Figure":
    figure = canvas(2.0, 2.4)
    axes: Any = figure.subplots()
    axes.scatter(*points.places[~marked].T, s=2, color=BACKGROUND, linewidths=0, rasterized=True)
    _scatter(axes, points, marked, size=8)
    return figure


def _scatter(axes: Any, points: Map, marked: np.ndarray, *, size: float) -> None:
    real, synthetic = points.places[marked & ~points.synthetic], points.places[marked & points.synthetic]
    # PNG inside the SVG: many thousand paths are slow on a phone.
    axes.scatter(
        *real.T, s=size, color=REAL.colour, alpha=0.65, linewidths=0, marker=REAL.marker, label="real", rasterized=True
    )
    axes.scatter(
        *synthetic.T,
        s=size * 1.3,
        facecolors="none",
        edgecolors=SYNTHETIC.colour,
        linewidths=0.8,
        marker=SYNTHETIC.marker,
        label="synthetic",
        rasterized=True,
    )
    axes.spines[:].set_visible(False)
    low, high = points.places.min(axis=0), points.places.max(axis=0)
    margin = 0.04 * np.maximum(high - low, 1e-9)
    axes.set(
        xticks=[], yticks=[], xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1])
    )


def label_bars(inspection: Inspection) -> Picture:
    """The share of real and of synthetic texts with each criterion, and with none."""
    rows = (*inspection.criteria, "none")
    real, synthetic = _shares(inspection.real.labels), _shares(inspection.synthetic.labels)
    shares = "; ".join(
        f"{row} {percent_of(one)} and {percent_of(other)}" for row, one, other in zip(rows, real, synthetic, strict=True)
    )
    alt = f"Bars of the share of texts with each criterion, real and synthetic; the table below has the numbers: {shares}."
    draw = partial(_label_bars_figure, rows, real, synthetic)
    return Picture("labels", "How many texts carry each criterion", alt, draw)


def _label_bars_figure(rows: Sequence[str], real: np.ndarray, synthetic: np.ndarray) -> "Figure":
    figure = canvas(0.34 * len(rows) + 1.0, 4.8)
    axes: Any = figure.subplots()
    heights = np.arange(len(rows))
    outlined = {"color": "white", "edgecolor": SYNTHETIC.colour, "hatch": SYNTHETIC.hatch}
    axes.barh(heights - 0.19, 100 * real, 0.36, label="real", color=REAL.colour)
    axes.barh(heights + 0.19, 100 * synthetic, 0.36, label="synthetic", **outlined)
    axes.set_yticks(heights, [wrapped(row, 30, 2) for row in rows])
    axes.set(ylim=(len(rows) - 0.4, -0.6), xlabel="% of texts")
    _legend_of_sides(figure, axes)
    return figure


def _shares(labels: np.ndarray) -> np.ndarray:
    """(criteria + 1,); the last is the share of texts without any criterion."""
    if not len(labels):
        return np.zeros(labels.shape[1] + 1)
    return np.append(labels.mean(axis=0), (labels.sum(axis=1) == 0).mean())
