"""A picture is drawn when it is needed, in one style, and gives the same files each time."""

import base64

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from synthsweep.pages.pictures.picture import Picture, canvas, drawing


def drawn() -> Figure:
    figure = canvas(2.0)
    figure.subplots().plot([1, 2], [3, 4])
    return figure


def test_a_picture_is_drawn_once_and_only_when_it_is_needed() -> None:
    """A page and two files show the same figure."""
    made: list[Figure] = []

    def draw() -> Figure:
        made.append(drawn())
        return made[-1]

    picture = Picture("p", "caption", "alt", draw)
    before = len(made)
    files = [picture.file("png"), picture.file("pdf"), picture.data_uri]

    assert (before, len(made), len(files), picture.figure) == (0, 1, 3, made[0])


def test_nothing_of_a_picture_is_cut_off_in_any_kind_of_file() -> None:
    """One box fits all: a number beside the axes is as wide at 72 as at 150 dots per inch."""

    def beside() -> Figure:
        figure = drawn()
        figure.axes[0].text(1.02, 1, "+10.4 [+2.5, +10.4]" * 3, transform=figure.axes[0].transAxes)
        return figure

    picture = Picture("p", "caption", "alt", beside)
    box = picture.box

    # As in a PNG file, and with the widths of the font itself, as in the others.
    for settings in ({}, {"text.hinting": "no_hinting"}):
        with drawing(), mpl.rc_context(settings):
            picture.figure.dpi = 150
            filled = picture.figure.get_tightbbox(FigureCanvasAgg(picture.figure).get_renderer())
        assert (box.x0 <= filled.x0, box.y0 <= filled.y0, filled.x1 <= box.x1, filled.y1 <= box.y1) == (True,) * 4


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xm"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_the_same_picture_gives_the_same_file(kind: str, start: bytes) -> None:
    """Nothing in it says when it was made."""
    one, other = (Picture("p", "caption", "alt", drawn).file(kind) for _ in range(2))

    assert (one == other, one[:4]) == (True, start)


def test_the_page_holds_the_picture_itself() -> None:
    start, _, content = Picture("p", "caption", "alt", drawn).data_uri.partition(",")

    assert (start, b"<svg" in base64.b64decode(content)) == ("data:image/svg+xml;base64", True)


def test_the_style_is_that_of_the_page_whatever_the_caller_has_set() -> None:
    """And the caller's settings are as they were."""
    with mpl.rc_context({"font.size": 30, "axes.spines.top": True}):
        axes = Picture("p", "caption", "alt", drawn).figure.axes[0]

        assert (axes.spines.top.get_visible(), axes.xaxis.label.get_fontsize(), mpl.rcParams["font.size"]) == (False, 9, 30)
