"""What every way of filling a pool works with, what it has done so far, and who looks on."""

from dataclasses import dataclass, field, replace

from synthsweep.config.schema import GenerateConfig
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.openai_client import OpenAiCompleter
from synthsweep.generate.llm.prices import Price, dollars
from synthsweep.generate.missing import MissingRequests
from synthsweep.generate.replies.store import ReplyStore
from synthsweep.generate.replies.stored import Address
from synthsweep.progress import Advance, Progress


@dataclass
class FillStats:
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


@dataclass(frozen=True)
class Budget:
    """A purse that every process of a study shares; `limit` None is none."""

    name: str
    limit: float | None


@dataclass
class PoolRequest:
    """The parts of a job: what is wanted, where it is asked for and kept, and what it may cost."""

    wanted: MissingRequests
    address: Address
    store: ReplyStore
    endpoint: OpenAiCompleter
    price: Price
    budget: Budget
    settings: GenerateConfig
    progress: Progress
    filled: FillStats = field(default_factory=FillStats, kw_only=True)

    def priced(self, request: CompletionRequest, completion: Completion) -> Completion:
        """A completion with its dollars; a server that counts no tokens is taken to have used all that it could."""
        paid = self.price.usd(completion.usage) if completion.usage else self.price.most(request, self.endpoint.llm)
        return replace(completion, usd=paid)

    def report(self) -> None:
        """Shows how far the job is."""
        self.progress(advance_of(self.filled, self.wanted, free=self.price.free))


def advance_of(filled: FillStats, wanted: MissingRequests, *, free: bool) -> Advance:
    """How far a job is, and what it took: `150 rejected, 2 failed, 9,000 tokens, $0.12 of about $0.40`."""
    parts = [f"{sum(wanted.rejected.values())} rejected"]
    if filled.failed:
        parts.append(f"{filled.failed} failed")
    parts.append(f"{filled.prompt_tokens + filled.completion_tokens:,} tokens")
    if not free:
        parts.append(f"{dollars(filled.usd)}{_expected(filled, wanted)}")
    return Advance(wanted.done, wanted.total, ", ".join([*parts, *([filled.batch] if filled.batch else [])]), wanted.unit)


def _expected(filled: FillStats, wanted: MissingRequests) -> str:
    if not filled.answered:
        return ""
    # What is missing will cost as much a request as what came.
    left = (wanted.total - wanted.done) / wanted.prompt_plan.prompt.per_request
    return f" of about {dollars(filled.usd + left * filled.usd / filled.answered)}"
