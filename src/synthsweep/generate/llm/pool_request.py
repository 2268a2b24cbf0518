"""What every way of filling a pool works with, what it has done so far, and who looks on."""

from dataclasses import dataclass, field, replace
from typing import Protocol

from synthsweep.config.schema import GenerateConfig
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.openai_client import OpenAiCompleter
from synthsweep.generate.llm.prices import Price
from synthsweep.generate.missing import Wanted
from synthsweep.generate.replies.store import ReplyStore
from synthsweep.generate.replies.stored import Address


@dataclass
class Filled:
    """What a job has done so far; `stopped` says what ended it before the pool was full: budget, interrupt or preview."""

    sent: int = 0
    answered: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    stopped: str = ""
    batch: str = ""
    answers: list[tuple[CompletionRequest, Completion]] = field(default_factory=list)

    def count(self, completion: Completion) -> None:
        """One more answer."""
        self.answered += 1
        self.usd += completion.usd or 0.0
        self.prompt_tokens += completion.usage.prompt if completion.usage else 0
        self.completion_tokens += completion.usage.completion if completion.usage else 0


class FillWatch(Protocol):
    """Who looks on; every call is cheap."""

    def on_fill(self, filled: Filled, wanted: Wanted) -> None:
        """Something was answered, rejected or paid."""


class Unwatched:
    """Nobody looks on: a worker of a sweep."""

    def on_fill(self, filled: Filled, wanted: Wanted) -> None:
        pass


@dataclass(frozen=True)
class Budget:
    """A purse that every process of a study shares; `limit` None is none."""

    name: str
    limit: float | None


@dataclass
class Errand:
    """The parts of a job: what is wanted, where it is asked for and kept, and what it may cost."""

    wanted: Wanted
    address: Address
    store: ReplyStore
    endpoint: OpenAiCompleter
    price: Price
    budget: Budget
    settings: GenerateConfig
    watch: FillWatch
    filled: Filled = field(default_factory=Filled, kw_only=True)

    def priced(self, request: CompletionRequest, completion: Completion) -> Completion:
        """A completion with its dollars; a server that counts no tokens is taken to have used all that it could."""
        paid = self.price.usd(completion.usage) if completion.usage else self.price.most(request, self.endpoint.llm)
        return replace(completion, usd=paid)
