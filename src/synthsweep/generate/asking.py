"""How LLMs are reached: where their replies are kept, what they cost, and who sends what is missing."""

from typing import TYPE_CHECKING, Protocol

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import PoolConfig
from synthsweep.progress import Progress

if TYPE_CHECKING:
    from synthsweep.generate.llm.job import LlmJob
    from synthsweep.generate.llm.prices import Price
    from synthsweep.generate.replies.store_completer import StoredReplies


class Asking(Protocol):
    """What a pool and a judge need of their LLM; a dry run has one that writes and sends nothing."""

    def replies(self, config: PoolConfig, llm: LlmConfig) -> "StoredReplies":
        """The stored replies of an LLM.

        Raises:
            ReplyStoreError: the store cannot be opened.
        """

    def price(self, llm: LlmConfig, *, batch: bool = False) -> "Price":
        """What its requests cost.

        Raises:
            ConfigError: the price is unknown, and the requests are to be sent.
        """

    def ask(self, job: "LlmJob", progress: Progress) -> None:
        """Sends what a job lacks; for the errors, see `run_job`."""


class Sending:
    """Opens the store for writing, and sends requests."""

    def replies(self, config: PoolConfig, llm: LlmConfig) -> "StoredReplies":
        from synthsweep.generate.replies.store_completer import stored_replies

        return stored_replies(config, llm)

    def price(self, llm: LlmConfig, *, batch: bool = False) -> "Price":
        from synthsweep.generate.llm.prices import price_of

        return price_of(llm, batch=batch)

    def ask(self, job: "LlmJob", progress: Progress) -> None:
        # Runs without an LLM do without the client.
        from synthsweep.generate.llm.job import run_job
        from synthsweep.generate.replies.readings import keep_job_readings

        keep_job_readings(job)
        try:
            run_job(job, progress)
        finally:
            keep_job_readings(job)


SENDING = Sending()
