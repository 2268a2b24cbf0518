"""What the simulated studies of a design show, as lines of text."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from calibration.designs import Design
from calibration.studies import PRIMARY, Found
from calibration.truth import endless
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.scores.estimands import Estimands
from synthsweep.compare.stats.scores.operating_point import DECOMPOSED_METRICS, PARTS

SHORT = {"average_precision": "AP"}
OTHERS = ("before", "paired", "hillis")
ALPHA = 0.05
AP = METRICS.index("average_precision")


@dataclass(frozen=True)
class Places:
    """Where the numbers of one kind of contrast and metric stand: `criteria` (contrasts, criteria), `macro` (contrasts,)."""

    name: str
    criteria: np.ndarray
    macro: np.ndarray


@dataclass(frozen=True)
class Simulated:
    """`null` studies have no effect, `planted` ones have; the truth of these is the mean of all of them."""

    design: Design
    row: Estimands
    null: Found
    planted: Found

    @property
    def truth(self) -> np.ndarray:
        """The mean difference on test sets of this size."""
        return np.asarray(np.nanmean(self.planted.difference, axis=0))

    @property
    def places(self) -> list[Places]:
        row, found = self.row, []
        effects = np.arange(np.prod(row.effect_shape)).reshape(row.effect_shape)
        for kind in dict.fromkeys(contrast.kind for contrast in row.contrasts):
            of_kind = [place for place, contrast in enumerate(row.contrasts) if contrast.kind == kind]
            for number, metric in enumerate(METRICS):
                table = effects[of_kind, number]
                name = SHORT.get(metric, metric)
                found.append(Places(name if kind == "effect" else f"{kind}, {name}", table[:, :-2], table[:, -2]))
        for number, metric in enumerate(DECOMPOSED_METRICS if row.arms else ()):
            for part, words in enumerate(PARTS):
                table = row.part_places[:, number, part]
                found.append(Places(f"{metric}, {words.replace('_', ' ')}", table[:, :-2], table[:, -2]))
        return found

    def coverage(self, places: np.ndarray, half: str = "half", *, planted: bool) -> np.ndarray:
        """(places,) share of the intervals that hold the truth."""
        found = self.planted if planted else self.null
        truth = self.truth if planted else np.zeros_like(self.truth)
        widths = getattr(found, half)[:, places.ravel()]
        inside = np.abs(found.difference[:, places.ravel()] - truth[places.ravel()]) <= widths + 1e-12
        known = ~np.isnan(widths)
        return np.asarray(np.divide(inside.sum(axis=0, where=known), known.sum(axis=0), out=np.full(places.size, np.nan),
                                    where=known.sum(axis=0) > 0))  # fmt: skip

    def width(self, places: np.ndarray, half: str = "half") -> float:
        """The mean width of the intervals where there is an effect."""
        return float(2 * np.nanmean(getattr(self.planted, half)[:, places.ravel()]))

    def false_positives(self, family: str) -> float:
        """The share of studies without an effect that claim one."""
        p = np.nan_to_num(getattr(self.null, family), nan=1.0)
        return float(np.mean(p.min(axis=1) <= ALPHA))

    def power(self, places: np.ndarray) -> tuple[float, float, float]:
        """For the true differences at 0.05: by mean variances, as studies state it, and the share that finds them."""
        given, stated = np.nanmean([self.planted.power(self.truth[place], place) for place in places.ravel()], axis=0)
        p = self.planted.p[:, places.ravel()]
        return float(given), float(stated), float(np.mean(p[~np.isnan(p)] <= ALPHA))


HEAD = (
    f"{'':34} {'criterion':>9} {'lowest':>6} {'highest':>7} {'effect':>6} {'lowest':>6} {'highest':>7} "
    f"{'macro':>6} {'effect':>6} {'width':>6} {'macro':>6}"
    f"  {'before':>13} {'paired t':>13} {'Hillis':>13}"
)


def details(of: Simulated) -> Iterator[str]:
    """A line per kind of contrast and metric: coverage without and with an effect, widths, and the same of other intervals."""
    yield f"{of.design.name}: {len(of.null.p)} studies without an effect, {len(of.planted.p)} with one"
    for places in of.places:
        null, effect = (of.coverage(places.criteria, planted=planted) for planted in (False, True))
        macro = [np.nanmean(of.coverage(places.macro, planted=planted)) for planted in (False, True)]
        others = [
            f"{np.nanmean(of.coverage(places.criteria, half, planted=True)):.3f} "
            f"x{of.width(places.criteria, half) / of.width(places.criteria):<4.2f}"
            for half in OTHERS
        ]
        yield (
            f"  {places.name:32} {np.nanmean(null):9.3f} {np.nanmin(null):6.3f} {np.nanmax(null):7.3f} "
            f"{np.nanmean(effect):6.3f} {np.nanmin(effect):6.3f} {np.nanmax(effect):7.3f} {macro[0]:6.3f} {macro[1]:6.3f} "
            f"{100 * of.width(places.criteria):6.1f} {100 * of.width(places.macro):6.1f}  {'  '.join(others)}"
        )
    yield from _more(of)


def _more(of: Simulated) -> Iterator[str]:
    criteria, macros = (of.false_positives(family) for family in ("family", "macro_family"))
    yield f"  a false positive in {criteria:.3f} (criteria), {macros:.3f} (macro)"
    for places in of.places[: len(METRICS)]:
        said = ("true variances", "stated", "found")
        of_one, of_macro = (
            " ".join(f"{words} {value:.3f}" for words, value in zip(said, of.power(table), strict=True))
            for table in (places.criteria, places.macro)
        )
        yield f"  power {places.name:25} criterion {of_one}; macro {of_macro}"
    if of.design.layout == "arm" and not of.design.test_share and of.design.seed_ratio == 1:
        true = endless(of.design, "average_precision")
        places = of.places[AP]
        shift = 100 * (of.truth[places.criteria[0]] - true)
        least, most, macro = shift.min(), shift.max(), shift.mean()
        yield f"  AP on this size less AP on endless texts: {least:+.2f} to {most:+.2f} points, macro {macro:+.2f}"


SUMMARY = (
    f"{'design':44} {'studies':>7} {'criterion':>13} {'macro':>13} {'family':>6} {'arms':>6} {'width':>12} {'paired t':>8} "
    f"{'Hillis':>6} {'power F1':>15} {'power AP':>15}"
)


def summary(of: Simulated) -> str:
    """One line: coverage (the least and the most of all metrics and kinds), false positives, width over `before`, power."""
    criterion, macro = (
        [np.nanmean(of.coverage(getattr(places, what), planted=planted)) for places in of.places for planted in (False, True)]
        for what in ("criteria", "macro")
    )
    first = of.places[AP]
    widths = [of.width(places) / of.width(places, "before") for places in (first.criteria, first.macro)]
    paired, hillis = (
        np.nanmin([np.nanmean(of.coverage(places.criteria, half, planted=True)) for places in of.places]) for half in OTHERS[1:]
    )
    powers = [" ".join(f"{value:.2f}" for value in of.power(of.places[place].macro)) for place in (PRIMARY, AP)]
    return (
        f"{of.design.name:44.44} {len(of.null.p) + len(of.planted.p):7} {min(criterion):.3f}-{max(criterion):.3f} "
        f"{min(macro):7.3f}-{max(macro):.3f} {of.false_positives('family'):6.3f} {of.false_positives('macro_family'):6.3f} "
        f"{widths[0]:6.2f} {widths[1]:5.2f} {paired:8.3f} {hillis:6.3f} {powers[0]:>15} {powers[1]:>15}"
    )
