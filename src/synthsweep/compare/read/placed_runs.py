"""The place of each run in a study, by its parameters alone: its configuration (cell) and its seeds (block); pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from synthsweep.compare.read.assemble import added_texts
from synthsweep.compare.read.cells import (
    Described,
    assignments,
    block_names,
    cell_name,
    levels_of,
    unmodelled_differences,
)
from synthsweep.compare.read.runs import StudyRun


@dataclass(frozen=True)
class PlacedRuns:
    """`assignments` holds the factors of each run, `blocks` its seeds.

    `unmodelled_differences` names keys that differ between runs but are not factors.
    """

    runs: Sequence[StudyRun]
    assignments: Sequence[Mapping[str, str]]
    blocks: Sequence[str]
    unmodelled_differences: tuple[str, ...]

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """The name of each run's configuration."""
        return tuple(map(cell_name, self.assignments))

    @cached_property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """Every factor with its levels."""
        return levels_of(self.assignments)

    @property
    def trials(self) -> dict[int, str]:
        """The numbers of trials, with the names of their configurations; without those that mean another one in each study."""
        named = {(run.trial, name) for run, name in zip(self.runs, self.cells, strict=True)}
        times = Counter(number for number, _ in named)
        return {number: name for number, name in named if number is not None and times[number] == 1}


def place_runs(runs: Sequence[StudyRun]) -> PlacedRuns:
    """Finds what the runs vary."""
    described = [Described(run.study, run.params, run.assignment, added_texts(run.metrics)) for run in runs]
    factors = assignments(described)
    blocks = block_names([run.params for run in runs])
    return PlacedRuns(runs, factors, blocks, tuple(unmodelled_differences(described, factors)))
