"""The seam to an LLM: generation sends requests through it and never learns who answers."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from synthsweep.examples import digest_of


@dataclass(frozen=True)
class Message:
    """One turn of a chat: `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True)
class CompletionRequest:
    """What is asked for: `n` texts for one criterion; `sample` tells equal requests apart."""

    messages: tuple[Message, ...]
    criterion: str
    n: int
    sample: int = 0

    @cached_property
    def digest(self) -> str:
        """Of what the LLM reads, so that equal prompts share a digest whatever they are called here."""
        return digest_of([[message.role, message.content] for message in self.messages])


@dataclass(frozen=True)
class Completion:
    """A reply as it arrived, unparsed."""

    text: str
    model: str


class Completer(Protocol):
    """Answers requests: a provider's API, a recording, or a simulator."""

    @property
    def name(self) -> str:
        """The LLM as provenance and tags name it."""

    def samples(self, criterion: str) -> int | None:
        """How many replies it has for a criterion; None: as many as are asked for."""

    def complete(self, request: CompletionRequest) -> Completion:
        """The reply to one request.

        Raises:
            PoolError: it has no reply to this request, and the message says why.
        """
