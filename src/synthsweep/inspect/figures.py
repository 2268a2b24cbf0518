"""Pictures of an inspection: real texts are blue, filled, round; synthetic ones orange, outlined, triangles."""

import math
import textwrap
from typing import Any

import numpy as np

from synthsweep.inspect.inspection import Inspection, Map
from synthsweep.inspect.meanings import meaning_of
from synthsweep.pages.drawing import Picture, canvas, data_uri, drawing
from synthsweep.pages.numbers import counted, number, share

# Okabe and Ito (2008): told apart by the colour-blind too; shape and filling go with each.
REAL, SYNTHETIC, GREY = "#0072B2", "#D55E00", "0.75"
BINS = 24
HISTOGRAMS = ("length", "mattr", "perplexity", "nearest_real")


def histograms(found: Inspection) -> tuple[Picture, ...]:
    """Length, MATTR, perplexity and the nearest real text, each where both sides have it."""
    return tuple(_histogram(found, name) for name in HISTOGRAMS if all(len(_defined(found, side, name)) for side in (0, 1)))


def maps(found: Inspection) -> tuple[Picture, ...]:
    """The whole map, then one a criterion that some point carries."""
    if found.map is None:
        return ()
    return (
        _whole(found.map),
        *(_of_criterion(found, place) for place in range(len(found.criteria)) if found.map.labels[:, place].any()),
    )


def _defined(found: Inspection, side: int, name: str) -> np.ndarray:
    values = (found.real, found.synthetic)[side].texts.get(name, np.empty(0))
    return np.asarray(values[~np.isnan(values)])


def _histogram(found: Inspection, name: str) -> Picture:
    meaning = meaning_of(name)
    real, synthetic = (_defined(found, side, name) for side in (0, 1))
    edges, cut = _edges(np.concatenate([real, synthetic]), whole=name == "length")
    with drawing():
        figure = canvas(2.5, 3.6)
        axes: Any = figure.subplots()
        for values, style in ((real, _FILLED), (synthetic, _OUTLINED)):
            weights = np.full(len(values), 100 / len(values))
            axes.hist(np.minimum(values, edges[-1]), edges, weights=weights, **style)
            axes.axvline(np.median(values), color=style["color"], linestyle=style["linestyle"], linewidth=1.2)
        axes.set(
            xlabel=meaning.title + (" (last bar: and more)" if cut else ""),
            ylabel="% of texts",
            xlim=(edges[0], edges[-1]),
        )
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
        source = data_uri(figure)
    caption = f"{meaning.title}: {meaning.says}. Lines: medians."
    return Picture(caption, _histogram_alt(meaning.title, real, synthetic, meaning.decimals), source)


_FILLED: dict[str, Any] = {"color": REAL, "alpha": 0.45, "label": "real", "linestyle": "-", "histtype": "stepfilled"}
_OUTLINED: dict[str, Any] = {"color": SYNTHETIC, "linewidth": 1.6, "label": "synthetic", "linestyle": "--", "histtype": "step"}


def _edges(values: np.ndarray, *, whole: bool) -> tuple[np.ndarray, bool]:
    """Of bins, and whether the last one also holds what lies far out: a few long texts would press all others into one bar."""
    low, high, far = float(values.min()), float(values.max()), float(np.quantile(values, 0.99))
    cut = high > low + 1.6 * (far - low) > low
    high = low + 1.15 * (far - low) if cut else high
    if whole:
        step = max(1, math.ceil((high - low + 1) / BINS))
        return np.arange(low - 0.5, high + step, step), cut
    return np.linspace(low, high if high > low else low + 1e-6, BINS + 1), cut


def _histogram_alt(title: str, real: np.ndarray, synthetic: np.ndarray, decimals: int) -> str:
    message = []
    for side, values in (("real", real), ("synthetic", synthetic)):
        low, middle, high = (number(float(value), decimals) for value in np.quantile(values, [0.25, 0.5, 0.75]))
        message.append(f"{side} median {middle}, middle half {low} to {high}")
    return f"Histogram of {title.lower()} in per cent of texts: {'; '.join(message)}."


def _whole(drawn: Map) -> Picture:
    with drawing():
        figure = canvas(3.9, 4.8)
        axes = figure.subplots()
        _scatter(axes, drawn, np.ones(len(drawn.places), dtype=bool), size=9)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
        source = data_uri(figure)
    real, synthetic = int((~drawn.synthetic).sum()), int(drawn.synthetic.sum())
    caption = (
        f"{counted(len(drawn.places), 'text')} by meaning ({drawn.method}): near points mean much the same; distances between "
        "far groups, and the axes, mean nothing."
    )
    near = share(_mixed(drawn), synthetic)
    alt = f"A map of {real} real and {synthetic} synthetic texts; the nearest point to {near} of the synthetic ones is real."
    return Picture(caption, alt, source)


def _mixed(drawn: Map) -> int:
    """Synthetic points whose nearest other point on the map is a real one."""
    real, synthetic = drawn.places[~drawn.synthetic], drawn.places[drawn.synthetic]
    if not len(real) or not len(synthetic):
        return 0
    to_real = ((synthetic[:, None] - real[None]) ** 2).sum(axis=2).min(axis=1)
    among = ((synthetic[:, None] - synthetic[None]) ** 2).sum(axis=2)
    np.fill_diagonal(among, np.inf)
    return int((to_real < among.min(axis=1)).sum())


def _of_criterion(found: Inspection, place: int) -> Picture:
    drawn, criterion = found.map, found.criteria[place]
    assert drawn is not None
    carried = drawn.labels[:, place].astype(bool)
    with drawing():
        figure = canvas(2.0, 2.4)
        axes: Any = figure.subplots()
        axes.scatter(*drawn.places[~carried].T, s=2, color=GREY, linewidths=0, rasterized=True)
        _scatter(axes, drawn, carried, size=8)
        source = data_uri(figure)
    real, synthetic = int((carried & ~drawn.synthetic).sum()), int((carried & drawn.synthetic).sum())
    name = found.names.get(criterion) or criterion
    message = criterion if name == criterion else f"{criterion}, {name}"
    return Picture(
        f"{message}: {real} real, {synthetic} synthetic",
        f"The map with the texts of {message} marked: {real} real, {synthetic} synthetic.",
        source,
    )


def _scatter(axes: Any, drawn: Map, marked: np.ndarray, *, size: float) -> None:
    real, synthetic = drawn.places[marked & ~drawn.synthetic], drawn.places[marked & drawn.synthetic]
    # PNG inside the SVG: a page of many thousand paths is slow on a phone.
    axes.scatter(*real.T, s=size, color=REAL, alpha=0.65, linewidths=0, marker="o", label="real", rasterized=True)
    axes.scatter(
        *synthetic.T,
        s=size * 1.3,
        facecolors="none",
        edgecolors=SYNTHETIC,
        linewidths=0.8,
        marker="^",
        label="synthetic",
        rasterized=True,
    )
    axes.spines[:].set_visible(False)
    low, high = drawn.places.min(axis=0), drawn.places.max(axis=0)
    room = 0.04 * np.maximum(high - low, 1e-9)
    axes.set(xticks=[], yticks=[], xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1]))


def label_bars(found: Inspection) -> Picture:
    """The share of texts with each criterion, and with none, on both sides."""
    rows = (*found.criteria, "none")
    with drawing():
        figure = canvas(0.34 * len(rows) + 1.0, 4.8)
        axes: Any = figure.subplots()
        for side, (values, name) in enumerate(
            ((_shares(found.real.labels), "real"), (_shares(found.synthetic.labels), "synthetic"))
        ):
            style = {"color": REAL} if side == 0 else {"color": "white", "edgecolor": SYNTHETIC, "hatch": "////"}
            axes.barh(np.arange(len(rows)) + (side - 0.5) * 0.38, 100 * values, 0.36, label=name, **style)
        axes.set_yticks(range(len(rows)), ["\n".join(textwrap.wrap(row, 30)[:2]) for row in rows])
        axes.set(ylim=(len(rows) - 0.4, -0.6), xlabel="% of texts")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
        source = data_uri(figure)
    alt = "Bars of the share of texts with each criterion, real and synthetic; the table below has the numbers: " + "; ".join(
        f"{row} {share(one, 1)} and {share(other, 1)}"
        for row, one, other in zip(rows, _shares(found.real.labels), _shares(found.synthetic.labels), strict=True)
    )
    return Picture("How many texts carry each criterion", alt + ".", source)


def _shares(labels: np.ndarray) -> np.ndarray:
    """(criteria + 1,), the last of texts without any."""
    if not len(labels):
        return np.zeros(labels.shape[1] + 1)
    return np.append(labels.mean(axis=0), (labels.sum(axis=1) == 0).mean())
