"""The texts that should be read again, and why; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synthsweep.audit.items import PLANTED, REAL, RIGHT, SAMPLE, UNSURE, Answer, Item
from synthsweep.audit.stats.consensus import Opinion, by_item
from synthsweep.audit.stats.findings import Findings

CONTROLS = {REAL: "a real text", PLANTED: "a label planted wrong"}
PASSED = {REAL: f"{CONTROLS[REAL]}, and confirmed", PLANTED: f"{CONTROLS[PLANTED]}, and noticed"}
FAILED = {REAL: f"{CONTROLS[REAL]}, and not confirmed", PLANTED: f"{CONTROLS[PLANTED]}, and not noticed"}
JUDGED_WRONG, JUDGED_RIGHT = "judged wrong", "judged right, where its labels say nothing"


@dataclass(frozen=True)
class Disputed:
    """An item, why it is shown, and the answer of each rater."""

    item: Item
    reasons: tuple[str, ...]
    answers: tuple[Answer, ...]


def disputed(findings: Findings) -> dict[str, list[Disputed]]:
    """Disputed texts by requested criterion, in the order of the label set; texts that were judged wrong come first."""
    of_item = by_item(findings.answers)
    grouped: dict[str, list[Disputed]] = {label: [] for label in findings.audit.labels.ids}
    for opinion in findings.opinions.values():
        answers = sorted(of_item[opinion.item.id], key=lambda answer: answer.rater.casefold())
        if reasons := tuple(_reasons(opinion, answers, findings.audit.labels.ids)):
            grouped[opinion.item.criterion].append(Disputed(opinion.item, reasons, tuple(answers)))
    order = [JUDGED_WRONG, JUDGED_RIGHT, *FAILED.values()]
    for group in grouped.values():
        group.sort(key=lambda one: order.index(one.reasons[0]) if one.reasons[0] in order else len(order))
    return {label: group for label, group in grouped.items() if group}


def _reasons(opinion: Opinion, answers: Sequence[Answer], labels: Sequence[str]) -> Iterator[str]:
    item = opinion.item
    doubts = tuple(_doubts(opinion, answers, labels))
    if opinion.correct is False:
        yield FAILED.get(item.kind, JUDGED_WRONG if item.expected == RIGHT else JUDGED_RIGHT)
    yield from doubts
    # This alone is no reason to read a text again, but readers must know that the text is a control.
    if doubts and item.kind in CONTROLS and opinion.correct is not False:
        yield (PASSED if opinion.correct else CONTROLS)[item.kind]


def _doubts(opinion: Opinion, answers: Sequence[Answer], labels: Sequence[str]) -> Iterator[str]:
    item = opinion.item
    if len({answer.verdict for answer in answers} - {UNSURE}) > 1:
        yield "raters differ"
    if all(answer.verdict == UNSURE for answer in answers):
        yield "nobody was sure"
    left_out = [label for label in labels if label in opinion.seen - item.labels]
    if item.kind == SAMPLE and left_out:
        yield f"shows {', '.join(left_out)}, which its labels leave out"
    if any(answer.note for answer in answers):
        yield "a note"
