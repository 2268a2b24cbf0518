"""Every number that is resampled, as one row of coordinates: the effects, then the splits; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthsweep.compare.grid import Cell, Contrast, Grid
from synthsweep.compare.result import METRICS
from synthsweep.compare.stats.inference.effective_draws import Support, support
from synthsweep.compare.stats.scores.differences import Differences
from synthsweep.compare.stats.scores.kernel import base_counts, observed_scores, scorer, with_macro
from synthsweep.compare.stats.scores.operating_point import METRICS as SPLIT_METRICS
from synthsweep.compare.stats.scores.operating_point import PARTS, Splits, pair_up


@dataclass(frozen=True)
class Coordinates:
    """`contrasts` of the cells of `grid`; the splits are of those of kind effect."""

    grid: Grid
    contrasts: tuple[Contrast, ...]

    @cached_property
    def weights(self) -> np.ndarray:
        """(contrasts, cells)."""
        return np.stack([contrast.vector(self.grid.cells) for contrast in self.contrasts])

    @cached_property
    def arms(self) -> tuple[int, ...]:
        """The contrasts of an arm against the baseline."""
        return tuple(place for place, contrast in enumerate(self.contrasts) if contrast.kind == "effect")

    @cached_property
    def criteria(self) -> tuple[str, ...]:
        return (*self.grid.labels, "macro", "micro")

    @property
    def effect_shape(self) -> tuple[int, int, int]:
        return len(self.contrasts), len(METRICS), len(self.criteria)

    @property
    def split_shape(self) -> tuple[int, int, int, int]:
        return len(self.arms), len(SPLIT_METRICS), len(PARTS), len(self.criteria)

    def effects(self, values: np.ndarray) -> np.ndarray:
        """(..., coordinates) to (..., contrasts, metrics, criteria)."""
        return values[..., : np.prod(self.effect_shape)].reshape(*values.shape[:-1], *self.effect_shape)

    @property
    def split_places(self) -> np.ndarray:
        """(arms, metrics, parts, criteria) places among the coordinates."""
        return np.asarray(np.prod(self.effect_shape) + np.arange(np.prod(self.split_shape)).reshape(self.split_shape))

    def support(self, blocks: Sequence["Block"]) -> Support:
        """(coordinates,) of the texts of the first block: only those that all blocks share are resampled."""
        found = support(self.grid.tests[0], [block.differences.scorers for block in blocks], self.weights)
        return Support(self._spread(found.draws), self._spread(found.least))

    def _spread(self, effects: np.ndarray) -> np.ndarray:
        """(contrasts, metrics, criteria) to (coordinates,); the parts of a change have what the change has."""
        split_metrics = [METRICS.index(metric) for metric in SPLIT_METRICS]
        of_splits = np.broadcast_to(effects[list(self.arms)][:, split_metrics, None], self.split_shape)
        return np.concatenate([effects.ravel(), of_splits.ravel()])

    def sides(self, contrast: int) -> tuple[int, int]:
        """The cells of the baseline and of the arm."""
        return int(np.argmin(self.weights[contrast])), int(np.argmax(self.weights[contrast]))

    def block(self, number: int) -> "Block":
        test, outputs = self.grid.tests[number], [cell.outputs[number] for cell in self.grid.cells]
        scorers, base = [scorer(output, test) for output in outputs], base_counts(test)
        sides = [self.sides(contrast) for contrast in self.arms]
        pairs = [pair_up(scorers[old], scorers[new], (outputs[old], outputs[new]), test) for old, new in sides]
        return Block(Differences(scorers, base, self.weights), Splits(pairs, base))


@dataclass(frozen=True)
class Block:
    """All coordinates of one block, as `resample.Measure`."""

    differences: Differences
    splits: Splits

    def __call__(self, texts: np.ndarray) -> np.ndarray:
        """(groups, draws) weights to (coordinates, draws)."""
        return np.concatenate([part(texts).reshape(-1, texts.shape[1]) for part in (self.differences, self.splits)])

    @property
    def group_count(self) -> int:
        return int(self.differences.base.shape[1])

    def scores(self) -> np.ndarray:
        """(cells, metrics, criteria and macro and micro) of the texts as they are."""
        return with_macro(observed_scores(self.differences.scorers, self.differences.base), axis=-1)


def coordinates(grid: Grid, contrasts: Sequence[Contrast]) -> Coordinates:
    """Of the cells that occur in a contrast."""
    names = {name for contrast in contrasts for name, weight in contrast.weights.items() if weight}
    cells = tuple(cell for cell in grid.cells if cell.name in names)
    return Coordinates(Grid(grid.labels, grid.blocks, grid.tests, cells, grid.texts, grid.test_share), tuple(contrasts))


def predicted_shares(cell: Cell) -> np.ndarray:
    """(criteria and macro and micro,) texts predicted positive, of all, averaged over blocks."""
    shares = np.mean([output.decided.mean(axis=0) for output in cell.outputs], axis=0)
    return np.array([*shares, shares.mean(), shares.mean()])
