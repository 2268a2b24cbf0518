"""Looks at what an LLM would be asked, and neither asks nor writes anything."""

from dataclasses import dataclass, field
from pathlib import Path

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import PoolConfig
from synthsweep.errors import ConfigError, PoolError
from synthsweep.generate.asking import Asking
from synthsweep.generate.llm.job import LlmJob
from synthsweep.generate.llm.prices import UNKNOWN_PRICE, Price, price_of
from synthsweep.generate.open_completer import members_of
from synthsweep.generate.pool_job import GenerationJob, plan_job, require_on_demand
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.replies.store import ReplyStore, look_at_reply_store
from synthsweep.generate.replies.store_completer import StoredReplies, address_in
from synthsweep.progress import Progress


class NotThereYet(PoolError):  # noqa: N818
    """A job lacks replies that only its LLM can give."""


@dataclass
class LookingOn:
    """An Asking that keeps the jobs that would be sent in `jobs`, and raises NotThereYet where one lacks replies."""

    jobs: list[LlmJob] = field(default_factory=list)
    _stores: dict[Path, ReplyStore] = field(default_factory=dict)

    def replies(self, config: PoolConfig, llm: LlmConfig) -> StoredReplies:
        folder = Path(config.tracking.folder)
        if folder not in self._stores:
            self._stores[folder] = look_at_reply_store(folder)
        return StoredReplies(self._stores[folder], address_in(config, llm))

    def price(self, llm: LlmConfig, *, batch: bool = False) -> Price:
        try:
            return price_of(llm, batch=batch)
        except ConfigError:
            return UNKNOWN_PRICE

    def ask(self, job: LlmJob, progress: Progress) -> None:
        self.jobs.append(job)
        if job.requests:
            raise NotThereYet(f"{job.state} are there")


class OnlyStored(LookingOn):
    """A LookingOn to which a pool that lacks replies is what is there of it."""

    def ask(self, job: LlmJob, progress: Progress) -> None:
        self.jobs.append(job)


@dataclass(frozen=True)
class PoolPart:
    """A pool, or one member of a union's; `job` is None where no LLM is asked."""

    config: PoolConfig
    prompt_plan: PromptPlan
    job: GenerationJob | None


def pool_parts(config: PoolConfig, prompt_plan: PromptPlan, asking: Asking) -> list[PoolPart]:
    """A pool by who writes its texts.

    Raises:
        PoolError: texts are missing and may not be requested.
        PrivacyError: a prompt would carry real texts off this machine.
    """
    if config.llm.kind == "union":
        members = members_of(config, prompt_plan).values()
        return [part for member, plan in members for part in pool_parts(member, plan, asking)]
    if not config.llm.hosted:
        return [PoolPart(config, prompt_plan, None)]
    job = plan_job(config, prompt_plan, asking)
    require_on_demand(job)
    return [PoolPart(config, prompt_plan, job)]
