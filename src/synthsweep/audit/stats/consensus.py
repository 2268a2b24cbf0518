"""The answers of several raters combined into one verdict per text; pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from synthsweep.audit.items import RIGHT, UNSURE, WRONG, Answer, Audit, Item, Stratum


@dataclass(frozen=True)
class Opinion:
    """The majority's view of one item, among the raters who were sure.

    `verdict` is that of more than half of these raters, else None; `seen` are the criteria that more than half of them see;
    `confirming` in [0, 1] is the share who confirm the text's label.
    """

    item: Item
    verdict: str | None
    seen: frozenset[str] = frozenset()
    confirming: float = 0.0
    raters: int = 0

    @property
    def correct(self) -> bool | None:
        """Whether the label in question is right; None without a majority."""
        return None if self.verdict is None else self.verdict == self.item.expected

    @property
    def omits(self) -> bool | None:
        """Whether the text shows a criterion that its labels omit; None without a majority."""
        return None if self.verdict is None else bool(self.seen - self.item.labels)


def opinions(audit: Audit, answers: Iterable[Answer]) -> dict[str, Opinion]:
    """Maps item ids to opinions, for every item with an answer, in the order of the audit."""
    answered = by_item(answers)
    return {item.id: _opinion(item, answered[item.id]) for item in audit.items if item.id in answered}


def by_item(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """Maps item ids to their answers."""
    grouped: dict[str, list[Answer]] = {}
    for answer in answers:
        grouped.setdefault(answer.item, []).append(answer)
    return grouped


def raters_of(answers: Iterable[Answer]) -> list[str]:
    """The names of the raters who answered, sorted without regard to case."""
    return sorted({answer.rater for answer in answers}, key=str.casefold)


def by_stratum(judged: Iterable[Opinion]) -> dict[Stratum, list[Opinion]]:
    """Maps each stratum to the opinions on its texts; strata without opinions are missing."""
    grouped: dict[Stratum, list[Opinion]] = {}
    for opinion in judged:
        grouped.setdefault(opinion.item.stratum, []).append(opinion)
    return grouped


def _opinion(item: Item, answers: Sequence[Answer]) -> Opinion:
    sure = [answer for answer in answers if answer.verdict != UNSURE]
    right = sum(answer.verdict == RIGHT for answer in sure)
    if 2 * right == len(sure):
        return Opinion(item, None, raters=len(answers))
    verdict = RIGHT if 2 * right > len(sure) else WRONG
    marks = [mark for answer in sure for mark in answer.seen(item)]
    seen = frozenset(mark for mark in marks if 2 * marks.count(mark) > len(sure))
    agreeing = right if item.expected == RIGHT else len(sure) - right
    return Opinion(item, verdict, seen, agreeing / len(sure), len(answers))


def verdicts_by_rater(audit: Audit, answers: Iterable[Answer], criterion: str | None = None) -> dict[str, dict[str, str]]:
    """Maps raters to items to right or wrong, for the items of one criterion or for all; unsure answers are excluded."""
    of_criterion = {item.id for item in audit.items if criterion in {None, item.criterion}}
    verdicts: dict[str, dict[str, str]] = defaultdict(dict)
    for answer in answers:
        if answer.item in of_criterion and answer.verdict != UNSURE:
            verdicts[answer.rater][answer.item] = answer.verdict
    return dict(verdicts)


def marks_by_rater(audit: Audit, answers: Iterable[Answer], criterion: str) -> dict[str, dict[str, bool]]:
    """Maps raters to items to whether they see the criterion there, for every text; unsure answers are excluded."""
    items: Mapping[str, Item] = {item.id: item for item in audit.items}
    marks: dict[str, dict[str, bool]] = defaultdict(dict)
    for answer in answers:
        if answer.item in items and answer.verdict != UNSURE:
            marks[answer.rater][answer.item] = criterion in answer.seen(items[answer.item])
    return dict(marks)
