"""The answers of several raters as one verdict on each text; pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from synthsweep.audit.items import RIGHT, UNSURE, WRONG, Answer, Audit, Item, Stratum


@dataclass(frozen=True)
class Opinion:
    """What the raters of one item say together.

    `verdict` is that of more than half of those who were sure, None where there is none; `seen` are the criteria that more than
    half of them see; `bearing_out` in [0, 1] is the share of them who bear out the labels that the text was given.
    """

    item: Item
    verdict: str | None
    seen: frozenset[str] = frozenset()
    bearing_out: float = 0.0
    raters: int = 0

    @property
    def correct(self) -> bool | None:
        """Whether the text was labelled rightly, as far as the asked criterion goes; None where nobody can say."""
        return None if self.verdict is None else self.verdict == self.item.expected

    @property
    def omits(self) -> bool | None:
        """Whether the text shows a criterion that its labels leave out; None where nobody can say."""
        return None if self.verdict is None else bool(self.seen - self.item.labels)


def opinions(audit: Audit, answers: Iterable[Answer]) -> dict[str, Opinion]:
    """By item, of every item that anybody answered; items in the order of the audit."""
    of_item = by_item(answers)
    return {item.id: _opinion(item, of_item[item.id]) for item in audit.items if item.id in of_item}


def by_item(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """Item to what everybody said of it."""
    found: dict[str, list[Answer]] = {}
    for answer in answers:
        found.setdefault(answer.item, []).append(answer)
    return found


def raters_of(answers: Iterable[Answer]) -> list[str]:
    """Who answered, by name."""
    return sorted({answer.rater for answer in answers}, key=str.casefold)


def by_stratum(said: Iterable[Opinion]) -> dict[Stratum, list[Opinion]]:
    """Stratum to the opinions on its texts, of those strata that have any."""
    found: dict[Stratum, list[Opinion]] = {}
    for opinion in said:
        found.setdefault(opinion.item.stratum, []).append(opinion)
    return found


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


def values_of(audit: Audit, answers: Iterable[Answer], criterion: str | None = None) -> dict[str, dict[str, str]]:
    """Rater to item to right or wrong, of the items that ask for a criterion, or of all; unsure answers are left out."""
    asked = {item.id for item in audit.items if criterion in {None, item.criterion}}
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for answer in answers:
        if answer.item in asked and answer.verdict != UNSURE:
            found[answer.rater][answer.item] = answer.verdict
    return dict(found)


def marks_of(audit: Audit, answers: Iterable[Answer], criterion: str) -> dict[str, dict[str, bool]]:
    """Rater to item to whether the criterion is seen there, of every text, whatever it was asked for."""
    items: Mapping[str, Item] = {item.id: item for item in audit.items}
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for answer in answers:
        if answer.item in items and answer.verdict != UNSURE:
            found[answer.rater][answer.item] = criterion in answer.seen(items[answer.item])
    return dict(found)
