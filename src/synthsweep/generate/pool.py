"""Fills a pool: sends a plan to a completer and reads the replies into examples with provenance."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from synthsweep.completer import Completer, CompletionRequest
from synthsweep.config.schema import RunConfig
from synthsweep.examples import Example, LabelSet, Provenance
from synthsweep.generate.parsing import Parsed, Rejected, parse_reply
from synthsweep.generate.plan import plan_requests

# Where generate.n is null and the completer could go on for ever.
DEFAULT_N = 100


@dataclass(frozen=True)
class Pool:
    """Synthetic examples of one llm x prompt x sampling setting, and what was rejected on the way."""

    examples: tuple[Example, ...] = ()
    rejected: tuple[Rejected, ...] = ()


def fill_pool(config: RunConfig, labels: LabelSet, completer: Completer) -> Pool:
    """Every text that the completer gives for the configuration, at most `generate.n` a criterion.

    Raises:
        PoolError: the completer has no reply to a request.
    """

    def samples(label: str) -> int:
        known = completer.samples(label)
        wanted = math.ceil((config.generate.n or DEFAULT_N) / config.prompt.per_request)
        return wanted if known is None else known

    # Texts of the user's own file answer no prompt that this run knows.
    prompt = "" if config.llm.path else config.prompt.variant
    examples: list[Example] = []
    rejected: list[Rejected] = []
    for request in plan_requests(config.prompt, labels, samples):
        completion = completer.complete(request)
        pieces = parse_reply(completion.text, labels.ids)
        rejected += [piece for piece in pieces if isinstance(piece, Rejected)]
        examples += _examples(pieces, request, completion.model, prompt)
    return Pool(tuple(_at_most(examples, config.generate.n)), tuple(rejected))


def _examples(pieces: Sequence[Parsed | Rejected], request: CompletionRequest, llm: str, prompt: str) -> list[Example]:
    return [
        Example(
            id="/".join(["synthetic", llm, prompt or "own", request.criterion, str(request.sample), str(line)]),
            text=piece.text,
            labels=piece.also | {request.criterion},
            provenance=Provenance("synthetic", llm, prompt, request.criterion, request.digest, request.sample, line),
        )
        for line, piece in enumerate(pieces)
        if isinstance(piece, Parsed)
    ]


def _at_most(examples: list[Example], n: int | None) -> list[Example]:
    kept: list[Example] = []
    counts: Counter[str] = Counter()
    for example in examples:
        criterion = example.provenance.criterion
        if n is None or counts[criterion] < n:
            kept.append(example)
            counts[criterion] += 1
    return kept
