"""Reads each reply of a job as it arrives, and ends the job where more of its kind would be paid for in vain."""

import logging
from dataclasses import dataclass, field

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
    """`preview` shows replies that give nothing, rather than ending the job."""

    missing: MissingRequests
    llm: LlmConfig
    price: Price
    preview: bool
    first: FirstReplies
    sameness: Sameness = field(init=False)

    def __post_init__(self) -> None:
        self.sameness = Sameness(self.llm.section)

    def read(self, answer: Answered, done: Completion, request: CompletionRequest) -> list[CompletionRequest]:
        """The requests that a reply makes necessary; `done` is the reply with its price.

        Raises:
            CompletionError: another LLM answered, or one that counts as free bills, or the first replies gave nothing.
        """
        self._require_right_llm(done)
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

    def _require_right_llm(self, completion: Completion) -> None:
        llm = self.llm
        if not completion.answered_by(llm.answerers):
            raise CompletionError(
                f"{llm.section}.model={llm.model} was asked for and {completion.answered_as} answered: correct "
                f"{llm.section}.model, or set {llm.section}.answers_as=[{completion.answered_as}] if that is the same LLM"
            )
