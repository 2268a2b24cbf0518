"""Tables of what was compared: the arms, their scores, and the criteria; pure."""

from collections.abc import Sequence

from synthsweep.compare.read.assemble import SYNTHETIC, added_texts
from synthsweep.compare.report.names import SUMMARY, title
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import CLASS_SCORES, MACRO
from synthsweep.compare.result.supplements import ArmScores
from synthsweep.pages.numbers import score
from synthsweep.pages.tables.table import Table, compact_table

COPIES = "copied or further real texts"
FACTS = {"train/real": "real texts", "train/synthetic": "synthetic texts", "train/steps": "steps"}


def arms(answer: Comparison) -> Table:
    """One row per arm: its factors, runs, texts and steps."""
    factors = tuple(dict.fromkeys(key for arm in answer.arms for key in arm.assignment))
    columns = {"arm": "l", **dict.fromkeys(factors, "l"), "runs": "r", **dict.fromkeys(FACTS.values(), "r"), COPIES: "r"}
    rows = [(_arm_name(arm, answer), *_settings(arm, factors), str(arm.runs), *_facts(arm)) for arm in answer.arms]
    return compact_table("arms", "Arms: settings, runs, and means over the runs", columns, rows)


def _copies(arm: ArmScores) -> str:
    """What an arm adds beside synthetic texts: repeated or further real ones."""
    added = added_texts(arm.facts) - arm.facts.get(SYNTHETIC, 0.0)
    return f"{added:,.6g}" if added > 0 else ""


def _arm_name(arm: ArmScores, answer: Comparison) -> str:
    return f"{arm.arm} (baseline)" if arm.arm == answer.baseline else arm.arm


def _settings(arm: ArmScores, factors: Sequence[str]) -> tuple[str, ...]:
    return tuple(arm.assignment.get(factor, "") for factor in factors)


def _facts(arm: ArmScores) -> tuple[str, ...]:
    return (*(f"{arm.facts[fact]:,.6g}" if fact in arm.facts else "" for fact in FACTS), _copies(arm))


def scores(answer: Comparison) -> Table:
    """Means and standard deviations of the scores over the blocks."""
    places = {title(metric): f"{metric}/{MACRO}" for metric in SUMMARY}
    if answer.kind == "single":
        places = {"accuracy": "/".join(CLASS_SCORES["accuracy"]), **places}
    columns = {"arm": "l", **dict.fromkeys(places, "r")}
    rows = [
        (_arm_name(arm, answer), *(score(*arm.scores.get(place, (None, None))) for place in places.values()))
        for arm in answer.arms
    ]
    shown = "accuracy and macro averages" if answer.kind == "single" else "macro averages"
    return compact_table("scores", f"Scores on test: {shown}, mean ± standard deviation over seeds", columns, rows)


def positives(answer: Comparison) -> Table:
    """One row per criterion: its name, and how many test texts show it."""
    ignored = {"ignored": "r"} if answer.undecided else {}
    rows = [
        (label, _other_name(answer, label), _positives(answer, label), *_undecided(answer, label)) for label in answer.labels
    ]
    caption = f"Criteria, and their positives among the {answer.test_texts:,} test texts"
    note = "ignored: nobody decided on the criterion in these texts, so they count neither as positives nor as negatives."
    columns = {"criterion": "l", "name": "l", "positives": "r", **ignored}
    return compact_table("positives", caption, columns, rows, *([note] if ignored else []))


def _undecided(answer: Comparison, label: str) -> tuple[str, ...]:
    return (f"{answer.undecided.get(label, 0):,}",) if answer.undecided else ()


def _other_name(answer: Comparison, label: str) -> str:
    name = answer.label_names.get(label, "")
    return "" if name == label else name


def _positives(answer: Comparison, label: str) -> str:
    return f"{answer.positives[label]:,}" if label in answer.positives else ""
