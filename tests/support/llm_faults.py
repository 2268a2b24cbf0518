"""What an LLM's server may do wrong: each fault with its script, what is kept, and what it costs."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.builders import AB, config_of
from support.llm_server import Llm, Reply, as_json, completion, serving, texts
from synthsweep.config.keys.run import PoolConfig
from synthsweep.errors import SynthsweepError
from synthsweep.generate.llm.filler import FillStats
from synthsweep.generate.llm.job import run_job
from synthsweep.generate.pool_job import GenerationJob, plan_job
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.progress import silent

# A dollar a million tokens, so that an answer of the test server costs $0.0005.
PRICED = ("llm.price_per_million.input=1", "llm.price_per_million.output=1", "llm.free=false", "generate.max_usd=1")
USD_A_REPLY = 0.0005


def pool_config(*overrides: str) -> PoolConfig:
    """What `synthsweep generate OVERRIDES` would run."""
    return config_of("generate", PoolConfig, *overrides)


def job_of(llm: Llm, folder: Path, *overrides: str) -> GenerationJob:
    """Twenty texts for A and twenty for B from the test server: four requests where nothing goes wrong."""
    base = ("llm=vllm", "llm.model=m", f"llm.base_url={llm.address}", "generate.n=20", f"tracking.folder={folder}", *PRICED)
    config = pool_config(*base, *overrides)
    return plan_job(config, PromptPlan(config.prompt, AB, form=config.llm.reply_form))


def fill(llm: Llm, folder: Path, *overrides: str) -> tuple[GenerationJob, FillStats]:
    """A job, and what it did."""
    job = job_of(llm, folder, *overrides)
    return job, run_job(job, silent)


@dataclass(frozen=True)
class Fault:
    """`reply` is what the first `times` requests get. The rest says what must come of it."""

    name: str
    reply: Callable[[Llm, int, dict[str, Any]], Reply]
    did: str
    times: int = 1
    kept: int = 40
    answered: int = 4
    lost: bool = False
    error: str = ""
    rejected: str = ""
    settings: tuple[str, ...] = ()


def _error(status: int, code: str, message: str, **headers: str) -> Callable[..., Reply]:
    body = {"error": {"message": message, "type": code, "code": code}}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda llm, number, asked: Reply(status, body, given)


def _content(text: str | None, **choice: Any) -> Callable[..., Reply]:
    return lambda llm, number, asked: Reply(body=completion(asked, text, **choice))


def _doubled(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
    found = texts(asked, number)
    return Reply(body=completion(asked, as_json(found[:5] * 2)))


def _half(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
    whole = as_json(texts(asked, number))
    return Reply(body=completion(asked, whole[: whole.rindex("In note") + 20], finish_reason="length"))


def _broken(fault: str, delay: float = 0.0) -> Callable[..., Reply]:
    return lambda llm, number, asked: Reply(body=completion(asked, as_json(texts(asked, number))), fault=fault, delay=delay)


def _whole(asked: dict[str, Any], number: int) -> bytes:
    return json.dumps(completion(asked, as_json(texts(asked, number)))).encode()


MARK = b"\xef\xbb\xbf"
NEXT, STOPPED = "rejected, next sample", "stopped at once"
SHORT = ("generate.timeout_s=0.5",)
FAULTS = (
    Fault("429 with Retry-After", _error(429, "rate_limit", "slow down", retry_after="0.3"), "waited as long, fewer at once"),
    Fault("429 without", _error(429, "rate_limit", "slow down"), "backed off, fewer at once"),
    Fault("500", _error(500, "server_error", "oops"), "asked again"),
    Fault("503", _error(503, "overloaded", "busy"), "backed off, fewer at once"),
    Fault("connection reset", _broken("reset"), "asked again; perhaps billed", lost=True),
    Fault("timeout", _broken("", delay=2.0), "asked again; perhaps billed", lost=True, settings=SHORT),
    Fault("slow drip", _broken("drip"), "cut off and asked again; perhaps billed", lost=True, settings=SHORT),
    Fault("web page", lambda llm, number, asked: Reply(body=b"<html><title>Login"), "asked again; not billed"),
    Fault("JSON that is cut", lambda llm, number, asked: Reply(body=b'{"id": '), "asked again; perhaps billed", lost=True),
    Fault("byte order mark", lambda llm, number, asked: Reply(body=MARK + _whole(asked, number)), "read", 99),
    Fault("redirect", lambda llm, number, asked: Reply(302, {}, {"Location": "http://login.corp/sso"}), STOPPED, 99, kept=0,
          answered=0, error="redirects to http://login.corp/sso"),
    Fault("network login", lambda llm, number, asked: Reply(511, {}), STOPPED, 99, kept=0, answered=0, error="wants a login"),
    Fault("key that a proxy does not know", _error(400, "no_db_connection", "No connected db."), STOPPED, 99, kept=0,
          answered=0, error="llm.api_key_env"),
    Fault("prompt too long", lambda llm, number, asked: Reply(413, b"Entity Too Large"), STOPPED, 99, kept=0, answered=0,
          error="a shorter prompt"),
    Fault("reply that is no JSON", _content("not { json"), NEXT, answered=5, rejected="no list item"),
    Fault("truncated reply", _half, "last item rejected, next sample", answered=5, rejected="truncated"),
    Fault("refusal", _content(None, message={"refusal": "I'm sorry."}), NEXT, answered=5, rejected="refusal"),
    Fault("empty choices", _content("", choices=[]), NEXT, answered=5, rejected="empty reply"),
    Fault("wrong schema", _content('{"examples": [{"score": 1}]}'), NEXT, answered=5, rejected="no text"),
    Fault("50 % duplicates", _doubled, "half rejected, next samples", 99, answered=8, rejected="duplicate in reply"),
    Fault(
        "another model answers", _content("1. A text of another model.", model="other"), "stopped, reply kept apart", 99,
        kept=0, answered=1, error="other answered",
    ),
    Fault("401", _error(401, "invalid_api_key", "bad key"), STOPPED, 99, kept=0, answered=0, error="401"),
    Fault("404 model", _error(404, "model_not_found", "no such model"), STOPPED, 99, kept=0, answered=0, error="llm.model"),
    Fault(
        "quota exhausted", _error(429, "insufficient_quota", "quota"), STOPPED, 99, kept=0, answered=0, error="quota is used up"
    ),
    Fault(
        "500 for ever", _error(500, "server_error", "oops"), "stopped after some tries", 999, kept=0, answered=0,
        error="in a row failed", settings=("generate.max_attempts=1", "generate.max_failures=3"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What came of a fault."""

    stats: FillStats
    job: GenerationJob
    requests: int
    error: str
    seconds: float


def suffer(fault: Fault, folder: Path) -> Outcome:
    """Fills a pool from a server with the fault."""

    def script(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
        return fault.reply(llm, number, asked) if number < fault.times else None

    # One at a time where order matters: the first answer is the only one then.
    serial = ("generate.concurrency=1",) if fault.error else ()
    with serving(script) as llm:
        job, error, began = job_of(llm, folder, *fault.settings, *serial), "", time.monotonic()
        stats = FillStats()
        try:
            stats = run_job(job, silent)
        except SynthsweepError as raised:
            error = str(raised)
        return Outcome(stats, job, len(llm.requests), error, time.monotonic() - began)
