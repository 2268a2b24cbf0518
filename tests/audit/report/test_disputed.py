"""Which texts are to be read again, and why."""

import pytest

from support import findings
from synthsweep.audit.items import PLANTED, REAL, RIGHT, UNSURE, WRONG, Answer
from synthsweep.audit.report.disputed import disputed


def test_what_is_to_be_read_again_is_grouped_by_criterion() -> None:
    """Judged wrong first; each with every reason."""
    items = [
        findings.item("fine"), findings.item("noted"), findings.item("more"), findings.item("two"), findings.item("wrong"),
        findings.item("unsure", "A2", labels=("A2",)), findings.item("miss", "A2", labels=()),
        findings.item("p", "B1", kind=PLANTED), findings.item("q", "B1", kind=PLANTED), findings.item("r", kind=REAL),
    ]  # fmt: skip
    answers = [
        Answer("fine", "Anna", RIGHT), Answer("noted", "Anna", RIGHT, note="stiff"),
        Answer("more", "Anna", RIGHT, frozenset({"B2"})),
        Answer("two", "Ben", WRONG), Answer("two", "Anna", RIGHT), Answer("wrong", "Anna", WRONG),
        Answer("unsure", "Anna", UNSURE),
        Answer("miss", "Anna", RIGHT), Answer("p", "Anna", RIGHT), Answer("q", "Anna", WRONG, frozenset({"A2"})),
        Answer("r", "Anna", WRONG, frozenset({"A2"})),
    ]  # fmt: skip
    found = disputed(findings.of_items(items, answers))

    assert {label: {one.item.id: one.reasons for one in group} for label, group in found.items()} == {
        "A1": {
            "wrong": ("judged wrong",),
            "r": ("a real text, and not confirmed",),
            "noted": ("a note",),
            "more": ("shows B2, which its labels leave out",),
            "two": ("raters differ",),
        },
        "A2": {
            "miss": ("judged right, where its labels say nothing", "shows A2, which its labels leave out"),
            "unsure": ("nobody was sure",),
        },
        "B1": {"p": ("a label planted wrong, and not noticed",)},
    }
    assert [answer.rater for answer in found["A1"][-1].answers] == ["Anna", "Ben"]
    assert [one.item.id for one in found["A1"]][:2] == ["wrong", "r"]


@pytest.mark.parametrize(
    ("kind", "verdicts", "expected"),
    [
        (PLANTED, (WRONG, WRONG, RIGHT), ("raters differ", "a label planted wrong, and noticed")),
        (PLANTED, (RIGHT, RIGHT, WRONG), ("a label planted wrong, and not noticed", "raters differ")),
        (PLANTED, (RIGHT, WRONG), ("raters differ", "a label planted wrong")),
        (PLANTED, (UNSURE,), ("nobody was sure", "a label planted wrong")),
        (REAL, (RIGHT, RIGHT, WRONG), ("raters differ", "a real text, and confirmed")),
        (REAL, (WRONG, WRONG, RIGHT), ("a real text, and not confirmed", "raters differ")),
        (REAL, (UNSURE,), ("nobody was sure", "a real text")),
    ],
)
def test_a_control_is_called_one(kind: str, verdicts: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Whatever else it is shown for; nobody should correct a label that was planted wrong."""
    one = findings.item("c", "A1" if kind == REAL else "A2", kind=kind)
    answers = [Answer("c", rater, word) for rater, word in zip(("Anna", "Ben", "Cem"), verdicts, strict=False)]

    groups = disputed(findings.of_items([one], answers)).values()
    assert [shown.reasons for group in groups for shown in group] == [expected]


def test_a_control_that_nobody_doubts_is_not_shown() -> None:
    """That it is one is no reason to read it again."""
    items = [findings.item("p", "A2", kind=PLANTED), findings.item("r", kind=REAL)]

    assert disputed(findings.of_items(items, [Answer("p", "Anna", WRONG), Answer("r", "Anna", RIGHT)])) == {}
