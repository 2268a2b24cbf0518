import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.llm_faults import FAULTS, PRICED, USD_A_REPLY, Fault, fill, job_of, suffer
from support.llm_server import Llm, Reply, as_json, completion, serving, texts
from synthsweep.errors import CompletionError, ConfigError, PoolError, PrivacyError
from synthsweep.generate.replies.exchange import read_replies
from synthsweep.generate.replies.stored_reply import ReplyKey

UNPRICED = ("llm.free=true", "llm.price_per_million.input=null", "llm.price_per_million.output=null")
TESTS = str(Path(__file__).parents[2])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_costs_no_more_than_it_must(fault: Fault, own_folder: Path) -> None:
    """What was answered is kept and paid once, what was lost is asked again, what is hopeless stops the job."""

    outcome = suffer(fault, own_folder)

    assert fault.error in outcome.error
    assert bool(fault.error) == bool(outcome.error)
    assert fault.kept == outcome.job.missing.done
    stored = list(outcome.job.store.all())
    assert fault.answered == len(stored)
    spent = outcome.job.spending
    assert spent.paid == pytest.approx(fault.answered * USD_A_REPLY)
    assert (fault.lost, 0.0) == (spent.lost > 0, spent.held)
    assert not fault.rejected or fault.rejected in outcome.job.missing.rejected


def test_the_same_job_again_asks_for_nothing(own_folder: Path) -> None:
    """A reply is paid for once."""

    with serving() as llm:
        fill(llm, own_folder)
        asked = len(llm.requests)
        job, stats = fill(llm, own_folder)

    assert (asked, len(llm.requests), stats.answered, job.missing.done) == (4, 4, 0, 40)


def test_more_texts_ask_for_the_rest_alone(own_folder: Path) -> None:
    """A pool grows at its end."""

    with serving() as llm:
        fill(llm, own_folder)
        fill(llm, own_folder, "generate.n=30")

    assert len(llm.requests) == 6


@pytest.mark.parametrize("limit", [0.0, 0.0021, 0.004, 0.0064])
def test_a_budget_is_never_passed(own_folder: Path, limit: float) -> None:
    """Requests under way are set aside for, whatever they turn out to cost; a second process shares the budget."""

    with serving(latency=0.02) as llm:
        for _ in range(3):
            with pytest.raises(PoolError, match=r"is used up: .* spent on m/plain, \d+ of 400 texts are there; a larger "):
                fill(llm, own_folder, "generate.n=200", f"generate.max_usd={limit}")
        job = job_of(llm, own_folder)

    assert job.spending.total <= limit
    assert job.spending.paid == pytest.approx(len(llm.answered) * USD_A_REPLY)


def test_a_budget_counts_what_a_server_may_charge_at_most(own_folder: Path) -> None:
    """A server that counts no tokens is taken to have used all that it could."""

    def uncounted(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
        return Reply(body={**completion(asked, as_json(texts(asked, number))), "usage": None})

    with serving(uncounted) as llm:
        job, _ = fill(llm, own_folder)

    assert job.spending.paid > 4 * 0.002


def test_a_paid_llm_needs_a_limit_and_a_free_one_does_not(own_folder: Path) -> None:
    """The refusal says what it would cost."""

    with serving() as llm:
        with pytest.raises(ConfigError, match=r"generate.max_usd must say .* forecast: 4 requests"):
            fill(llm, own_folder, "generate.max_usd=null")
        with pytest.raises(ConfigError, match=r"generate.max_usd must say"):
            fill(llm, own_folder, "generate.max_usd=null", "llm.free=true")
        fill(llm, own_folder, "generate.max_usd=null", *UNPRICED)

    assert len(llm.requests) == 4


def test_as_many_requests_as_allowed_are_under_way(own_folder: Path) -> None:
    """Idle is waste; more than the limit is rude."""

    with serving(latency=0.3) as llm:
        fill(llm, own_folder, "generate.n=120", "generate.concurrency=8")

    # It may grow by one a round.
    assert 8 <= llm.most_at_once <= 16


def test_a_server_without_schemas_is_asked_with_less(own_folder: Path) -> None:
    """First the schema, then JSON mode, then the prompt alone."""

    def old(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
        if "response_format" in asked:
            return Reply(400, {"error": {"message": "response_format is unknown", "code": "bad"}})
        return None

    with serving(old) as llm:
        job, _ = fill(llm, own_folder, "generate.concurrency=1")

    kinds = [(asked.get("response_format") or {}).get("type") for asked in llm.requests]
    assert kinds == ["json_schema", "json_object", None, None, None, None]
    assert job.missing.done == 40


def test_parameters_of_a_preset_reach_the_server(own_folder: Path) -> None:
    """What is null is not sent: reasoning models refuse a temperature."""

    with serving() as llm:
        fill(llm, own_folder, "llm.temperature=null", "llm.reasoning_effort=low", "llm.token_limit_key=max_completion_tokens")

    sent = llm.requests[0]
    assert (sent["model"], sent["reasoning_effort"], sent["max_completion_tokens"]) == ("m", "low", 2000)
    assert not {"temperature", "top_p", "max_tokens"} & set(sent)


def test_azure_has_an_address_and_a_header_of_its_own(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deployment stands in the path, the key in api-key."""

    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "sk-canary")
    with serving() as llm:
        place = llm.address.removesuffix("/v1")
        fill(llm, own_folder, "llm=azure", "llm.model=mine", f"llm.base_url={place}", *PRICED)

    assert {headers["api-key"] for headers in llm.headers} == {"sk-canary"}


def test_a_missing_key_is_named(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable, never its value."""

    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with serving() as llm, pytest.raises(ConfigError, match="OPENAI_API_KEY, which is not set"):
        fill(llm, own_folder, "llm=gpt-4o-mini", f"llm.base_url={llm.address}")


def test_a_key_that_a_server_quotes_is_not_said_again(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some put it into the message of a 401."""

    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    quoting = Reply(401, {"error": {"message": "wrong key sk-canary"}})
    with serving(lambda *asked: quoting) as llm, pytest.raises(CompletionError, match=r"wrong key \[key\]") as caught:
        fill(llm, own_folder, "llm=gpt-4o-mini", f"llm.base_url={llm.address}", *PRICED)

    assert "sk-canary" not in repr(caught.value)


def test_real_texts_leave_for_loopback_alone(own_folder: Path) -> None:
    """The refusal names the prompt, the host and the way out; nothing is read or sent."""

    refusal = r"prompt=few_shot shows real texts to llm\.example: refused; privacy"
    with serving() as llm, pytest.raises(PrivacyError, match=refusal):
        job_of(llm, own_folder, "prompt=few_shot", "llm.base_url=https://llm.example/v1")

    assert not (own_folder / "replies.db").exists()


def test_a_redirect_is_not_followed(own_folder: Path) -> None:
    """It would carry a prompt to a host that nobody named."""

    with serving() as other:
        away = Reply(307, {}, {"Location": f"{other.address}/chat/completions"})
        with serving(lambda *asked: away) as llm, pytest.raises(CompletionError, match="307"):
            fill(llm, own_folder)

    assert other.requests == []


FULL_DISK = """
import resource, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.llm_faults import job_of
from support.llm_server import Llm
from synthsweep.errors import ReplyStoreError
from synthsweep.progress import silent
from synthsweep.generate.llm.job import run_job
job = job_of(Llm(None, address={address!r}), Path({folder!r}), "generate.n=2000", "generate.concurrency=2",
             "labels.language=null")
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    run_job(job, silent)
except ReplyStoreError as error:
    print(error)
"""


def filled_disk(folder: Path) -> set[ReplyKey]:
    """Fills the disk in the middle of a job; returns the replies that are in a file of their own, if any had to be."""
    with serving() as llm:
        code = FULL_DISK.format(tests=TESTS, address=llm.address, folder=str(folder))
        said = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout
        name = said.partition("stored is in ")[2].partition(" ")[0].strip()
        rescued = {reply.key for reply in read_replies(Path(name))} if name else set()
        job = job_of(llm, folder)
    there = {reply.key for reply in job.store.all()}

    assert "replies.db: " in said
    assert not there & rescued
    assert len(llm.answered) == len(there) + len(rescued)
    if name:
        Path(name).unlink()
    return rescued


@pytest.mark.slow
def test_a_full_disk_loses_no_reply(own_folder: Path) -> None:
    """Those that could not be stored, what was on its way included, are in one file; the others are in the store."""

    # Where the disk is full for a claim, no reply may be on its way.
    assert any(filled_disk(own_folder / str(attempt)) for attempt in range(5))
