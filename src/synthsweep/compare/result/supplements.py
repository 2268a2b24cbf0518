"""What stands beside the effects: scores of arms, counts, power, costs, correlations, TF-IDF, runs left out."""

from collections.abc import Mapping
from dataclasses import dataclass

from synthsweep.compare.result.effects import Effect, Interval


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
    come from. `text_draws` is the number of independent texts behind `text_sd`; None if it is known without error.
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
    text_draws: float | None = None

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
