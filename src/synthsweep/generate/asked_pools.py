"""What LLMs would be asked: each pool once, each request once, however many runs read it."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from synthsweep.examples import digest_of
from synthsweep.generate.budget import Budget, Spending
from synthsweep.generate.completer import CompletionRequest, Usage
from synthsweep.generate.llm.job import LlmJob, lacking_means
from synthsweep.generate.llm.prices import most_usage, usual_usage
from synthsweep.generate.missing import MissingAnswers, MissingTexts
from synthsweep.generate.replies.store import ReplyKey


@dataclass(frozen=True)
class Amount:
    """Requests, their tokens (prompt and reply) and dollars; dollars are not a number where a price is unknown."""

    requests: int = 0
    tokens: int = 0
    usd: float = 0.0

    def plus(self, other: "Amount") -> "Amount":
        return Amount(self.requests + other.requests, self.tokens + other.tokens, self.usd + other.usd)

    def times(self, count: int) -> "Amount":
        return Amount(self.requests * count, self.tokens * count, self.usd * count)

    def up_to(self, other: "Amount") -> "Amount":
        """The smaller of each number."""
        return Amount(min(self.requests, other.requests), min(self.tokens, other.tokens), min(self.usd, other.usd))

    def or_more(self, other: "Amount") -> "Amount":
        """The larger of each number."""
        usd = max(self.usd, other.usd, key=lambda sum_: math.inf if math.isnan(sum_) else sum_)
        return Amount(max(self.requests, other.requests), max(self.tokens, other.tokens), usd)


NOTHING = Amount()


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum of amounts."""
    summed = NOTHING
    for amount in amounts:
        summed = summed.plus(amount)
    return summed


@dataclass(frozen=True)
class AskedPool:
    """One pool, or one judge of a pool: `kept` of `wanted` texts or answers are there, and free.

    `usual` takes replies of usual length, all of them usable. `most` takes the longest replies, and every further request
    that unusable ones may cause. `lacks` says what is to be done before the job may be sent.
    """

    name: str
    unit: str
    kept: int
    wanted: int
    usual: Amount
    most: Amount
    free: bool
    budget: Budget
    spent: Spending
    lacks: tuple[str, ...] = ()


@dataclass
class _Entry:
    """A pool as it is put together; requests are by key, so that none counts twice."""

    job: LlmJob
    name: str
    kept: int = 0
    wanted: int = 0
    answers: dict[ReplyKey, bool] = field(default_factory=dict)
    usual: dict[ReplyKey, Amount] = field(default_factory=dict)
    most: dict[ReplyKey, Amount] = field(default_factory=dict)

    def count(self, job: LlmJob) -> None:
        """Pools grow at their end: the larger of two that differ in size alone holds the smaller."""
        if isinstance(job.missing, MissingTexts):
            if job.missing.total >= self.wanted:
                self.kept, self.wanted = job.missing.done, job.missing.total
            return
        assert isinstance(job.missing, MissingAnswers)
        self.answers |= {job.replies.address.key(r): job.missing.lookup(r) is not None for r in job.missing.requests}
        self.kept, self.wanted = sum(self.answers.values()), len(self.answers)


@dataclass
class AskedPools:
    """Collects jobs; equal pools become one."""

    _entries: dict[Hashable, _Entry] = field(default_factory=dict)
    _owner: dict[ReplyKey, Hashable] = field(default_factory=dict)

    def add(self, job: LlmJob, name: str, *, longer: int = 0) -> Hashable:
        """Adds a job, and returns what identifies its pool; texts in its prompts may be longer by that many bytes."""
        identity = (name, job.replies.address.llm, job.replies.address.settings, _questions(job))
        entry = self._entries.setdefault(identity, _Entry(job, name))
        entry.count(job)
        self._add_requests(identity, entry.usual, job, job.requests, None)
        self._add_requests(identity, entry.most, job, job.missing.at_most(), longer)
        return identity

    def _add_requests(
        self,
        identity: Hashable,
        amounts: dict[ReplyKey, Amount],
        job: LlmJob,
        requests: Iterable[CompletionRequest],
        longer: int | None,
    ) -> None:
        for request in requests:
            key = job.replies.address.key(request)
            if self._owner.setdefault(key, identity) == identity and key not in amounts:
                amounts[key] = _amount(job, request, longer)

    def pools(self, only: Iterable[Hashable] | None = None) -> list[AskedPool]:
        """The pools, or those that are named, each with a name of its own."""
        named, wanted = self._names(), self._entries.keys() if only is None else set(only)
        return [_pool(entry, named[identity]) for identity, entry in self._entries.items() if identity in wanted]

    def _names(self) -> Mapping[Hashable, str]:
        """Equal names get their sampling settings and, where those are equal, too, a number: prompts may show other texts."""
        alike: dict[str, dict[Hashable, str]] = {}
        for identity, entry in self._entries.items():
            alike.setdefault(entry.name, {})[identity] = entry.job.replies.address.settings
        names: dict[Hashable, str] = {}
        for name, settings in alike.items():
            kinds = Counter(settings.values())
            for number, (identity, own) in enumerate(settings.items(), start=1):
                sampled = f" {own}" if len(kinds) > 1 else ""
                names[identity] = f"{name}{sampled}{f' #{number}' if kinds[own] > 1 else ''}"
        return names


def _pool(entry: _Entry, name: str) -> AskedPool:
    job = entry.job
    return AskedPool(
        name, job.missing.unit, entry.kept, entry.wanted, total(entry.usual.values()), total(entry.most.values()),
        job.price.free, job.budget, job.spending, lacking_means(job),
    )  # fmt: skip


def _questions(job: LlmJob) -> str:
    """What distinguishes the prompts of two pools: the first request of each criterion. A judge's questions are one pool."""
    if not isinstance(job.missing, MissingTexts):
        return ""
    prompt_plan = job.missing.prompt_plan
    return digest_of([prompt_plan.request(label, 0).digest for label in prompt_plan.labels.ids])


def _amount(job: LlmJob, request: CompletionRequest, longer: int | None) -> Amount:
    """What one request takes: as usual if `longer` is None, else at most, with that many bytes beside its own."""
    if longer is None:
        usage = usual_usage(request, job.llm)
    else:
        most = most_usage(request, job.llm)
        usage = replace(most, prompt=most.prompt + longer)
    return Amount(1, _tokens(usage), job.price.usd(usage))


def _tokens(usage: Usage) -> int:
    return usage.prompt + usage.completion
