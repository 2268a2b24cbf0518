import asyncio
import json
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import run_config
from support.llm_server import serving
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.completer import Completion, CompletionRequest, Message, Usage
from synthsweep.generate.llm.endpoint.trust import is_loopback
from synthsweep.generate.llm.openai_client import Answered, Failed, OpenAiClient, Result, read_body

LLM = run_config("llm=vllm", "llm.model=m").llm
anything = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["choices", "message", "content", "usage", "prompt_tokens", "finish_reason", "model", "refusal",
                     "error", "output", "tool_calls", "detail", "code", "text", "type", "logprobs", "tokens", "token"]), inner
))  # fmt: skip


def body(content: object = "1. A text.", **top: object) -> str:
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return json.dumps({"model": "m-1", "choices": [choice], **top})


def completed(text: str) -> Completion:
    answer = read_body(text, LLM)
    assert isinstance(answer, Answered)
    return answer.completion


@given(value=anything)
def test_no_body_is_a_bug(value: object) -> None:
    """Whatever a server sends is a completion or a failure."""

    assert isinstance(read_body(json.dumps(value), LLM, logprobs=True), (Answered, Failed))


def test_a_completion_says_who_answered_and_what_was_used() -> None:
    """Cached tokens are part of the prompt's."""

    used = {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 5}}

    assert completed(body(usage=used)) == Completion("1. A text.", "m", "m-1", "stop", Usage(7, 3, 5))


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_log_probabilities_are_kept_where_they_were_asked_for(api: str) -> None:
    """Those that mean yes or no, in either API; a server may send them unasked."""
    given = [
        {"token": "yes", "logprob": -0.1, "top_logprobs": [{"token": "no", "logprob": -2}, {"token": "so", "logprob": -3}]}
    ]
    if api == "chat":
        choice = {"message": {"content": "yes"}, "logprobs": {"content": given}}
        said = json.dumps({"choices": [choice]})
    else:
        piece = {"type": "output_text", "text": "yes", "logprobs": given}
        said = json.dumps({"output": [{"type": "message", "content": [piece]}]})
    answer = read_body(said, LLM, logprobs=True)

    assert isinstance(answer, Answered)
    assert json.loads(answer.completion.tokens or "") == [["yes", {"no": -2.0, "yes": -0.1}]]
    assert completed(said).tokens is None


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_log_probabilities_are_asked_for_in_the_words_of_each_api(api: str) -> None:
    """Twenty alternatives, the most of OpenAI; nothing of it in other requests."""
    client = OpenAiClient(replace(LLM, api=api), timeout_s=1)
    names = {"logprobs", "top_logprobs", "include"}

    sent = client.parameters(replace(ASKED, logprobs=True))

    assert {name: sent[name] for name in names & set(sent)} == (
        {"logprobs": True, "top_logprobs": 20}
        if api == "chat"
        else {"include": ["message.output_text.logprobs"], "top_logprobs": 20}
    )
    assert not names & set(client.parameters(ASKED))


def test_a_text_in_pieces_is_joined_without_what_the_model_thought() -> None:
    """As Mistral sends it."""

    pieces = [{"type": "thinking", "thinking": []}, {"type": "text", "text": "1. A "}, {"type": "text", "text": "text."}]

    assert completed(body(pieces)).text == "1. A text."


def test_half_a_surrogate_pair_can_be_stored() -> None:
    """No database takes it as it is, and it was paid for."""

    found = completed(body().replace("A text", "A \\ud800 text"))

    assert "text" in found.text.encode().decode()


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("http://127.0.0.1:8000/v1", True), ("http://127.8.9.1/v1", True), ("http://[::1]:8000/v1", True),
        ("http://localhost/v1", True), ("https://api.openai.com/v1", False), ("http://127.0.0.1.example.com/v1", False),
        ("http://localhost.example.com", False), ("http://192.168.1.5/v1", False), ("http://0.0.0.0:8000", False),
    ],
)  # fmt: skip
def test_home_is_this_machine_alone(address: str, home: bool) -> None:
    """A name that begins like it is somebody else's."""

    assert home == is_loopback(address)


@pytest.mark.parametrize("kind", ["openai", "azure"])
def test_a_server_gets_no_word_of_another_account(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Organisation, project, keys and headers in the environment are meant for OpenAI or for Azure."""

    foreign = {
        "OPENAI_ORG_ID": "org-canary", "OPENAI_PROJECT_ID": "proj-canary", "OPENAI_API_KEY": "sk-canary",
        "OPENAI_ADMIN_KEY": "sk-canary", "OPENAI_BASE_URL": "http://canary.invalid/v1", "OPENAI_CUSTOM_HEADERS": "X-A: canary",
        "OPENAI_WEBHOOK_SECRET": "canary", "AZURE_OPENAI_AD_TOKEN": "canary", "AZURE_OPENAI_ENDPOINT": "http://canary.invalid",
        "HF_TOKEN": "hf_canary",
    }  # fmt: skip
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OWN_KEY", "sk-own")
    with serving() as server:
        hosted = ("llm.kind=azure", "llm.api_version=2024-10-21") if kind == "azure" else ()
        llm = run_config("llm=vllm", "llm.model=m", f"llm.base_url={server.address}", "llm.api_key_env=OWN_KEY", *hosted).llm
        result = asyncio.run(asked(llm))

    assert isinstance(result, Answered)
    assert "canary" not in str(server.headers)
    assert "sk-own" in str(server.headers)
    assert {name: os.environ[name] for name in foreign} == foreign


async def asked(llm: LlmConfig) -> Result:
    """The outcome of one request."""
    client = OpenAiClient(llm, timeout_s=10)
    try:
        return await client.ask(CompletionRequest((Message("user", "Write 1 different texts."),), "A", 1))
    finally:
        await client.close()


def test_an_address_that_nobody_serves_is_named() -> None:
    """Nothing was sent, so nothing is billed."""

    llm = run_config("llm=vllm", "llm.model=m", "llm.base_url=http://127.0.0.1:1/v1").llm

    result = asyncio.run(asked(llm))

    assert isinstance(result, Failed)
    assert ("127.0.0.1:1 cannot be reached" in result.reason, "llm.base_url" in result.reason, result.billed) == (
        True,
        True,
        False,
    )


def test_the_server_of_transformers_is_told_to_draw() -> None:
    """Whatever the temperature, it gives the likeliest text unless it is told so in a parameter of its own."""

    client = OpenAiClient(run_config("llm=transformers", "llm.model=m").llm, timeout_s=1)

    assert json.loads(client.parameters(ASKED)["generation_config"]) == {"do_sample": True}


def test_openai_is_told_which_account_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own variables count for its own address alone."""

    monkeypatch.setenv("OPENAI_API_KEY", "sk-own")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-own")
    addresses = {"https://api.openai.com/v1": "org-own", "https://eu.api.openai.com/v1": "org-own"}
    others = dict.fromkeys(["https://openai.com.evil.org/v1", "https://notopenai.com/v1", "http://127.0.0.1:1/v1"])

    sent = {
        address: OpenAiClient(run_config("llm=gpt-4o-mini", f"llm.base_url={address}").llm, timeout_s=1).sdk.organization
        for address in (*addresses, *others)
    }

    assert sent == {**addresses, **others}


ASKED = CompletionRequest((Message("user", "Write."),), "A", 10)


def key_of(request: CompletionRequest = ASKED, *overrides: str, store: str = "here", form: str = "json") -> str:
    client = OpenAiClient(run_config("llm=vllm", "llm.model=m", *overrides).llm, timeout_s=1, store=store)
    dialect = replace(client.dialect, reply_format=form)
    return client.idempotency_key(request, client.parameters(request, dialect))


def test_a_retry_has_the_key_of_the_first_attempt() -> None:
    """A server that knows the header bills both once."""

    again = CompletionRequest((Message("user", "Write."),), "A", 10)

    assert key_of() == key_of(again)


def test_a_request_goes_with_its_key() -> None:
    with serving() as server:
        llm = run_config("llm=vllm", "llm.model=m", f"llm.base_url={server.address}").llm
        result = asyncio.run(asked(llm))
        client = OpenAiClient(llm, timeout_s=1)
        request = CompletionRequest((Message("user", "Write 1 different texts."),), "A", 1)
        key = client.idempotency_key(request, client.parameters(request))

    assert isinstance(result, Answered)
    assert f"'idempotency-key': '{key}'" in str(server.headers).lower()


def test_no_two_requests_share_a_key() -> None:
    """Whatever differs: what is sent, the sample, the question that it answers, the store that keeps the answer."""

    requests = [
        ASKED, replace(ASKED, sample=1), replace(ASKED, messages=(Message("system", "Write."),)),
        replace(ASKED, messages=(*ASKED.messages, Message("user", "More."))), replace(ASKED, question=(Message("user", "X"),)),
    ]  # fmt: skip
    settings = (
        "llm.model=other", "llm.temperature=0.5", "llm.top_p=0.5", "llm.reasoning_effort=low", "llm.max_output_tokens=9",
        "llm.token_limit_key=max_completion_tokens",
    )  # fmt: skip
    keys = [*map(key_of, requests), *(key_of(ASKED, one) for one in settings)]
    keys += [key_of(form="json_object"), key_of(form="json_schema"), key_of(store="there")]

    assert len(keys) == len(set(keys))
