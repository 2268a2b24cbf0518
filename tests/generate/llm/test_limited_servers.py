"""Servers that are slow, have one slot, limit requests by the minute, cache, cut or give nothing, over real sockets."""

import re
from pathlib import Path

import pytest

from support.limited_servers import SAYINGS, Limited, OneSlot, caching, cutting, useless
from support.llm_faults import fill, job_of
from support.llm_server import Reply, serving
from synthsweep.errors import CompletionError
from synthsweep.generate.llm.job import run_job
from synthsweep.progress import Advance, Event, silent


@pytest.mark.slow
@pytest.mark.parametrize("gateway_s", [float("inf"), 0.2], ids=["alone", "behind a gateway that gives up"])
def test_a_server_with_one_slot_fills_a_pool(own_folder: Path, gateway_s: float) -> None:
    """At the default concurrency its queue is longer than the timeout; what waits there is neither late nor sent again."""
    slot = OneSlot(0.02, gateway_s)
    with serving(slot) as llm:
        job, stats = fill(llm, own_folder, "generate.n=1050", "generate.timeout_s=0.3")

    assert (job.missing.done, len(list(job.store.all())), stats.failed) == (2100, 210, 0)
    # What the gateway gives up depends on the clock; that few are sent twice does not.
    assert len(llm.requests) <= 1.1 * 210 + (0 if gateway_s == float("inf") else 105)


def test_a_server_that_is_slower_than_the_timeout_is_not_dead(own_folder: Path) -> None:
    """Patience doubles until the first answer, and follows from the slowest one afterwards."""
    with serving(OneSlot(0.25)) as llm:
        job, stats = fill(llm, own_folder, "generate.timeout_s=0.1")

    assert (job.missing.done, stats.failed) == (40, 0)
    # Those at 0.1, 0.2 and perhaps 0.4 s were given up, and their slots were taken nevertheless.
    assert len(llm.requests) <= 8


def test_a_dead_server_ends_the_job(own_folder: Path) -> None:
    """With the key that waits longer."""
    with serving(latency=60) as llm, pytest.raises(CompletionError, match=r"no answer to anything .* generate\.timeout_s"):
        fill(llm, own_folder, "generate.timeout_s=0.05")

    assert len(llm.requests) <= 4


@pytest.mark.slow
@pytest.mark.parametrize("said", SAYINGS)
def test_a_limit_per_window_is_obeyed(own_folder: Path, said: str) -> None:
    """However the server says it: all is filled, and few requests go out in vain after the first window."""
    limited = Limited(SAYINGS[said])
    with serving(limited) as llm:
        job, stats = fill(llm, own_folder, "generate.n=90", "generate.max_attempts=1", "generate.max_failures=1")

    assert (job.missing.done, stats.failed, len(llm.answered)) == (180, 0, 18)
    # The first window refuses what was sent at once beside the six; later ones refuse a probe or two each, and more where
    # nothing is said. How many depends on the clock, so the bounds are wide.
    assert limited.refused <= 12 + (48 if said == "nothing" else 16)


@pytest.mark.parametrize("status", [503, 529])
def test_an_overloaded_server_is_waited_for(own_folder: Path, status: int) -> None:
    """Not counted as a failure of the request."""
    busy = Reply(status, {"error": {"message": "Overloaded. Please try again in 300ms."}})
    with serving(lambda llm, number, asked: busy if number in {1, 2} else None) as llm:
        job, stats = fill(llm, own_folder, "generate.max_attempts=1", "generate.max_failures=1")

    assert (job.missing.done, stats.failed, len(llm.requests)) == (40, 0, 6)


def test_a_wait_counts_down_on_the_screen(own_folder: Path) -> None:
    """Second by second, with its reason."""
    events: list[Event] = []
    with serving(Limited(SAYINGS["Retry-After in seconds"], most=2, window_s=2.5)) as llm:
        run_job(job_of(llm, own_folder), events.append)

    lines = [event.detail.partition(",")[0] for event in events if isinstance(event, Advance) and "waiting" in event.detail]
    assert [*dict.fromkeys(lines)][:2] == [
        "waiting 3 s: the server's limit of requests per minute",
        "waiting 2 s: the server's limit of requests per minute",
    ]
    assert isinstance(events[-1], Advance)
    assert "waiting" not in events[-1].detail


def test_a_wait_that_is_too_long_says_when_to_come_back(own_folder: Path) -> None:
    """What was answered is kept, and the same command goes on."""
    limited = Limited(SAYINGS["Retry-After in seconds"], most=2, window_s=5000)
    with serving(limited) as llm, pytest.raises(CompletionError) as caught:
        fill(llm, own_folder, "generate.concurrency=1")

    assert re.search(
        r"asks to wait 84 min \(the server's limit of requests per minute\), longer than generate\.max_wait_s=600: "
        r"20 of 40 texts are there, the same command goes on after (\d{4}-\d\d-\d\d )?\d\d:\d\d$",
        str(caught.value),
    )
    assert caught.value.exit_status == 1
    job = job_of(llm, own_folder)
    assert (job.missing.done, job.spending.held, job.spending.lost) == (20, 0.0, 0.0)


def test_a_server_that_says_nothing_is_not_asked_for_ever(own_folder: Path) -> None:
    """After the longest wait without an answer the job stops, whatever each single pause was."""
    with (
        serving(Limited(SAYINGS["nothing"], most=0)) as llm,
        pytest.raises(CompletionError, match="refused everything for more"),
    ):
        fill(llm, own_folder, "generate.max_wait_s=1")

    assert len(llm.requests) <= 4


def test_a_larger_limit_asks_cut_replies_again_and_no_others(own_folder: Path) -> None:
    """The same limit, or a smaller one, asks for nothing."""
    with serving(cutting(2000)) as llm:
        fill(llm, own_folder, "generate.concurrency=1", "generate.n=40")
        asked = len(llm.requests)
        cut = sum(reply.completion.finish == "length" for reply in job_of(llm, own_folder).store.all())
        fill(llm, own_folder, "generate.n=40", "llm.max_output_tokens=1000")
        same = len(llm.requests)
        job, _ = fill(llm, own_folder, "generate.n=40", "llm.max_output_tokens=4000")
        longer = len(llm.requests) - same
        fill(llm, own_folder, "generate.n=40", "llm.max_output_tokens=4000")
        fill(llm, own_folder, "generate.n=40", "llm.max_output_tokens=9000")

    assert cut >= 2
    assert same == asked
    assert 1 <= longer <= cut
    assert len(llm.requests) == same + longer
    assert (job.missing.done, job.missing.rejected) == (80, {})


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("cut", "cut at llm.max_output_tokens=2000"),
        ("empty", "empty"),
        ("refused", "refused"),
        ("another shape", "of another shape"),
    ],
)
def test_replies_that_give_nothing_stop_the_job(own_folder: Path, kind: str, reason: str) -> None:
    """Twenty are paid for; the message says why, shows one, and names a way out."""
    with serving(useless(kind)) as llm, pytest.raises(CompletionError) as caught:
        fill(llm, own_folder, "generate.n=2000")

    said = str(caught.value)
    assert len(llm.requests) == 20
    assert f"20 replies gave nothing that can be used (20 {reason}" in said
    assert ("is empty" if kind == "empty" else "the first is: ") in said
    assert "llm." in said or "prompt" in said


def test_a_preview_shows_useless_replies(own_folder: Path) -> None:
    """As many as were asked for."""
    with serving(useless("refused")) as llm:
        stats = run_job(job_of(llm, own_folder, "generate.n=2000"), silent, most_requests=22)

    assert (len(stats.answers), len(llm.requests), stats.stopped) == (22, 22, "preview")


def test_a_short_job_without_a_text_fails_too(own_folder: Path) -> None:
    """Also if all of its useless replies were there before."""
    with serving(useless("empty")) as llm:
        for _ in range(2):
            with pytest.raises(CompletionError, match="gave nothing that can be used"):
                fill(llm, own_folder)


def test_equal_replies_are_warned_of_at_once_and_at_the_end(own_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The letters of two replies are enough; the last line counts the texts that repeat another one."""
    with serving(caching) as llm:
        job, _ = fill(llm, own_folder, "generate.concurrency=1", "generate.n=100")

    said = [record.getMessage().partition(":")[0] for record in caplog.records if "is a cache on" in record.getMessage()]
    assert said == ["2 of 2 replies are the same", "20 of 20 replies are the same"]
    assert job.missing.copies == 190


def test_replies_that_differ_are_not_warned_of(own_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with serving() as llm:
        job, _ = fill(llm, own_folder)

    assert "is a cache on" not in caplog.text
    assert job.missing.copies == 0


# As LiteLLM 1.110 sends it, and as its earlier versions did.
OVER_BUDGET = (
    (422, "Budget has been exceeded! Key=sk-...ab12 (lab) Current cost: 0.0021, Max budget: 0.002"),
    (429, "No deployments available - crossed budget: Exceeded budget for provider openai: 0.45 >= 0.2"),
    (429, "ExceededBudget: User=lab over budget. Spend=0.0021, Budget=0.002"),
    (400, "Budget has been exceeded! Current cost: 0.0021, Max budget: 0.002"),
    (401, "Authentication Error, ExceededTokenBudget: Current spend for token: 0.0021; Max Budget for Token: 0.002"),
)


@pytest.mark.parametrize(("status", "message"), OVER_BUDGET)
def test_a_gateway_whose_budget_is_used_up_ends_the_job_until_it_is_raised(own_folder: Path, status: int, message: str) -> None:
    """In one line, without another try; what was answered is kept, and the same command goes on."""
    error = {
        "message": message,
        "type": "None" if "crossed" in message else "budget_exceeded",
        "param": None,
        "code": str(status),
    }
    with serving(lambda llm, number, asked: Reply(status, {"error": error}) if number == 2 else None) as llm:
        with pytest.raises(CompletionError, match="the gateway's budget for this key is used up: raise it there") as stopped:
            fill(llm, own_folder, "generate.concurrency=1")
        asked, before = len(llm.requests), job_of(llm, own_folder)
        job, _ = fill(llm, own_folder, "generate.concurrency=1")

    assert (asked, before.missing.done, before.spending.held, before.spending.lost) == (3, 20, 0.0, 0.0)
    assert f"answers {status}" in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert (job.missing.done, len(llm.requests)) == (40, 5)
