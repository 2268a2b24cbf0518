"""A study as a grid: cells (configurations) by blocks (seeds), with the test predictions of each run; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np

from synthsweep.evaluate.decisions import decide
from synthsweep.examples import UNKNOWN

Texts = Literal["shared", "disjoint", "overlapping"]


@dataclass(frozen=True)
class TestSet:
    """The test texts of one block.

    `truth` is (examples, criteria), 0 or 1, or UNKNOWN where nobody decided; `groups` is (examples,), each example's group as a
    number from 0. A group, such as the texts of one child, counts as one draw; in a corpus without groups, each text is its
    own group. `subgroups` maps a column to the value of each example.
    """

    __test__ = False

    ids: tuple[str, ...]
    truth: np.ndarray
    groups: np.ndarray
    subgroups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def group_count(self) -> int:
        return int(self.groups.max()) + 1

    @cached_property
    def alone(self) -> bool:
        """Whether each text is a group of its own, in the order of the texts."""
        return np.array_equal(self.groups, np.arange(len(self.ids)))

    @cached_property
    def known(self) -> np.ndarray:
        """(examples, criteria), False where nobody decided."""
        return np.asarray(self.truth != UNKNOWN)

    @cached_property
    def positive(self) -> np.ndarray:
        """(examples, criteria), True where the text is known to have the criterion."""
        return np.asarray(self.truth == 1)


@dataclass(frozen=True)
class Output:
    """The predictions of one run on its test texts: `probabilities` is (examples, criteria), `thresholds` (criteria,).

    `kind` is that of the label set: where it is single, the most probable class is decided for. Where a cell has no run in a
    block, its output is not `present`, and all its numbers are undefined.
    """

    run_id: str
    probabilities: np.ndarray
    thresholds: np.ndarray
    kind: str = "multi"
    present: bool = True

    @cached_property
    def decided(self) -> np.ndarray:
        """(examples, criteria), True where the criterion is predicted."""
        if not self.present:
            return np.zeros(self.probabilities.shape, dtype=bool)
        return decide(self.probabilities, self.thresholds, self.kind)


@dataclass(frozen=True)
class Cell:
    """One configuration: `assignment` holds the factors that affect it, `outputs` one run per block, in the blocks' order.

    `facts` are means over its runs of everything that is not a score: texts, steps, seconds, dollars, tokens.
    """

    name: str
    assignment: Mapping[str, str]
    outputs: tuple[Output, ...]
    facts: Mapping[str, float]

    @property
    def runs(self) -> tuple[Output, ...]:
        """The outputs that are present."""
        return tuple(output for output in self.outputs if output.present)


@dataclass(frozen=True)
class Grid:
    """All runs of a block share its test set; a cell may lack some blocks.

    `texts` says how the test sets of the blocks are related: shared (all of `tests` are the same object), disjoint folds, or
    overlapping re-splits. For re-splits, `test_share` is the number of test texts over that of training texts (Nadeau and
    Bengio 2003).
    """

    labels: tuple[str, ...]
    blocks: tuple[str, ...]
    tests: tuple[TestSet, ...]
    cells: tuple[Cell, ...]
    texts: Texts = "shared"
    test_share: float = 0.0

    def index(self, name: str) -> int:
        """The index of the cell of this name."""
        return [cell.name for cell in self.cells].index(name)

    def shared_by(self, contrast: "Contrast") -> list[int]:
        """The indices of the blocks in which all cells of a contrast have a run."""
        cells = [cell for cell in self.cells if contrast.weights.get(cell.name)]
        return [number for number in range(len(self.blocks)) if all(cell.outputs[number].present for cell in cells)]

    def on_blocks(self, numbers: Sequence[int]) -> "Grid":
        """The grid of some blocks alone."""
        cells = tuple(replace(cell, outputs=tuple(cell.outputs[number] for number in numbers)) for cell in self.cells)
        blocks, tests = (tuple(values[number] for number in numbers) for values in (self.blocks, self.tests))
        return replace(self, blocks=blocks, tests=tests, cells=cells)  # type: ignore[arg-type]

    def repeats(self, cell: Cell) -> bool:
        """Whether all runs of a cell say the same of the same texts, as a classifier does in which nothing is drawn."""
        first, *others = cell.runs
        same = self.texts == "shared" and bool(others)
        return same and all(
            np.array_equal(first.probabilities, one.probabilities, equal_nan=True)
            and np.array_equal(first.thresholds, one.thresholds, equal_nan=True)
            for one in others
        )

    @cached_property
    def positives(self) -> dict[str, int]:
        """The number of test texts with each criterion, averaged over the blocks."""
        return self._mean_counts([test.positive.sum(axis=0) for test in self.tests])

    @cached_property
    def undecided(self) -> dict[str, int]:
        """The number of test texts on which nobody decided, by criterion, averaged over the blocks; none is left out."""
        counts = self._mean_counts([(~test.known).sum(axis=0) for test in self.tests])
        return {label: count for label, count in counts.items() if count}

    @property
    def kind(self) -> str:
        """That of the label set."""
        return self.cells[0].outputs[0].kind

    def _mean_counts(self, of_blocks: Sequence[np.ndarray]) -> dict[str, int]:
        return {label: round(float(count)) for label, count in zip(self.labels, np.mean(of_blocks, axis=0), strict=True)}


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of cells; `weights` maps cell names to weights, which add up to 0.

    An arm against the baseline is {arm: 1, baseline: -1}. A main effect is the mean of the cells at a level minus the mean of
    the cells at the reference level, an interaction the difference of two such differences. `kind` is effect, main, interaction
    or trend.
    """

    name: str
    kind: str
    weights: Mapping[str, float]
    factor: str = ""
    level: str = ""

    def vector(self, cells: Sequence[Cell]) -> np.ndarray:
        """(cells,) weights in the order of the cells."""
        return np.array([self.weights.get(cell.name, 0.0) for cell in cells])
