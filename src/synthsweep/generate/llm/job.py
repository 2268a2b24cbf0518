"""A job from its plan to its end: what is missing, whether it may be asked, what it would cost, and asking."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from synthsweep.config.schema import PoolConfig
from synthsweep.errors import ConfigError, Interrupted, PoolError, PrivacyError
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.fill import AsyncFiller
from synthsweep.generate.llm.openai_client import OpenAiCompleter, api_key, is_loopback
from synthsweep.generate.llm.pool_request import Budget, FillStats
from synthsweep.generate.llm.prices import CostForecast, Price, dollars, forecast, price_of
from synthsweep.generate.missing import MissingRequests
from synthsweep.generate.pool import reply_parser_of
from synthsweep.generate.prompts.plan import DEFAULT_N, PromptPlan
from synthsweep.generate.replies.store import ReplyStore, Spending, open_reply_store
from synthsweep.generate.replies.stored import StoredReplies, address_of
from synthsweep.progress import Progress


@dataclass(frozen=True)
class GenerationJob:
    """What a pool lacks; nothing was sent yet."""

    config: PoolConfig
    wanted: MissingRequests
    replies: StoredReplies
    missing: tuple[CompletionRequest, ...]
    price: Price
    budget: Budget

    @property
    def store(self) -> ReplyStore:
        return self.replies.store

    @property
    def forecast(self) -> CostForecast:
        return forecast(self.missing, self.config.llm, self.price, self.config.generate.concurrency)

    @property
    def spending(self) -> Spending:
        return self.store.spending(self.budget.name)


def plan_job(config: PoolConfig, prompt_plan: PromptPlan) -> GenerationJob:
    """Looks up what is stored of a pool.

    Raises:
        PrivacyError: the prompt would carry real texts off this machine.
        ConfigError: nobody knows the price.
        ReplyStoreError: the store does not answer.
    """
    _require_private(config, prompt_plan)
    price = price_of(config.llm, batch=config.generate.batch)
    replies = stored_replies(config)
    reading = reply_parser_of(config, prompt_plan.labels.ids, screened=True)
    wanted = MissingRequests(prompt_plan, reading, config.generate.n or DEFAULT_N, replies.complete)
    missing = tuple(wanted.begin())
    name = config.study or f"{config.llm.model}/{config.prompt.variant}"
    return GenerationJob(config, wanted, replies, missing, price, Budget(name, None if price.free else config.generate.max_usd))


def stored_replies(config: PoolConfig) -> StoredReplies:
    """The replies of a configuration's LLM, below its tracking folder."""
    store = open_reply_store(Path(config.tracking.folder))
    return StoredReplies(store, address_of(config.llm, public=config.data.public))


def run_job(job: GenerationJob, progress: Progress, *, most_requests: int | None = None) -> FillStats:
    """Asks for what is missing, as far as the budget goes.

    Raises:
        ConfigError: there is no key, or no limit to what a paid LLM may cost.
        CompletionError: the server answers nothing more.
        Interrupted: Ctrl-C; what was answered is stored.
    """
    config = job.config
    if not job.missing:
        return FillStats()
    require_means(job)
    if job.wanted.reading.screening is not None:
        job.wanted.reading.screening.warm()
    filled = asyncio.run(_filled(job, progress, most_requests))
    if filled.stopped == "interrupt":
        raise Interrupted(f"interrupted; {job.wanted.done} of {job.wanted.total} texts are there, the same command goes on")
    if filled.stopped == "budget" and config.generate.max_usd is not None:
        raise PoolError(
            f"generate.max_usd={config.generate.max_usd:g} is used up: {format_spending(job)} spent on {job.budget.name}, "
            f"{job.wanted.done} of {job.wanted.total} texts are there; a larger generate.max_usd goes on"
        )
    return filled


def stored_answers(job: GenerationJob, most: int) -> list[tuple[CompletionRequest, Completion]]:
    """Up to so many requests that are answered already, criteria in turns."""
    prompt_plan = job.wanted.prompt_plan
    found: list[tuple[CompletionRequest, Completion]] = []
    for sample in range(most):
        for label in prompt_plan.labels.ids:
            request = prompt_plan.request(label, sample)
            completion = job.replies.complete(request)
            if completion is not None and len(found) < most:
                found.append((request, completion))
    return found


async def _filled(job: GenerationJob, progress: Progress, most_requests: int | None) -> FillStats:
    endpoint = OpenAiCompleter(job.config.llm, timeout_s=job.config.generate.timeout_s)
    common = (job.wanted, job.replies.address, job.store, endpoint, job.price, job.budget, job.config.generate, progress)
    try:
        if job.config.generate.batch and most_requests is None:
            # It brings in what a single request needs not.
            from synthsweep.generate.llm.batch import BatchFiller

            batch = BatchFiller(*common)
            await batch.run()
            return batch.filled
        filling = AsyncFiller(*common, most_requests=most_requests)
        await filling.run()
        return filling.filled
    finally:
        await endpoint.close()


def require_means(job: GenerationJob) -> None:
    """A key, and a limit where it costs money.

    Raises:
        ConfigError: one of them is missing.
    """
    llm, most = job.config.llm, job.config.generate.max_usd
    if api_key(llm) is None:
        raise ConfigError(f"llm={llm.name} needs a key in the environment variable {llm.api_key_env}, which is not set")
    if not job.price.free and most is None:
        raise ConfigError(
            f"generate.max_usd must say what {job.budget.name} may cost at most, got nothing; forecast: {job.forecast}"
        )


def command(config: PoolConfig) -> str:
    """The command that fills a pool, but for the keys of data and labels."""
    n = f" generate.n={config.generate.n}" if config.generate.n else ""
    return f"synthsweep generate llm={config.llm.name} prompt={config.prompt.variant}{n}"


def format_spending(job: GenerationJob) -> str:
    """`$0.1000`, and what of it may have been spent on requests that never came back."""
    spent = job.spending
    unsure = spent.held + spent.lost
    return dollars(spent.total) + (f" ({dollars(unsure)} of it on requests without an answer)" if unsure else "")


def _require_private(config: PoolConfig, prompt_plan: PromptPlan) -> None:
    if not prompt_plan.shows_real_text or config.privacy.allow_real_text or is_loopback(config.llm.base_url or ""):
        return
    raise PrivacyError(
        f"prompt={config.prompt.variant} shows real texts to {urlsplit(config.llm.base_url or '').hostname}: refused; "
        "privacy.allow_real_text=true allows it, a server on 127.0.0.1 needs no permission"
    )
