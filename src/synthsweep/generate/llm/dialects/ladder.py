"""The next dialect after one that a server refuses; pure.

A refusal that names a parameter changes that one. One that names none takes the format of the reply down, since servers say in
any words that they do not know it, and a refused request costs nothing. Nothing is left out that changes which texts are drawn.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.llm.dialects.dialect import Dialect
from synthsweep.generate.llm.dialects.refusal import ServerRefusal
from synthsweep.generate.llm.reply_format import next_format, response_format

# Statuses of a request that was read and not accepted; servers of one's own also send 500 and 501 for what they cannot do.
NOT_ACCEPTED = frozenset({200, 400, 404, 405, 415, 422, 500, 501})
# Of these, any words may mean the format.
ANY_WORDS = frozenset({200, 400, 422, 501})
FORMAT = re.compile(
    r"response[_ ]?format|text\.format|json[_ ]?(?:schema|mode|object)|structured[_ ]?output|\bguided|\bgrammar|\bschema\b"
    r"|additionalproperties|response_?mime|output_config|requested parameters"
)
RESPONSES_API = re.compile(r"v1/responses\b|/responses\b|responses (?:api|endpoint)")
SYSTEM = re.compile(
    r"system[_ ]?(?:role|message|prompt|instruction)|developer[_ ]instruction|roles? must alternate|role.{0,12}['\"]system['\"]"
    r"|only user and assistant roles"
)
LIMITS = ("max_completion_tokens", "max_tokens")
# What is refused is a value, not a name.
TOO_LARGE = re.compile(
    r"too (?:large|many|high|long|big)|at most|exceed|maximum|less than|greater than|context|limit of|upper bound"
)
# What LiteLLM's proxy without a database says of a key that it does not know.
UNKNOWN_KEY = "no connected db"
# A refusal about something else: no other dialect helps.
ABOUT_ELSE = re.compile(
    r"context[_ ]?(?:length|window|size)|too long|api[_ ]?key|credential|unauthorized|quota|billing"
    r"|logprob|budget|credit|balance|payment|no connected db"
    r"|model.{0,60}(?:not found|not exist|unknown|invalid|not supported by|not a valid|is not available)"
    r"|(?:no such|unknown|invalid|unsupported) model|model_not_found|stream"
)
# Together, Fireworks and others give no more alternatives to a token.
FEW_LOGPROBS = 5
# At these values they are what OpenAI's API does without them.
USUAL = {"temperature": 1.0, "top_p": 1.0}


@dataclass(frozen=True)
class Step:
    """A change of dialect, and what a person is told of it: what is `refused`, and what is done `instead`.

    It is `guessed` where the server named nothing.
    """

    dialect: Dialect
    refused: str
    instead: str
    guessed: bool = False


def next_step(dialect: Dialect, refusal: ServerRefusal, llm: LlmConfig, *, system: bool) -> Step | None:
    """The change that may let a request pass; None where none is left. `system` says whether it has a system message."""
    if refusal.status not in NOT_ACCEPTED:
        return None
    return next(_steps(dialect, refusal, llm, system=system), None)


def _steps(dialect: Dialect, refusal: ServerRefusal, llm: LlmConfig, *, system: bool) -> Iterator[Step]:
    said = refusal.said
    if dialect.api == "chat" and llm.kind == "openai" and RESPONSES_API.search(said):
        yield Step(replace(dialect, api="responses"), "chat completions", "asking over the Responses API (llm.api=responses)")
    yield from _named_parameters(dialect, said, llm)
    if system and dialect.system and SYSTEM.search(said):
        yield Step(replace(dialect, system=False), "a system message", "putting it before the user's")
    named = bool(FORMAT.search(said))
    if named or (refusal.status in ANY_WORDS and not _about_else(said)):
        yield from _simpler_format(dialect, named=named)


def _named_parameters(dialect: Dialect, said: str, llm: LlmConfig) -> Iterator[Step]:
    key = dialect.token_limit_key
    other = LIMITS[1 - LIMITS.index(key)]
    # A limit that was exchanged once is not exchanged back.
    if dialect.api == "chat" and key == llm.token_limit_key and re.search(rf"\b{key}\b", said) and not TOO_LARGE.search(said):
        yield Step(replace(dialect, token_limit_key=other), key, f"asking with {other}")
    if "top_logprobs" in said and dialect.top_logprobs > FEW_LOGPROBS:
        yield Step(replace(dialect, top_logprobs=FEW_LOGPROBS), "top_logprobs=20", f"asking with {FEW_LOGPROBS}")
    for name in ("seed", *USUAL):
        value = llm.sampling.get(name)
        usual = name == "seed" or value == USUAL.get(name)
        if value is not None and usual and name not in dialect.left_out and re.search(rf"\b{name}\b", said):
            left = f"leaving it to the server (it was {value:g})"
            yield Step(replace(dialect, left_out=(*dialect.left_out, name)), name, left)


def _simpler_format(dialect: Dialect, *, named: bool) -> Iterator[Step]:
    form, simpler = dialect.reply_format, next_format(dialect.reply_format)
    if response_format(form) is None or simpler is None:
        return
    asked = "the prompt alone asks for JSON" if response_format(simpler) is None else f"asking with {simpler}"
    refused = f"response_format {form}" if named else f"the request, perhaps for its response_format {form}"
    yield Step(replace(dialect, reply_format=simpler), refused, asked, guessed=not named)


def _about_else(said: str) -> bool:
    # A setting that the user chose, and that is refused, is the user's to change.
    chosen = re.search(
        r"\b(?:temperature|top_p|reasoning_effort|reasoning|max_tokens|max_completion_tokens|extra_body)\b", said
    )
    return bool(chosen or ABOUT_ELSE.search(said))
