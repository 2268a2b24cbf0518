"""Effects of a study: differences with intervals, their parts, pairs of pools, doses; pure.

Undefined is None. Scores and differences are shares in [0, 1]; the points that a reader sees are 100 times as large.
`report/records.py` makes the rows of the exported CSV files from the fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from synthsweep.config.metrics import ACCURACY as CLASS_ACCURACY
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
    CLASS_ACCURACY: "accuracy",
}


# Scores of errors.
LOWER_IS_BETTER = ("brier",)


def average_of(metric: str) -> str:
    """The average that a study is judged by in a metric; accuracy is one number for all classes."""
    return MICRO if metric == CLASS_ACCURACY else MACRO


def averaged(metric: str) -> str:
    """The name of that average, such as `macro F1` and `accuracy`."""
    return metric if metric == CLASS_ACCURACY else f"{MACRO} {TITLES[metric]}"


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
    def is_gain(self) -> bool:
        """Whether it is significant, and for the better."""
        sign = -1 if self.metric in LOWER_IS_BETTER else 1
        return self.is_significant and sign * (self.difference or 0.0) > 0

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

    def effect(self, metric: str, criterion: str = "") -> Effect | None:
        """The effect in a metric of a criterion, or of its average; None if it was not computed."""
        place = metric, criterion or average_of(metric)
        return next((one for one in self.effects if (one.metric, one.criterion) == place), None)


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
