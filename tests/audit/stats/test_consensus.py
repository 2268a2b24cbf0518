"""Several raters' answers as one verdict on each text."""

from hypothesis import given
from hypothesis import strategies as st

from support.audits import small
from synthsweep.audit.items import Answer
from synthsweep.audit.stats.consensus import Opinion, marks_by_rater, opinions, verdicts_by_rater

AUDIT = small(14, planted=1)
ITEM, PLANTED = AUDIT.items[0], AUDIT.items[-1]
ANSWERS = st.lists(
    st.tuples(st.sampled_from(["right", "wrong", "unsure"]), st.frozensets(st.sampled_from(AUDIT.labels.ids))), max_size=7
)


def of(item: str, *given_: tuple[str, str]) -> list[Answer]:
    """A rater for each verdict with what is seen besides."""
    return [Answer(item, f"rater {place}", verdict, frozenset(marks.split())) for place, (verdict, marks) in enumerate(given_)]


def opinion(*given_: tuple[str, str]) -> Opinion:
    return opinions(AUDIT, of(ITEM.id, *given_))[ITEM.id]


def test_nobodys_item_has_no_opinion() -> None:
    """Opinions come in the order of the audit; answers to items of another audit are ignored."""
    answers = [*of(AUDIT.items[3].id, ("right", "")), *of(ITEM.id, ("wrong", "")), *of("elsewhere", ("right", ""))]

    assert list(opinions(AUDIT, answers)) == [ITEM.id, AUDIT.items[3].id]


def test_one_rater_decides_alone() -> None:
    """Their marks, whether they confirm the label, and whether the labels omit one."""
    right, wrong = opinion(("right", "B1")), opinion(("wrong", ""))

    assert (
        right.verdict, right.seen, right.confirming, right.correct, right.omits,
    ) == ("right", {"A1", "B1"}, 1.0, True, True)  # fmt: skip
    assert (
        wrong.verdict, wrong.seen, wrong.confirming, wrong.correct, wrong.omits,
    ) == ("wrong", frozenset(), 0.0, False, False)  # fmt: skip


def test_more_than_half_of_those_who_are_sure_decide() -> None:
    """Two of three, whatever others are unsure of; what one of three sees besides is not seen."""
    found = opinion(("right", "B1 B2"), ("unsure", "B3"), ("wrong", "B1"), ("right", ""), ("unsure", "B3"))

    assert (found.verdict, found.seen, found.raters) == ("right", {"A1", "B1"}, 5)
    assert found.confirming == 2 / 3


def test_an_even_split_is_no_verdict() -> None:
    """Neither a tie nor unsure answers: correctness and omission are undefined then."""
    for given_ in ([("right", ""), ("wrong", "")], [("unsure", "B1")], [("unsure", ""), ("unsure", "")]):
        found = opinion(*given_)

        assert (None, None, None, frozenset(), len(given_)) == (
            found.verdict, found.correct, found.omits, found.seen, found.raters,
        )  # fmt: skip


def test_wrong_confirms_a_planted_label() -> None:
    """Its own label may be marked as seen, which is not an omission."""
    (own,) = PLANTED.labels
    found = opinions(AUDIT, of(PLANTED.id, ("wrong", own), ("wrong", own), ("right", "")))[PLANTED.id]

    assert (found.correct, found.omits, found.confirming) == (True, False, 2 / 3)


@given(ANSWERS.filter(bool))
def test_an_opinion_is_a_majority_in_any_order(given_: list[tuple[str, frozenset[str]]]) -> None:
    """By another count: each verdict and each criterion against half of those who were sure."""
    answers = [Answer(ITEM.id, f"r{place}", verdict, marks) for place, (verdict, marks) in enumerate(given_)]
    found = opinions(AUDIT, answers)[ITEM.id]
    sure = [answer for answer in answers if answer.verdict != "unsure"]
    right = sum(answer.verdict == "right" for answer in sure)
    expected = "right" if right > len(sure) / 2 else "wrong" if right < len(sure) / 2 else None

    assert found.verdict == expected
    assert found == opinions(AUDIT, reversed(answers))[ITEM.id]
    assert 0 <= found.confirming <= 1
    for label in AUDIT.labels.ids:
        seeing = sum(label in answer.shows or (answer.verdict == "right" and label == "A1") for answer in sure)
        assert (expected is not None and seeing > len(sure) / 2) == (label in found.seen)


def test_values_are_sure_verdicts_on_what_was_asked() -> None:
    """For all items, or for those of one criterion."""
    other = AUDIT.items[2]
    answers = [*of(ITEM.id, ("right", ""), ("unsure", "")), *of(other.id, ("wrong", "")), *of("elsewhere", ("right", ""))]

    assert verdicts_by_rater(AUDIT, answers) == {"rater 0": {ITEM.id: "right", other.id: "wrong"}}
    assert verdicts_by_rater(AUDIT, answers, "A1") == {"rater 0": {ITEM.id: "right"}}
    assert verdicts_by_rater(AUDIT, answers, "B4") == {}


def test_marks_are_of_every_text() -> None:
    """A criterion is seen where it was asked for and is right, and where it is marked besides."""
    other = AUDIT.items[2]
    answers = [*of(ITEM.id, ("right", ""), ("unsure", "A1")), *of(other.id, ("wrong", "A1"), ("right", ""))]

    assert marks_by_rater(AUDIT, answers, "A1") == {"rater 0": {ITEM.id: True, other.id: True}, "rater 1": {other.id: False}}
