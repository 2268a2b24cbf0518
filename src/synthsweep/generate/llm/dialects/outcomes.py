"""What comes of one request: a value that the filler decides on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from synthsweep.generate.completer import Completion
from synthsweep.generate.llm.usage import TokenCounts


@dataclass(frozen=True)
class Answered:
    """A reply, the tokens that the server counted, and the headers that state rate limits."""

    completion: Completion
    tokens: TokenCounts = field(default_factory=TokenCounts)
    headers: Mapping[str, str] = field(default_factory=dict)
    latency_s: float = 0.0


@dataclass(frozen=True)
class Busy:
    """The server asks to wait; `body` is its answer, which may say for how long."""

    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


class FailureKind(StrEnum):
    """Whose fault a failure is: a mishap that passes, a reply damaged on its way, a place that is no API, no connection."""

    MISHAP = "mishap"
    DAMAGED = "damaged"
    FOREIGN = "foreign"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Failed:
    """No usable answer; another attempt may get one. `billed` says that the server may have done the work."""

    reason: str
    billed: bool
    kind: FailureKind = FailureKind.MISHAP


@dataclass(frozen=True)
class TooLong:
    """The prompt is longer than the server takes; `answer` stands for the reply that it will never have, and costs nothing."""

    reason: str
    answer: Answered


Result = Answered | Busy | Failed | TooLong
