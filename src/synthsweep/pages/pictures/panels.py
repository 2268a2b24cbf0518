"""Panels in a grid, their legends, and names that fit into them."""

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from synthsweep.pages.pictures.palette import ink
from synthsweep.pages.pictures.picture import WIDTH, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def panels(count: int, columns: int, height: float, width: float = WIDTH, **shared: Any) -> tuple["Figure", list[Any]]:
    """`count` axes in rows of `columns`, each row `height` inches high; unused places of the grid are hidden."""
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    figure = canvas(rows * height + 0.6, width)
    axes = [one for row in figure.subplots(rows, columns, squeeze=False, **shared) for one in row]
    for place, spare in enumerate(axes[count:], start=count):
        spare.set_visible(False)
        axes[place - columns].xaxis.set_tick_params(labelbottom=True)
    return figure, axes[:count]


def columns_for(count: int) -> int:
    """Four columns, or three if that leaves fewer places empty."""
    return min(count, 4 if -count % 4 <= -count % 3 else 3)


def legend(figure: "Figure", handles: Sequence[Any] | None = None) -> None:
    """A legend above the panels; with long names, one entry per line."""
    handles = list(handles) if handles is not None else figure.axes[0].get_legend_handles_labels()[0]
    names = [wrapped(str(handle.get_label()), 70) for handle in handles]
    longest = max(map(len, names), default=0)
    columns = max(1, min(len(names), 100 // (longest + 8)))
    figure.legend(handles, names, loc="outside upper center", ncols=columns)


def numbered_legend(figure: "Figure", names: Sequence[str]) -> None:
    """A legend below the panels that explains numbers: for names that are too long to be next to their points."""
    from matplotlib.lines import Line2D

    entries = [f"{place}  {wrapped(name, 92, 1)}" for place, name in enumerate(names, start=1)]
    blank = [Line2D([], [], linestyle="none") for _ in entries]
    figure.legend(blank, entries, loc="outside lower left", handlelength=0, handletextpad=0)


def series_marks(names: Sequence[str], **style: Any) -> list[Any]:
    """The legend's handles of the series, with the colour and the marker at each place."""
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], color=ink(place).colour, marker=ink(place).marker, label=name, **style)
        for place, name in enumerate(names)
    ]


def wrapped(label: str, width: int, lines: int = 3) -> str:
    """Wraps a label to at most `lines` lines: some label sets call a criterion A1, others use a whole phrase."""
    parts = textwrap.wrap(label, width) or [""]
    if len(parts) <= lines:
        return "\n".join(parts)
    return "\n".join([*parts[: lines - 1], " ".join(parts[lines - 1 :])[: width - 1] + "…"])
