import pytest

from support.builders import AB
from synthsweep.examples import Example
from synthsweep.generate.completer import Completion, CompletionRequest, Profile
from synthsweep.generate.replies.parse import Rejected
from synthsweep.generate.replies.reply_parser import ReplyParser


def request_for(*, labels: frozenset[str] | None = frozenset("A"), profiles: tuple[Profile, ...] = ()) -> CompletionRequest:
    return CompletionRequest((), "A", 2, labels=labels, profiles=profiles)


@pytest.mark.parametrize(
    ("names", "answered_as", "expected"),
    [
        (("gpt-4o",), "gpt-4o-2024-08-06", True),
        (("gpt-4o",), "GPT-4o", True),
        (("gpt-4o",), "gpt-3.5-turbo", False),
        (("meta-llama/Llama-3-8B",), "/models/Llama-3-8B.gguf", True),
        (("meta-llama/Llama-3",), "/models/Llama-3-8B.gguf", False),
        (("a", "mistral"), "mistral-latest", True),
        (("a", "mistral"), "mistral-7b", False),
        ((), "anything", True),
    ],
)
def test_an_answer_is_right_if_its_llm_is_a_version_of_one_that_was_asked(
    names: tuple[str, ...], answered_as: str, expected: bool
) -> None:
    """Servers add dates and paths, and some answer with whatever they have loaded."""

    completion = Completion("1. One.", "asked", answered_as)
    pieces = ReplyParser(AB.ids, "plain", answerers=names).read(request_for(), completion)

    assert completion.answered_by(names) == expected
    assert [type(piece) for piece in pieces] == [Example if expected else Rejected]


def test_an_answer_of_another_llm_is_rejected_as_a_whole() -> None:
    """Its texts would be tracked under a name that did not write them."""

    completion = Completion("1. One.\n2. Two.", "gpt-4o", "llama")

    assert ReplyParser(AB.ids, "plain", answerers=("gpt-4o",)).read(request_for(), completion) == [
        Rejected("another LLM answered", "llama")
    ]


def test_a_server_that_does_not_say_who_answered_is_believed() -> None:
    """Some servers leave the field empty."""

    parser = ReplyParser(AB.ids, "plain", answerers=("gpt-4o",))

    assert [type(piece) for piece in parser.read(request_for(), Completion("1. One.", "gpt-4o"))] == [Example]


@pytest.mark.parametrize("finish", ["refusal", "content_filter"])
def test_what_the_server_calls_a_refusal_is_one(finish: str) -> None:
    """Its words may be in any language, or none."""

    completion = Completion("1. One.", "llm", finish=finish)

    assert ReplyParser(AB.ids, "plain").read(request_for(), completion) == [Rejected("refusal", "1. One.")]


def test_a_reply_that_met_its_limit_loses_its_last_text() -> None:
    """Half a sentence reads like a whole one."""

    pieces = ReplyParser(AB.ids, "plain").read(request_for(), Completion("1. One.\n2. Tw", "llm", finish="length"))

    assert [piece.text for piece in pieces if isinstance(piece, Example)] == ["One."]
    assert pieces[-1] == Rejected("truncated", "Tw")


PROFILES = ((("age", "two"),), (("age", "five"),))


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("1. One.\n2. Two.", [PROFILES[0], PROFILES[1]]),
        ("Sure:\n1. One.\nand\n2. Two.", [PROFILES[0], PROFILES[1]]),
        ("1. One. [also: Z]\n2. Two.", [PROFILES[1]]),
        ("1. One.", [()]),
        ("1. One.\n2. Two.\n3. Three.", [(), (), ()]),
    ],
    ids=["as many", "words between", "one rejected", "too few", "too many"],
)
def test_profiles_are_given_only_where_the_reply_has_as_many_items(reply: str, expected: list[Profile]) -> None:
    """With one text missing nobody knows which: a wrong profile is worse than none."""

    pieces = ReplyParser(AB.ids, "attributed").read(request_for(profiles=PROFILES), Completion(reply, "llm"))

    assert [piece.provenance.profile for piece in pieces if isinstance(piece, Example)] == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("2. Two.\n3. Three.", {"Two.": 2, "Three.": 3}),
        ("1. One.\n3. Three.", {"One.": 1, "Three.": 3}),
        ('{"examples": [{"profile": 3, "text": "Three."}, {"profile": 1, "text": "One."}]}', {"One.": 1, "Three.": 3}),
        ('{"examples": [{"profile": "Profile 2", "text": "Two."}]}', {"Two.": 2}),
        ("Profile 3: Three waits.\nProfile 1: One spins.", {"Three waits.": 3, "One spins.": 1}),
        # A number twice, one that was not asked for, or none: by position, where all texts are there.
        ("1. One.\n1. Two.\n2. Three.", {"One.": 1, "Two.": 2, "Three.": 3}),
        ('[{"profile": 9, "text": "One."}, {"profile": 2, "text": "Two."}]', {"One.": None, "Two.": None}),
        ('{"examples": ["One.", "Two.", "Three."]}', {"One.": 1, "Two.": 2, "Three.": 3}),
        ('{"examples": ["One.", "Two."]}', {"One.": None, "Two.": None}),
    ],
)
def test_a_numbered_text_keeps_its_profile_where_others_are_missing(reply: str, expected: dict[str, int | None]) -> None:
    """The prompt asked for the numbers; without them a text too few costs all profiles."""

    profiles: tuple[Profile, ...] = tuple((("age", str(number)),) for number in (1, 2, 3))
    request = CompletionRequest((), "A", 3, labels=frozenset("A"), profiles=profiles, numbered=True)

    pieces = ReplyParser(AB.ids, "detailed").read(request, Completion(reply, "llm"))

    found = {piece.text: piece.provenance.profile for piece in pieces if isinstance(piece, Example)}
    assert found == {text: ((("age", str(number)),) if number else ()) for text, number in expected.items()}
