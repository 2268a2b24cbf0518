"""Pictures of an audit: shares with their intervals, and a map of the cells; undefined is a dash."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from synthsweep.audit.report.parts import margins, parts_of, ranged
from synthsweep.audit.report.tables import GROUPS, named
from synthsweep.audit.stats.findings import Findings, Part
from synthsweep.audit.stats.shares import Share
from synthsweep.pages.numbers import DASH
from synthsweep.pages.pictures.palette import MUTED, OMITTED, RIGHT, SHARES, Ink
from synthsweep.pages.pictures.picture import Picture, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# In inches.
ROW_HEIGHT, FRAME_HEIGHT = 0.23, 0.95
# In points: the width of the column of intervals next to the axes.
INTERVAL_WIDTH = 94
LETTERS = 34


def pictures(findings: Findings) -> tuple[Picture, ...]:
    """`correctness`, `cells` and `omission`, without those that would be empty; none without a verdict."""
    if findings.whole.correctness.value is None:
        return ()
    cells, criteria = parts_of(findings, "cell"), parts_of(findings, "criterion")
    return (
        _correctness(findings),
        *([_cells(findings, cells)] if cells else []),
        *([_omission(findings, criteria)] if criteria else []),
    )


def _correctness(findings: Findings) -> Picture:
    groups = margins(findings)
    caption = (
        "How many labels are right, with 95 % intervals; beside each, how many of the judged texts are right. The line and its "
        "band are all texts together."
    )
    alt = _alt("how many labels are right", findings, groups, _share_right)
    draw = partial(_forest, findings, groups, _share_right, RIGHT, "right, % of the texts in the pools")
    return Picture("correctness", caption, alt, draw)


def _omission(findings: Findings, criteria: tuple[Part, ...]) -> Picture:
    groups = {"criterion": criteria}
    caption = (
        "How many texts show a criterion that their labels leave out, by the criterion that they were written for, with 95 % "
        "intervals. The line and its band are all texts together."
    )
    alt = _alt("how many texts show what their labels leave out", findings, groups, _share_omitted)
    draw = partial(_forest, findings, groups, _share_omitted, OMITTED, "show a criterion that is not among the labels, %")
    return Picture("omission", caption, alt, draw)


def _share_right(part: Part) -> Share:
    return part.correctness


def _share_omitted(part: Part) -> Share:
    return part.omission


def _alt(what: str, findings: Findings, groups: Mapping[str, Sequence[Part]], share: Callable[[Part], Share]) -> str:
    shares = [f"{part.name} {ranged(share(part))}" for parts in groups.values() for part in parts]
    whole = f"all texts {ranged(share(findings.whole))}"
    return f"Points with intervals of {what}, in per cent: {'; '.join([whole, *shares])}."


def _forest(
    findings: Findings,
    groups: Mapping[str, Sequence[Part]],
    share: Callable[[Part], Share],
    ink: Ink,
    label: str,
) -> "Figure":
    rows: list[Part | str] = [findings.whole]
    for group, parts in groups.items():
        rows += [GROUPS[group], *parts]
    figure = canvas(ROW_HEIGHT * len(rows) + FRAME_HEIGHT, 6.8)
    axes: Any = figure.subplots()
    whole = share(findings.whole)
    # All three are defined, since there is no picture without a verdict.
    low, value, high = (100 * end for end in (whole.low, whole.value, whole.high) if end is not None)
    axes.axvspan(low, high, color="0.93", linewidth=0)
    axes.axvline(value, color=MUTED, linewidth=1, linestyle="--")
    for height, row in enumerate(rows):
        if isinstance(row, Part):
            _point(axes, share(row), height, ink)
            counts = f"{row.right}/{share(row).texts}" if ink == RIGHT else f"n = {share(row).texts}"
            _beside(axes, height, ranged(share(row)), counts)
    _frame(axes, findings, rows, label)
    return figure


def _point(axes: Any, share: Share, height: int, ink: Ink) -> None:
    if share.value is not None and share.low is not None and share.high is not None:
        axes.hlines(height, 100 * share.low, 100 * share.high, color=ink.colour, linewidth=1.4)
        axes.plot(100 * share.value, height, marker=ink.marker, color=ink.colour, markersize=5, zorder=3)


def _beside(axes: Any, height: int, interval: str, counts: str) -> None:
    for text, offset in ((interval, 10), (counts, 10 + INTERVAL_WIDTH)):
        axes.annotate(
            text, (1, height), (offset, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            va="center", fontsize=8, annotation_clip=False,
        )  # fmt: skip


def _frame(axes: Any, findings: Findings, rows: Sequence[Part | str], label: str) -> None:
    names = [row if isinstance(row, str) else _name(findings, row) for row in rows]
    axes.set_yticks(range(len(rows)), names)
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        if isinstance(row, str):
            tick.set(fontstyle="italic", color="0.3")
    axes.set(ylim=(len(rows) - 0.4, -0.6), xlim=(-1.5, 101.5), xlabel=label)
    axes.set_xticks(range(0, 101, 20))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)


def _name(findings: Findings, part: Part) -> str:
    if part.group == "all":
        return "all texts"
    return _in_one_line(named(findings, part.name) if part.group == "criterion" else part.name)


def _in_one_line(name: str, letters: int = LETTERS) -> str:
    """Shortens a name in the middle, as names of LLMs often differ only at their ends."""
    half = letters // 2
    return name if len(name) <= letters else f"{name[: half - 1]}…{name[-half:]}"


def _cells(findings: Findings, parts: Sequence[Part]) -> Picture:
    cells = {(part.strata[0][:2], part.strata[0].criterion): part for part in parts}
    rows = list(dict.fromkeys(row for row, _ in cells))
    columns = [label for label in findings.audit.labels.ids if any(label == one for _, one in cells)]
    grid = [[cells.get((row, column)) for column in columns] for row in rows]
    counts = "; ".join(
        f"{' / '.join(filter(None, row))}: "
        + ", ".join(f"{column} {_count(one) or 'no texts'}" for column, one in zip(columns, line, strict=True))
        for row, line in zip(rows, grid, strict=True)
    )
    caption = (
        "How many of the judged texts of each cell are right, by LLM and prompt against criterion; the colour is their share, "
        f"which says little where texts are few. {DASH}: no verdict; empty: no such texts."
    )
    alt = f"A map of how many of the judged texts are right: {counts}."
    return Picture("cells", caption, alt, partial(_map, rows, columns, grid))


def _count(part: Part | None) -> str:
    if part is None:
        return ""
    return f"{part.right}/{part.right + part.wrong}" if part.right + part.wrong else DASH


def _map(rows: Sequence[tuple[str, ...]], columns: Sequence[str], grid: Sequence[Sequence[Part | None]]) -> "Figure":
    figure = canvas(0.34 * len(rows) + 1.5, min(9.0, 2.6 + max(0.62 * len(columns), 2.4)))
    axes: Any = figure.subplots()
    _fill(axes, grid)
    axes.set_yticks(range(len(rows)), ["\n".join(map(_in_one_line, filter(None, row))) for row in rows])
    turned = max(map(len, columns)) > 6
    axes.set_xticks(
        range(len(columns)),
        [_in_one_line(name, 24) for name in columns],
        rotation=40 * turned,
        ha="right" if turned else "center",
    )
    return figure


def _fill(axes: Any, grid: Sequence[Sequence[Part | None]]) -> None:
    import matplotlib as mpl
    import numpy as np

    shares = np.array(
        [[np.nan if one is None or one.correctness.value is None else one.correctness.value for one in row] for row in grid]
    )
    image = axes.imshow(100 * shares, cmap=mpl.colormaps[SHARES], vmin=0, vmax=100, aspect="auto")
    for height, row in enumerate(grid):
        for place, one in enumerate(row):
            # Dark letters on light colours.
            dark = np.isnan(shares[height, place]) or shares[height, place] > 0.45
            axes.text(place, height, _count(one), ha="center", va="center", fontsize=8, color="black" if dark else "white")
    axes.set_xticks(np.arange(len(grid[0]) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(grid) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    axes.figure.colorbar(image, ax=axes, label="right, %", fraction=0.05, aspect=12)
