"""What comes of one request: a value that the filler decides on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Failed:
    """No usable answer; another attempt may get one. `billed` says that the server may have done the work."""

    reason: str
    billed: bool


Result = Answered | Busy | Failed
