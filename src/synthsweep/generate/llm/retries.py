"""What becomes of a request without an answer: it is asked again, left out, or ends the job that is in vain."""

import logging
import random
import time
from dataclasses import dataclass, field

from synthsweep.config.keys.generation import GenerateConfig
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import CompletionError
from synthsweep.generate.llm.openai_client import Answered, Failed, FailureKind, TooLong
from synthsweep.generate.llm.outage import Outage
from synthsweep.generate.llm.request_queue import Pending, RequestQueue
from synthsweep.generate.llm.throttle import Throttle
from synthsweep.generate.llm.wait_lines import NOBODY
from synthsweep.generate.missing import MissingRequests

log = logging.getLogger(__name__)

FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.5, 30.0


@dataclass
class Retries:
    """Puts requests back into the `queue`; `in_a_row` were left out since the last answer."""

    llm: LlmConfig
    settings: GenerateConfig
    missing: MissingRequests
    queue: RequestQueue
    throttle: Throttle
    outage: Outage = field(default_factory=Outage)
    in_a_row: int = 0
    _said: bool = False

    def answered(self) -> None:
        """The LLM gave an answer to one of them."""
        self.in_a_row = 0
        self.outage.ended()

    def failed(self, failure: Failed, pending: Pending, sent_at: float) -> bool:
        """Whether the request is left out.

        Raises:
            CompletionError: what went wrong lasts, or went wrong too often.
        """
        self.outage.failed(failure.kind, sent_at, time.monotonic())
        if self.outage.lasts:
            rounds = f"{self.outage.rounds} times in a row, with a pause between"
            goes_on = "; the same command goes on" if self.outage.answered else ""
            raise CompletionError(f"{self.llm.choice}: {failure.reason}; {rounds}: stopped{goes_on}")
        if self.outage.pauses(failure.kind):
            self.throttle.refused(sent_at, None, NOBODY[failure.kind])
        if failure.kind is FailureKind.UNREACHABLE:
            # Nothing was sent; a server with a short queue lets in one after the other.
            self.queue.put_back([pending])
            return False
        return self._again_or_left_out(failure, pending)

    def _again_or_left_out(self, failure: Failed, pending: Pending) -> bool:
        pending.attempts += 1
        if pending.attempts < self.settings.max_attempts and self.in_a_row < self.settings.max_failures:
            seconds = min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** (pending.attempts - 1))
            self.queue.postpone(pending, seconds * random.uniform(0.75, 1.25))
            return False
        self.in_a_row += 1
        self.missing.on_failure(pending.request)
        if self.in_a_row >= self.settings.max_failures:
            raise CompletionError(
                f"{self.llm.choice}: {failure.reason}; {self.in_a_row} requests in a row failed, each after "
                f"{self.settings.max_attempts} tries: stopped"
            )
        log.warning("%s; a request is left out after %d tries", failure.reason, pending.attempts)
        return True

    def too_long(self, refused: TooLong, pending: Pending, *, alone: bool) -> None:
        """Before the first answer, the shortest prompt is tried next: if that is too long, all are.

        Raises:
            CompletionError: all are, or this one is all that is to be shown (`alone`).
        """
        if alone:
            raise CompletionError(f"{self.llm.choice}: {refused.reason}")
        if not self.queue.set_aside(pending):
            raise CompletionError(f"{self.llm.choice}: no prompt is short enough: {refused.reason}")

    def stand_in(self, refused: TooLong) -> Answered:
        """What is kept for a prompt that is too long where others are not; the first one is said."""
        if not self._said:
            log.warning(
                "%s: %s; this prompt is left out and counted as rejected: another server is asked again, and this one with "
                "generate.retry_too_long=true", self.llm.choice, refused.reason,
            )  # fmt: skip
            self._said = True
        return refused.answer
