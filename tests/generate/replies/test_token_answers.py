"""The probability of each label in an answer of yes and no, from the log-probabilities of its tokens."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.generate.replies.token_answers import kept_tokens, label_probabilities, meaning

YES, NO = math.log(0.8), math.log(0.1)


def of(tokens: list[str], answers: dict[int, dict[str, float]]) -> list[float] | None:
    """The probabilities of A and B in a reply of these tokens; `answers` are the alternatives to some, by their places."""
    content = [
        {
            "token": token, "logprob": answers.get(place, {}).get(token, -0.5),
            "top_logprobs": [{"token": other, "logprob": logprob} for other, logprob in answers.get(place, {}).items()],
        }
        for place, token in enumerate(tokens)
    ]  # fmt: skip
    kept = kept_tokens({"content": content})
    return label_probabilities(kept, ["A", "B"]) if kept else None


@pytest.mark.parametrize(
    "tokens",
    [
        ["{", '"', "A", '":', ' "', "yes", '",', ' "', "B", '":', ' "', "no", '"}'],
        ['{"', "A", '": "', "yes", '", "', "B", '": "', "no", '"}'],
        ["{'", "A", "': '", "Yes", "', '", "B", "': '", "No", "'}"],
        ["```json\n{", '"A"', ":", '"yes"', ",", '"B"', ":", '"no"', "}\n```"],
        ["A", ":", " y", "es", "\n", "B", ":", " n", "o"],
        ["<think>", '"A": "no"', "</think>", '{"A": ', '"true', '", "B": ', '"false', '"}'],
        ['{"a', '": ', "1", ', "b', '": ', "0", "}"],
    ],
)
def test_the_answer_to_a_label_is_found_however_the_reply_is_cut_into_tokens(tokens: list[str]) -> None:
    """With quotation marks in its token or before it, in a fence, behind reasoning, or in its first letters."""
    places = [place for place, token in enumerate(tokens) if meaning(token) is not None and len(token) < 8][-2:]
    answers = {places[0]: {tokens[places[0]]: YES, "no": NO}, places[1]: {tokens[places[1]]: YES, " YES": NO}}

    assert of(tokens, answers) == pytest.approx([8 / 9, 1 / 9])


def test_spellings_are_summed_and_other_words_left_out() -> None:
    """The one that was chosen counts though it is not among the alternatives."""
    answers = {1: {"yes": math.log(0.3), " Yes": math.log(0.1), "NO": math.log(0.2), "perhaps": math.log(0.4)}}

    found = of(['{"A": "', "yes", '", "B": "', "no", '"}'], answers)

    assert found == pytest.approx([4 / 6, 0.0])


@pytest.mark.parametrize(
    "tokens", [['{"A": "', "yes", '"}'], ['{"A": "', "yes", '", "B": "', "perhaps", '"}'], ['{"labels": ["A"]}'], []]
)
def test_an_answer_that_leaves_a_label_open_has_no_probabilities(tokens: list[str]) -> None:
    assert of(tokens, {}) is None


@pytest.mark.parametrize(
    "stated", [None, {}, [], {"content": None}, {"content": [{"token": "yes"}]}, "yes", {"tokens": ["yes"]}, 3, [None]]
)
def test_what_is_no_log_probability_is_none(stated: Any) -> None:
    """A server may send null, another form, or nothing."""
    assert kept_tokens(stated) is None


def test_the_form_of_older_servers_is_read() -> None:
    """Lists of tokens and of their log-probabilities, side by side."""
    logprobs = {
        "tokens": ['{"A": "', "yes", '", "B": "', "no", '"}'], "token_logprobs": [0.0, YES, 0.0, YES, None],
        "top_logprobs": [{}, {"no": NO}, None, {"yes": NO}, {}],
    }  # fmt: skip

    assert label_probabilities(kept_tokens(logprobs) or "", ["A", "B"]) == pytest.approx([8 / 9, 1 / 9])


@given(st.lists(st.floats(0.001, 0.999), min_size=2, max_size=2), st.floats(0.01, 1.0))
def test_a_probability_is_the_share_of_yes_whatever_else_was_likely(shares: list[float], mass: float) -> None:
    """It lies in [0, 1], and scaling yes and no together changes nothing."""
    a, b = shares
    answers = {
        1: {"yes": math.log(a * mass), "no": math.log((1 - a) * mass)},
        3: {"yes": math.log(b * mass), "no": math.log((1 - b) * mass)},
    }

    assert of(['{"A": "', "yes", '", "B": "', "no", '"}'], answers) == pytest.approx(shares)


def test_labels_are_kept_apart_where_one_ends_like_another() -> None:
    """And where a label holds a sign of JSON or of a pattern."""
    ids = ["A", "xA", 'q".*"']
    text = [json.dumps(ids[1]) + ': "', "no", '", ' + json.dumps(ids[2]) + ': "', "no", '", "A": "', "yes", '"}']
    content = [{"token": token, "logprob": 0.0} for token in ["{", *text]]

    assert label_probabilities(kept_tokens({"content": content}) or "", ids) == [1.0, 0.0, 0.0]
