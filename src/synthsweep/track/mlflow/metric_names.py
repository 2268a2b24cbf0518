"""How metrics are called and ordered in MLflow: scores on test first, counts last, where people look for scores; pure."""

import re
from collections.abc import Mapping

# Tables of runs sort metrics by name; the page of a run has them in the order in which they were written.
COUNTS = "z_counts/"
COUNTED = ("support", "predicted_positives")
SPLITS = ("test", "dev")
# `dev`, `test` or `test_NAME`, and a subgroup of one; metric and criterion.
_SCORE = re.compile(r"((?:test_[^/]+/)?subgroup/[^/]+/[^/]+|dev|test(?:_[^/]+)?)/([^/]+)(?:/(.+))?")
FIRST = ("average_precision", "f1", "precision", "recall")


def stored_names(metrics: Mapping[str, float]) -> dict[str, float]:
    """Metrics as MLflow has them, in the order in which its page of a run shows them."""
    return {f"{COUNTS}{name}" if _is_count(name) else name: metrics[name] for name in sorted(metrics, key=_place)}


def own_names(metrics: Mapping[str, float]) -> dict[str, float]:
    """Metrics of MLflow as we call them; a run of an earlier version has them under these names."""
    return {name.removeprefix(COUNTS): value for name, value in metrics.items()}


def _place(name: str) -> tuple[bool, int, bool, int]:
    """Its place among the metrics of a run; equal places keep their order."""
    split, metric, criterion = _parts(name)
    part = SPLITS.index(split) if split in SPLITS else len(SPLITS)
    return _is_count(name), part, criterion != "macro", FIRST.index(metric) if metric in FIRST else len(FIRST)


def _is_count(name: str) -> bool:
    split, metric, criterion = _parts(name)
    if not split:
        return name == "replicates"
    return metric in COUNTED or criterion == "undefined"


def _parts(name: str) -> tuple[str, str, str]:
    """Split, metric and criterion of a score; a subgroup, as `subgroup/sex/f`, counts as a split. Empty for other metrics."""
    scored = _SCORE.fullmatch(name)
    return (scored[1], scored[2], scored[3] or "") if scored else ("", "", "")
