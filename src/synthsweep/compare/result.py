"""The result of a comparison, as values that the terminal and the report show without further computing; pure.

Undefined is None. Scores and differences are shares in [0, 1]; the points that a reader sees are 100 times as large.
`report/records.py` makes the rows of the exported CSV files from the fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from synthsweep.compare.setup import StudySetup
from synthsweep.config.metrics import COMPARED

METRICS = COMPARED
MACRO, MICRO, ALL = "macro", "micro", "all criteria"
# Of classes, the pooled precision, recall and F1 are all the share of texts whose class is predicted.
CLASS_SCORES = {"accuracy": ("f1", MICRO), "macro F1": ("f1", MACRO)}
# As a run that has one class per text keeps it.
ACCURACY = "accuracy/micro"
# An adjusted p value below this is significant.
SIGNIFICANT = 0.05
TITLES = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "average_precision": "average precision",
    "brier": "Brier score",
}


@dataclass(frozen=True)
class Interval:
    """A 95 % interval for new texts and new seeds; for new texts alone, if there is one seed only, without `new_seeds`."""

    low: float
    high: float
    new_seeds: bool = True

    @property
    def excludes_zero(self) -> bool:
        """Never without new seeds: with another seed, the difference may be another one."""
        return self.new_seeds and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Effect:
    """One contrast in one metric of one criterion (or macro, micro).

    `baseline` and `arm` are means over the compared pairs; `difference` is the mean paired difference. `pairs` counts the
    blocks in which both scores are defined, `undefined` the others. `p` belongs to the interval. `p_family` is `p` adjusted by
    Holm over the stated family, `p_sign_flip` the p value of the joint sign-flip test over it (training variation on this
    test set alone); both are None outside the family. `p_arms` is the `p` of an average, macro or micro, adjusted by Holm over
    all arms in its metric. `q` is the false discovery rate over the whole screening table.
    `simultaneous_interval` holds together with those of the other criteria of its contrast and metric (at a point of a dose
    curve: of the other doses). `pooled_difference` is partially pooled over the criteria. `corrected_baseline`, `corrected_arm`
    and `corrected_difference` are average precision without the bias of a test set of this size.
    `seed_variance` and `text_variance` add up to the variance of the difference; `degrees` are those of the one t that gives
    the interval, `seed_degrees` those of the seeds. `plain_interval` has the seed variance of this criterion alone, not
    moderated over the criteria of its arm and metric. `tost_interval` is the 90 % interval; `equivalent` says whether it lies
    within the margin that was asked for (Schuirmann 1987), None if none was. All intervals end where scores do.
    """

    contrast: str
    metric: str
    criterion: str
    baseline: float | None
    arm: float | None
    difference: float | None
    interval: Interval | None
    pairs: int
    undefined: int = 0
    p: float | None = None
    p_family: float | None = None
    p_sign_flip: float | None = None
    q: float | None = None
    seed_variance: float | None = None
    text_variance: float | None = None
    degrees: float | None = None
    plain_interval: Interval | None = None
    seed_degrees: float | None = None
    simultaneous_interval: Interval | None = None
    pooled_difference: float | None = None
    pooled_interval: Interval | None = None
    corrected_baseline: float | None = None
    corrected_arm: float | None = None
    corrected_difference: float | None = None
    p_arms: float | None = None
    tost_interval: Interval | None = None
    equivalent: bool | None = None

    @property
    def is_significant(self) -> bool:
        """Whether it survives the correction of its family: criteria by `p_family`, averages by `p_arms`."""
        p = self.p_arms if self.p_family is None else self.p_family
        return p is not None and p < SIGNIFICANT


@dataclass(frozen=True)
class PartEffects:
    """The effects on some of the test texts: those with a `value` in a `column`, or a further test set, without a column.

    `positives` are per criterion. `differences` are the effects minus those in the subgroup `reference`; it has none itself.
    `note` says why there are no effects.
    """

    column: str
    value: str
    texts: int
    positives: Mapping[str, int]
    effects: tuple[Effect, ...]
    reference: str = ""
    differences: tuple[Effect, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class ChangeDecomposition:
    """A change of precision or recall, split into two parts.

    `ranking` is what the arm gains at the baseline's share of predicted positives; `operating_point` is what predicting more
    or fewer texts adds to it. The parts add up to the change.
    """

    contrast: str
    metric: str
    criterion: str
    change: float | None
    ranking: float | None
    ranking_interval: Interval | None
    operating_point: float | None
    operating_point_interval: Interval | None
    predicted_share_baseline: float | None
    predicted_share_arm: float | None
    ranking_p: float | None = None
    operating_point_p: float | None = None


@dataclass(frozen=True)
class PoolPair:
    """The texts of one level of an LLM or prompt factor against those of another, in arms that are alike in all else.

    `effects` are those of `one` minus those of `other`; their `p_arms` is adjusted over all pairs of the factor.
    """

    factor: str
    one: str
    other: str
    effects: tuple[Effect, ...]

    def effect(self, metric: str, criterion: str = MACRO) -> Effect | None:
        """The effect in a metric of a criterion or average; None if it was not computed."""
        return next((one for one in self.effects if (one.metric, one.criterion) == (metric, criterion)), None)


@dataclass(frozen=True)
class DosePoint:
    """One dose, and its effect against the baseline."""

    dose: float
    effect: Effect


@dataclass(frozen=True)
class DoseCurve:
    """Effects along one numeric factor, the other factors held fixed; `smooth` is a monotone fit as (dose, difference) pairs.

    `trend` is the least-squares slope per unit of dose, with its own interval; None with fewer than three doses.
    """

    factor: str
    held: str
    metric: str
    criterion: str
    points: tuple[DosePoint, ...]
    smooth: tuple[tuple[float, float], ...]
    trend: Effect | None


@dataclass(frozen=True)
class CountChange:
    """True and false positives per 100 test texts in one criterion, or in all of them together (`all criteria`).

    Means over the blocks. `gained` true positives are those of the arm alone, `lost` those of the baseline alone; likewise
    `new` and `gone` false positives. The four are None where an arm or its baseline is a mean over several configurations.
    """

    contrast: str
    criterion: str
    positives: float
    true_baseline: float
    true_arm: float
    false_baseline: float
    false_arm: float
    gained: float | None = None
    lost: float | None = None
    new: float | None = None
    gone: float | None = None


@dataclass(frozen=True)
class RealWorth:
    """How many real training texts reach the score of an arm that trains on `real` real and `synthetic` synthetic ones.

    `equal` is read from the curve of real texts alone, None if the score lies `above` the curve or below it. The 95 % interval
    holds every number of real texts whose score does not differ significantly from the arm's; `low` or `high` is None if it
    reaches an end of the curve. `curve` holds the (real texts, score) of real texts alone.
    """

    arm: str
    real: float
    synthetic: float
    score: float
    difference: Interval | None
    equal: float | None
    above: bool
    low: float | None
    high: float | None
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Association:
    """The rank correlation of a characteristic of pools with their effects; the unit is the pool.

    `partial` holds the confounders fixed. `refused` says why there is no correlation (fewer than eight pools, no variation).
    """

    characteristic: str
    outcome: str
    pools: int
    correlation: float | None = None
    interval: Interval | None = None
    partial: float | None = None
    partial_interval: Interval | None = None
    confounders: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class VarianceShare:
    """The part of the variance of a score that comes from one source (seeds.init, seeds.draw, ..., rest)."""

    source: str
    metric: str
    criterion: str
    variance: float
    share: float | None
    levels: int


@dataclass(frozen=True)
class Power:
    """What a design can detect in one criterion.

    `detectable` is the smallest true difference that is detected with the stated power at these seeds; None if it is not
    known. `seeds_needed` is for the wanted effect, None if no number of seeds reaches it. `basis` says where the variances
    come from.
    """

    criterion: str
    positives: int
    seeds: int
    seed_sd: float
    text_sd: float
    detectable: float | None
    wanted: float | None = None
    seeds_needed: int | None = None
    basis: str = ""
    power: float = 0.8

    @property
    def chance(self) -> str:
        """The stated power in words."""
        return "four times in five" if self.power == 0.8 else f"{100 * self.power:g} times in 100"


@dataclass(frozen=True)
class ArmCost:
    """Costs and gains of an arm: dollars and tokens of the texts that it trained on, seconds of a run; points gained.

    Costs per point are None if nothing was gained or nothing paid. `frontier`: no other arm gains more for less.
    """

    arm: str
    synthetic_texts: float
    usd: float | None
    tokens: float | None
    train_s: float
    f1_points: float | None
    ap_points: float | None
    usd_per_f1_point: float | None
    usd_per_ap_point: float | None
    extra_s_per_ap_point: float | None
    frontier: bool = False


@dataclass(frozen=True)
class TfidfBaseline:
    """Macro average precision on test of TF-IDF with logistic regression, and of the study's baseline on the same texts.

    Means over `seeds`. `gap` is the effect of the baseline against TF-IDF; `accuracies` are those of TF-IDF and of the baseline
    where a text carries exactly one label.
    """

    tfidf_ap: float | None
    baseline_ap: float | None
    note: str = ""
    seeds: int = 0
    gap: Effect | None = None
    accuracies: tuple[float | None, float | None] = (None, None)

    @property
    def is_above(self) -> bool:
        """Whether TF-IDF scores above the baseline, as far as both are known."""
        return self.tfidf_ap is not None and self.baseline_ap is not None and self.baseline_ap < self.tfidf_ap

    @property
    def is_beaten(self) -> bool:
        """Whether the baseline scores clearly above TF-IDF; by the means alone where there is no interval."""
        if self.tfidf_ap is None or self.baseline_ap is None:
            return False
        interval = self.gap.interval if self.gap else None
        return not self.is_above if interval is None else interval.low > 0


@dataclass(frozen=True)
class ExcludedRun:
    """A run that is not compared, and why."""

    run_id: str
    name: str
    status: str
    reason: str


@dataclass(frozen=True)
class ArmScores:
    """Means over blocks, and their standard deviation: `scores` is metric/criterion to (mean, sd or None)."""

    arm: str
    assignment: Mapping[str, str]
    runs: int
    scores: Mapping[str, tuple[float | None, float | None]]
    facts: Mapping[str, float]


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

    `undecided` counts the test texts on which nobody decided, by criterion, as far as there are any; `kind` is that of the
    label set. `partners` maps each arm to the name of the arm that it is compared with. `equivalence` is the margin that was
    asked for, as a share; None if none was.
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
    search: SearchResult | None = None

    def effect(self, contrast: str, metric: str, criterion: str) -> Effect | None:
        """The effect of an arm against the baseline; None if it was not computed."""
        found = (e for e in self.effects if (e.contrast, e.metric, e.criterion) == (contrast, metric, criterion))
        return next(found, None)
