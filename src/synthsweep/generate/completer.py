"""The interface to an LLM: generation sends requests through it and does not know who answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

from synthsweep.examples import digest_of
from synthsweep.generate.model_names import any_same

# The prompt variant of requests to a judge.
JUDGE = "judge"
# That of requests to an LLM that classifies.
CLASSIFIER = "classifier"
# Why there is no reply: the server takes no prompt of this length.
TOO_LONG = "too_long"
# How a person reads it.
PROMPT_TOO_LONG = "prompt too long"
# The attributes that one text of a request should have: (name, value) pairs.
Profile = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Message:
    """One turn of a chat: `role` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True)
class CompletionRequest:
    """A request for `n` texts for one criterion; repeated requests differ in `sample`.

    `question` is the chat as it would read if there were no other criteria than those asked for. `labels` are those of every
    text of the reply, None where only the reply states them. `profiles` are the attributes of each text; `numbered`: each
    text is asked to carry the number of its profile. `sources` are the ids of the real texts in the chat. `logprobs`: the
    log-probabilities of the reply's tokens are asked for.
    """

    messages: tuple[Message, ...]
    criterion: str
    n: int
    sample: int = 0
    question: tuple[Message, ...] = ()
    variant: str = ""
    labels: frozenset[str] | None = None
    profiles: tuple[Profile, ...] = ()
    numbered: bool = False
    sources: tuple[str, ...] = ()
    logprobs: bool = False

    @cached_property
    def digest(self) -> str:
        """The digest of `question`: adding a criterion to the label set changes it for no other criterion."""
        return digest_of([[message.role, message.content] for message in self.question or self.messages])


@dataclass(frozen=True)
class Usage:
    """Tokens of one request as the server counted them; `cached` are part of `prompt`."""

    prompt: int
    completion: int
    cached: int = 0


@dataclass(frozen=True)
class OwnText:
    """A text of the user's own file, labelled there: `id` is the user's, empty where the file gives none.

    `problem` says why the text cannot be trained on; empty for a usable one. `row` is its number in the file.
    """

    text: str
    labels: frozenset[str]
    id: str = ""
    problem: str = ""
    row: int = 0


@dataclass(frozen=True)
class Completion:
    """A reply as it arrived, unparsed; or texts of the user's own file, which nothing parses or screens.

    `model` is the LLM that was asked, `answered_as` what the server says answered; `finish` is why it ended: stop, length,
    content_filter, refusal, too_long or empty. `usd` is what counts as paid, None where nothing was; `stated_usd` is what the
    server says that it bills, None where it does not say. `asked` is the request that it answers, if that is not the one it was
    returned for: each member of a union counts its own samples. `own` are the texts of a user's file. `tokens` are what is kept
    of their log-probabilities, None where a server gave none.
    """

    text: str
    model: str
    answered_as: str = ""
    finish: str = "stop"
    usage: Usage | None = None
    usd: float | None = None
    stated_usd: float | None = None
    asked: CompletionRequest | None = None
    own: tuple[OwnText, ...] = ()
    tokens: str | None = None

    def answered_by(self, names: Sequence[str]) -> bool:
        """Whether one of these LLMs answered, as far as the server says; without names, any LLM may."""
        return not names or not self.answered_as or any_same(names, self.answered_as)


class Completer(Protocol):
    """Answers requests: stored replies, a recording, or a simulator."""

    @property
    def name(self) -> str:
        """The LLM as provenance and tags name it."""

    @property
    def finite(self) -> bool:
        """Whether its replies are a fixed set, all of which a pool takes unless `generate.n` says how many."""

    @property
    def screened(self) -> bool:
        """Whether its texts are screened as an LLM's are; a simulator's are not, since its faults are intended."""

    def complete(self, request: CompletionRequest) -> Completion | None:
        """The reply to one request; None where it has no more for this criterion.

        Raises:
            PoolError: it has replies to another question, and the message says which.
        """


@runtime_checkable
class HoldsNegatives(Protocol):
    """A completer that also has texts which show none of the criteria, so that no request asks for them."""

    def negatives(self) -> Sequence[Completion]:
        """Those texts, each completion with the request that it stands for."""
