"""The requests still to be sent to an LLM, given the stored replies; decided before anything is sent; pure."""

import math
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import ClassVar, Protocol

from synthsweep.examples import Example
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.prompts.openings import MOST_BYTES, USUAL_BYTES, unwritten
from synthsweep.generate.prompts.plan import PromptPlan, most_samples
from synthsweep.generate.replies.openings import openings_of
from synthsweep.generate.replies.parse import Rejected
from synthsweep.generate.replies.reply_parser import ReplyParser

Lookup = Callable[[CompletionRequest], Completion | None]


class MissingRequests(Protocol):
    """What a job lacks, counted in `unit`; `rejected` counts unusable replies, or parts of them, by reason."""

    unit: ClassVar[str]
    rejected: Counter[str]
    # How many usable units each reply gave, by the digest of its request and its sample.
    counts: dict[tuple[str, int], int]

    def begin(self) -> deque[CompletionRequest]:
        """All requests that are missing now, given what is stored."""

    def expected(self) -> Sequence[CompletionRequest]:
        """All requests that will be sent if every reply is usable. What they show of replies to come is a stand-in."""

    def at_most(self) -> Sequence[CompletionRequest]:
        """All requests that could be sent from now on, with those that make up for unusable replies; after `begin`."""

    @property
    def at_once(self) -> int | None:
        """How many requests can be under way together; None for any number."""

    def warm(self) -> None:
        """Loads what is needed to read replies in advance, since loading later would delay the replies."""

    def on_reply(self, request: CompletionRequest, completion: Completion) -> list[CompletionRequest]:
        """Counts a reply; returns the further requests that it makes necessary."""

    def on_failure(self, request: CompletionRequest) -> None:
        """Records a request that gets no answer in this job; the next job begins with it."""

    @property
    def usable(self) -> int:
        """How many units can be used, all that exist counted."""

    @property
    def done(self) -> int:
        """How many units exist, at most `total`."""

    @property
    def total(self) -> int:
        """How many units are needed."""

    @property
    def per_request(self) -> int:
        """How many units one request asks for."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""


@dataclass
class MissingTexts:
    """Texts of a pool: as many samples per criterion as `n` texts need.

    A further sample makes up for a text that was rejected, up to a limit. `lookup` finds what is stored.
    """

    prompt_plan: PromptPlan
    parser: ReplyParser
    n: int
    lookup: Lookup
    texts: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    stored: int = 0
    # Texts that are letter for letter another one of the pool.
    copies: int = 0
    _seen: set[str] = field(default_factory=set)
    _next: Counter[str] = field(default_factory=Counter)
    _outstanding: Counter[str] = field(default_factory=Counter)
    # The openings of the texts of each label, where prompts show them.
    _earlier: dict[str, list[str]] = field(default_factory=dict)
    # Requests that show none, by label and sample: a forecast, a claim and a second look need the same one.
    _rendered: dict[tuple[str, int], CompletionRequest] = field(default_factory=dict)
    unit: ClassVar[str] = "texts"

    def begin(self) -> deque[CompletionRequest]:
        """Criteria take turns, so that a stopped job has texts for all of them."""
        for counter in (self.texts, self.rejected, self._next, self._outstanding):
            counter.clear()
        self.counts.clear()
        self.stored = self.copies = 0
        self._seen.clear()
        self._earlier.clear()
        lists = [self._extended(label) for label in self.prompt_plan.labels.ids]
        return deque(request for request in chain.from_iterable(zip_longest(*lists)) if request is not None)

    def expected(self) -> list[CompletionRequest]:
        requests = list(self.begin())
        if not self.prompt_plan.shows_openings:
            return requests
        later = zip_longest(*(self._expected_to_come(label) for label in self.prompt_plan.labels.ids))
        return requests + [request for request in chain.from_iterable(later) if request is not None]

    def at_most(self) -> list[CompletionRequest]:
        if self.prompt_plan.shows_openings:
            return self._most_to_come()
        samples = range(most_samples(self.n, self.per_request))
        lacking = [label for label in self.prompt_plan.labels.ids if self.texts[label] < self.n]
        possible = (self._request(label, sample) for label in lacking for sample in samples)
        return [request for request in possible if self.lookup(request) is None]

    @property
    def at_once(self) -> int | None:
        return len(self.prompt_plan.labels.ids) if self.prompt_plan.shows_openings else None

    def warm(self) -> None:
        if self.parser.screening is not None:
            self.parser.screening.warm()

    def on_reply(self, request: CompletionRequest, completion: Completion) -> list[CompletionRequest]:
        self._outstanding[request.criterion] -= 1
        self._count(request, completion)
        return self._extended(request.criterion)

    def on_failure(self, request: CompletionRequest) -> None:
        self._outstanding[request.criterion] -= 1

    @property
    def complete(self) -> bool:
        return all(self.texts[label] >= self.n for label in self.prompt_plan.labels.ids)

    @property
    def usable(self) -> int:
        return sum(self.texts.values())

    @property
    def done(self) -> int:
        """Texts beyond `n` of a criterion do not count."""
        return sum(min(self.n, self.texts[label]) for label in self.prompt_plan.labels.ids)

    @property
    def total(self) -> int:
        return self.n * len(self.prompt_plan.labels.ids)

    @property
    def per_request(self) -> int:
        return self.prompt_plan.prompt.per_request

    @property
    def short(self) -> dict[str, int]:
        """The number of texts of each criterion that has too few."""
        return {label: self.texts[label] for label in self.prompt_plan.labels.ids if self.texts[label] < self.n}

    def _extended(self, label: str) -> list[CompletionRequest]:
        requests: list[CompletionRequest] = []
        most = most_samples(self.n, self.per_request)
        while self._may_ask(label) and self._next[label] < most:
            request = self._request(label, self._next[label])
            self._next[label] += 1
            completion = self.lookup(request)
            if completion is not None:
                self.stored += 1
                self._count(request, completion)
            else:
                self._outstanding[label] += 1
                requests.append(request)
        return requests

    def _request(self, label: str, sample: int) -> CompletionRequest:
        """Renders a request once, unless it shows how the texts before it open."""
        if earlier := self._earlier.get(label):
            return self.prompt_plan.request(label, sample, earlier)
        place = (label, sample)
        if place not in self._rendered:
            self._rendered[place] = self.prompt_plan.request(label, sample)
        return self._rendered[place]

    def _may_ask(self, label: str) -> bool:
        """A request that shows how earlier texts open is known once all before it are answered."""
        return self._lacks(label) and not (self.prompt_plan.shows_openings and self._outstanding[label])

    def _expected_to_come(self, label: str) -> list[CompletionRequest]:
        """The requests of a label after those that are known, each with stand-ins of usual length for what it will show."""
        known, first = self._earlier.get(label, []), self._next[label] - self._outstanding[label]
        needed = math.ceil((self.n - self.texts[label]) / self.per_request)
        end = min(first + needed, most_samples(self.n, self.per_request))
        return [
            self.prompt_plan.request(label, sample, [*known, *unwritten((sample - first) * self.per_request, USUAL_BYTES)])
            for sample in range(self._next[label], end)
        ]

    def _most_to_come(self) -> list[CompletionRequest]:
        """All requests that could be sent, each of which shows as many openings as it may, as long as they may be."""
        openings, end = unwritten(self.prompt_plan.prompt.openings, MOST_BYTES), most_samples(self.n, self.per_request)
        return [
            self.prompt_plan.request(label, sample, openings)
            for label in self.prompt_plan.labels.ids
            if self.texts[label] < self.n
            for sample in range(self._next[label] - self._outstanding[label], end)
        ]

    def _lacks(self, label: str) -> bool:
        return self.texts[label] + self._outstanding[label] * self.per_request < self.n

    def _count(self, request: CompletionRequest, completion: Completion) -> None:
        pieces: Sequence[Example | Rejected] = self.parser.read(request, completion)
        texts = [piece.text for piece in pieces if isinstance(piece, Example)]
        self.counts[request.digest, request.sample] = len(texts)
        if self.prompt_plan.shows_openings:
            self._earlier.setdefault(request.criterion, []).extend(openings_of(completion))
        self.texts[request.criterion] += len(texts)
        new = set(texts) - self._seen
        self.copies += len(texts) - len(new)
        self._seen |= new
        self.rejected.update(piece.kind for piece in pieces if isinstance(piece, Rejected))


@dataclass
class MissingAnswers:
    """Answers of a judge: one per request. An unusable answer counts and is not requested again."""

    requests: Sequence[CompletionRequest]
    read: Callable[[Completion], frozenset[str] | Rejected]
    lookup: Lookup
    done: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    unit: ClassVar[str] = "answers"
    per_request: ClassVar[int] = 1

    def begin(self) -> deque[CompletionRequest]:
        self.done = 0
        self.rejected.clear()
        self.counts.clear()
        missing: deque[CompletionRequest] = deque()
        for request in self.requests:
            completion = self.lookup(request)
            if completion is None:
                missing.append(request)
            else:
                self._count(request, completion)
        return missing

    def at_most(self) -> list[CompletionRequest]:
        """An unusable answer is not requested again."""
        return [request for request in self.requests if self.lookup(request) is None]

    def expected(self) -> list[CompletionRequest]:
        return list(self.begin())

    @property
    def at_once(self) -> None:
        return None

    def warm(self) -> None:
        """There is nothing to load."""

    def on_reply(self, request: CompletionRequest, completion: Completion) -> list[CompletionRequest]:
        self._count(request, completion)
        return []

    def on_failure(self, request: CompletionRequest) -> None:
        """Nothing to record: a request without a counted answer is missing."""

    @property
    def usable(self) -> int:
        return self.done - sum(self.rejected.values())

    @property
    def complete(self) -> bool:
        return self.done == self.total

    @property
    def total(self) -> int:
        return len(self.requests)

    def _count(self, request: CompletionRequest, completion: Completion) -> None:
        self.done += 1
        answer = self.read(completion)
        self.counts[request.digest, request.sample] = int(not isinstance(answer, Rejected))
        if isinstance(answer, Rejected):
            self.rejected[answer.kind] += 1
