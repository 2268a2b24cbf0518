"""The texts that a pool lacks, as a job for the LLM that writes them."""

import logging
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from synthsweep.config.commands import assign, command_line
from synthsweep.config.keys.run import PoolConfig
from synthsweep.errors import ConfigError, PoolError
from synthsweep.generate.asking import SENDING, Asking
from synthsweep.generate.budget import budget_of
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.endpoint.trust import require_allowed
from synthsweep.generate.llm.job import LlmJob
from synthsweep.generate.missing import MissingTexts
from synthsweep.generate.prompts.plan import DEFAULT_N, PromptPlan
from synthsweep.generate.replies.passed_over import say_passed_over
from synthsweep.generate.replies.readings import say_read_anew
from synthsweep.generate.replies.reply_parser import reply_parser_of
from synthsweep.generate.replies.walk import replies_to

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GenerationJob(LlmJob):
    """The texts that a pool lacks; nothing is sent yet."""

    missing: MissingTexts
    config: PoolConfig

    @property
    def state(self) -> str:
        """The progress, for messages: `20 of 40 texts`."""
        return f"{self.missing.done} of {self.missing.total} texts"


def plan_job(config: PoolConfig, prompt_plan: PromptPlan, asking: Asking = SENDING) -> GenerationJob:
    """Compares a pool with the stored replies.

    Raises:
        PrivacyError: the prompt would carry real texts off this machine.
        ConfigError: the price is unknown, or a batch would have to wait for another.
        ReplyStoreError: the store does not answer.
    """
    llm, settings = config.llm, config.generate
    if prompt_plan.shows_real_text:
        require_allowed(llm, config.privacy, f"prompt={config.prompt.variant} shows real texts")
    _say_what_is_not_rewritten(config, prompt_plan)
    price = asking.price(llm, batch=settings.batch)
    replies = asking.replies(config, llm)
    parser = reply_parser_of(config, prompt_plan.labels, screened=True)
    missing = MissingTexts(prompt_plan, parser, settings.n or DEFAULT_N, replies.complete)
    requests = tuple(missing.expected())
    if requests:
        _require_no_batch_of_rounds(config)
    job = GenerationJob(llm, settings, missing, requests, replies, price, budget_of(config, price), config)
    say_read_anew(job)
    say_passed_over(job)
    return job


def _require_no_batch_of_rounds(config: PoolConfig) -> None:
    if config.generate.batch and config.prompt.openings:
        raise ConfigError(
            f"generate.batch must be false for prompt={config.prompt.variant}, got true: each request of a label shows how "
            "the texts before it open, and would wait up to a day for a batch of its own; take another prompt for a batch"
        )


def _say_what_is_not_rewritten(config: PoolConfig, prompt_plan: PromptPlan) -> None:
    left_out = prompt_plan.undecided_sources
    if left_out:
        log.warning(
            "prompt=%s: %s takes none of %d texts with labels that nobody decided on",
            config.prompt.variant,
            config.llm.choice,
            left_out,
        )


def require_on_demand(job: GenerationJob) -> None:
    """Raises PoolError if texts are missing and may not be requested."""
    if job.requests and not job.settings.on_demand:
        raise PoolError(
            f"{lacks(job)}, and generate.on_demand=false: {command(job.config)}, with the same data and labels, adds them"
        )


def lacks(job: GenerationJob) -> str:
    """How much of a pool is there: `llm=gpt-4o-mini prompt=plain has 20 of 40 texts`."""
    return f"{job.llm.choice} prompt={job.config.prompt.variant} has {job.state}"


def stored_answers(job: GenerationJob, most: int) -> list[tuple[CompletionRequest, Completion]]:
    """Up to `most` requests that are answered already, of each criterion those before the first that is not, in turns."""
    prompt_plan = job.missing.prompt_plan
    replies = (replies_to(prompt_plan, label, job.replies.complete) for label in prompt_plan.labels.ids)
    in_turns = chain.from_iterable(zip_longest(*(islice(some, most) for some in replies)))
    return list(islice(filter(None, in_turns), most))


def command(config: PoolConfig) -> str:
    """The command that fills a pool, without the keys of data and labels."""
    llm, n = config.llm, config.generate.n
    # A preset of a server of one's own names no model, and may be reached elsewhere.
    model = [assign("llm.model", llm.model)] if llm.model and llm.model != llm.name else []
    address = [assign("llm.base_url", llm.base_url)] if llm.base_url and not llm.provider else []
    counted = [f"generate.n={n}"] if n else []
    prompt = assign("prompt", config.prompt.variant)
    return command_line("generate", assign("llm", llm.name), *model, *address, prompt, *counted)
