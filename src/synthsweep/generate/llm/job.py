"""A job for an LLM: the missing requests, whether they may be sent, what they would cost, and how the job ended."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from synthsweep.config.keys.generation import GenerateConfig
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import CompletionError, ConfigError, Interrupted, PoolError
from synthsweep.generate.budget import Budget, Spending, format_spending
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.llm.async_filler import AsyncFiller
from synthsweep.generate.llm.dialects.memory import DialectMemory
from synthsweep.generate.llm.endpoint.credentials import key_step, lacks_api_key, require_api_key, require_headers
from synthsweep.generate.llm.filler import FillStats
from synthsweep.generate.llm.openai_client import OpenAiClient
from synthsweep.generate.llm.prices import CostForecast, Price, forecast
from synthsweep.generate.missing import MissingRequests, MissingTexts
from synthsweep.generate.replies.store import ReplyStore
from synthsweep.generate.replies.store_completer import StoredReplies
from synthsweep.progress import Progress
from synthsweep.stopping import ask_to_stop

# The client's own limit: the filler ends late requests itself, since what is late depends on what else is answered.
OUTER_S = 86_400.0


@dataclass(frozen=True)
class LlmJob:
    """The `requests` to send so that nothing is `missing`; none is sent yet."""

    llm: LlmConfig
    settings: GenerateConfig
    missing: MissingRequests
    requests: tuple[CompletionRequest, ...]
    replies: StoredReplies
    price: Price
    budget: Budget

    @property
    def store(self) -> ReplyStore:
        return self.replies.store

    @property
    def forecast(self) -> CostForecast:
        at_once = self.missing.at_once or self.settings.concurrency
        # What costs nothing costs nothing at most.
        at_most = () if self.price.free else self.missing.at_most()
        concurrency = min(self.settings.concurrency, at_once)
        return forecast(self.requests, self.llm, self.price, concurrency, at_most=at_most)

    @property
    def spending(self) -> Spending:
        return self.store.spending(self.budget.name)

    @property
    def lacks_cap(self) -> bool:
        """Whether it costs money and nothing says how much it may cost."""
        return not self.price.free and self.budget.limit is None

    @property
    def state(self) -> str:
        """The progress, for messages: `6 of 9 answers of llm@judge=gpt-4o-mini`."""
        return f"{self.missing.done} of {self.missing.total} {self.missing.unit} of {self.llm.choice}"


def run_job(job: LlmJob, progress: Progress, *, most_requests: int | None = None) -> FillStats:
    """Sends the missing requests within the budget; `most_requests` ends the job early, for a preview.

    Raises:
        ConfigError: there is no key, or no limit to what a paid LLM may cost.
        PoolError: it is a dry run.
        CompletionError: the server answers nothing more; its earlier answers are stored.
        PoolError: the budget is used up.
        Interrupted: it was asked to stop; the answers to all that was sent are stored.
    """
    if not job.requests:
        require_texts(job)
        return FillStats()
    if job.settings.dry_run:
        raise PoolError(f"generate.dry_run=true asks nothing: {job.state} are there; forecast: {job.forecast}")
    require_means(job)
    job.missing.warm()
    try:
        stats = _awaited(_fill(job, progress, most_requests))
    except asyncio.CancelledError:
        # It was asked twice: what was under way may be billed, and is asked for again.
        stats = FillStats(stopped="interrupt")
    if stats.stopped == "interrupt":
        raise Interrupted(f"interrupted; {job.state} are there, the same command goes on")
    if stats.stopped == "budget":
        raise PoolError(
            f"generate.max_usd={job.budget.limit:g} is used up: {format_spending(job.spending)} spent on {job.budget.name}, "
            f"{job.state} are there; a larger generate.max_usd goes on"
        )
    if most_requests is None:
        require_texts(job)
    return stats


def require_texts(job: LlmJob) -> None:
    """Raises CompletionError for a pool that is asked for and has no text that can be used: there is nothing to go on with."""
    if isinstance(job.missing, MissingTexts) and job.missing.total and not job.missing.usable:
        reasons = ", ".join(f"{reason} {count}" for reason, count in job.missing.rejected.most_common(3)) or "no reply"
        raise CompletionError(
            f"{job.llm.choice} gave nothing that can be used ({reasons}): generate.preview=1 shows a prompt with its reply; "
            "another prompt, another LLM or another tracking.folder asks anew"
        )


def _awaited(filling: Coroutine[Any, Any, FillStats]) -> FillStats:
    """Runs a coroutine to its end; in a notebook, whose kernel runs a loop in this thread, in another thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(filling)
    with ThreadPoolExecutor(1) as another:
        future = another.submit(asyncio.run, filling)
        while True:
            try:
                return future.result()
            except KeyboardInterrupt:
                # What was sent is awaited and kept, as on the command line.
                ask_to_stop()


async def _fill(job: LlmJob, progress: Progress, most_requests: int | None) -> FillStats:
    # A batch keeps only a request's criterion and sample, which do not identify the text that a judge is asked about.
    batched = job.settings.batch and most_requests is None and isinstance(job.missing, MissingTexts)
    memory = DialectMemory(job.store.path.parent)
    limit_s = job.settings.timeout_s if batched else OUTER_S
    client = OpenAiClient(job.llm, timeout_s=limit_s, store=job.store.token, memory=memory)
    parts = (job.replies, client, job.price, job.budget, job.settings, progress)
    try:
        if batched and isinstance(job.missing, MissingTexts):
            from synthsweep.generate.llm.batch_filler import BatchFiller

            batch = BatchFiller(job.missing, *parts)
            await batch.run()
            return batch.stats
        filler = AsyncFiller(job.missing, *parts, most_requests=most_requests)
        await filler.run()
        return filler.stats
    finally:
        await client.close()


def lacking_means(job: LlmJob) -> tuple[str, ...]:
    """What is to be done before `require_means` lets the job pass; nothing where there is nothing to ask."""
    steps = {
        key_step(job.llm): lacks_api_key(job.llm),
        "add generate.max_usd=DOLLARS, the most that may be spent": job.lacks_cap,
    }
    return tuple(step for step, needed in steps.items() if needed and job.requests)


def require_means(job: LlmJob) -> None:
    """Requires an API key and, where requests cost money, a limit.

    Raises:
        ConfigError: one of them is missing.
    """
    require_api_key(job.llm)
    require_headers(job.llm)
    if job.lacks_cap:
        raise ConfigError(
            f"generate.max_usd must say what {job.budget.name} may cost at most, got nothing; forecast: {job.forecast}"
        )
