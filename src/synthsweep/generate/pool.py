"""Reads replies into a pool: examples with provenance, and what was rejected on the way."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from synthsweep.config.schema import PoolConfig
from synthsweep.examples import Example, Provenance
from synthsweep.generate.completer import Completer, Completion, CompletionRequest, Profile
from synthsweep.generate.prompts.plan import DEFAULT_N, PromptPlan
from synthsweep.generate.replies.parse import Parsed, Rejected, parse_reply
from synthsweep.generate.replies.screen import Screening


@dataclass(frozen=True)
class PoolCost:
    """What the replies of a pool took; `usd` is what was paid for them, whenever that was."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0

    def plus(self, completion: Completion) -> "PoolCost":
        used = completion.usage
        return PoolCost(
            self.requests + 1,
            self.prompt_tokens + (used.prompt if used else 0),
            self.completion_tokens + (used.completion if used else 0),
            self.usd + (completion.usd or 0.0),
        )


@dataclass(frozen=True)
class Pool:
    """Synthetic examples of one llm x prompt x sampling setting, and what was rejected on the way."""

    examples: tuple[Example, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    cost: PoolCost = PoolCost()

    @cached_property
    def reasons(self) -> dict[str, int]:
        """How many pieces were rejected for what, the most frequent reason first."""
        return dict(Counter(piece.kind for piece in self.rejected).most_common())


@dataclass(frozen=True)
class ReplyParser:
    """How a reply becomes examples; `prompt` is what provenance says, empty for texts of the user's own file."""

    label_ids: tuple[str, ...]
    prompt: str
    screening: Screening | None = None
    # The LLMs that may have answered, by their names' beginnings; none: whichever.
    answers_as: tuple[str, ...] = ()

    def read(self, request: CompletionRequest, completion: Completion) -> list[Example | Rejected]:
        """The pieces of a reply in their order."""
        pieces = self._pieces(request, completion)
        items = [line for line, piece in enumerate(pieces) if isinstance(piece, Parsed) or piece.item]
        # Where texts are missing or too many, nobody knows which profile is whose.
        profiles = dict(zip(items, request.profiles, strict=True)) if len(items) == len(request.profiles) else {}
        return [self._example(piece, request, completion, line, profiles.get(line, ())) for line, piece in enumerate(pieces)]

    def _pieces(self, request: CompletionRequest, completion: Completion) -> Sequence[Parsed | Rejected]:
        if completion.answered_as and not self.answered_rightly(completion):
            return [Rejected("another LLM answered", completion.answered_as)]
        if completion.finish in {"refusal", "content_filter"}:
            return [Rejected("refusal", completion.text)]
        pieces = parse_reply(completion.text, self.label_ids, cut=completion.finish == "length")
        return pieces if self.screening is None else self.screening.screen(pieces, request)

    def answered_rightly(self, completion: Completion) -> bool:
        """gpt-4o is answered as gpt-4o-2024-08-06; a path or an owner before the name says nothing."""
        answered = completion.answered_as.casefold().rpartition("/")[2]
        return not self.answers_as or any(answered.startswith(name.casefold().rpartition("/")[2]) for name in self.answers_as)

    def _example(
        self, piece: Parsed | Rejected, request: CompletionRequest, completion: Completion, line: int, profile: Profile
    ) -> Example | Rejected:
        if isinstance(piece, Rejected):
            return piece
        labels = _labels(piece, request)
        if isinstance(labels, Rejected):
            return labels
        llm, label = completion.model, request.criterion
        return Example(
            id="/".join(["synthetic", llm, self.prompt or "own", label, str(request.sample), str(line)]),
            text=piece.text,
            labels=labels,
            provenance=Provenance(
                "synthetic", llm, self.prompt, label, request.digest, request.sample, line, profile, request.sources
            ),
        )


def _labels(piece: Parsed, request: CompletionRequest) -> frozenset[str] | Rejected:
    if request.labels is None:
        # A near miss that is none.
        return Rejected("shows the criterion", piece.text) if request.criterion in piece.also else piece.also
    if not request.labels and piece.also:
        return Rejected("shows a criterion", piece.text)
    return request.labels | piece.also


def reply_parser_of(config: PoolConfig, label_ids: Sequence[str], *, screened: bool) -> ReplyParser:
    """The reading that a configuration asks for; a simulator's texts are not screened."""
    # Texts of the user's own file answer no prompt that this run knows.
    prompt = "" if config.llm.path else config.prompt.variant
    screening = Screening(config.labels.language or "", config.generate.max_words) if screened else None
    return ReplyParser(tuple(label_ids), prompt, screening, config.llm.answerers)


def fill_pool(config: PoolConfig, prompt_plan: PromptPlan, completer: Completer) -> Pool:
    """Every text that the completer has for the configuration, at most `generate.n` a criterion.

    A criterion's texts are those of its unbroken run of replies, so a pool only ever grows at its end.

    Raises:
        PoolError: the completer has replies to another question.
    """
    reading = reply_parser_of(config, prompt_plan.labels.ids, screened=completer.screened)
    limit = config.generate.n or (DEFAULT_N if not completer.finite else None)
    examples: list[Example] = []
    rejected: list[Rejected] = []
    cost = PoolCost()
    for label in prompt_plan.labels.ids:
        own: list[Example] = []
        for request, completion in _replies(prompt_plan, completer, label):
            pieces = reading.read(request, completion)
            own += [piece for piece in pieces if isinstance(piece, Example)]
            rejected += [piece for piece in pieces if isinstance(piece, Rejected)]
            cost = cost.plus(completion)
            if limit is not None and len(own) >= limit:
                break
        examples += own[:limit]
    return Pool(tuple(examples), tuple(rejected), cost)


def _replies(prompt_plan: PromptPlan, completer: Completer, label: str) -> Iterator[tuple[CompletionRequest, Completion]]:
    for request in prompt_plan.requests(label):
        completion = completer.complete(request)
        if completion is None:
            return
        yield completion.asked or request, completion
