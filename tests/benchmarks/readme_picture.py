"""Draws README's forest plot from a finished study, for light and for dark pages.

    python tests/benchmarks/readme_picture.py STUDY

Run it in the folder whose mlruns/ holds the study; it writes effects-light.svg and effects-dark.svg into the guide's pictures.
"""

import sys
from pathlib import Path
from typing import Any

from matplotlib.lines import Line2D

from synthsweep.compare.comparison import compare_studies
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import MACRO, TITLES
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.roots import CompareConfig
from synthsweep.pages.numbers import points
from synthsweep.pages.pictures.picture import canvas, drawing
from synthsweep.track.choose import existing_reader

PICTURES = Path(__file__).parents[2] / "src/synthsweep/guide/pictures"
MARKERS = ("o", "s", "^", "D", "v")
# Text, lines and arms; the arms are those of Okabe and Ito, lighter on a dark page.
THEMES = {
    "light": ("#1f2328", "#8c959f", ("#0072B2", "#D55E00", "#00805E", "#8250df", "#9a6700")),
    "dark": ("#e6edf3", "#848d97", ("#56B4E9", "#F0883E", "#3FD0A4", "#d2a8ff", "#e3b341")),
}
# In inches.
WIDTH, LINE = 7.2, 0.17


def main(study: str) -> None:
    """Writes both pictures and prints their alternative text."""
    config = CompareConfig(study=study)
    compared = compare_studies(config, existing_reader(TrackingConfig()), lambda _: None, f"synthsweep compare study={study}")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with drawing():
        for theme in THEMES:
            file = PICTURES / f"effects-{theme}.svg"
            figure_of(compared, theme).savefig(file, transparent=True, metadata={"Date": None}, bbox_inches="tight")
            print(file)
    print(alternative_text(compared))


def figure_of(compared: Comparison, theme: str) -> Any:
    """One row per criterion, macro first, with a point and its 95 % interval for each arm."""
    text, grey, colours = THEMES[theme]
    rows, arms = [MACRO, *compared.labels], arms_of(compared)
    figure = canvas(len(rows) * (len(arms) + 0.9) * LINE + 1.0, WIDTH)
    axes = figure.subplots()
    axes.axvline(0, color=grey, linewidth=1.2)
    for row, criterion in enumerate(rows):
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, color=grey, alpha=0.12, linewidth=0)
        for place, arm in enumerate(arms):
            height = row + (place - (len(arms) - 1) / 2) * 0.8 / len(arms)
            draw_effect(axes, compared.effect(arm, compared.primary, criterion), height, colours[place], MARKERS[place])
    axes.set_yticks(range(len(rows)), ["all criteria (macro)", *(name_of(compared, label) for label in compared.labels)])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(f"← worse      change in {TITLES[compared.primary]} on real test texts, in points      better →")
    axes.tick_params(colors=text, length=0)
    axes.xaxis.label.set_color(text)
    axes.spines[:].set_visible(False)
    marks = zip(arms, colours, MARKERS, strict=False)
    handles = [Line2D([], [], color=colour, marker=marker, label=arm) for arm, colour, marker in marks]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(arms), labelcolor=text)
    return figure


def draw_effect(axes: Any, effect: Any, height: float, colour: str, marker: str) -> None:
    """A filled mark where the interval excludes 0, a hollow one where it does not; nothing where the effect is undefined."""
    if effect is None or effect.difference is None or effect.interval is None:
        return
    axes.hlines(height, 100 * effect.interval.low, 100 * effect.interval.high, color=colour, linewidth=1.8)
    inside = colour if effect.interval.excludes_zero else "none"
    axes.plot(100 * effect.difference, height, marker=marker, color=colour, markerfacecolor=inside, markersize=6)


def arms_of(compared: Comparison) -> list[str]:
    """The arms that have an effect, in the order of the comparison."""
    arms = dict.fromkeys(effect.contrast for effect in compared.effects if effect.criterion == MACRO)
    return list(arms)[: len(MARKERS)]


def name_of(compared: Comparison, label: str) -> str:
    """A criterion as the report names it, with its number of positive test texts."""
    name = compared.label_names.get(label, label)
    short = name if len(name) <= 30 else f"{name[:29].rstrip(' ,')}…"
    return f"{short if name == label else f'{label} {short}'} (n={compared.positives.get(label, 0)})"


def alternative_text(compared: Comparison) -> str:
    """What the picture shows, for who cannot see it."""
    parts = []
    for arm in arms_of(compared):
        effect = compared.effect(arm, compared.primary, MACRO)
        if effect and effect.interval and effect.difference is not None:
            between = f"{points(effect.interval.low)} to {points(effect.interval.high)}"
            parts.append(f"{arm} {points(effect.difference)} points (95 % interval {between})")
    return f"Change in macro {TITLES[compared.primary]} against {compared.baseline}: " + "; ".join(parts) + "."


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
