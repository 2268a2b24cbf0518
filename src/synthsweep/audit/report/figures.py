"""Pictures of an audit: shares with their intervals, and a map of the cells; undefined is a dash."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synthsweep.audit.report.numbers import margins, parts_of, ranged
from synthsweep.audit.report.tables import GROUPS, named
from synthsweep.audit.stats.findings import Findings, Part
from synthsweep.audit.stats.shares import Share
from synthsweep.pages.drawing import Picture, canvas, data_uri, drawing, saved
from synthsweep.pages.numbers import DASH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito (2008): told apart by the colour-blind too; the shape goes with the colour.
RIGHT, OMITTED = ("#0072B2", "o"), ("#D55E00", "^")
WHOLE = "0.35"
# Light to dark also in grey.
COLOURS = "cividis"
ROW, MARGIN = 0.23, 0.95
# In points: what an interval takes.
BESIDE = 94
LETTERS = 34
KINDS = ("svg", "png")


@dataclass(frozen=True)
class _Drawn:
    name: str
    caption: str
    alt: str
    figure: "Figure"


def pictures(found: Findings) -> tuple[Picture, ...]:
    """How right labels are, by LLM, prompt and criterion; the same by cell; what labels leave out. None without a verdict."""
    return tuple(named_pictures(found).values())


def named_pictures(found: Findings) -> dict[str, Picture]:
    """Those that there are of correctness, cells and omission."""
    with drawing():
        return {one.name: Picture(one.caption, one.alt, data_uri(one.figure)) for one in _drawn(found)}


def figure_files(found: Findings) -> Mapping[str, bytes]:
    """The same pictures as files, by name."""
    with drawing():
        return {f"{one.name}.{kind}": saved(one.figure, kind) for one in _drawn(found) for kind in KINDS}


def _drawn(found: Findings) -> list[_Drawn]:
    if found.whole.correctness.value is None:
        return []
    criteria = parts_of(found, "criterion")
    return [
        _correctness(found),
        *([_cells(found)] if parts_of(found, "cell") else []),
        *([_omission(found, criteria)] if criteria else []),
    ]


def _correctness(found: Findings) -> _Drawn:
    groups = margins(found)
    figure = _forest(found, groups, lambda part: part.correctness, RIGHT, "right, % of the texts in the pools")
    caption = (
        "How many labels are right, with 95 % intervals; right of judged texts stand beside each. The line and its band are "
        "all texts together."
    )
    return _Drawn("correctness", caption, _alt("how many labels are right", found, groups, lambda one: one.correctness), figure)


def _omission(found: Findings, criteria: tuple[Part, ...]) -> _Drawn:
    groups = {"criterion": criteria}
    figure = _forest(found, groups, lambda part: part.omission, OMITTED, "show a criterion that no label tells, %")
    caption = (
        "How many texts show a criterion that their labels leave out, by the criterion that they were written for, with 95 % "
        "intervals. The line and its band are all texts together."
    )
    alt = _alt("how many texts show what their labels leave out", found, groups, lambda one: one.omission)
    return _Drawn("omission", caption, alt, figure)


def _alt(what: str, found: Findings, groups: Mapping[str, Sequence[Part]], share: Callable[[Part], Share]) -> str:
    message = [f"{part.name} {ranged(share(part))}" for parts in groups.values() for part in parts]
    return f"Points with intervals of {what}, in per cent: {'; '.join([f'all texts {ranged(share(found.whole))}', *message])}."


def _forest(
    found: Findings,
    groups: Mapping[str, Sequence[Part]],
    share: Callable[[Part], Share],
    mark: tuple[str, str],
    label: str,
) -> "Figure":
    rows: list[Part | str] = [found.whole]
    for group, parts in groups.items():
        rows += [GROUPS[group], *parts]
    figure = canvas(ROW * len(rows) + MARGIN, 6.8)
    axes: Any = figure.subplots()
    whole = share(found.whole)
    # All are there: without a verdict there is no picture.
    low, value, high = (100 * end for end in (whole.low, whole.value, whole.high) if end is not None)
    axes.axvspan(low, high, color="0.93", linewidth=0)
    axes.axvline(value, color=WHOLE, linewidth=1, linestyle="--")
    for height, row in enumerate(rows):
        if isinstance(row, Part):
            _point(axes, share(row), height, mark)
            _numbers(axes, row, share(row), height, mark)
    _frame(axes, found, rows, label)
    return figure


def _point(axes: Any, share: Share, height: int, mark: tuple[str, str]) -> None:
    colour, shape = mark
    if share.value is not None and share.low is not None and share.high is not None:
        axes.hlines(height, 100 * share.low, 100 * share.high, color=colour, linewidth=1.4)
        axes.plot(100 * share.value, height, marker=shape, color=colour, markersize=5, zorder=3)


def _numbers(axes: Any, part: Part, share: Share, height: int, mark: tuple[str, str]) -> None:
    message = f"{part.right}/{share.texts}" if mark == RIGHT else f"n = {share.texts}"
    for text, points in ((ranged(share), 10), (message, 10 + BESIDE)):
        axes.annotate(
            text, (1, height), (points, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            va="center", fontsize=8, annotation_clip=False,
        )  # fmt: skip


def _frame(axes: Any, found: Findings, rows: Sequence[Part | str], label: str) -> None:
    names = [row if isinstance(row, str) else _name(found, row) for row in rows]
    axes.set_yticks(range(len(rows)), names)
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        if isinstance(row, str):
            tick.set(fontstyle="italic", color="0.3")
    axes.set(ylim=(len(rows) - 0.4, -0.6), xlim=(-1.5, 101.5), xlabel=label)
    axes.set_xticks(range(0, 101, 20))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)


def _name(found: Findings, part: Part) -> str:
    if part.group == "all":
        return "all texts"
    return _plain(named(found, part.name) if part.group == "criterion" else part.name)


def _plain(name: str, letters: int = LETTERS) -> str:
    """In one line, and no formula, whatever it holds; names of LLMs often differ at their ends alone."""
    half = letters // 2
    shown = name if len(name) <= letters else f"{name[: half - 1]}…{name[-half:]}"
    return shown.replace("$", r"\$")


def _cells(found: Findings) -> _Drawn:
    cells = {(part.strata[0][:2], part.strata[0].criterion): part for part in parts_of(found, "cell")}
    rows = list(dict.fromkeys(row for row, _ in cells))
    columns = [label for label in found.audit.labels.ids if any(label == one for _, one in cells)]
    figure = canvas(0.34 * len(rows) + 1.5, min(9.0, 2.6 + max(0.62 * len(columns), 2.4)))
    axes: Any = figure.subplots()
    _grid(axes, [[cells.get((row, column)) for column in columns] for row in rows])
    axes.set_yticks(range(len(rows)), ["\n".join(map(_plain, filter(None, row))) for row in rows])
    turned = max(map(len, columns)) > 6
    axes.set_xticks(
        range(len(columns)), [_plain(name, 24) for name in columns], rotation=40 * turned, ha="right" if turned else "center"
    )
    message = "; ".join(
        f"{' / '.join(filter(None, row))}: " + ", ".join(_format(column, cells.get((row, column))) for column in columns)
        for row in rows
    )
    caption = (
        "Right of judged texts in each cell, by LLM and prompt against criterion; the colour is their share. Of few texts it "
        f"says little. {DASH}: no verdict; empty: no such texts."
    )
    return _Drawn("cells", caption, f"A map of right of judged texts: {message}.", figure)


def _format(label: str, part: Part | None) -> str:
    return f"{label} {_count(part) or 'no texts'}"


def _count(part: Part | None) -> str:
    if part is None:
        return ""
    return f"{part.right}/{part.right + part.wrong}" if part.right + part.wrong else DASH


def _grid(axes: Any, cells: Sequence[Sequence[Part | None]]) -> None:
    import matplotlib as mpl
    import numpy as np

    shares = np.array(
        [[np.nan if one is None or one.correctness.value is None else one.correctness.value for one in row] for row in cells]
    )
    colours = mpl.colormaps[COLOURS]
    image = axes.imshow(100 * shares, cmap=colours, vmin=0, vmax=100, aspect="auto")
    for height, row in enumerate(cells):
        for place, one in enumerate(row):
            # Lighter colours take dark letters.
            dark = np.isnan(shares[height, place]) or shares[height, place] > 0.45
            axes.text(place, height, _count(one), ha="center", va="center", fontsize=8, color="black" if dark else "white")
    axes.set_xticks(np.arange(len(cells[0]) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(cells) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    axes.figure.colorbar(image, ax=axes, label="right, %", fraction=0.05, aspect=12)
