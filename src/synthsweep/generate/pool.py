"""A pool: the synthetic examples of one setting, what was rejected on the way, and what they cost."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from synthsweep.config.keys.run import PoolConfig
from synthsweep.examples import Example
from synthsweep.generate.completer import Completer, Completion, CompletionRequest, HoldsNegatives
from synthsweep.generate.prompts.plan import DEFAULT_N, PromptPlan
from synthsweep.generate.replies.parse import Rejected
from synthsweep.generate.replies.reply_parser import reply_parser_of
from synthsweep.generate.replies.walk import replies_to


@dataclass(frozen=True)
class PoolCost:
    """What the replies of a pool cost; `usd` includes what earlier jobs paid."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0

    def plus(self, completion: Completion) -> "PoolCost":
        usage = completion.usage
        return PoolCost(
            self.requests + 1,
            self.prompt_tokens + (usage.prompt if usage else 0),
            self.completion_tokens + (usage.completion if usage else 0),
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
        """The number of rejected pieces per reason, the most frequent first."""
        return dict(Counter(piece.kind for piece in self.rejected).most_common())


def fill_pool(config: PoolConfig, prompt_plan: PromptPlan, completer: Completer) -> Pool:
    """Every text that the completer has for the configuration, at most `generate.n` per criterion.

    The replies to a criterion are read up to the first that is missing, so a pool only grows at its end.

    Raises:
        PoolError: the completer has replies to another question.
    """
    parser = reply_parser_of(config, prompt_plan.labels, screened=completer.screened)
    limit = config.generate.n or (DEFAULT_N if not completer.finite else None)
    examples: list[Example] = []
    rejected: list[Rejected] = []
    cost = PoolCost()
    for answers in _answers(prompt_plan, completer):
        own: list[Example] = []
        for request, completion in answers:
            pieces = parser.read(request, completion)
            own += [piece for piece in pieces if isinstance(piece, Example)]
            rejected += [piece for piece in pieces if isinstance(piece, Rejected)]
            cost = cost.plus(completion)
            if limit is not None and len(own) >= limit:
                break
        examples += own[:limit]
    return Pool(tuple(examples), tuple(rejected), cost)


def _answers(prompt_plan: PromptPlan, completer: Completer) -> Iterator[Iterator[tuple[CompletionRequest, Completion]]]:
    """The replies to each criterion in turn, and at the end the texts that show none of them."""
    for label in prompt_plan.labels.ids:
        replies = replies_to(prompt_plan, label, completer.complete)
        yield ((completion.asked or request, completion) for request, completion in replies)
    if isinstance(completer, HoldsNegatives):
        yield ((completion.asked, completion) for completion in completer.negatives() if completion.asked is not None)
