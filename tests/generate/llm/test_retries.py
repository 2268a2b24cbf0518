"""Requests without an answer, over real sockets: what passes is asked again, what lasts ends the job soon."""

from pathlib import Path
from typing import Any

import pytest

from support.llm_faults import USD_A_REPLY, fill, job_of
from support.llm_server import Llm, Reply, completion, serving
from synthsweep.errors import CompletionError
from synthsweep.generate.llm.job import run_job
from synthsweep.progress import silent

PAGE = Reply(body=b"<html><title>Sign in</title></html>")


def too_long(status: int = 400) -> Reply:
    return Reply(status, {"error": {"message": "This model's maximum context length is 128 tokens.", "type": "bad"}})


def length(asked: dict[str, Any]) -> int:
    return sum(len(message["content"]) for message in asked["messages"])


@pytest.mark.parametrize("body", [PAGE.body, b"It works!", b"null", b"[]", {"status": "ok"}, b"data: {}"])
def test_a_place_that_is_no_api_is_asked_twice(own_folder: Path, body: Any) -> None:
    """Whatever it answers instead, at the defaults."""
    with serving(lambda *asked: Reply(body=body)) as llm, pytest.raises(CompletionError, match=r"llm\.base_url .*: stopped$"):
        fill(llm, own_folder, "generate.n=200")

    assert len(llm.requests) == 2


@pytest.mark.parametrize("body", [pytest.param(PAGE.body, marks=pytest.mark.slow), b"", b'{"choices": ['])
def test_answers_that_stay_away_end_the_job(own_folder: Path, body: bytes) -> None:
    """After what was under way, a few are asked one by one; what was answered is kept."""
    with (
        serving(lambda llm, number, asked: Reply(body=body) if number >= 2 else None, latency=0.02) as llm,
        pytest.raises(CompletionError, match="4 times in a row, with a pause between: stopped; the same command goes on"),
    ):
        fill(llm, own_folder, "generate.n=200", "generate.concurrency=4")
    job = job_of(llm, own_folder, "generate.n=200")

    # Four at once; how many follow before the first pause depends on the clock. Six tries of each would be 240.
    assert len(llm.requests) <= 24
    assert (job.missing.done, job.spending.held) == (20, 0.0)


@pytest.mark.parametrize("body", [PAGE.body, b""])
def test_a_page_now_and_then_is_asked_again(own_folder: Path, body: bytes) -> None:
    """As a gateway with a worker that starts anew sends it."""
    with serving(lambda llm, number, asked: Reply(body=body) if number % 5 == 2 else None) as llm:
        job, stats = fill(llm, own_folder, "generate.n=60", "generate.concurrency=2")

    assert (job.missing.done, stats.failed) == (120, 0)


def test_a_first_prompt_that_is_too_long_is_kept_once_a_shorter_one_is_answered(own_folder: Path) -> None:
    """Which one that is, is known beforehand."""
    lengths: list[int] = []

    def picky(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
        lengths.append(length(asked))
        return too_long() if length(asked) > lengths[0] - 1 else None

    with serving(picky) as llm:
        job, _ = fill(llm, own_folder, "generate.concurrency=1", "generate.n=10")

    assert lengths[1] < lengths[0]
    assert job.missing.rejected["prompt too long"] >= 1
    assert job.missing.texts.total() >= 10


def test_a_prompt_that_is_too_long_is_not_asked_again_but_with_less_room(
    own_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The pool is filled by further samples; a smaller limit of the reply asks for that one."""

    def picky(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
        return too_long() if number == 1 and asked["max_tokens"] == 2000 else None

    with serving(picky) as llm:
        job, stats = fill(llm, own_folder, "generate.concurrency=1")
        counts = [len(llm.requests)]
        for limit in (2000, 4000, 1000, 1000):
            fill(llm, own_folder, "generate.concurrency=1", f"llm.max_output_tokens={limit}")
            counts.append(len(llm.requests))

    assert (job.missing.done, stats.failed, dict(job.missing.rejected)) == (40, 0, {"prompt too long": 1})
    assert (counts, stats.uncounted) == ([5, 5, 5, 6, 6], 0)
    assert job.spending.paid == pytest.approx(5 * USD_A_REPLY)
    assert "this prompt is left out" in caplog.text


def test_another_server_is_asked_what_one_found_too_long(own_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And what it finds too long as well is its own refusal from then on; one line says whose refusals count no more."""

    def small(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
        return too_long() if number in {1, 2} else None

    with serving(small) as first, serving(lambda llm, number, asked: too_long() if number == 0 else None) as second:
        fill(first, own_folder, "generate.concurrency=1")
        asked = []
        for _ in range(3):
            job, _ = fill(second, own_folder, "generate.concurrency=1")
            asked.append(len(second.requests))

    assert (asked, dict(job.missing.rejected)) == ([2, 2, 2], {"prompt too long": 1})
    assert f"2 prompts that {first.address} refused as too long" in caplog.text
    assert f"are asked again, of {second.address}" in caplog.text


def test_a_server_with_a_larger_context_is_asked_again_on_demand(own_folder: Path) -> None:
    """What it refused before this command, once."""
    with serving(lambda llm, number, asked: too_long() if number in {1, 5} else None) as llm:
        job, _ = fill(llm, own_folder, "generate.concurrency=1")
        with job.store.group():
            job.store.connection.execute("UPDATE replies SET answered_at = '2025-01-01' WHERE finish = 'too_long'")
        for _ in range(2):
            job, _ = fill(llm, own_folder, "generate.concurrency=1", "generate.retry_too_long=true")
        assert (len(llm.requests), dict(job.missing.rejected)) == (6, {"prompt too long": 1})
        with job.store.group():
            job.store.connection.execute("UPDATE replies SET answered_at = '2025-01-01' WHERE finish = 'too_long'")
        job, _ = fill(llm, own_folder, "generate.concurrency=1", "generate.retry_too_long=true")

    assert (len(llm.requests), dict(job.missing.rejected)) == (7, {})
    assert {reply.completion.finish for reply in job.store.all()} == {"stop"}


@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_where_all_prompts_are_too_long_the_job_ends(own_folder: Path, status: int) -> None:
    """The shortest one says so; nothing is kept, so that a server with a larger context is asked for all."""
    with serving(lambda *asked: too_long(status)) as llm, pytest.raises(CompletionError, match="no prompt is short enough"):
        fill(llm, own_folder, "generate.n=200")
    job = job_of(llm, own_folder)

    assert len(llm.requests) <= 2
    assert (len(list(job.store.all())), job.spending.total) == (0, 0.0)


def test_a_request_that_no_minute_has_room_for_is_not_waited_for(own_folder: Path) -> None:
    """A limit per minute that is smaller than one prompt never passes it."""
    said = "Request too large on tokens per min (TPM): Limit 10, Requested 12. The input must be reduced."
    refusal = Reply(429, {"error": {"message": said, "code": "rate_limit_exceeded"}}, {"Retry-After": "60"})
    with serving(lambda llm, number, asked: refusal if number == 1 else None) as llm:
        job, _ = fill(llm, own_folder, "generate.concurrency=1")

    assert (job.missing.done, len(llm.requests)) == (40, 5)


def test_a_preview_shows_why_its_prompt_is_refused(own_folder: Path) -> None:
    """It is about this prompt, and nothing else is sent."""
    with serving(lambda *asked: too_long()) as llm, pytest.raises(CompletionError, match="maximum context length"):
        run_job(job_of(llm, own_folder), silent, most_requests=1)

    assert len(llm.requests) == 1


def test_a_reply_of_prose_is_no_prompt_that_is_too_long(own_folder: Path) -> None:
    """It is a reply, and rejected as one."""
    with serving(lambda llm, number, asked: Reply(body=completion(asked, "too long")) if number == 1 else None) as llm:
        job, _ = fill(llm, own_folder, "generate.concurrency=1")

    assert "prompt too long" not in job.missing.rejected
