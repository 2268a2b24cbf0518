"""The pools of several LLMs as one: their replies in turns, so that a pool of any size holds each at nearly equal shares.

Turns go by replies and `generate.n` by texts. The parts are equal where `generate.n` is a multiple of the members times
`prompt.per_request`, every reply has that many usable texts, and no member ends early; else one member may be a reply ahead
of another: of two with ten texts a reply, n=50 takes 30 and 20.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, get_type_hints

from synthsweep.config.rules import Section
from synthsweep.config.schema import LlmConfig
from synthsweep.errors import ConfigError
from synthsweep.generate.completer import Completer, Completion, CompletionRequest
from synthsweep.generate.prompts.plan import PromptPlan


@dataclass(frozen=True)
class Member:
    """One LLM of a union: `prompt_plan` is how it is asked, in its own form; `name` is what provenance calls it."""

    name: str
    completer: Completer
    prompt_plan: PromptPlan


@dataclass(frozen=True)
class Joined:
    """A Completer that hands sample k of a criterion to member k mod m, as that member's own sample k // m.

    A member that has no more replies to a criterion ends there, and the others go on. It keeps the replies that it has handed
    out, since where a member's turn is follows from those before.
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


def _in_turns(members: Sequence[Member], label: str) -> Iterator[Completion]:
    """The replies to a label, each with the request that it answers; every member once a round, until the last one ends."""
    left, sample = list(members), 0
    while left:
        for member in tuple(left):
            request = member.prompt_plan.request(label, sample)
            completion = member.completer.complete(request)
            if completion is None:
                left.remove(member)
            else:
                yield replace(completion, model=member.name, asked=request)
        sample += 1


def member_configs(llm: LlmConfig) -> dict[str, LlmConfig]:
    """The LLMs of a union by their names in `llm.members`, in order.

    Raises:
        ConfigError: there are fewer than two, or one is no LLM's description.
    """
    if len(llm.members) < 2:
        raise ConfigError(
            f"llm.members must describe at least two LLMs for llm={llm.name}, got {', '.join(llm.members) or 'none'}: "
            "as conf/llm/both.yaml does"
        )
    return {str(name): _section(LlmConfig, values, f"llm.members.{name}") for name, values in llm.members.items()}


def _section(kind: type[Any], values: Any, where: str) -> Any:
    """A section from plain values, with the sections inside it."""
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} must be a section with keys of its own, got {values}")
    types, known = get_type_hints(kind), {item.name for item in fields(kind)}
    unknown = sorted({str(name) for name in values} - known)
    if unknown:
        raise ConfigError(f"{where}.{unknown[0]}: no such key; there are {', '.join(sorted(known))}")
    built = {}
    for name, value in values.items():
        inner = is_dataclass(types[name]) and not isinstance(value, Section)
        built[name] = _section(types[name], value, f"{where}.{name}") if inner else value
    try:
        return kind(**built)
    except (ConfigError, TypeError, AttributeError) as error:
        # A rule of a number compares what it is given: a word there is a TypeError.
        raise ConfigError(f"{where}: {error}") from error


def member_names(completers: Mapping[str, Completer]) -> dict[str, str]:
    """What provenance calls the members: as their completers do, with the member's name where two are called the same."""
    called = [completer.name for completer in completers.values()]
    return {
        name: f"{completer.name} ({name})" if called.count(completer.name) > 1 else completer.name
        for name, completer in completers.items()
    }
