"""What is asked and answered, and which answers mean nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.audits import LABELS, small
from synthsweep.audit.items import PLANTED, REAL, SAMPLE, Answer, Stratum, checked_answer, rater_name
from synthsweep.errors import AuditError

AUDIT = small(2, real=1, planted=1)
ITEM = AUDIT.items[0]


def refusal(answer: Answer) -> str:
    with pytest.raises(AuditError) as refused:
        checked_answer(answer, ITEM, LABELS)
    return str(refused.value)


def test_an_item_expects_right_where_its_labels_say_so() -> None:
    """A text without the label, a near miss or a planted one, is expected wrong."""
    assert [item.expected for item in AUDIT.items] == ["right", "right", "right", "wrong"]
    assert replace(ITEM, labels=frozenset()).expected == "wrong"


def test_items_are_found_by_id_and_kind() -> None:
    assert (AUDIT.item(ITEM.id), AUDIT.item("nobody")) == (ITEM, None)
    assert [len(AUDIT.of_kind(kind)) for kind in (SAMPLE, REAL, PLANTED)] == [2, 1, 1]
    assert ITEM.stratum == Stratum("llm-one", "plain-prompt", "A1")


def test_the_digest_is_of_what_is_asked() -> None:
    """Another text or order is another audit; another seed with the same items is the same one."""
    first, second, *rest = AUDIT.items
    others = [(replace(first, text="another"), second, *rest), (second, first, *rest), (second, *rest)]

    assert len({AUDIT.digest, *(replace(AUDIT, items=items).digest for items in others)}) == 4
    assert AUDIT.digest == replace(AUDIT, seed=5).digest


def test_a_right_answer_sees_the_asked_criterion_too() -> None:
    """A wrong one sees the marked ones alone."""
    further = frozenset({"B1"})

    assert Answer(ITEM.id, "anna", "right", further).seen(ITEM) == frozenset({"A1", "B1"})
    assert Answer(ITEM.id, "anna", "wrong", further).seen(ITEM) == further


def test_a_name_is_taken_without_superfluous_space() -> None:
    """Any printable name of up to 60 letters."""
    assert rater_name("  Anna \n Ó\tBriain ") == "Anna Ó Briain"
    assert rater_name("n" * 60) == "n" * 60


@given(st.text())
def test_a_name_is_printable_or_refused(given_: str) -> None:
    message = ""
    try:
        name = rater_name(given_)
    except AuditError as error:
        name, message = "refused", str(error)

    assert (name, len(name) <= 60, name.isprintable()) == (rater_name(name), True, True)
    assert not message or (message.startswith("rater must ") and "\n" not in message)


def test_no_name_says_how_to_give_one() -> None:
    with pytest.raises(AuditError, match=r"^rater must say who answered, got nothing$"):
        rater_name(" \t")


def test_an_answer_that_means_something_is_taken() -> None:
    """Every verdict, with and without further criteria; the asked one may be marked where it is right."""
    for verdict in ("right", "wrong", "unsure"):
        answer = Answer(ITEM.id, "anna", verdict, frozenset({"B1", "B4"}), "n" * 2000)
        assert checked_answer(answer, ITEM, LABELS) == answer
    marked = Answer(ITEM.id, "anna", "right", frozenset({"A1"}))

    assert checked_answer(marked, ITEM, LABELS) == Answer(ITEM.id, "anna", "right")


def test_an_answer_that_means_nothing_names_its_field() -> None:
    """One line that begins with the field."""
    given_ = [
        Answer(ITEM.id, "anna", "maybe"),
        Answer(ITEM.id, "anna", "right", frozenset({"Z9", "B1"})),
        Answer(ITEM.id, "anna", "wrong", frozenset({"A1"})),
        Answer(ITEM.id, "anna", "unsure", frozenset({"A1"})),
        Answer(ITEM.id, "anna", "right", note="n" * 2001),
    ]

    assert [refusal(answer) for answer in given_] == [
        "verdict must be right, wrong, unsure, got 'maybe'",
        "shows must name criteria (A1, A2, A3, B1, B2, B3, B4), got 'Z9'",
        "verdict is wrong, and yet A1 is marked as shown: one of the two is a slip",
        "verdict is unsure, and yet A1 is marked as shown: one of the two is a slip",
        "note must be at most 2000 letters, got 2001",
    ]


def test_a_note_is_text_that_a_file_can_hold() -> None:
    """Half a letter, as JSON can write it, is refused before the database refuses it."""
    assert "note must be text" in refusal(Answer(ITEM.id, "anna", "right", note="\ud83d"))
