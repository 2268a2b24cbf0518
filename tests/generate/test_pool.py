from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import AB, run_config
from support.completers import Scripted
from synthsweep.config.keys.generation import GenerateConfig
from synthsweep.examples import Provenance
from synthsweep.generate.completer import Completion, Usage
from synthsweep.generate.pool import PoolCost, fill_pool
from synthsweep.generate.prompts.plan import DEFAULT_N, PromptPlan
from synthsweep.generate.replies.parse import Rejected

CONFIG = run_config()
PLAN = PromptPlan(CONFIG.prompt, AB)
TEN = "\n".join(f"{number}. Text {number}." for number in range(1, 11))


def test_a_text_carries_the_asked_label_and_those_that_the_reply_names() -> None:
    """Provenance leads from an example back to its line of its reply."""

    completer = Scripted({"B": ["Sure:\n1. Both. [also: A]\n2. One."]})

    pool = fill_pool(CONFIG, PLAN, completer)

    assert [example.labels for example in pool.examples] == [{"A", "B"}, {"B"}]
    assert pool.rejected == (Rejected("no list item", "Sure:"),)
    digest = completer.asked[0].digest
    assert pool.examples[0].provenance == Provenance("synthetic", "scripted", "plain", "B", digest, 0, 1)
    assert pool.examples[0].id == "synthetic/scripted/plain/B/0/1"


def test_ids_are_unique_across_labels_samples_and_lines() -> None:
    """Equal texts stay different examples, or a duplicate could not be counted."""

    pool = fill_pool(CONFIG, PLAN, Scripted({"A": [TEN, TEN], "B": [TEN]}))

    assert len({example.id for example in pool.examples}) == 30
    assert {example.group for example in pool.examples} == {None}


@settings(deadline=None, max_examples=30)
@given(n=st.none() | st.integers(1, 40), given_a=st.integers(0, 3), given_b=st.integers(0, 3))
def test_no_label_gets_more_than_n_texts(n: int | None, given_a: int, given_b: int) -> None:
    """A finite completer gives all that it has up to there, in the order of its replies."""

    config = replace(CONFIG, generate=GenerateConfig(n))
    everything = fill_pool(CONFIG, PLAN, Scripted({"A": [TEN] * given_a, "B": [TEN] * given_b})).examples

    pool = fill_pool(config, PLAN, Scripted({"A": [TEN] * given_a, "B": [TEN] * given_b}))

    counts = Counter(example.provenance.criterion for example in pool.examples)
    assert [min(n or 1000, 10 * given_a), min(n or 1000, 10 * given_b)] == [counts["A"], counts["B"]]
    for label in AB.ids:
        own = [example for example in everything if example.provenance.criterion == label]
        assert own[: counts[label]] == [example for example in pool.examples if example.provenance.criterion == label]


@pytest.mark.parametrize(("n", "requests"), [(None, DEFAULT_N // 10), (1, 1), (10, 1), (11, 2), (25, 3)])
def test_an_endless_completer_is_asked_no_oftener_than_needed(n: int | None, requests: int) -> None:
    """A paid request more than the count needs is money lost."""

    completer = Scripted({"A": [TEN], "B": [TEN]}, endless=True)

    fill_pool(replace(CONFIG, generate=GenerateConfig(n)), PLAN, completer)

    assert {"A": requests, "B": requests} == Counter(request.criterion for request in completer.asked)


def test_texts_of_the_users_own_file_name_no_prompt() -> None:
    """They answered some prompt, but not one that this run knows."""

    pool = fill_pool(run_config("llm.path=mine.jsonl"), PLAN, Scripted({"A": ["1. Mine."]}))

    assert pool.examples[0].provenance.prompt == ""
    assert pool.examples[0].id == "synthetic/scripted/own/A/0/0"


@pytest.mark.parametrize(
    ("screened", "expected"), [(True, {"duplicate in reply": 2, "no list item": 1}), (False, {"no list item": 1})]
)
def test_only_the_texts_of_an_llm_are_screened(screened: bool, expected: dict[str, int]) -> None:
    """The faults of a simulator are what a run with it is about."""

    completer = Scripted({"A": ["Sure:\n1. He waits.\n2. He waits.\n3. HE WAITS."]}, screened=screened)

    pool = fill_pool(CONFIG, PLAN, completer)

    assert pool.reasons == expected
    assert 3 - expected.get("duplicate in reply", 0) == len(pool.examples)


def test_a_reply_is_held_against_the_configured_length_and_language() -> None:
    """The rules come with the labels and with generate.max_words."""

    config = run_config("generate.max_words=3", "labels.language=de")
    english = "The quick brown fox jumps over the lazy dog and runs into the forest"
    completer = Scripted({"A": [f"1. One two three four.\n2. Kurz.\n3. {english}"]}, screened=True)

    assert fill_pool(config, PLAN, completer).reasons == {"too long": 2}
    unlimited = run_config("generate.max_words=0", "labels.language=de")
    assert "wrong language" in fill_pool(unlimited, PLAN, completer).reasons


def test_the_cost_of_a_pool_is_the_sum_over_its_replies() -> None:
    """What a server did not count is not known, and adds nothing."""

    paid = Completion("", "llm", usage=Usage(100, 20), usd=0.5)

    assert PoolCost().plus(paid).plus(paid).plus(Completion("", "llm")) == PoolCost(3, 200, 40, 1.0)
    assert fill_pool(CONFIG, PLAN, Scripted({"A": [TEN, TEN], "B": [TEN]})).cost.requests == 3
