"""What a person sees of a job that asks an LLM."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.console import Console
from rich.table import Table

from support.builders import AB, run_config
from synthsweep.display.generate import FillScreen, preview, summary
from synthsweep.generate.completer import Completion, Usage
from synthsweep.generate.llm.job import Job, plan_job
from synthsweep.generate.llm.judge import Questions
from synthsweep.generate.llm.pool_request import Filled
from synthsweep.generate.prompts.plan import Asking

GOOD = "After lunch he turns one red wheel by the window."
REPLY = json.dumps({"examples": [{"text": GOOD, "also": ["B"]}, {"text": "She hums.", "also": ["Z"]}]})
PAID = run_config("llm=gpt-4o-mini", "prompt=plain", "prompt.per_request=2", "generate.n=2", "generate.max_usd=0.5")
FREE = run_config("llm=ollama", "llm.model=small", "prompt=plain", "prompt.per_request=2", "generate.n=2")


def planned(config) -> Job:  # type: ignore[no-untyped-def]
    return plan_job(config, Asking(config.prompt, AB, form=config.llm.reply_form))


@pytest.fixture
def job() -> Iterator[Job]:
    made = planned(PAID)
    yield made
    made.store.close()


@pytest.fixture
def free_job() -> Iterator[Job]:
    made = planned(FREE)
    yield made
    made.store.close()


def answered(job: Job, usd: float) -> Filled:
    """The job after one answer: a text, and one with a label that does not exist."""
    request, filled = job.missing[0], Filled()
    done = Completion(REPLY, job.replies.name, job.replies.name, "stop", Usage(2000, 300), usd)
    entry = job.store.begin(job.replies.address.key(request), 60, job.budget.name, usd, None).entry
    job.store.keep(job.replies.address.stored(request, done, 1.0, "2025-01-01"), entry)
    job.wanted.took(request, done)
    filled.count(done)
    filled.answers.append((request, done))
    return filled


def screen(*, terminal: bool = False, free: bool = False, quiet_s: float = -1.0) -> FillScreen:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=150, color_system=None, highlight=False)
    return FillScreen(console, free=free, quiet_s=quiet_s)


def shown(screen: FillScreen) -> str:
    return screen.console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_the_summary_says_what_is_there_and_what_it_cost(job: Job) -> None:
    """Texts, rejections, what is still missing, dollars and the place."""

    assert [
        "1 of 4 texts of gpt-4o-mini for prompt=plain; requests answered now: 1, before: 0",
        "Rejected: unknown label 1",
        "Fewer than 2 texts: A 1, B 0",
        "Spent now $0.2500; on gpt-4o-mini/plain so far $0.2500 of at most $0.5",
        "Kept in mlruns/replies.db.",
    ] == summary(job, answered(job, 0.25))


def test_the_summary_tells_of_failures_and_of_what_may_be_lost(job: Job) -> None:
    """Dollars of requests that never came back are part of what was spent."""

    filled = replace(answered(job, 0.25), failed=3)
    lost = job.store.begin(job.replies.address.key(job.missing[1]), 60, job.budget.name, 0.125, None).entry
    job.store.settle(lost or 0, None)

    lines = summary(job, filled)

    assert "Fewer than 2 texts: A 1, B 0; 3 requests failed" in lines
    assert (
        "Spent now $0.2500; on gpt-4o-mini/plain so far $0.3750 ($0.1250 of it on requests without an answer) of at most $0.5"
    ) in lines


def test_stored_replies_are_said_to_have_been_there(job: Job) -> None:
    """The same command again begins where the first ended."""

    answered(job, 0.25)
    again = planned(PAID)
    lines = summary(again, Filled())
    again.store.close()

    assert lines[0].endswith("requests answered now: 0, before: 1")
    assert lines[0].startswith("1 of 4 texts")


def test_a_free_llm_has_tokens_and_no_dollars(free_job: Job) -> None:
    """Nobody asks what it cost."""

    lines = summary(free_job, answered(free_job, 0.0))

    assert "2,000 + 300 tokens, free" in lines
    assert not any("$" in line for line in lines)


def test_the_preview_shows_prompt_reply_and_reading(job: Job) -> None:
    """Each piece as an example with its labels, or with the reason why it is none."""

    parts = preview(job, answered(job, 0.25).answers)
    table = parts.pop()
    console = Console(file=io.StringIO(), width=150)
    console.print(table)
    read = console.file.getvalue()  # type: ignore[attr-defined]

    assert isinstance(table, Table)
    assert "── A, sample 0 ──" == parts[0]
    assert [f"{message.role}: {message.content}" for message in job.missing[0].messages] == parts[1:-1]
    assert f"reply (stop): {REPLY}" == parts[-1]
    assert [["example", "A, B", GOOD], ["rejected: unknown label: Z", "", "She hums."]] == rows(read)


def rows(printed: str) -> list[list[str]]:
    lines = [line.strip("│ ") for line in printed.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.split("│")] for line in lines]


def test_a_log_gets_a_plain_line(job: Job) -> None:
    """No control characters, and what the whole is going to cost at this rate."""

    one = screen()
    one.on_fill(answered(job, 0.25), job.wanted)
    one.close()

    # Three texts are missing, at two a request.
    assert "1 of 4 texts, 1 rejected, 2,300 tokens, $0.2500 of about $0.6250\n" == shown(one)


def test_a_log_gets_a_line_now_and_then(job: Job) -> None:
    """Not one an answer."""

    one = screen(quiet_s=3600.0)
    for _ in range(3):
        one.on_fill(Filled(), job.wanted)

    assert "" == shown(one)


def test_a_line_says_what_failed_and_where_a_batch_is(free_job: Job) -> None:
    """And of a free LLM no dollars."""

    one = screen(free=True)
    one.on_fill(Filled(failed=2, batch="batch b1: in progress"), free_job.wanted)

    assert "0 of 4 texts, 0 rejected, 2 failed, 0 tokens, batch b1: in progress\n" == shown(one)


def test_a_bar_goes_on_with_what_follows(job: Job) -> None:
    """A pool and then its judge have one screen: the bar tells of the second, and of its total."""
    seen = screen(terminal=True)
    seen.on_fill(Filled(), job.wanted)
    answers = Questions(job.wanted.asking, job.wanted.reading, 1, job.wanted.lookup, requests=[job.missing[0]] * 7)
    seen.on_fill(Filled(), answers)
    seen.close()

    assert "answers 0/7" in shown(seen)


def test_a_terminal_has_a_bar_until_it_is_closed(job: Job) -> None:
    """It counts texts, and may be closed twice."""

    one = screen(terminal=True)
    one.on_fill(Filled(), job.wanted)
    one.on_fill(answered(job, 0.25), job.wanted)
    one.close()
    one.close()

    assert "texts 1/4" in shown(one)
    assert "$0.2500 of about $0.6250" in shown(one)
    # The cursor is shown again.
    assert "\x1b[?25h" in shown(one)
