"""What a study optimises: metrics by name with a direction, and constraints on others; pure."""

import math
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from synthsweep.config.metrics import CLASS_SCORED, SCORED
from synthsweep.errors import StudyError
from synthsweep.messages import listing

DIRECTIONS = ("maximize", "minimize")
AGGREGATES = ("mean", "lower_bound")
# What a run measures without the test split.
SELECTION_SECTIONS = ("dev", "time", "train", "synthetic")
# Averages that exclude criteria whose metric is undefined.
AVERAGES = ("macro", "weighted")
# Metrics that a criterion without a positive lacks, whatever is predicted.
NEEDS_POSITIVES = ("recall", "f1", "average_precision", "roc_auc")
# The id of a criterion may contain spaces.
CONSTRAINT = re.compile(r"\s*([^\s<>=][^<>=]*?)\s*(>=|<=)\s*(\S+)\s*")

Metrics = Mapping[str, float | None]


@dataclass(frozen=True)
class Constraint:
    """`dev/precision/macro >= 0.8`."""

    metric: str
    at_least: bool
    bound: float

    def violation(self, value: float) -> float:
        """Zero or less where the constraint holds, as in Optuna."""
        return self.bound - value if self.at_least else value - self.bound

    def __str__(self) -> str:
        return f"{self.metric} {'>=' if self.at_least else '<='} {self.bound:g}"


@dataclass(frozen=True)
class Goal:
    """Objectives, their directions and constraints; `aggregate` is taken over the replicates of a trial.

    `skips_undefined`: an average over the criteria that are defined is as good as one over all of them.
    """

    metrics: tuple[str, ...]
    directions: tuple[str, ...]
    constraints: tuple[Constraint, ...] = ()
    aggregate: str = "mean"
    skips_undefined: bool = False

    def evaluate(self, replicates: Sequence[Metrics]) -> "TrialScore":
        """The trial's values from the metrics of its replicates.

        A metric that is undefined in one replicate is undefined for the trial. An average that excludes a criterion keeps
        its value, but the trial is infeasible, unless `skips_undefined`: over other criteria it is another quantity.
        """
        undefined = [name for name in self.all_metrics if any(metrics.get(name) is None for metrics in replicates)]
        if undefined:
            return TrialScore(None, {}, f"{undefined[0]} is undefined")
        infinite = [name for name in self.all_metrics if any(not math.isfinite(_number(m[name])) for m in replicates)]
        if infinite:
            return TrialScore(None, {}, f"{infinite[0]} is not a finite number")
        values = tuple(
            self._aggregate([_number(metrics[name]) for metrics in replicates], direction)
            for name, direction in zip(self.metrics, self.directions, strict=True)
        )
        violations = {
            str(constraint): constraint.violation(
                statistics.fmean(_number(metrics[constraint.metric]) for metrics in replicates)
            )
            for constraint in self.constraints
        }
        return TrialScore(values, {**violations, **self._excluded_criteria(replicates)})

    @property
    def all_metrics(self) -> tuple[str, ...]:
        """Those of the objectives, then those of the constraints."""
        return (*self.metrics, *(constraint.metric for constraint in self.constraints))

    def _aggregate(self, values: Sequence[float], direction: str) -> float:
        mean = statistics.fmean(values)
        if self.aggregate == "mean":
            return mean
        from scipy.stats import t

        # The bound of a one-sided 95 % confidence interval for the mean over new seeds.
        half_width = float(t.ppf(0.95, len(values) - 1)) * statistics.stdev(values) / math.sqrt(len(values))
        return mean - half_width if direction == "maximize" else mean + half_width

    def _excluded_criteria(self, replicates: Sequence[Metrics]) -> dict[str, float]:
        if self.skips_undefined:
            return {}
        averaged = {name.rpartition("/")[0] for name in self.all_metrics if name.rpartition("/")[2] in AVERAGES}
        counts = {name: max(metrics.get(f"{name}/undefined") or 0.0 for metrics in replicates) for name in sorted(averaged)}
        return {f"{name}: undefined criteria": count for name, count in counts.items() if count}


@dataclass(frozen=True)
class TrialScore:
    """A trial's values and constraint violations; `values` is None where a metric is undefined, and `reason` says which."""

    values: tuple[float, ...] | None
    violations: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""

    @property
    def feasible(self) -> bool:
        return self.values is not None and all(violation <= 0 for violation in self.violations.values())


def make_goal(
    objectives: str | Sequence[str],
    directions: str | Sequence[str],
    constraints: Sequence[str],
    aggregate: str,
    replicates: int,
    *,
    skips_undefined: bool = False,
) -> Goal:
    """The goal as `hydra.sweeper` and `objective.undefined` describe it.

    Raises:
        StudyError: an objective on test, a missing direction, or a constraint that cannot be parsed.
    """
    metrics = (objectives,) if isinstance(objectives, str) else tuple(objectives)
    ways = (directions,) * len(metrics) if isinstance(directions, str) else tuple(directions)
    if not metrics or len(set(metrics)) < len(metrics):
        raise StudyError(f"hydra.sweeper.objective must name one metric or several different ones, got {list(metrics)}")
    if len(ways) != len(metrics):
        raise StudyError(
            f"hydra.sweeper.direction must be one word, or one for each of {len(metrics)} objectives; got {list(ways)}"
        )
    wrong = [way for way in ways if way not in DIRECTIONS]
    if wrong:
        raise StudyError(f"hydra.sweeper.direction must be maximize or minimize, got {wrong[0]}")
    if aggregate not in AGGREGATES:
        raise StudyError(f"hydra.sweeper.aggregate must be mean or lower_bound, got {aggregate}")
    if aggregate == "lower_bound" and replicates < 2:
        raise StudyError(f"hydra.sweeper.aggregate=lower_bound needs replicates of 2 or more, got {replicates}")
    goal = Goal(metrics, ways, tuple(parse_constraint(text) for text in constraints), aggregate, skips_undefined)
    for name in metrics:
        _require_selectable("hydra.sweeper.objective", name)
    for constraint in goal.constraints:
        _require_selectable("hydra.sweeper.constraints", constraint.metric)
    return goal


def parse_constraint(text: str) -> Constraint:
    """`METRIC >= NUMBER` or `METRIC <= NUMBER`."""
    match = CONSTRAINT.fullmatch(text)
    bound = _finite_float(match[3]) if match else None
    if not match or bound is None:
        raise StudyError(f"hydra.sweeper.constraints: write METRIC >= NUMBER or METRIC <= NUMBER, got {text}")
    return Constraint(match[1], match[2] == ">=", bound)


def _require_selectable(key: str, name: str) -> None:
    section = name.partition("/")[0]
    if section == "test":
        raise StudyError(f"{key}={name}: test is scored once and selects nothing; take dev/{name.partition('/')[2]}")
    if section not in SELECTION_SECTIONS or not name.partition("/")[2]:
        raise StudyError(f"{key} must name a metric such as dev/f1/macro or time/train, got {name}")


def _finite_float(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _number(value: float | None) -> float:
    assert value is not None
    return value


def require_known(goal: Goal, label_ids: Sequence[str] | None, kind: str = "multi") -> None:
    """Raises StudyError for a metric on dev that no run has; `label_ids` is None where only the data name the criteria.

    `kind` is that of the label set.
    """
    scored = SCORED if kind == "multi" else CLASS_SCORED
    for name in goal.all_metrics:
        section, metric, criterion = (*name.split("/", 2), "", "")[:3]
        if section != "dev":
            continue
        scopes = [*(label_ids or ()), "macro", "micro", "weighted"]
        if metric not in scored:
            raise StudyError(f"{name}: there is no such metric; dev has {', '.join(scored)}")
        if metric == "accuracy" and criterion != "micro":
            raise StudyError(f"{name}: accuracy is one number for all classes; write dev/accuracy/micro")
        if not criterion or (label_ids and criterion not in scopes):
            raise StudyError(f"{name}: there is no such criterion; write dev/{metric}/NAME with one of {', '.join(scopes)}")


def require_defined(goal: Goal, label_ids: Sequence[str], without: Sequence[str]) -> str:
    """What an average leaves out if `without`, the labels of `label_ids` that no dev text carries, may be skipped.

    Raises:
        StudyError: an objective or a constraint would be undefined, or be of other labels than its name says, in every trial.
    """
    skipped: list[str] = []
    for name in goal.all_metrics if without else ():
        section, metric, scope = (*name.split("/", 2), "", "")[:3]
        if section != "dev" or metric not in NEEDS_POSITIVES:
            continue
        pooled = scope in (*AVERAGES, "micro")
        if scope in without or (pooled and len(without) == len(label_ids)):
            raise StudyError(
                f"{name} is undefined in every trial: no dev text carries {listing(list(without) if pooled else [scope])}; "
                "take another metric, or give dev such texts (data.dev_size, data.dev_share, data.files.dev)"
            )
        if scope in AVERAGES and not goal.skips_undefined:
            raise StudyError(
                f"{name} would leave out {listing(list(without))}, which no dev text carries, in every trial: set "
                "objective.undefined=skip to average the other labels, name those in labels.ids, or give dev such texts"
            )
        skipped += [name] if scope in AVERAGES else []
    return f"{listing(skipped)}: without {listing(list(without))}, which no dev text carries" if skipped else ""
