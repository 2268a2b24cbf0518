"""In which of its dialects a server is spoken to, and the body of a request in it; pure."""

from dataclasses import dataclass
from typing import Any

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.llm.reply_format import response_format


@dataclass(frozen=True)
class Dialect:
    """`left_out` are parameters that the server refuses; without `system` its message stands before the user's.

    `top_logprobs` is how many alternatives to each token are asked for, where any are: 20 is OpenAI's most.
    """

    reply_format: str
    token_limit_key: str
    api: str = "chat"
    system: bool = True
    left_out: tuple[str, ...] = ()
    top_logprobs: int = 20


def dialect_of(llm: LlmConfig) -> Dialect:
    """The dialect that the configuration asks for."""
    return Dialect(llm.reply_format, llm.token_limit_key, llm.api)


def body_of(llm: LlmConfig, request: CompletionRequest, dialect: Dialect) -> dict[str, Any]:
    """The body of a request, as OpenAI's reference names it."""
    sampling = {name: value for name, value in llm.sampling.items() if name not in dialect.left_out}
    if "seed" in sampling:
        # With one seed for all, a server would repeat its reply to each sample of a question.
        sampling["seed"] += request.sample
    if dialect.api == "responses":
        return _responses_body(llm, request, dialect, sampling)
    form = response_format(dialect.reply_format, numbered=request.numbered)
    return {
        "model": llm.model,
        "messages": _messages(request, dialect),
        dialect.token_limit_key: llm.max_output_tokens,
        **sampling,
        **({"response_format": form} if form else {}),
        **({"logprobs": True, "top_logprobs": dialect.top_logprobs} if request.logprobs else {}),
    }


def _responses_body(llm: LlmConfig, request: CompletionRequest, dialect: Dialect, sampling: dict[str, Any]) -> dict[str, Any]:
    form = response_format(dialect.reply_format, numbered=request.numbered)
    # What is below `json_schema` in one API stands beside `type` in the other.
    text = {"format": {"type": form["type"], **form.get("json_schema", {})}} if form else {}
    effort = sampling.pop("reasoning_effort", None)
    sampling.pop("seed", None)
    return {
        "model": llm.model,
        "input": _messages(request, dialect),
        "max_output_tokens": llm.max_output_tokens,
        # OpenAI would otherwise keep prompt and reply for 30 days.
        "store": False,
        **sampling,
        **({"reasoning": {"effort": effort}} if effort else {}),
        **({"text": text} if text else {}),
        **({"include": ["message.output_text.logprobs"], "top_logprobs": dialect.top_logprobs} if request.logprobs else {}),
    }


def _messages(request: CompletionRequest, dialect: Dialect) -> list[dict[str, str]]:
    chat = [{"role": message.role, "content": message.content} for message in request.messages]
    if dialect.system or len(chat) < 2 or chat[0]["role"] != "system":
        return chat
    first, second, *rest = chat
    return [{"role": second["role"], "content": f"{first['content']}\n\n{second['content']}"}, *rest]
