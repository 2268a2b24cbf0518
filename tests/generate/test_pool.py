from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import AB, run_config
from completers import Scripted
from synthsweep.config.schema import GenerateConfig
from synthsweep.examples import Provenance
from synthsweep.generate.parsing import Rejected
from synthsweep.generate.pool import DEFAULT_N, fill_pool

CONFIG = run_config()
TEN = "\n".join(f"{number}. Text {number}." for number in range(1, 11))


def test_a_text_carries_the_asked_label_and_those_that_the_reply_names():
    """Provenance leads from an example back to its line of its reply."""

    completer = Scripted({"B": ["Sure:\n1. Both. [also: A]\n2. One."]})

    pool = fill_pool(CONFIG, AB, completer)

    assert [{"A", "B"}, {"B"}] == [example.labels for example in pool.examples]
    assert (Rejected("no list item", "Sure:"),) == pool.rejected
    digest = completer.asked[0].digest
    assert Provenance("synthetic", "scripted", "plain", "B", digest, 0, 1) == pool.examples[0].provenance
    assert "synthetic/scripted/plain/B/0/1" == pool.examples[0].id


def test_ids_are_unique_across_labels_samples_and_lines():
    """Equal texts stay different examples, or a duplicate could not be counted."""

    pool = fill_pool(CONFIG, AB, Scripted({"A": [TEN, TEN], "B": [TEN]}))

    assert 30 == len({example.id for example in pool.examples})
    assert {None} == {example.group for example in pool.examples}


@settings(deadline=None, max_examples=30)
@given(n=st.none() | st.integers(1, 40), given_a=st.integers(0, 3), given_b=st.integers(0, 3))
def test_no_label_gets_more_than_n_texts(n, given_a, given_b):
    """A finite completer gives all that it has up to there, in the order of its replies."""

    config = replace(CONFIG, generate=GenerateConfig(n))
    everything = fill_pool(CONFIG, AB, Scripted({"A": [TEN] * given_a, "B": [TEN] * given_b})).examples

    pool = fill_pool(config, AB, Scripted({"A": [TEN] * given_a, "B": [TEN] * given_b}))

    counts = Counter(example.provenance.criterion for example in pool.examples)
    assert [min(n or 1000, 10 * given_a), min(n or 1000, 10 * given_b)] == [counts["A"], counts["B"]]
    for label in AB.ids:
        own = [example for example in everything if example.provenance.criterion == label]
        assert own[: counts[label]] == [example for example in pool.examples if example.provenance.criterion == label]


@pytest.mark.parametrize(("n", "requests"), [(None, DEFAULT_N // 10), (1, 1), (10, 1), (11, 2), (25, 3)])
def test_an_endless_completer_is_asked_no_oftener_than_needed(n, requests):
    """A paid request more than the count needs is money lost."""

    completer = Scripted({"A": [TEN], "B": [TEN]}, endless=True)

    fill_pool(replace(CONFIG, generate=GenerateConfig(n)), AB, completer)

    assert {"A": requests, "B": requests} == Counter(request.criterion for request in completer.asked)


def test_texts_of_the_users_own_file_name_no_prompt():
    """They answered some prompt, but not one that this run knows."""

    pool = fill_pool(run_config("llm.path=mine.jsonl"), AB, Scripted({"A": ["1. Mine."]}))

    assert "" == pool.examples[0].provenance.prompt
    assert "synthetic/scripted/own/A/0/0" == pool.examples[0].id
