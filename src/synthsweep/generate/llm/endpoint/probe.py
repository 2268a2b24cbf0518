"""One tiny request to an endpoint: what it can do, found by asking."""

import asyncio
import json
from dataclasses import dataclass, replace

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.completer import CompletionRequest, Message
from synthsweep.generate.llm.dialects.dialect import Dialect, dialect_of
from synthsweep.generate.llm.dialects.outcomes import Answered, Result
from synthsweep.generate.llm.openai_client import OpenAiClient

ASKED = (
    Message("system", "You write short example texts."),
    Message(
        "user",
        'Write 1 sentence about the weather. Answer with JSON alone: {"examples": [{"text": "...", "also": []}]}',
    ),
)
# It is sent to learn whether a seed is taken; any would do.
SEED = 1


@dataclass(frozen=True)
class Probe:
    """What was asked in, what was answered in, and the outcome."""

    asked: Dialect
    spoken: Dialect
    outcome: Result

    @property
    def takes_seed(self) -> bool:
        return "seed" not in self.spoken.left_out

    @property
    def is_json(self) -> bool:
        """Whether the reply is JSON and nothing else."""
        text = self.outcome.completion.text if isinstance(self.outcome, Answered) else ""
        try:
            return isinstance(json.loads(text), dict)
        except ValueError:
            return False


def probe(llm: LlmConfig, timeout_s: float) -> Probe:
    """Asks an endpoint once, and again in simpler dialects as long as it refuses one; nothing is remembered.

    Raises:
        ConfigError: there is no key.
        CompletionError: the server answers no request of this kind.
    """
    return asyncio.run(_probe(replace(llm, seed=SEED if llm.seed is None else llm.seed), timeout_s))


async def _probe(llm: LlmConfig, timeout_s: float) -> Probe:
    client = OpenAiClient(llm, timeout_s=timeout_s, store="doctor")
    try:
        outcome = await client.ask(CompletionRequest(ASKED, "weather", 1))
        return Probe(dialect_of(llm), client.dialect, outcome)
    finally:
        await client.close()
