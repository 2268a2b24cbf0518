"""The arms, criteria and metrics of a report in order, and the titles of metrics; pure."""

from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import TITLES

# The metrics of the summary, which has one row per arm.
SUMMARY = ("average_precision", "precision", "recall", "f1")


def contrasts(answer: Comparison) -> tuple[str, ...]:
    """The arms that are compared with the baseline, in order."""
    return answer.contrasts


def criteria(answer: Comparison) -> tuple[str, ...]:
    """The criteria, followed by the averages that were computed."""
    computed = {effect.criterion for effect in answer.effects}
    return (*answer.labels, *(average for average in ("macro", "micro") if average in computed))


def primary_criteria(answer: Comparison) -> tuple[str, ...]:
    """The same in the primary metric: accuracy has no macro average."""
    computed = {effect.criterion for effect in answer.effects if effect.metric == answer.primary}
    return tuple(row for row in criteria(answer) if row in (*answer.labels, *computed))


def metrics(answer: Comparison) -> tuple[str, ...]:
    """The metrics that were compared, the primary one first."""
    compared = {effect.metric for effect in answer.effects}
    return tuple(sorted((metric for metric in TITLES if metric in compared), key=lambda metric: metric != answer.primary))


def capital(text: str) -> str:
    """The text with a capital letter at its beginning, the others as they are."""
    return f"{text[:1].upper()}{text[1:]}"


def title(metric: str) -> str:
    """The usual name of a metric."""
    return TITLES.get(metric, metric)


def named(answer: Comparison, criterion: str) -> str:
    """A criterion with its name, as `A1 Social-emotional reciprocity`; the id alone if it has no other name."""
    name = answer.label_names.get(criterion, "")
    return f"{criterion} {name}" if name and name != criterion else criterion
