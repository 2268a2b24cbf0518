"""A picture of a comparison with what it says in words, and the habits that all of them share."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from synthsweep.pages.drawing import canvas
from synthsweep.pages.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito (2008): told apart by the colour-blind too; a marker and a hatch go with each.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")
HATCHES = ("", "///", "...", "xx", "---", "++")
GREY = "0.35"

Item = TypeVar("Item")


@dataclass(frozen=True)
class Picture:
    """`alt` says what the picture shows, with its main numbers; `numbers` are all of them."""

    name: str
    caption: str
    alt: str
    figure: "Figure"
    numbers: Table


def panels(count: int, columns: int, height: float, **shared: Any) -> tuple["Figure", list[Any]]:
    """`count` axes in rows of `columns`, each `height` inches high; places that are left over are hidden."""
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    figure = canvas(rows * height + 0.6)
    axes = [one for row in figure.subplots(rows, columns, squeeze=False, **shared) for one in row]
    for place, spare in enumerate(axes[count:], start=count):
        spare.set_visible(False)
        axes[place - columns].xaxis.set_tick_params(labelbottom=True)
    return figure, axes[:count]


def columns_for(count: int) -> int:
    """Four, or three where that leaves fewer places empty."""
    return min(count, 4 if -count % 4 <= -count % 3 else 3)


def key(figure: "Figure", names: Sequence[str]) -> None:
    """Numbers and names below the panels: for names that are too long to stand beside what they name."""
    from matplotlib.lines import Line2D

    message = [f"{place}  {wrapped(name, 92, 1)}" for place, name in enumerate(names, start=1)]
    blank = [Line2D([], [], linestyle="none") for _ in message]
    figure.legend(blank, message, loc="outside lower left", handlelength=0, handletextpad=0)


def legend(figure: "Figure", handles: Sequence[Any] | None = None) -> None:
    """Above the panels, an entry a line where names are long."""
    found = list(handles) if handles is not None else figure.axes[0].get_legend_handles_labels()[0]
    names = [wrapped(str(handle.get_label()), 70) for handle in found]
    longest = max(map(len, names), default=0)
    columns = max(1, min(len(names), 100 // (longest + 8)))
    figure.legend(found, names, loc="outside upper center", ncols=columns)


def marks(names: Sequence[str], **style: Any) -> list[Any]:
    """What a legend shows of arms: the colour and the marker at each place."""
    from matplotlib.lines import Line2D

    return [Line2D([], [], color=colour(at), marker=marker(at), label=name, **style) for at, name in enumerate(names)]


def wrapped(label: str, width: int, lines: int = 3) -> str:
    """Over at most so many lines: some call a criterion A1, others by a whole phrase."""
    parts = textwrap.wrap(label, width) or [""]
    if len(parts) <= lines:
        return "\n".join(parts)
    return "\n".join([*parts[: lines - 1], " ".join(parts[lines - 1 :])[: width - 1] + "…"])


def chunks(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    """As equal as can be, each of at most `size`."""
    count = math.ceil(len(items) / size)
    return [items[len(items) * part // count : len(items) * (part + 1) // count] for part in range(count)]


def numbered(name: str, place: int) -> str:
    """`forest`, `forest_2`, ..."""
    return name if place == 0 else f"{name}_{place + 1}"


def part(place: int, count: int) -> str:
    """Behind a caption, so that no two are the same."""
    return f" Part {place + 1} of {count}." if count > 1 else ""


def colour(place: int) -> str:
    """Of the arm at this place of a picture."""
    return COLOURS[place % len(COLOURS)]


def marker(place: int) -> str:
    """Of the arm at this place of a picture."""
    return MARKERS[place % len(MARKERS)]


def hatch(place: int) -> str:
    """Of the part at this place of a bar."""
    return HATCHES[place % len(HATCHES)]
