"""A picture with its caption and numbers, drawn when it is first needed, in one style."""

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from synthsweep.pages.pictures.scripts import any_script, other_fonts
from synthsweep.pages.tables.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

# The width of a printed page, in inches.
WIDTH = 7.2
# Around a picture, in inches.
MARGIN = 0.03
# Of a PNG file.
DPI = 150
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "font.family": "DejaVu Sans",
    "axes.titlesize": 9,
    # Stated, because matplotlib otherwise looks for the place of every title at every drawing.
    "axes.titley": 1.0,
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "0.4",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "hatch.linewidth": 0.5,
    # Letters as wide as the font says, in a PNG file as in the others: one measure fits all.
    "text.hinting": "no_hinting",
    "svg.fonttype": "path",
    # A name may hold a dollar sign, which is no formula.
    "text.parse_math": False,
    # Makes files reproducible.
    "svg.hashsalt": "synthsweep",
}
DATES: dict[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
KINDS = tuple(DATES)


@dataclass(frozen=True)
class Picture:
    """`alt` describes the picture with its main numbers; `table` has all numbers; `draw` makes the figure.

    `drawn` keeps each kind of file once it is drawn.
    """

    name: str
    caption: str
    alt: str
    draw: "Callable[[], Figure]"
    table: Table | None = None
    drawn: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def figure(self) -> "Figure":
        with drawing():
            return self.draw()

    @cached_property
    def box(self) -> "Bbox":
        """The part of the figure that is filled, in inches; its layout is fixed from here on."""
        with drawing():
            return _fixed_box(self.figure)

    def file(self, kind: str) -> bytes:
        """The picture as `svg`, `png` (150 dots per inch) or `pdf`."""
        if kind not in self.drawn:
            box, buffer = self.box, io.BytesIO()
            with drawing():
                self.figure.savefig(buffer, format=kind, dpi=DPI, metadata=DATES[kind], bbox_inches=box)
            self.drawn[kind] = buffer.getvalue()
        return self.drawn[kind]

    def draw_files(self) -> None:
        """Draws every kind of file and lets the figure go: those of a large report would take more than its numbers do."""
        for kind in KINDS:
            self.file(kind)
        for name in ("figure", "box"):
            self.__dict__.pop(name, None)

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


def lay_out(figure: "Figure") -> None:
    """Fixes the layout of a figure, which matplotlib would otherwise find twice for every file."""
    if (engine := figure.get_layout_engine()) is not None:
        engine.execute(figure)
        # Not "none", which leaves an engine that matplotlib asks for a layout with every file.
        figure.set_layout_engine(None)


def _fixed_box(figure: "Figure") -> "Bbox":
    """Lays a figure out and measures it, at the resolution of a PNG file, once for all kinds of files."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    before, figure.dpi = figure.dpi, DPI
    # One renderer for both: matplotlib measures a text once for each.
    renderer: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    lay_out(figure)
    found: Bbox = figure.get_tightbbox(renderer).padded(MARGIN)
    figure.dpi = before
    return found
