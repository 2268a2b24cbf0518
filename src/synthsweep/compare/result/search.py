"""The trials of a search, and its best one on fresh seeds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from synthsweep.compare.result.effects import Interval


@dataclass(frozen=True)
class SearchTrial:
    """One configuration of a search; `front`: no other trial is better in every objective."""

    number: int
    assignment: Mapping[str, str]
    values: tuple[float | None, ...]
    state: str
    front: bool = False


@dataclass(frozen=True)
class Confirmation:
    """The best trial of a search, scored again on seeds that the search did not see."""

    trial: int
    objective: str
    selected: float
    fresh: float
    fresh_interval: Interval | None
    seeds: tuple[int, ...]

    @property
    def optimism(self) -> float:
        """How much higher the score in the search is than on fresh seeds."""
        return self.selected - self.fresh


@dataclass(frozen=True)
class SearchResult:
    """The trials of a search; they find a good classifier and do not estimate effects."""

    objectives: tuple[str, ...]
    directions: tuple[str, ...]
    trials: tuple[SearchTrial, ...]
    importances: Mapping[str, Mapping[str, float]]
    test_scores: Mapping[str, float | None] = field(default_factory=dict)
    confirmation: Confirmation | None = None
    notes: tuple[str, ...] = ()
