"""Answers of an LLM about texts, from the store or asked for: what a judge and an LLM that classifies share."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import PoolConfig
from synthsweep.errors import PoolError
from synthsweep.generate.asking import Asking
from synthsweep.generate.budget import Budget
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.job import LlmJob
from synthsweep.generate.llm.prices import Price
from synthsweep.generate.missing import MissingAnswers, MissingRequests
from synthsweep.generate.replies.parse import Rejected
from synthsweep.generate.replies.passed_over import say_passed_over
from synthsweep.generate.replies.readings import say_read_anew
from synthsweep.progress import Progress

log = logging.getLogger(__name__)


def answering(llm: LlmConfig) -> LlmConfig:
    """An LLM as it is asked for answers instead of texts."""
    # The schema describes texts, not answers, so a server that supports schemas is asked for plain JSON.
    return replace(llm, reply_format="json_object") if llm.reply_format == "json_schema" else llm


def plan_answers(
    config: PoolConfig,
    llm: LlmConfig,
    requests: Iterable[CompletionRequest],
    read: Callable[[Completion], frozenset[str] | Rejected],
    asking: Asking,
    budget: Callable[[Price], Budget],
) -> LlmJob:
    """The answers that the store lacks, and their cost; nothing is sent. Equal texts are one question.

    Raises:
        ConfigError: the price is unknown.
    """
    price, replies = asking.price(llm), asking.replies(config, llm)
    different = {(request.digest, request.sample): request for request in requests}
    missing = MissingAnswers([*different.values()], read, replies.complete)
    job = LlmJob(llm, config.generate, missing, tuple(missing.begin()), replies, price, budget(price))
    say_read_anew(job)
    say_passed_over(job)
    return job


def ask_for(job: LlmJob, asking: Asking, progress: Progress, without: str) -> None:
    """Asks for the answers that a job lacks, and says what follows where some are not there: `without`.

    Raises:
        PoolError: some are missing and may not be requested.
        CompletionError: the server answers nothing more; its earlier answers are stored.
    """
    require_answers(job)
    asking.ask(job, progress)
    if not job.missing.complete:
        log.warning("%s are there: %s; the same command asks for the rest", job.state, without)


def require_answers(job: LlmJob) -> None:
    """Raises PoolError for answers that are missing and may not be requested."""
    if job.requests and not job.settings.on_demand:
        raise PoolError(
            f"{job.llm.choice} has {job.missing.done} of {job.missing.total} answers, and generate.on_demand=false: "
            "the same with generate.on_demand=true asks for them"
        )


def why_unusable(missing: MissingRequests) -> str:
    """`3 no answer, 1 not there`: the most common reasons why questions have no usable answer."""
    reasons = missing.rejected + Counter({"not there": missing.total - missing.done})
    return ", ".join(f"{count} {reason}" for reason, count in reasons.most_common(3))
