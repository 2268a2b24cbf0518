from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import AB, run_config
from support.completers import Scripted
from synthsweep.config.schema import GenerateConfig
from synthsweep.examples import Example, Provenance
from synthsweep.generate.completer import Completion, CompletionRequest, Profile, Usage
from synthsweep.generate.pool import PoolCost, ReplyParser, fill_pool
from synthsweep.generate.prompts.plan import DEFAULT_N, PromptPlan
from synthsweep.generate.replies.parse import Rejected

CONFIG = run_config()
ASKING = PromptPlan(CONFIG.prompt, AB)
TEN = "\n".join(f"{number}. Text {number}." for number in range(1, 11))


def test_a_text_carries_the_asked_label_and_those_that_the_reply_names() -> None:
    """Provenance leads from an example back to its line of its reply."""

    completer = Scripted({"B": ["Sure:\n1. Both. [also: A]\n2. One."]})

    pool = fill_pool(CONFIG, ASKING, completer)

    assert [example.labels for example in pool.examples] == [{"A", "B"}, {"B"}]
    assert pool.rejected == (Rejected("no list item", "Sure:"),)
    digest = completer.asked[0].digest
    assert Provenance("synthetic", "scripted", "plain", "B", digest, 0, 1) == pool.examples[0].provenance
    assert pool.examples[0].id == "synthetic/scripted/plain/B/0/1"


def test_ids_are_unique_across_labels_samples_and_lines() -> None:
    """Equal texts stay different examples, or a duplicate could not be counted."""

    pool = fill_pool(CONFIG, ASKING, Scripted({"A": [TEN, TEN], "B": [TEN]}))

    assert len({example.id for example in pool.examples}) == 30
    assert {example.group for example in pool.examples} == {None}


@settings(deadline=None, max_examples=30)
@given(n=st.none() | st.integers(1, 40), given_a=st.integers(0, 3), given_b=st.integers(0, 3))
def test_no_label_gets_more_than_n_texts(n, given_a, given_b) -> None:
    """A finite completer gives all that it has up to there, in the order of its replies."""

    config = replace(CONFIG, generate=GenerateConfig(n))
    everything = fill_pool(CONFIG, ASKING, Scripted({"A": [TEN] * given_a, "B": [TEN] * given_b})).examples

    pool = fill_pool(config, ASKING, Scripted({"A": [TEN] * given_a, "B": [TEN] * given_b}))

    counts = Counter(example.provenance.criterion for example in pool.examples)
    assert [min(n or 1000, 10 * given_a), min(n or 1000, 10 * given_b)] == [counts["A"], counts["B"]]
    for label in AB.ids:
        own = [example for example in everything if example.provenance.criterion == label]
        assert own[: counts[label]] == [example for example in pool.examples if example.provenance.criterion == label]


@pytest.mark.parametrize(("n", "requests"), [(None, DEFAULT_N // 10), (1, 1), (10, 1), (11, 2), (25, 3)])
def test_an_endless_completer_is_asked_no_oftener_than_needed(n, requests) -> None:
    """A paid request more than the count needs is money lost."""

    completer = Scripted({"A": [TEN], "B": [TEN]}, endless=True)

    fill_pool(replace(CONFIG, generate=GenerateConfig(n)), ASKING, completer)

    assert {"A": requests, "B": requests} == Counter(request.criterion for request in completer.asked)


def test_texts_of_the_users_own_file_name_no_prompt() -> None:
    """They answered some prompt, but not one that this run knows."""

    pool = fill_pool(run_config("llm.path=mine.jsonl"), ASKING, Scripted({"A": ["1. Mine."]}))

    assert pool.examples[0].provenance.prompt == ""
    assert pool.examples[0].id == "synthetic/scripted/own/A/0/0"


def request_for(*, labels: frozenset[str] | None = frozenset("A"), profiles: tuple[Profile, ...] = ()) -> CompletionRequest:
    return CompletionRequest((), "A", 2, labels=labels, profiles=profiles)


@pytest.mark.parametrize(
    ("names", "answered_as", "expected"),
    [
        (("gpt-4o",), "gpt-4o-2024-08-06", True),
        (("gpt-4o",), "GPT-4o", True),
        (("gpt-4o",), "gpt-3.5-turbo", False),
        (("meta-llama/Llama-3",), "/models/Llama-3-8B.gguf", True),
        (("a", "mistral"), "mistral-7b", True),
        ((), "anything", True),
    ],
)
def test_an_answer_is_right_if_its_llm_begins_like_one_that_was_asked(names, answered_as, expected) -> None:
    """Servers add dates and paths, and some answer with whatever they have loaded."""

    reading = ReplyParser(AB.ids, "plain", answers_as=names)
    completion = Completion("1. One.", "asked", answered_as)

    assert expected == reading.answered_rightly(completion)
    expected_pieces = [Example] if expected else [Rejected]
    assert expected_pieces == [type(piece) for piece in reading.read(request_for(), completion)]


def test_an_answer_of_another_llm_is_rejected_as_a_whole() -> None:
    """Its texts would be tracked under a name that did not write them."""

    completion = Completion("1. One.\n2. Two.", "gpt-4o", "llama")

    assert ReplyParser(AB.ids, "plain", answers_as=("gpt-4o",)).read(request_for(), completion) == [
        Rejected("another LLM answered", "llama")
    ]


def test_a_server_that_does_not_say_who_answered_is_believed() -> None:
    """Some servers leave the field empty."""

    reading = ReplyParser(AB.ids, "plain", answers_as=("gpt-4o",))

    assert [type(piece) for piece in reading.read(request_for(), Completion("1. One.", "gpt-4o"))] == [Example]


@pytest.mark.parametrize("finish", ["refusal", "content_filter"])
def test_what_the_server_calls_a_refusal_is_one(finish) -> None:
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
def test_profiles_are_given_only_where_the_reply_has_as_many_items(reply, expected) -> None:
    """With one text missing nobody knows which: a wrong profile is worse than none."""

    pieces = ReplyParser(AB.ids, "attributed").read(request_for(profiles=PROFILES), Completion(reply, "llm"))

    assert expected == [piece.provenance.profile for piece in pieces if isinstance(piece, Example)]


@pytest.mark.parametrize(
    ("screened", "expected"), [(True, {"duplicate in reply": 2, "no list item": 1}), (False, {"no list item": 1})]
)
def test_only_the_texts_of_an_llm_are_screened(screened, expected) -> None:
    """The faults of a simulator are what a run with it is about."""

    completer = Scripted({"A": ["Sure:\n1. He waits.\n2. He waits.\n3. HE WAITS."]}, screened=screened)

    pool = fill_pool(CONFIG, ASKING, completer)

    assert expected == pool.reasons
    assert 3 - expected.get("duplicate in reply", 0) == len(pool.examples)


def test_a_reply_is_held_against_the_configured_length_and_language() -> None:
    """The rules come with the labels and with generate.max_words."""

    config = run_config("generate.max_words=3", "labels.language=de")
    english = "The quick brown fox jumps over the lazy dog and runs into the forest"
    completer = Scripted({"A": [f"1. One two three four.\n2. Kurz.\n3. {english}"]}, screened=True)

    assert fill_pool(config, ASKING, completer).reasons == {"too long": 2}
    unlimited = run_config("generate.max_words=0", "labels.language=de")
    assert "wrong language" in fill_pool(unlimited, ASKING, completer).reasons


def test_the_cost_of_a_pool_is_the_sum_over_its_replies() -> None:
    """What a server did not count is not known, and adds nothing."""

    paid = Completion("", "llm", usage=Usage(100, 20), usd=0.5)

    assert PoolCost().plus(paid).plus(paid).plus(Completion("", "llm")) == PoolCost(3, 200, 40, 1.0)
    assert fill_pool(CONFIG, ASKING, Scripted({"A": [TEN, TEN], "B": [TEN]})).cost.requests == 3
