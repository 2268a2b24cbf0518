"""What a server says that a reply took: tokens, under the names of several APIs, and dollars; pure.

No reading is below what the bill may be. Of two counts the larger is taken; a part that is larger than its whole is added to
it; what is not counted stays unknown, and the most that it can be is paid for.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from synthsweep.generate.completer import Usage

# Names in small letters alone: OpenAI's; Anthropic's and Bedrock's; Gemini's; Ollama's.
PROMPT = ("prompttokens", "inputtokens", "prompttokencount", "promptevalcount")
COMPLETION = ("completiontokens", "outputtokens", "candidatestokencount", "evalcount")
TOTAL = ("totaltokens", "totaltokencount")
CACHED = ("cachedtokens", "cachereadinputtokens", "cachedcontenttokencount", "promptcachehittokens")
WRITTEN = ("cachecreationinputtokens", "cachewriteinputtokens", "cachewritetokens")
# OpenAI counts what a model thinks within the completion; Gemini counts it, and what tools read, beside the rest.
THOUGHT, BESIDE = ("reasoningtokens",), ("thoughtstokencount", "tooluseprompttokencount")
# More than any model reads or writes at once: a larger count is a mistake, and SQLite does not take every number.
MOST_TOKENS = 10**9

COSTS = ("cost", "totalcost", "costusd", "totalcostusd", "estimatedcost", "responsecost", "requestcost", "inferencecost")
COST_HEADER = re.compile(r"(?:^|-)(?:response|request|total)-cost(?:-usd)?$")
# xAI states ten thousand millionths of a dollar.
TICKS, TICKS_PER_DOLLAR = ("costinusdticks",), 10**10
# With the user's own key at a provider, a gateway states its fee, and beside it what the provider bills.
UPSTREAM = ("upstreaminferencecost",)
# The sections of a response in which servers state tokens and dollars.
SECTIONS = frozenset(
    "usage usagemetadata meta billedunits tokens xgroq prompttokensdetails inputtokensdetails completiontokensdetails "
    "outputtokensdetails cost costdetails hiddenparams providermetadata gateway".split()
)
Stated = Mapping[str, list[Any]]


@dataclass(frozen=True)
class TokenCounts:
    """The tokens that a server counted; None is what it did not count. `total` is set where it stated nothing else."""

    prompt: int | None = None
    completion: int | None = None
    cached: int = 0
    total: int | None = None

    @property
    def usage(self) -> Usage | None:
        """The counts, where they are whole; a total alone is taken for output, which costs more as a rule."""
        if self.prompt is not None and self.completion is not None:
            return Usage(self.prompt, self.completion, min(self.prompt, self.cached))
        return Usage(0, self.total) if self.total is not None else None

    def readings(self, most: Usage) -> tuple[Usage, ...]:
        """Every way to read the counts; the dearest is paid. `most` stands for what was not counted."""
        if self.total is not None:
            return Usage(0, self.total), Usage(self.total, 0)
        prompt = max(most.prompt, self.cached) if self.prompt is None else self.prompt
        completion = most.completion if self.completion is None else self.completion
        # A price list refuses more cached tokens than there are.
        return (Usage(prompt, completion, min(prompt, self.cached)),)


def read_tokens(body: Mapping[str, Any], *, has_text: bool) -> TokenCounts:
    """The tokens in the body of a response. A text of 0 tokens was not counted, and neither was a prompt of 0."""
    stated = _stated(body)
    total, cached = _largest(stated, TOTAL) or None, _largest(stated, CACHED) or 0
    prompt, completion = _prompt(stated, cached), _completion(stated, total, has_text=has_text)
    if total is not None and prompt is None and completion is None:
        return TokenCounts(total=total)
    if total is not None and prompt is not None:
        completion = max(completion or 0, total - prompt) or completion
    elif total is not None and completion is not None:
        prompt = total - completion if total > completion else None
    # Writing a cache costs up to twice what reading the same tokens without one costs.
    return TokenCounts(prompt and prompt + (_largest(stated, WRITTEN) or 0), completion, cached)


def _prompt(stated: Stated, cached: int) -> int | None:
    prompt, written = _largest(stated, PROMPT) or None, _largest(stated, WRITTEN) or 0
    if prompt is None:
        return None
    # Anthropic's count leaves out what a cache holds; OpenAI's, and a gateway's in its stead, does not.
    beside = "prompttokens" not in stated and any(name in stated for name in (CACHED[1], *WRITTEN))
    whole = prompt + cached + written if beside or cached + written > prompt else prompt
    return whole + (_largest(stated, BESIDE[1:]) or 0)


def _completion(stated: Stated, total: int | None, *, has_text: bool) -> int | None:
    completion, thought = _largest(stated, COMPLETION), _largest(stated, THOUGHT) or 0
    if completion is None or (completion == 0 and has_text):
        return None
    # Without a total nothing says whether thoughts were counted.
    beside = thought if thought > completion or total is None else 0
    return completion + beside + (_largest(stated, BESIDE[:1]) or 0)


def read_cost(body: Mapping[str, Any], headers: Mapping[str, str]) -> float | None:
    """The dollars that a server states for a response, in its body or in a header; None where it states none."""
    stated = _stated(body)
    given = [*_amounts(stated, COSTS), *(ticks / TICKS_PER_DOLLAR for ticks in _amounts(stated, TICKS))]
    cost, upstream = max(given, default=None), max(_amounts(stated, UPSTREAM), default=0.0)
    if upstream > (cost or 0.0) or (upstream and True in stated.get("isbyok", [])):
        cost = (cost or 0.0) + upstream
    named = [_amount(value) for name, value in headers.items() if COST_HEADER.search(name.lower())]
    return max([amount for amount in (cost, *named) if amount is not None], default=None)


def _stated(body: Mapping[str, Any]) -> Stated:
    """Every plain value of a response's sections, by its name in small letters."""
    found: dict[str, list[Any]] = defaultdict(list)
    for name, value in _values(body):
        found[name].append(value)
    return found


def _values(section: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in section.items():
        plain = re.sub("[^a-z]", "", str(name).lower())
        if isinstance(value, Mapping) and plain in SECTIONS:
            yield from _values(value)
        elif value is None or isinstance(value, (str, int, float)):
            yield plain, value


def _largest(stated: Stated, names: tuple[str, ...]) -> int | None:
    counts = [math.ceil(amount) for amount in _amounts(stated, names) if amount <= MOST_TOKENS]
    return max(counts, default=None)


def _amounts(stated: Stated, names: tuple[str, ...]) -> list[float]:
    found = [_amount(value) for name in names for value in stated.get(name, [])]
    return [amount for amount in found if amount is not None]


def _amount(value: Any) -> float | None:
    """A number of 0 or more, which some servers write as a string; None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        amount = float(value.strip().lstrip("$") if isinstance(value, str) else value)
    except (ValueError, TypeError, OverflowError):
        return None
    return amount if math.isfinite(amount) and amount >= 0 else None
