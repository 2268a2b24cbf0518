import re
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import ANY

import pytest

from support.llm_dialects import GROQ, OLD_VLLM, Server, error, refusing, script_of
from support.llm_faults import USD_A_REPLY, fill
from support.llm_server import Llm, Reply, serving
from synthsweep.errors import CompletionError

BATCHED = ("generate.batch=true", "generate.batch_poll_s=0.01")
TESTS = str(Path(__file__).parents[2])


@pytest.mark.parametrize("polls", [1, 3])
def test_a_batch_fills_a_pool_for_half_the_price(own_folder: Path, polls: int) -> None:
    """One file up, one down, then the rejected texts again."""

    with serving(batch_polls=polls) as llm:
        job, stats = fill(llm, own_folder, "generate.batch=true", "generate.batch_poll_s=0.01")

    assert (job.missing.done, stats.answered, len(llm.batches)) == (40, 4, 1)
    assert job.spending.total == pytest.approx(4 * USD_A_REPLY / 2)
    assert job.store.open_batches(llm.address) == []


def refused_with(says: str) -> "pytest.RaisesExc[CompletionError]":
    return pytest.raises(CompletionError, match=re.escape(says))


def formats(llm: Llm) -> list[str]:
    return [str(asked.get("response_format", {}).get("type", "none")) for asked in llm.requests]


@pytest.mark.parametrize(
    "refusal",
    [error(422, "Bad request."), Reply(200, OLD_VLLM)],
    ids=["any words", "within a 200"],
)
def test_a_format_that_a_batch_refuses_gives_way_to_a_simpler_one(
    own_folder: Path, caplog: pytest.LogCaptureFixture, refusal: Reply
) -> None:
    """As with single requests: it is said once, remembered beside the replies, and used by the next command of either kind."""

    with serving(script_of(Server("x", refusing({"json_schema": refusal})))) as llm:
        job, stats = fill(llm, own_folder, *BATCHED)
        assert formats(llm) == ["json_schema"] * 4 + ["json_object"] * 4
        fill(llm, own_folder, *BATCHED, "generate.n=30")
        fill(llm, own_folder, "generate.n=40")

    assert (job.missing.done, stats.answered, stats.failed, len(llm.batches)) == (40, 4, 0, 3)
    assert formats(llm)[8:] == ["json_object"] * 4
    assert job.spending.total == pytest.approx(4 * USD_A_REPLY / 2 + 2 * USD_A_REPLY / 2 + 2 * USD_A_REPLY)
    assert [record.message for record in caplog.records if " refuses " in record.message] == [ANY]


@pytest.mark.parametrize("all_of_them", [False, True])
def test_a_prompt_that_is_too_long_costs_its_line_of_a_batch(own_folder: Path, all_of_them: bool) -> None:
    """A further sample makes up for it; where none is short enough, the job ends with the server's words."""

    refusal = error(400, "This model's maximum context length is 128 tokens.")
    script = lambda llm, number, asked: refusal if all_of_them or number == 1 else None  # noqa: E731
    with serving(script) as llm:
        if all_of_them:
            with refused_with("without an answer"):
                fill(llm, own_folder, *BATCHED)
            return
        job, stats = fill(llm, own_folder, *BATCHED)

    assert (job.missing.done, dict(job.missing.rejected), stats.failed) == (40, {"prompt too long": 1}, 0)
    assert (len(llm.requests), len(llm.batches)) == (5, 2)
    assert job.spending.total == pytest.approx(4 * USD_A_REPLY / 2)


def test_a_batch_knows_what_single_requests_have_found(own_folder: Path) -> None:
    """A refused batch may take hours."""

    with serving(script_of(Server("x", refusing({"json_schema": error(400, GROQ)})))) as llm:
        fill(llm, own_folder)
        fill(llm, own_folder, *BATCHED, "generate.n=30")

    assert formats(llm)[-2:] == ["json_object"] * 2
    assert [batch["status"] for batch in llm.batches.values()] == ["completed"]


def test_a_batch_that_fails_whole_for_a_format_goes_out_again(own_folder: Path) -> None:
    """Providers check a file before they work on its lines."""

    with serving(batch_error=lambda bodies: GROQ if "json_schema" in str(bodies[0]) else "") as llm:
        job, _ = fill(llm, own_folder, *BATCHED)

    assert (job.missing.done, len(llm.batches)) == (40, 2)


@pytest.mark.parametrize(
    ("batch_error", "reply", "says"),
    [
        ("Enqueued token limit reached for m.", None, "ended as failed without an answer (Enqueued token limit"),
        ("", error(400, "Your prompt is too long."), "ended as completed without an answer (Your prompt is too long.)"),
    ],
    ids=["the account", "the requests"],
)
def test_a_batch_that_fails_for_something_else_ends_with_the_servers_words(
    own_folder: Path, batch_error: str, reply: Reply | None, says: str
) -> None:
    """No other format helps, and nothing is sent a second time."""

    with serving(lambda llm, number, asked: reply, batch_error=lambda bodies: batch_error) as llm, refused_with(says):
        fill(llm, own_folder, *BATCHED)

    assert len(llm.batches) == 1


def test_a_prompt_that_a_filter_stops_is_rejected_as_a_reply(own_folder: Path) -> None:
    """It is not asked again in the next batch."""

    blocked = error(400, "The response was filtered due to Azure's content management policy.", "content_filter")
    with serving(lambda llm, number, asked: blocked if number == 0 else None) as llm:
        job, stats = fill(llm, own_folder, *BATCHED)

    assert (job.missing.done, job.missing.rejected["refusal"], stats.failed) == (40, 1, 0)
    assert (len(llm.batches), len(llm.requests)) == (2, 5)


BATCH_UNTIL_KILLED = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.llm_faults import job_of
from support.llm_server import Llm
from synthsweep.progress import silent
from synthsweep.generate.llm.job import run_job
llm = Llm(None, address={address!r})
run_job(job_of(llm, Path({folder!r}), "generate.batch=true", "generate.batch_poll_s=0.05"), silent)
"""


@pytest.mark.slow
def test_a_batch_outlives_its_process(own_folder: Path) -> None:
    """The next one waits for it, and asks for nothing twice."""

    with serving(batch_polls=10**6) as llm:
        code = BATCH_UNTIL_KILLED.format(tests=TESTS, address=llm.address, folder=str(own_folder))
        process = subprocess.Popen([sys.executable, "-c", code])
        # A copy, since the server's thread adds to it meanwhile.
        while not any(batch["polls"] for batch in list(llm.batches.values())):
            assert process.poll() is None
            time.sleep(0.02)
        process.kill()
        process.wait()
        llm.batch_polls = 1
        job, _ = fill(llm, own_folder, "generate.batch=true", "generate.batch_poll_s=0.01")

    assert (job.missing.done, len(llm.batches), len(llm.requests)) == (40, 1, 4)
    assert job.spending.total == pytest.approx(4 * USD_A_REPLY / 2)
