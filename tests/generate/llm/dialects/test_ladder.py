import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import run_config
from synthsweep.generate.llm.dialects.dialect import dialect_of
from synthsweep.generate.llm.dialects.ladder import next_step
from synthsweep.generate.llm.dialects.refusal import refusal_of, refusal_within
from synthsweep.generate.llm.openai_client import MOST_STEPS

LLM = run_config("llm=vllm", "llm.model=m", "llm.seed=1", "llm.top_p=1").llm
WORDS = st.sampled_from(
    "seed temperature top_p max_tokens max_completion_tokens response_format json_schema system role v1/responses too large "
    "unsupported model stream context length not allowed".split()
)
SAID = st.lists(WORDS, max_size=8).map(" ".join)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "detail", "message", "code", "loc", "status", "object", "choices"]), inner)
    ),
)


def refused(status: int, said: str) -> object:
    step = next_step(dialect_of(LLM), refusal_of(status, json.dumps({"error": {"message": said}}), {}), LLM, system=True)
    return step and step.refused


@given(said=st.lists(SAID, min_size=20, max_size=20), status=st.sampled_from([200, 400, 404, 422, 500]), system=st.booleans())
def test_the_ladder_ends(said: list[str], status: int, system: bool) -> None:
    """Whatever a server says next, no dialect is spoken twice."""
    dialect, seen = dialect_of(LLM), {dialect_of(LLM)}
    for words in said:
        step = next_step(dialect, refusal_of(status, json.dumps({"message": words}), {}), LLM, system=system)
        if step is None:
            break
        assert step.dialect not in seen
        dialect = step.dialect
        seen.add(dialect)
    assert len(seen) <= MOST_STEPS


@given(value=ANY, status=st.sampled_from([200, 400, 500]))
def test_no_error_is_a_bug(value: object, status: int) -> None:
    """Errors come in any form; what is quoted of the request is not taken for the server's words."""
    refusal_within(value, {}, "")

    assert "canary" not in refusal_of(status, json.dumps({"error": value, "input": "canary"}), {}).said


@pytest.mark.parametrize(
    ("status", "said", "found"),
    [
        (
            400,
            "Invalid schema for response_format 'examples': In context=(), 'required' is required",
            "response_format json_schema",
        ),
        (422, "Input should be 'text' or 'json_object'", "response_format json_schema"),
        (400, "`json_object` is the only output format here", "response_format json_schema"),
        (400, "Unrecognized request argument supplied: seed", "seed"),
        (400, "'top_p' and 'temperature' cannot both be specified for this model", "temperature"),
        (400, "Developer instruction is not enabled for models/gemma-3-27b-it", "a system message"),
        (400, "Conversation roles must alternate user/assistant/user/assistant", "a system message"),
        (400, "This model does not support logprobs.", None),
        (400, "top_logprobs must be at most 5", "top_logprobs=20"),
        (400, "Unknown model m", None),
        (400, "model `m` does not exist", None),
        (400, "Budget has been exceeded! Current cost: 1.2, Max budget: 1.0", None),
        (400, "max_tokens must be at most 512", None),
        (400, "This endpoint takes stream=true alone", None),
        (500, "Internal server error", None),
        (503, "response_format", None),
    ],
)
def test_what_is_named_is_what_changes(status: int, said: str, found: str | None) -> None:
    """What no dialect can mend is not tried."""
    assert found == refused(status, said)
