"""What a server may say that a reply took, and what it bills for it: the shapes of several APIs and gateways."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.llm_server import Llm, Reply, as_json, completion, texts

# Dollars per million tokens.
INPUT, OUTPUT = 1.0, 4.0
PRICED = (f"llm.price_per_million.input={INPUT}", f"llm.price_per_million.output={OUTPUT}", "llm.free=false")


@dataclass(frozen=True)
class Taken:
    """The tokens that a reply really took; `thought` is output that OpenAI counts within the completion."""

    prompt: int
    completion: int
    thought: int

    @property
    def output(self) -> int:
        return self.completion + self.thought

    @property
    def usd(self) -> float:
        return (self.prompt * INPUT + self.output * OUTPUT) / 1e6


@dataclass(frozen=True)
class Shape:
    """How a server says it: more of the body, more headers; its bill is `times` what its tokens cost by the list."""

    name: str
    body: Callable[[Taken], dict[str, Any]]
    headers: Callable[[Taken], dict[str, str]] = field(default=lambda taken: {})
    times: float = 1.0


def _usage(**given: Any) -> dict[str, Any]:
    return {"usage": given}


def _plain(taken: Taken, **more: Any) -> dict[str, Any]:
    """As OpenAI counts: thoughts are part of the completion."""
    return _usage(prompt_tokens=taken.prompt, completion_tokens=taken.output, **more)


def _in_total(taken: Taken) -> dict[str, Any]:
    return _usage(
        prompt_tokens=taken.prompt, completion_tokens=taken.completion, total_tokens=taken.prompt + taken.output
    )  # fmt: skip


def _in_details(taken: Taken) -> dict[str, Any]:
    details = {"reasoning_tokens": taken.thought}
    return _usage(prompt_tokens=taken.prompt, completion_tokens=taken.completion, completion_tokens_details=details)


def _anthropic(taken: Taken) -> dict[str, Any]:
    half = taken.prompt // 2
    return _usage(input_tokens=half, cache_read_input_tokens=taken.prompt - half, output_tokens=taken.output)


def _gemini(taken: Taken) -> dict[str, Any]:
    counts = {"promptTokenCount": taken.prompt, "candidatesTokenCount": taken.completion, "thoughtsTokenCount": taken.thought}
    return {"usage": None, "usageMetadata": counts}


def _own_key(taken: Taken) -> dict[str, Any]:
    return _plain(taken, cost=0.05 * taken.usd, is_byok=True, cost_details={"upstream_inference_cost": taken.usd})


FOUR = (
    Shape("thoughts in the total alone", _in_total),
    Shape("no usage", lambda taken: {"usage": None}),
    Shape("a cost that is twice the list's", lambda taken: _plain(taken, cost=2 * taken.usd), times=2),
    Shape(
        "a header of LiteLLM, three times the list", _plain, lambda taken: {"x-litellm-response-cost": f"{3 * taken.usd}"}, 3
    ),
)
SHAPES = (
    *FOUR,
    Shape("strings", lambda taken: _usage(prompt_tokens=str(taken.prompt), completion_tokens=str(taken.output))),
    Shape("a total alone", lambda taken: _usage(total_tokens=taken.prompt + taken.output)),
    Shape("zeros", lambda taken: _usage(prompt_tokens=0, completion_tokens=0, total_tokens=0)),
    Shape("Anthropic's names", _anthropic),
    Shape("Gemini's names", _gemini),
    Shape("thoughts in the details alone", _in_details),
    Shape("ticks", lambda taken: _plain(taken, cost_in_usd_ticks=int(1.5 * taken.usd * 1e10)), times=1.5),
    Shape("a fee, and the provider's bill beside it", _own_key, times=1.05),
)


@dataclass
class Meter:
    """A script for a server that answers in one shape, and adds up what it bills for all that it begins to answer."""

    shape: Shape
    thought: int
    usd: float = 0.0
    requests: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def __call__(self, llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
        limit = int(asked.get("max_tokens") or asked.get("max_completion_tokens") or 0)
        # A count that nobody states is at most the limit of a reply.
        thought = self.rng.randint(0, self.thought if self.shape.name not in {"no usage", "zeros"} else limit - 300)
        taken = Taken(200, 300, thought)
        self.usd += taken.usd * self.shape.times
        self.requests += 1
        body = completion(asked, as_json(texts(asked, number)), **self.shape.body(taken))
        return Reply(body=body, headers=self.shape.headers(taken))
