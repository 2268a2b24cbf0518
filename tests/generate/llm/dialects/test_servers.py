"""Each dialect through the real client: every text arrives, and what was changed is said once."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.llm_dialects import SERVERS, Server, error, format_of, script_of
from support.llm_faults import fill, job_of
from support.llm_server import Llm, Reply, as_json, completion, serving, texts
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import CompletionError
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.llm.openai_client import Answered, OpenAiClient, Result


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_a_server_is_understood(server: Server, own_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Refused requests cost nothing; none is sent twice in a dialect that was refused; all texts are kept."""

    with serving(script_of(server)) as llm:
        job, stats = fill(llm, own_folder, *server.settings)

    assert (job.missing.done, stats.failed, dict(job.missing.rejected)) == (40, 0, {})
    assert len(llm.requests) == 4 + server.refused
    assert server.says in caplog.text
    last = llm.requests[-1]
    assert format_of(last) == (server.ends_as if "messages" in last else "")


def test_the_next_command_starts_where_the_last_one_ended(own_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is remembered is said, with its file; another question to the same server refuses nothing any more."""

    def old(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
        return error(400, "unknown response_format") if "response_format" in asked else None

    with serving(old) as llm:
        fill(llm, own_folder)
        asked = len(llm.requests)
        caplog.clear()
        fill(llm, own_folder, "generate.n=30")

    assert (asked, len(llm.requests)) == (6, 8)
    assert "reply_format=json, as it was found on" in caplog.text
    assert (own_folder / "dialects.json").exists()


@pytest.mark.parametrize(
    ("message", "way_out"),
    [
        ("Unsupported value: 'temperature' does not support 0.7. Only the default (1) is supported.", "llm.temperature=null"),
        ("max_tokens is too large: 2000. This model supports at most 512 completion tokens.", "llm.max_output_tokens"),
        ("Unknown parameter: 'top_k'.", "llm.extra_body, which holds top_k"),
    ],
)
def test_what_the_user_chose_is_the_users_to_change(message: str, way_out: str, own_folder: Path) -> None:
    """Texts drawn otherwise than it says would be filed under the wrong setting: the job ends at the first refusal."""

    settings = ("llm.temperature=0.7", "llm.extra_body={top_k: 40}", "llm.reply_format=json")
    with serving(lambda *asked: error(400, message)) as llm, pytest.raises(CompletionError) as caught:
        fill(llm, own_folder, *settings)

    assert way_out in str(caught.value)
    assert len(llm.requests) == 1


FILTERED = (
    error(400, "The response was filtered by Azure OpenAI's content management policy.", "content_filter"),
    error(400, "litellm.ContentPolicyViolationError: AzureException - The response was filtered", "400"),
    error(400, "Invalid prompt: your prompt was flagged as potentially violating our usage policy.", "invalid_prompt"),
    error(403, "openai/gpt-4o requires moderation on OpenAI. Your input was flagged for \"violence\"", 403),
    error(400, "<400> InternalError.Algo.DataInspectionFailed: Input data may contain inappropriate content."),
    Reply(200, {"error": {"code": 400, "message": "Content Exists Risk"}}),
    Reply(200, {"choices": [{"index": 0, "finish_reason": "content_filter: PROHIBITED_CONTENT"}], "model": "m", "usage": None}),
    Reply(200, {"choices": [{"index": 0, "finish_reason": "SAFETY", "message": None}], "model": "m"}),
)  # fmt: skip


@pytest.mark.parametrize("answer", FILTERED, ids=range(len(FILTERED)))
def test_a_filtered_prompt_is_a_rejection(answer: Reply, own_folder: Path) -> None:
    """It is one question that a filter stopped, not the end of the job: the next sample is asked for."""

    with serving(lambda llm, number, asked: answer if number == 1 else None) as llm:
        job, _ = fill(llm, own_folder, "generate.concurrency=1")

    assert job.missing.done == 40
    assert sum(job.missing.rejected.values()) == 1
    assert len(llm.requests) == 5


@pytest.mark.parametrize("status", [400, 422])
def test_words_that_say_nothing_after_an_answer_are_about_the_prompt(status: int, own_folder: Path) -> None:
    """The format was taken before: the others are still asked in it."""

    refused = Reply(status, {"message": "Bad request"})
    with serving(lambda llm, number, asked: refused if number == 1 else None) as llm, pytest.raises(CompletionError):
        fill(llm, own_folder, "generate.concurrency=1")

    assert {format_of(asked) for asked in llm.requests} == {"json_schema"}


BROKEN = (
    {"error": {"code": 502, "message": "Provider returned error", "metadata": {"raw": "upstream died"}}},
    {"choices": [{"finish_reason": "error", "message": {"content": "1. Half"}, "error": {"message": "upstream died"}}]},
    {"choices": [{"index": 0, "finish_reason": "insufficient_system_resource", "message": {"content": "1. Half"}}]},
    {"success": False, "message": "upstream died"},
    b'data: {"choices": [{"index": 0, "delta": {"content": "1. Half"}}]}\n\n',
    b'data: {"error": {"message": "upstream died"}}\n\n',
)  # fmt: skip


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_an_error_inside_a_200_is_asked_again(body: Any, own_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of what it holds becomes a text; after too many tries its words are said."""

    with serving(lambda llm, number, asked: Reply(body=body) if number == 0 else None) as llm:
        job, _ = fill(llm, own_folder)
    with serving(lambda *asked: Reply(body=BROKEN[1])) as llm, pytest.raises(CompletionError, match="upstream died"):
        fill(llm, own_folder, "generate.n=40", "generate.max_attempts=1", "generate.max_failures=1")

    assert job.missing.done == 40
    assert not [reply for reply in job.store.all() if "Half" in reply.completion.text]


def test_another_llm_is_refused_before_the_second_request(own_folder: Path) -> None:
    """A name that only begins alike is another LLM: gpt-4 is not gpt-4o-mini."""

    def other(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
        return Reply(body=completion(asked, as_json(texts(asked, number)), model="gpt-4o-mini-2024-07-18"))

    with serving(other) as llm, pytest.raises(CompletionError, match="gpt-4o-mini-2024-07-18 answered"):
        fill(llm, own_folder, "llm.model=gpt-4")

    assert len(llm.requests) == 1


def test_words_about_a_prompt_that_shows_real_texts_are_not_said(own_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A server may quote the prompt in what it says of a parameter."""

    def quoting(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
        said = f"unknown response_format in {asked['messages'][-1]['content']}"
        return error(400, said) if "response_format" in asked else None

    with serving(quoting) as llm:
        job = job_of(llm, own_folder)
        answer = asyncio.run(asked_once(job.llm, replace(job.requests[0], sources=("r1",))))

    assert isinstance(answer, Answered)
    assert "refuses response_format json_schema: asking" in caplog.text
    assert job.requests[0].messages[-1].content[:40] not in caplog.text


async def asked_once(llm: LlmConfig, request: CompletionRequest) -> Result:
    """The outcome of one request."""
    client = OpenAiClient(llm, timeout_s=5)
    try:
        return await client.ask(request)
    finally:
        await client.close()
