"""The metric of the family of tests: the one that a study stated as its objective, as far as a comparison has it; pure."""

from collections.abc import Iterable

from synthsweep.compare.result.effects import METRICS
from synthsweep.config.metrics import ACCURACY

DEFAULT_METRIC = "average_precision"


def metric_of(objectives: Iterable[str]) -> str:
    """The stated metric; average precision where none is stated, or a comparison has no such metric."""
    stated = stated_metric(objectives)
    return stated if stated in (*METRICS, ACCURACY) else DEFAULT_METRIC


def stated_metric(objectives: Iterable[str]) -> str:
    """The metric of the first objective, such as `dev/f1/macro`; empty where there is none."""
    return next((name.split("/")[1] for name in objectives if "/" in name), "")
