"""Everything that a comparison estimates, as one row of numbers: the effects, then the parts of their changes; pure.

An estimand is one number: a contrast in a metric of a criterion, or one part of such a change. All estimands form one row,
so that they get their intervals together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from synthsweep.compare.grid import Cell, Contrast, Grid, Output, TestSet
from synthsweep.compare.result.effects import MACRO, METRICS, MICRO
from synthsweep.compare.stats.inference.effective_draws import EffectiveDraws, effective_draws
from synthsweep.compare.stats.scores.bias_corrected import bias_corrected
from synthsweep.compare.stats.scores.differences import BlockRow
from synthsweep.compare.stats.scores.influence import Influences, RunInfluences, TextCounts, run_influences, text_counts
from synthsweep.compare.stats.scores.kernel import mean_defined, ratio, with_macro
from synthsweep.compare.stats.scores.operating_point import DECOMPOSED_METRICS, PARTS, matched_counts, parts_of


@dataclass(frozen=True)
class Estimands:
    """The position of each number in the row; only changes of contrasts of kind effect are decomposed."""

    grid: Grid
    contrasts: tuple[Contrast, ...]

    @cached_property
    def weights(self) -> np.ndarray:
        """(contrasts, cells)."""
        return np.stack([contrast.vector(self.grid.cells) for contrast in self.contrasts])

    @cached_property
    def arms(self) -> tuple[int, ...]:
        """The indices of the contrasts of an arm against the baseline."""
        return tuple(place for place, contrast in enumerate(self.contrasts) if contrast.kind == "effect")

    @cached_property
    def criteria(self) -> tuple[str, ...]:
        return (*self.grid.labels, MACRO, MICRO)

    @property
    def effect_shape(self) -> tuple[int, int, int]:
        return len(self.contrasts), len(METRICS), len(self.criteria)

    @property
    def parts_shape(self) -> tuple[int, int, int, int]:
        return len(self.arms), len(DECOMPOSED_METRICS), len(PARTS), len(self.criteria)

    def effects(self, values: np.ndarray) -> np.ndarray:
        """(..., estimands) to (..., contrasts, metrics, criteria)."""
        return values[..., : np.prod(self.effect_shape)].reshape(*values.shape[:-1], *self.effect_shape)

    @property
    def part_places(self) -> np.ndarray:
        """(arms, metrics, parts, criteria) indices into the row."""
        return np.asarray(np.prod(self.effect_shape) + np.arange(np.prod(self.parts_shape)).reshape(self.parts_shape))

    def effective_draws(self, predicted: np.ndarray) -> EffectiveDraws:
        """(estimands,), for the texts of the first block: only shared texts have a variance of their own.

        `predicted` is (cells, criteria and micro), the mean over blocks.
        """
        found = effective_draws(self.grid.tests[0], predicted, self.weights)
        return EffectiveDraws(self._as_row(found.count), self._as_row(found.variance_floor))

    def _as_row(self, effects: np.ndarray) -> np.ndarray:
        """(contrasts, metrics, criteria) to (estimands,); the parts of a change have the value of the change."""
        decomposed = [METRICS.index(metric) for metric in DECOMPOSED_METRICS]
        of_parts = np.broadcast_to(effects[list(self.arms)][:, decomposed, None], self.parts_shape)
        return np.concatenate([effects.ravel(), of_parts.ravel()])

    @property
    def families(self) -> tuple[np.ndarray, ...]:
        """The places of the criteria, without macro and micro, of each contrast and metric, and of each part of a change."""
        effects = np.arange(np.prod(self.effect_shape)).reshape(self.effect_shape)
        tables = (table[..., :-2].reshape(-1, len(self.grid.labels)) for table in (effects, self.part_places))
        return tuple(row for table in tables for row in table)

    def cells_of(self, contrast: int) -> tuple[int, int]:
        """The indices of the two cells of a contrast of kind effect."""
        return int(np.argmin(self.weights[contrast])), int(np.argmax(self.weights[contrast]))

    def influences(self, number: int) -> "BlockInfluences":
        """All estimands of one block in closed form."""
        test, outputs = self.grid.tests[number], [cell.outputs[number] for cell in self.grid.cells]
        counts = text_counts(test)
        runs = [run_influences(output, test, counts) for output in outputs]
        predicted = np.stack([(run.predicted > 0).sum(axis=1) for run in runs]).astype(float)
        predicted[[not output.present for output in outputs]] = np.nan
        scores = with_macro(np.stack([run.scores.values for run in runs]), axis=-1)
        positive = (counts.positives > 0).sum(axis=1)
        # Cell by cell: all contributions of a block at once are a large array.
        corrected = np.concatenate([bias_corrected(_as_cell(run.scores), positive) for run in runs])
        row = BlockRow(self.weights, [run.scores for run in runs], self._parts(runs, outputs, test, counts))
        return BlockInfluences(row, scores, corrected, predicted)

    def _parts(
        self, runs: Sequence[RunInfluences], outputs: Sequence[Output], test: TestSet, counts: TextCounts
    ) -> Iterator[Influences]:
        """The parts of each arm's changes."""
        for old, new in map(self.cells_of, self.arms):
            matched = matched_counts((outputs[old], outputs[new]), test)
            yield parts_of(runs[old], runs[new], matched, counts.positives)


@dataclass(frozen=True)
class BlockInfluences:
    """A block's row of estimands, and its scores.

    `scores` is (cells, metrics, criteria and macro and micro), `corrected` average precision as `bias_corrected` has it,
    (cells, criteria and macro and micro). `predicted` is (cells, criteria and micro): how many groups have a predicted text.
    """

    row: BlockRow
    scores: np.ndarray
    corrected: np.ndarray
    predicted: np.ndarray


def _as_cell(scores: Influences) -> Influences:
    return Influences(scores.values[None], scores.groups[None])


def estimands(grid: Grid, contrasts: Sequence[Contrast]) -> Estimands:
    """The estimands of these contrasts; cells that occur in none of them are left out."""
    names = {name for contrast in contrasts for name, weight in contrast.weights.items() if weight}
    return Estimands(replace(grid, cells=tuple(cell for cell in grid.cells if cell.name in names)), tuple(contrasts))


def predicted_shares(cell: Cell, tests: Sequence[TestSet]) -> np.ndarray:
    """(criteria and macro and micro,) share of texts that are predicted positive, averaged over blocks.

    Among the texts that somebody decided on; NaN without any.
    """
    pairs = zip(cell.outputs, tests, strict=True)
    counts = np.array([((output.decided & test.known).sum(axis=0), test.known.sum(axis=0)) for output, test in pairs], float)
    shares = mean_defined(ratio(counts[:, 0], counts[:, 1]), axis=0)
    pooled = mean_defined(ratio(counts[:, 0].sum(axis=1), counts[:, 1].sum(axis=1)), axis=0)
    return np.array([*shares, mean_defined(shares, axis=0), pooled])
