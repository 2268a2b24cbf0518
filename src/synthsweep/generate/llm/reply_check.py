"""Reads each reply of a job as it arrives, and ends the job where more of its kind would be paid for in vain."""

import contextlib
import logging
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import CompletionError
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.first_replies import FirstReplies
from synthsweep.generate.llm.gateway import require_free
from synthsweep.generate.llm.openai_client import Answered
from synthsweep.generate.llm.prices import Price
from synthsweep.generate.llm.sameness import Sameness
from synthsweep.generate.missing import MissingRequests, MissingTexts

log = logging.getLogger(__name__)


@dataclass
class ReplyCheck:
    """`preview` shows replies that give nothing, rather than ending the job.

    Once a reply has given something, replies may wait unread while the next requests are sent: no slot of the server is empty
    for as long as texts are parsed and screened.
    """

    missing: MissingRequests
    llm: LlmConfig
    price: Price
    preview: bool
    first: FirstReplies
    sameness: Sameness = field(init=False)
    _unread: "deque[tuple[Answered, Completion, CompletionRequest]]" = field(default_factory=deque, init=False)

    def __post_init__(self) -> None:
        self.sameness = Sameness(self.llm.section)

    @property
    def waiting(self) -> int:
        """How many replies are not read yet."""
        return len(self._unread)

    def take(self, answer: Answered, done: Completion, request: CompletionRequest) -> list[CompletionRequest]:
        """Reads a reply, or puts it off where it may wait; for the rest, see `read`."""
        if self.first.gave and not self.preview:
            self._unread.append((answer, done, request))
            return []
        return self.read(answer, done, request)

    def read_next(self) -> list[CompletionRequest]:
        """Reads the reply that waits longest; for the rest, see `read`."""
        return self.read(*self._unread.popleft())

    def count_rest(self) -> None:
        """Counts what is not read yet, after an error."""
        while self._unread:
            _, done, request = self._unread.popleft()
            with contextlib.suppress(Exception):
                self.missing.on_reply(request, done)

    def read(self, answer: Answered, done: Completion, request: CompletionRequest) -> list[CompletionRequest]:
        """The requests that a reply makes necessary; `done` is the reply with its price.

        Raises:
            CompletionError: another LLM answered, or one that counts as free bills, or the first replies gave nothing.
        """
        self._require_right_llm(done)
        self._require_logprobs(request, done)
        require_free(answer, done, self.llm, self.price)
        usable, rejected = self.missing.usable, self.missing.rejected.copy()
        further = self.missing.on_reply(request, done)
        gave = self.missing.usable > usable
        self.first.count(request, done, self.missing.rejected - rejected, usable=gave)
        if self.first.hopeless and not self.preview:
            raise CompletionError(f"{self.first.why}: stopped")
        # A judge may well say the same of many texts.
        if gave and isinstance(self.missing, MissingTexts):
            self.sameness.count(done.text)
            self._warn(self.sameness.warning())
        return further

    def end(self) -> None:
        """Says at the end of a job how many replies are the same.

        Raises:
            CompletionError: none of its replies gave a text.
        """
        self._warn(self.sameness.warning(at_end=True))
        without = isinstance(self.missing, MissingTexts) and not self.missing.usable
        if without and self.first.answered and not self.preview:
            raise CompletionError(self.first.why)

    def _warn(self, said: str) -> None:
        if said:
            log.warning(said)

    def _require_logprobs(self, request: CompletionRequest, done: Completion) -> None:
        """The first answer says whether a server gives any, before more of them are paid for."""
        if request.logprobs and done.tokens is None and done.text and not self.first.gave:
            raise CompletionError(
                f"{self.llm.choice}: model.probabilities=logprobs needs the log-probabilities of tokens, and "
                f"{urlsplit(self.llm.base_url or '').netloc} answered without them: model.probabilities=shares takes shares of "
                "answers instead"
            )

    def _require_right_llm(self, completion: Completion) -> None:
        llm = self.llm
        if not completion.answered_by(llm.answerers):
            raise CompletionError(
                f"{llm.section}.model={llm.model} was asked for and {completion.answered_as} answered: correct "
                f"{llm.section}.model, or set {llm.section}.answers_as=[{completion.answered_as}] if that is the same LLM"
            )
