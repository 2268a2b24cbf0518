"""What a pool still lacks: which requests to send next, given the replies that are there."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import ClassVar

from synthsweep.examples import Example
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.pool import ReplyParser
from synthsweep.generate.prompts.plan import PromptPlan, most_samples
from synthsweep.generate.replies.parse import Rejected

Lookup = Callable[[CompletionRequest], Completion | None]


@dataclass
class MissingRequests:
    """Counts texts a criterion, and asks for as many samples as `n` of them need.

    A text that was rejected is made up for by a further sample, up to a limit. `lookup` finds what is stored.
    """

    prompt_plan: PromptPlan
    reading: ReplyParser
    n: int
    lookup: Lookup
    texts: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    stored: int = 0
    _next: Counter[str] = field(default_factory=Counter)
    _outstanding: Counter[str] = field(default_factory=Counter)
    # What is counted, as a screen calls it.
    unit: ClassVar[str] = "texts"

    def begin(self) -> deque[CompletionRequest]:
        """All that is missing now, counted anew; criteria in turns, so that a job which is stopped leaves none behind."""
        for counter in (self.texts, self.rejected, self._next, self._outstanding):
            counter.clear()
        self.stored = 0
        lists = [self._extended(label) for label in self.prompt_plan.labels.ids]
        return deque(request for request in chain.from_iterable(zip_longest(*lists)) if request is not None)

    def on_reply(self, request: CompletionRequest, completion: Completion) -> list[CompletionRequest]:
        """Counts an answer; returns what must be asked for because of it."""
        self._outstanding[request.criterion] -= 1
        self._count(request, completion)
        return self._extended(request.criterion)

    def on_failure(self, request: CompletionRequest) -> None:
        """A request that will not be answered in this job; the next one begins with it."""
        self._outstanding[request.criterion] -= 1

    @property
    def complete(self) -> bool:
        return all(self.texts[label] >= self.n for label in self.prompt_plan.labels.ids)

    @property
    def done(self) -> int:
        """Texts that count: what a criterion has beyond `n` does not."""
        return sum(min(self.n, self.texts[label]) for label in self.prompt_plan.labels.ids)

    @property
    def total(self) -> int:
        return self.n * len(self.prompt_plan.labels.ids)

    @property
    def short(self) -> dict[str, int]:
        """How many texts a criterion has that has too few."""
        return {label: self.texts[label] for label in self.prompt_plan.labels.ids if self.texts[label] < self.n}

    def _extended(self, label: str) -> list[CompletionRequest]:
        missing: list[CompletionRequest] = []
        most = most_samples(self.n, self.prompt_plan.prompt.per_request)
        while self._lacks(label) and self._next[label] < most:
            request = self.prompt_plan.request(label, self._next[label])
            self._next[label] += 1
            kept = self.lookup(request)
            if kept is not None:
                self.stored += 1
                self._count(request, kept)
            else:
                self._outstanding[label] += 1
                missing.append(request)
        return missing

    def _lacks(self, label: str) -> bool:
        coming = self._outstanding[label] * self.prompt_plan.prompt.per_request
        return self.texts[label] + coming < self.n

    def _count(self, request: CompletionRequest, completion: Completion) -> None:
        pieces: Sequence[Example | Rejected] = self.reading.read(request, completion)
        self.texts[request.criterion] += sum(isinstance(piece, Example) for piece in pieces)
        self.rejected.update(piece.kind for piece in pieces if isinstance(piece, Rejected))
