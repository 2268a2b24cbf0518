"""The pools of several LLMs as one: their replies in turns, so that a pool of any size holds each at nearly equal shares.

Members take turns by replies, while `generate.n` counts texts. The parts are equal where `generate.n` is a multiple of the
members times `prompt.per_request`, every reply has that many usable texts, and no member ends early; else one member may be a
reply ahead of another: of two with ten texts per reply, n=50 takes 30 and 20.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from synthsweep.config.compose.typed import typed
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import ConfigError
from synthsweep.generate.completer import Completer, Completion, CompletionRequest, HoldsNegatives
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.replies.walk import replies_to


@dataclass(frozen=True)
class Member:
    """One LLM of a union: `prompt_plan` holds its requests, in its own reply format; `name` is its name in provenance."""

    name: str
    completer: Completer
    prompt_plan: PromptPlan


@dataclass(frozen=True)
class Joined:
    """A Completer that hands sample k of a criterion to member k mod m, as that member's own sample k // m.

    A member that has no more replies to a criterion ends there, and the others go on. The replies are kept, since earlier ones
    decide which member is next.
    """

    name: str
    members: tuple[Member, ...]
    _answers: dict[str, Iterator[Completion]] = field(default_factory=dict, repr=False, compare=False)
    _given: dict[str, list[Completion]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def finite(self) -> bool:
        return all(member.completer.finite for member in self.members)

    @property
    def screened(self) -> bool:
        return any(member.completer.screened for member in self.members)

    def complete(self, request: CompletionRequest) -> Completion | None:
        label = request.criterion
        given = self._given.setdefault(label, [])
        answers = self._answers.setdefault(label, _in_turns(self.members, label))
        while len(given) <= request.sample:
            answer = next(answers, None)
            if answer is None:
                return None
            given.append(answer)
        return given[request.sample]

    def negatives(self) -> Sequence[Completion]:
        """The texts of its members that show none of the criteria."""
        return [
            replace(completion, model=member.name)
            for member in self.members
            if isinstance(member.completer, HoldsNegatives)
            for completion in member.completer.negatives()
        ]


def _in_turns(members: Sequence[Member], label: str) -> Iterator[Completion]:
    """The replies to a label, each with the request that it answers: every member once per round, until the last one ends."""
    active = [(member, replies_to(member.prompt_plan, label, member.completer.complete)) for member in members]
    while active:
        for one in tuple(active):
            member, replies = one
            answered = next(replies, None)
            if answered is None:
                active.remove(one)
            else:
                request, completion = answered
                yield replace(completion, model=member.name, asked=request)


def member_configs(llm: LlmConfig) -> dict[str, LlmConfig]:
    """The LLMs of a union by their names in `llm.members`, in order.

    Raises:
        ConfigError: there are fewer than two, or one does not describe an LLM.
    """
    if len(llm.members) < 2:
        raise ConfigError(
            f"llm.members must describe at least two LLMs for llm={llm.name}, got {', '.join(llm.members) or 'none'}: "
            "as conf/llm/both.yaml does"
        )
    return {str(name): typed(LlmConfig, values, f"llm.members.{name}") for name, values in llm.members.items()}


def member_names(completers: Mapping[str, Completer]) -> dict[str, str]:
    """The names of members in provenance: those of their completers, with the member's own where two would be the same."""
    names = [completer.name for completer in completers.values()]
    return {
        name: f"{completer.name} ({name})" if names.count(completer.name) > 1 else completer.name
        for name, completer in completers.items()
    }
