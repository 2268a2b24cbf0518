"""What AsyncFiller and BatchFiller share: the parts of a job, its statistics and its progress."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from synthsweep.config.keys.generation import GenerateConfig
from synthsweep.generate.budget import Budget, Surprise
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.openai_client import Answered, OpenAiClient
from synthsweep.generate.llm.prices import Price, dollars, most_usage
from synthsweep.generate.missing import MissingRequests
from synthsweep.generate.replies.store import ReplyKey, ReplyStore, Reservation
from synthsweep.generate.replies.store_completer import Address, StoredReplies
from synthsweep.progress import Advance, Progress
from synthsweep.stopping import listening
from synthsweep.storage.process import ProcessMark


@dataclass
class FillStats:
    """What a job has done so far; `stopped` says what ended it too early: budget, interrupt or preview.

    `waiting` says what is waited for now. Of the answers, the server stated the cost of `stated` (`stated_usd` in all); of
    `uncounted` it said nothing at all.
    """

    sent: int = 0
    answered: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    stated: int = 0
    stated_usd: float = 0.0
    uncounted: int = 0
    stopped: str = ""
    batch: str = ""
    waiting: str = ""
    answers: list[tuple[CompletionRequest, Completion]] = field(default_factory=list)

    def count(self, completion: Completion) -> None:
        """Adds one answer."""
        self.answered += 1
        self.usd += completion.usd or 0.0
        self.stated += completion.stated_usd is not None
        self.stated_usd += completion.stated_usd or 0.0
        self.uncounted += completion.stated_usd is None and completion.usage is None
        self.prompt_tokens += completion.usage.prompt if completion.usage else 0
        self.completion_tokens += completion.usage.completion if completion.usage else 0


@dataclass
class Filler:
    """Requests missing replies from an LLM; subclasses implement `run`."""

    missing: MissingRequests
    replies: StoredReplies
    client: OpenAiClient
    price: Price
    budget: Budget
    settings: GenerateConfig
    progress: Progress
    stats: FillStats = field(default_factory=FillStats, kw_only=True)

    @property
    def store(self) -> ReplyStore:
        return self.replies.store

    @property
    def address(self) -> Address:
        return self.replies.address

    def stopped_by(self, on_stop: Callable[[], None]) -> AbstractContextManager[None]:
        """Calls `on_stop` within the event loop for each request to stop."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(on_stop)

        return listening(wake, self.settings.timeout_s)

    def reserve(self, request: CompletionRequest, seconds: float, mark: ProcessMark | None = None) -> Reservation:
        """If the budget allows it, claims a request for some seconds and reserves the most that it can cost."""
        return self.beginning(request, self.replies.key(request), seconds, mark)(self.store)

    def beginning(
        self, request: CompletionRequest, key: ReplyKey, seconds: float, mark: ProcessMark | None = None
    ) -> Callable[[ReplyStore], Reservation]:
        """The same, to be done on another connection."""
        most, budget = self.price.most(request, self.client.llm), self.budget
        # The provider of a batch keeps to the limit of its replies, and all of its requests go out at once.
        return lambda store: store.begin(key, seconds, budget.name, most, budget.limit, mark=mark, cautious=mark is None)

    def priced(self, request: CompletionRequest, answer: Answered) -> Completion:
        """The reply with the dollars that count: what the server states or what its tokens cost, whichever is more.

        Tokens that the server did not count are as many as they can be.
        """
        return replace(answer.completion, usd=max(self._by_tokens(request, answer), answer.completion.stated_usd or 0.0))

    def surprise(self, request: CompletionRequest, answer: Answered) -> Surprise:
        """What a reply cost beside what was foreseen."""
        most, paid = self.price.most(request, self.client.llm), self._by_tokens(request, answer)
        stated = answer.completion.stated_usd or 0.0
        return Surprise(paid / most if most else 0.0, max(1.0, stated / paid) if paid else 1.0)

    def _by_tokens(self, request: CompletionRequest, answer: Answered) -> float:
        most = most_usage(request, self.client.llm, answer.completion.text)
        return self.price.bill(answer.tokens, most)

    def report(self) -> None:
        """Reports the progress of the job."""
        self.progress(advance_of(self.stats, self.missing, free=self.price.free))


def advance_of(stats: FillStats, missing: MissingRequests, *, free: bool) -> Advance:
    """The progress of a job and its use so far: `150 rejected, 2 failed, 9,000 tokens, $0.12 of about $0.40`."""
    parts = [stats.waiting] if stats.waiting else []
    parts.append(f"{sum(missing.rejected.values())} rejected")
    if stats.failed:
        parts.append(f"{stats.failed} failed")
    parts.append(f"{stats.prompt_tokens + stats.completion_tokens:,} tokens")
    if not free:
        parts.append(f"{dollars(stats.usd)}{_expected(stats, missing)}")
    if stats.batch:
        parts.append(stats.batch)
    return Advance(missing.done, missing.total, ", ".join(parts), missing.unit)


def _expected(stats: FillStats, missing: MissingRequests) -> str:
    if not stats.answered:
        return ""
    # Assumes that missing requests cost as much as answered ones.
    requests = (missing.total - missing.done) / missing.per_request
    return f" of about {dollars(stats.usd + requests * stats.usd / stats.answered)}"
