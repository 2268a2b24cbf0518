import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.generate.replies.judge_answer import parse_answer, verdict_of
from synthsweep.generate.replies.parse import Rejected
from synthsweep.label_checker import Verdict

IDS = ("A", "B")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ('{"labels": ["A", "B"]}', {"A", "B"}),
        ('{"labels": []}', set()),
        ('```json\n{"labels": [" A "]}\n```', {"A"}),
        ('The form is {"labels": ["ID"]}. Well: {"labels": ["B"]} is mine {so to say}.', {"B"}),
        ('{"answer": {"why": "none"}, "labels": ["A"]}', {"A"}),
        ('{"labels": [["A"]]}', {"A"}),
        ('{"labels": "A"}', {"A"}),
        ('{"label": ["A"]}', {"A"}),
        ('["A"]', {"A"}),
        ("**A**", {"A"}),
        ("None.", set()),
        ('<think>{"labels": ["B"]}</think>{"labels": ["A"]}', {"A"}),
        ('{ "labels" :\n[\n"A"\n]\n}\nBecause he waves.', {"A"}),
    ],
)
def test_answers_that_are_understood(reply: str, expected: set[str]) -> None:
    """Fenced, among words, or after a thought."""

    assert parse_answer(reply, IDS) == expected


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ('{"labels": ["C"]}', "unknown label"),
        ('{"labels": ["A", 7]}', "unknown label"),
        ('{"labels": ["A"', "truncated"),
        ("<think>A, since", "truncated"),
        ("A, since he waves.", "no answer"),
        ("I'm sorry, but I can't assist with that request.", "refusal"),
        ("", "no answer"),
        ('{"a":' * 5000, "no answer"),
    ],
)
def test_answers_that_are_of_no_use(reply: str, kind: str) -> None:
    """They are counted, never guessed at."""

    answer = parse_answer(reply, IDS)

    assert (isinstance(answer, Rejected), answer.kind) == (True, kind)


@given(st.text(st.sampled_from('{}[]"labels:, AB\n\\'), max_size=60))
def test_no_reply_breaks_the_parser(reply: str) -> None:
    """Whatever an LLM writes is an answer or a reason."""

    answer = parse_answer(reply, IDS)

    assert isinstance(answer, Rejected) or answer <= set(IDS)


@pytest.mark.parametrize(
    ("answers", "own", "labels", "share"),
    [
        (["A", "A", "B"], "A", "A", 2 / 3),
        (["AB", "A", "B"], "AB", "AB", 1 / 3),
        (["A", ""], "A", "", 1 / 2),
        (["", "", "A"], "", "", 2 / 3),
        (["AB", "AB"], "A", "AB", 1.0),
    ],
)
def test_a_verdict_is_what_most_answers_say(answers: list[str], own: str, labels: str, share: float) -> None:
    """More than half; agreement is with all of a text's own labels at once, or with there being none."""

    assert verdict_of([frozenset(a) for a in answers], frozenset(own)) == Verdict(frozenset(labels), pytest.approx(share))


def test_without_an_answer_there_is_no_verdict() -> None:
    """Undefined is not zero."""

    assert verdict_of([], frozenset("A")) is None


def test_words_that_met_the_limit_of_tokens_are_no_answer() -> None:
    """More labels may have followed; JSON shows by itself whether it is whole."""

    assert [parse_answer(reply, IDS, cut=True) for reply in ("A, B", '{"labels": ["A"]} since')] == [
        Rejected("truncated", "A, B"),
        frozenset("A"),
    ]
