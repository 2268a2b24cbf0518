"""What effects say together: the criteria of an arm, and the doses of a curve; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.compare.result.effects import METRICS, Interval
from synthsweep.compare.stats.accuracy import computed_metric
from synthsweep.compare.stats.inference.moderation import stand_out
from synthsweep.compare.stats.inference.simultaneous import JointErrors
from synthsweep.compare.stats.pooling import FEWEST_CRITERIA, partially_pooled
from synthsweep.compare.stats.scores.estimands import Estimands

KINDS = ("effect", "main", "interaction", "trend")


@dataclass(frozen=True)
class CriteriaTogether:
    """(estimands,) half widths that hold for all criteria at once, and effects pooled over them; NaN for anything else.

    A label set of one criterion has none of them: its interval says it all.
    """

    simultaneous: np.ndarray
    pooled: np.ndarray
    pooled_half: np.ndarray


@dataclass(frozen=True)
class EffectFamilies:
    """The effects of a row, with the correlation of their errors."""

    row: Estimands
    errors: JointErrors

    def over_criteria(self) -> CriteriaTogether:
        """For each contrast and metric; macro and micro are in no family."""
        found = np.full((3, len(self.errors.estimates.difference)), np.nan)
        for places in self._criteria():
            family = places[self.errors.defined(places)]
            if len(places) > 1 and len(family):
                found[0, family] = self.errors.half_widths(family)
            if len(family) >= FEWEST_CRITERIA:
                found[1:, family] = self._pooled(family)
        return CriteriaTogether(*found)

    def over_contrasts(self, names: Sequence[str], metric: str, criterion: str) -> dict[str, Interval]:
        """Intervals of several arms that hold together; an arm that is not compared, or has no interval, has none."""
        numbers = {self.row.contrasts[number].name: number for number in self.row.arms}
        known = [name for name in names if name in numbers]
        column = METRICS.index(computed_metric(metric)), self.row.criteria.index(criterion)
        places = np.array([self._places[numbers[name], *column] for name in known], dtype=int)
        middles, halves = self.errors.estimates.difference[places].tolist(), self.errors.half_widths(places).tolist()
        found = zip(known, middles, halves, strict=True)
        return {name: Interval(middle - half, middle + half) for name, middle, half in found if not np.isnan(half)}

    def outlying_spreads(self, metric: str) -> tuple[tuple[str, str], ...]:
        """(arm, criterion) of which `metric` varies over the seeds more than that of the other criteria of the arm does.

        None where seeds are crossed or have test texts of their own: criteria are then not moderated by one variance.
        """
        column, labels = METRICS.index(computed_metric(metric)), self.row.grid.labels
        estimates = self.errors.estimates
        seeds = estimates.plain.seeds
        if self.row.grid.texts != "shared" or len(seeds.squares) > 1:
            return ()
        found = []
        for number in self.row.arms:
            places = self._places[number, column, :-2]
            out = stand_out(seeds.squares[0, places] * estimates.pairs[places], seeds.degrees[0, places])
            found += [(self.row.contrasts[number].name, labels[place]) for place in np.flatnonzero(out)]
        return tuple(found)

    def _pooled(self, family: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        estimates = self.errors.estimates
        shared = self.errors.mean_correlation(family)
        found = partially_pooled(estimates.difference[family], estimates.half_width[family], shared)
        return found.effects, found.half_widths

    def _criteria(self) -> Iterator[np.ndarray]:
        shown = [number for number, contrast in enumerate(self.row.contrasts) if contrast.kind in KINDS]
        yield from self._places[shown, :, :-2].reshape(-1, len(self.row.grid.labels))

    @property
    def _places(self) -> np.ndarray:
        """(contrasts, metrics, criteria) indices into the row."""
        return np.arange(np.prod(self.row.effect_shape)).reshape(self.row.effect_shape)
