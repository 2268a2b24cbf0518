"""The answer of a comparison: everything that a report shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from synthsweep.compare.result.effects import ChangeDecomposition, DoseCurve, Effect, PartEffects, PoolPair
from synthsweep.compare.result.search import SearchResult
from synthsweep.compare.result.supplements import (
    ArmCost,
    ArmScores,
    Association,
    CountChange,
    ExcludedRun,
    Power,
    RealWorth,
    TfidfBaseline,
    VarianceShare,
)
from synthsweep.compare.setup import StudySetup


@dataclass(frozen=True)
class StudyProvenance:
    """What is needed to repeat a comparison: commands, versions, commits, the store, resamples and seed."""

    commands: tuple[str, ...]
    versions: Mapping[str, str]
    commits: tuple[str, ...]
    made: str
    resamples: int
    seed: int
    tracking: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One comparison of one or more studies; `search` is set for a search, which has no effects.

    `every_arm_drawn`: the figures show all arms, however many there are. `undecided` counts the test texts on which nobody
    decided, by criterion, as far as there are any; `kind` is that of the label set. `partners` maps each arm to the name of
    the arm that it is compared with. `equivalence` is the margin that was asked for, as a share; None if none was.
    """

    studies: tuple[str, ...]
    design: str
    labels: tuple[str, ...]
    label_names: Mapping[str, str]
    positives: Mapping[str, int] = field(default_factory=dict)
    undecided: Mapping[str, int] = field(default_factory=dict)
    kind: str = "multi"
    test_texts: int
    test_groups: int = 0
    grouped: bool = False
    texts: str = "shared"
    blocks: tuple[str, ...]
    baseline: str
    partners: Mapping[str, str] = field(default_factory=dict)
    primary: str
    primary_stated: bool
    equivalence: float | None = None
    factors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arms: tuple[ArmScores, ...] = ()
    effects: tuple[Effect, ...] = ()
    main_effects: tuple[Effect, ...] = ()
    interactions: tuple[Effect, ...] = ()
    pools: tuple[PoolPair, ...] = ()
    decompositions: tuple[ChangeDecomposition, ...] = ()
    subgroups: tuple[PartEffects, ...] = ()
    further_tests: tuple[PartEffects, ...] = ()
    doses: tuple[DoseCurve, ...] = ()
    counts: tuple[CountChange, ...] = ()
    worth: tuple[RealWorth, ...] = ()
    associations: tuple[Association, ...] = ()
    variances: tuple[VarianceShare, ...] = ()
    power: tuple[Power, ...] = ()
    costs: tuple[ArmCost, ...] = ()
    tfidf_baseline: TfidfBaseline | None = None
    excluded: tuple[ExcludedRun, ...] = ()
    warnings: tuple[str, ...] = ()
    verdict: str = ""
    headline: tuple[str, ...]
    setup: StudySetup = field(default_factory=StudySetup)
    provenance: StudyProvenance
    demo: bool = False
    every_arm_drawn: bool = False
    search: SearchResult | None = None

    @cached_property
    def contrasts(self) -> tuple[str, ...]:
        """The arms that are compared with the baseline, in order."""
        return tuple(dict.fromkeys(effect.contrast for effect in self.effects))

    def effect(self, contrast: str, metric: str, criterion: str) -> Effect | None:
        """The effect of an arm against the baseline; None if it was not computed."""
        return self._effects_by_place.get((contrast, metric, criterion))

    @cached_property
    def _effects_by_place(self) -> Mapping[tuple[str, str, str], Effect]:
        # A report of many arms asks for thousands.
        return {(one.contrast, one.metric, one.criterion): one for one in self.effects}

    def decomposition(self, contrast: str, metric: str, criterion: str) -> ChangeDecomposition | None:
        """The parts of a change; None if they were not computed."""
        return self._decompositions_by_place.get((contrast, metric, criterion))

    @cached_property
    def _decompositions_by_place(self) -> Mapping[tuple[str, str, str], ChangeDecomposition]:
        return {(one.contrast, one.metric, one.criterion): one for one in self.decompositions}
