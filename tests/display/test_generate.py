"""What a person sees of a job that asks an LLM."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.table import Table

from support.builders import AB, run_config
from synthsweep.config.keys.run import PoolConfig
from synthsweep.display.console import open_console
from synthsweep.display.generate import preview, summary
from synthsweep.generate.completer import Completion, Usage
from synthsweep.generate.llm.filler import FillStats
from synthsweep.generate.pool_job import GenerationJob, plan_job
from synthsweep.generate.prompts.plan import PromptPlan

GOOD = "After lunch he turns one red wheel by the window."
REPLY = json.dumps({"examples": [{"text": GOOD, "also": ["B"]}, {"text": "She hums.", "also": ["Z"]}]})
PAID = run_config("llm=gpt-4o-mini", "prompt=plain", "prompt.per_request=2", "generate.n=2", "generate.max_usd=0.5")
FREE = run_config("llm=ollama", "llm.model=small", "prompt=plain", "prompt.per_request=2", "generate.n=2")


def planned(config: PoolConfig) -> GenerationJob:
    return plan_job(config, PromptPlan(config.prompt, AB, form=config.llm.reply_form))


@pytest.fixture
def job() -> Iterator[GenerationJob]:
    made = planned(PAID)
    yield made
    made.store.close()


@pytest.fixture
def free_job() -> Iterator[GenerationJob]:
    made = planned(FREE)
    yield made
    made.store.close()


def answered(job: GenerationJob, usd: float) -> FillStats:
    """The job after one answer: a text, and one with a label that does not exist."""
    request, stats = job.requests[0], FillStats()
    done = Completion(REPLY, job.replies.name, job.replies.name, "stop", Usage(2000, 300), usd)
    entry = job.store.begin(job.replies.address.key(request), 60, job.budget.name, usd, None).entry
    job.store.keep(job.replies.address.stored(request, done, 1.0, "2025-01-01"), entry)
    job.missing.on_reply(request, done)
    stats.count(done)
    stats.answers.append((request, done))
    return stats


def test_the_summary_says_what_is_there_and_what_it_cost(job: GenerationJob) -> None:
    """Texts, rejections, what is still missing, dollars and the place."""

    assert summary(job, answered(job, 0.25)) == [
        "1 of 4 texts of gpt-4o-mini for prompt=plain; requests answered now: 1, before: 0",
        "Rejected: unknown label 1",
        "Fewer than 2 texts: A 1, B 0",
        "Spent now $0.2500; on gpt-4o-mini/plain so far $0.2500 of at most $0.5",
        "Answers priced: 1 by their tokens and genai-prices",
        "Kept in mlruns/replies.db.",
    ]


@pytest.mark.parametrize(
    ("kind", "way_out"), [("truncated", "llm.max_output_tokens"), ("prompt too long", "generate.retry_too_long=true")]
)
def test_the_summary_says_what_asks_again(job: GenerationJob, kind: str, way_out: str) -> None:
    """A reply that may be another one next time; the same command would ask nothing."""
    before = summary(job, FillStats())
    job.missing.rejected[kind] = 2

    assert way_out not in "".join(before)
    assert [way_out in line for line in summary(job, FillStats()) if line.startswith(f"Rejected: {kind} 2; ")] == [True]


def test_the_summary_says_where_dollars_come_from(job: GenerationJob) -> None:
    """What a server states, what its tokens cost, and the most that uncounted tokens can cost."""

    stats = FillStats(answered=6, usd=0.25, stated=1, stated_usd=0.125, uncounted=2)

    assert summary(job, stats)[-2] == (
        "Answers priced: 1 as the server states it ($0.1250 in all; what their tokens cost by genai-prices counts where it is "
        "more); 3 by their tokens and genai-prices; 2 whose tokens the server did not count, at their most"
    )


def test_the_summary_tells_of_failures_and_of_what_may_be_lost(job: GenerationJob) -> None:
    """Dollars of requests that never came back are part of what was spent."""

    stats = replace(answered(job, 0.25), failed=3)
    lost = job.store.begin(job.replies.address.key(job.requests[1]), 60, job.budget.name, 0.125, None).entry
    job.store.settle(lost or 0, None)

    lines = summary(job, stats)

    assert "Fewer than 2 texts: A 1, B 0; 3 requests failed" in lines
    assert (
        "Spent now $0.2500; on gpt-4o-mini/plain so far $0.3750 ($0.1250 of it on requests without an answer) of at most $0.5"
    ) in lines


def test_stored_replies_are_said_to_have_been_there(job: GenerationJob) -> None:
    """The same command again begins where the first ended."""

    answered(job, 0.25)
    again = planned(PAID)
    lines = summary(again, FillStats())
    again.store.close()

    assert lines[0].endswith("requests answered now: 0, before: 1")
    assert lines[0].startswith("1 of 4 texts")


def test_a_free_llm_has_tokens_and_no_dollars(free_job: GenerationJob) -> None:
    """Nobody asks what it cost."""

    lines = summary(free_job, answered(free_job, 0.0))

    assert "2,000 + 300 tokens, free" in lines
    assert not any("$" in line for line in lines)


def test_the_preview_shows_prompt_reply_and_reading(job: GenerationJob) -> None:
    """Each piece as an example with its labels, or with the reason why it is none."""

    parts = preview(job, answered(job, 0.25).answers)
    table = parts.pop()
    console = open_console(file=io.StringIO(), width=150)
    console.print(table)
    read = console.file.getvalue()  # type: ignore[attr-defined]

    assert isinstance(table, Table)
    assert parts[0] == "── A, sample 0 ──"
    assert parts[1:-1] == [f"{message.role}: {message.content}" for message in job.requests[0].messages]
    assert parts[-1] == f"reply (stop): {REPLY}"
    assert rows(read) == [["example", "A, B", GOOD], ["rejected: unknown label: Z", "", "She hums."]]


def rows(printed: str) -> list[list[str]]:
    lines = [line.strip("│ ") for line in printed.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.split("│")] for line in lines]
