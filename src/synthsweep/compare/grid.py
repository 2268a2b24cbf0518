"""A study as what is compared: cells (configurations) by blocks (seeds), with the test predictions of each; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

Texts = Literal["shared", "disjoint", "overlapping"]


@dataclass(frozen=True)
class TestSet:
    """The texts that one block is judged on.

    `truth` is (examples, criteria), 0 or 1; `groups` is (examples,), the number of the group that an example belongs to, from 0
    on: texts of one child count as one draw. Where a corpus names no group, each text is one.
    """

    __test__ = False

    ids: tuple[str, ...]
    truth: np.ndarray
    groups: np.ndarray

    @cached_property
    def group_count(self) -> int:
        return int(self.groups.max()) + 1


@dataclass(frozen=True)
class Output:
    """What one run says of its test texts: `probabilities` is (examples, criteria), `thresholds` (criteria,)."""

    run_id: str
    probabilities: np.ndarray
    thresholds: np.ndarray

    @cached_property
    def decided(self) -> np.ndarray:
        """(examples, criteria), True where a criterion is predicted."""
        return np.asarray(self.probabilities >= self.thresholds)


@dataclass(frozen=True)
class Cell:
    """One configuration: `assignment` holds the factors that act in it, `outputs` a run a block, in the blocks' order.

    `facts` are means over its runs of what is no score: texts, steps, seconds, dollars, tokens.
    """

    name: str
    assignment: Mapping[str, str]
    outputs: tuple[Output, ...]
    facts: Mapping[str, float]


@dataclass(frozen=True)
class Grid:
    """Complete blocks alone: every cell has a run in every block, and all runs of a block share its test set.

    `texts` says how the blocks' test sets are related: one for all (then all of `tests` are the same object), disjoint folds,
    or overlapping re-splits, for which `test_share` is test over training texts (Nadeau and Bengio 2003).
    """

    labels: tuple[str, ...]
    blocks: tuple[str, ...]
    tests: tuple[TestSet, ...]
    cells: tuple[Cell, ...]
    texts: Texts = "shared"
    test_share: float = 0.0

    def index(self, name: str) -> int:
        """The place of a cell."""
        return [cell.name for cell in self.cells].index(name)


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of cells whose weights add up to 0: `weights` is cell name to weight.

    An arm against the baseline is {arm: 1, baseline: -1}; a main effect is the mean of the cells at a level less the mean of
    the cells at the reference; an interaction a difference of such differences. `kind` is effect, main, interaction or trend.
    """

    name: str
    kind: str
    weights: Mapping[str, float]
    factor: str = ""
    level: str = ""

    def vector(self, cells: Sequence[Cell]) -> np.ndarray:
        """(cells,) weights in the order of the cells."""
        return np.array([self.weights.get(cell.name, 0.0) for cell in cells])
