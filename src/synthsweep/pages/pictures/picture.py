"""A picture with its caption and numbers, drawn when it is first needed, in one style."""

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from synthsweep.pages.pictures.scripts import any_script, other_fonts
from synthsweep.pages.tables.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The width of a printed page, in inches.
WIDTH = 7.2
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "font.family": "DejaVu Sans",
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "0.4",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "hatch.linewidth": 0.5,
    "svg.fonttype": "path",
    # A name may hold a dollar sign, which is no formula.
    "text.parse_math": False,
    # Makes files reproducible.
    "svg.hashsalt": "synthsweep",
}
DATES: dict[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}


@dataclass(frozen=True)
class Picture:
    """`alt` describes the picture with its main numbers; `table` has all numbers; `draw` makes the figure."""

    name: str
    caption: str
    alt: str
    draw: "Callable[[], Figure]"
    table: Table | None = None

    @cached_property
    def figure(self) -> "Figure":
        with drawing():
            return self.draw()

    def file(self, kind: str) -> bytes:
        """The picture as `svg`, `png` (150 dots per inch) or `pdf`."""
        with drawing():
            return _saved(self.figure, kind)

    @cached_property
    def data_uri(self) -> str:
        """The picture as a data URI, so that a page needs no other file."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.file("svg")).decode()


@contextmanager
def drawing() -> Iterator[None]:
    """A context in which figures are drawn and saved in one style, whatever the caller's settings are."""
    import matplotlib as mpl

    with mpl.rc_context(), any_script():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        mpl.rcParams["font.family"] = [STYLE["font.family"], *other_fonts()]
        yield


def without_formulas(figure: "Figure") -> None:
    """Shows every label of a figure that another package drew as it is; the numbers of a log axis are formulas and stay so."""
    from matplotlib.text import Text

    log_axes = [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) if axis.get_scale() == "log"]
    numbers = {id(label) for axis in log_axes for label in axis.get_ticklabels(which="both")}
    for axes in figure.axes:
        # Labels of ticks are made when they are asked for.
        axes.get_xticklabels(which="both")
        axes.get_yticklabels(which="both")
    for label in figure.findobj(Text):
        if id(label) not in numbers:
            label.set_parse_math(False)


def canvas(height: float, width: float = WIDTH) -> "Figure":
    """An empty figure that makes room for its labels; sizes are in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _saved(figure: "Figure", kind: str) -> bytes:
    if figure.get_layout_engine() is not None:
        # The layout is computed once and not for each kind of file, because it takes longer than the drawing.
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    buffer = io.BytesIO()
    # Letter widths differ slightly between kinds of files: a tight box keeps text that reaches over the edge.
    figure.savefig(buffer, format=kind, dpi=150, metadata=DATES[kind], bbox_inches="tight", pad_inches=0.03)
    return buffer.getvalue()
