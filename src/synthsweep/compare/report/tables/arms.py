"""Tables of what was compared: the arms, their scores, and the criteria; pure."""

from collections.abc import Sequence

from synthsweep.compare.report.names import SUMMARY, title
from synthsweep.compare.result import ArmScores, Comparison
from synthsweep.pages.numbers import score
from synthsweep.pages.tables.table import Table, compact_table

FACTS = {"train/real": "real texts", "train/synthetic": "synthetic texts", "train/steps": "steps"}


def arms(answer: Comparison) -> Table:
    """One row per arm: its factors, runs, texts and steps."""
    factors = tuple(dict.fromkeys(key for arm in answer.arms for key in arm.assignment))
    columns = {"arm": "l", **dict.fromkeys(factors, "l"), "runs": "r", **dict.fromkeys(FACTS.values(), "r")}
    rows = [(_arm_name(arm, answer), *_settings(arm, factors), str(arm.runs), *_facts(arm)) for arm in answer.arms]
    return compact_table("arms", "Arms: settings, runs, and means over the runs", columns, rows)


def _arm_name(arm: ArmScores, answer: Comparison) -> str:
    return f"{arm.arm} (baseline)" if arm.arm == answer.baseline else arm.arm


def _settings(arm: ArmScores, factors: Sequence[str]) -> tuple[str, ...]:
    return tuple(arm.assignment.get(factor, "") for factor in factors)


def _facts(arm: ArmScores) -> tuple[str, ...]:
    return tuple(f"{arm.facts[fact]:,.6g}" if fact in arm.facts else "" for fact in FACTS)


def scores(answer: Comparison) -> Table:
    """Means and standard deviations of the scores over the blocks."""
    columns = {"arm": "l", **{title(metric): "r" for metric in SUMMARY}}
    rows = [
        (_arm_name(arm, answer), *(score(*arm.scores.get(f"{metric}/macro", (None, None))) for metric in SUMMARY))
        for arm in answer.arms
    ]
    return compact_table("scores", "Scores on test: macro averages, mean ± standard deviation over seeds", columns, rows)


def positives(answer: Comparison) -> Table:
    """One row per criterion: its name, and how many test texts show it."""
    rows = [(label, _other_name(answer, label), _positives(answer, label)) for label in answer.labels]
    caption = f"Criteria, and their positives among the {answer.test_texts:,} test texts"
    return compact_table("positives", caption, {"criterion": "l", "name": "l", "positives": "r"}, rows)


def _other_name(answer: Comparison, label: str) -> str:
    name = answer.label_names.get(label, "")
    return "" if name == label else name


def _positives(answer: Comparison, label: str) -> str:
    return f"{answer.positives[label]:,}" if label in answer.positives else ""
