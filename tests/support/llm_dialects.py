"""Servers of a dozen dialects: what each refuses, in words that are shortened from real ones, and how it answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from support.llm_server import Llm, Reply, as_json, completion, texts

Body = dict[str, Any]
Answer = Callable[[Body, str], Any]
Refuse = Callable[[Body], Reply | None]


def plain(asked: Body, text: str) -> Any:
    """As OpenAI answers."""
    return completion(asked, text)


def error(status: int, message: str, code: Any = None, **more: Any) -> Reply:
    """An error in OpenAI's form."""
    return Reply(status, {"error": {"message": message, "type": "invalid_request_error", "code": code, **more}})


def format_of(asked: Body) -> str:
    """The response_format that a request has; empty without one."""
    return str((asked.get("response_format") or {}).get("type", ""))


def refusing(says: dict[str, Reply]) -> Refuse:
    """Refuses each request that has one of the parameters or formats."""
    return lambda asked: next((reply for name, reply in says.items() if name in asked or name == format_of(asked)), None)


def nothing(asked: Body) -> Reply | None:
    """Takes everything."""
    return None


def _anthropic(asked: Body, text: str) -> Any:
    return {**plain(asked, text), "model": "claude-sonnet-4-20250514", "usage": {"input_tokens": 200, "output_tokens": 300}}


def _mistral(asked: Body, text: str) -> Any:
    pieces = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": text}]
    return completion(asked, None, message={"content": pieces}, model="m-2506")


def _deepseek(asked: Body, text: str) -> Any:
    return completion(asked, text, message={"reasoning_content": "1. I think of a text that nobody may train on."})


def _ollama(asked: Body, text: str) -> Any:
    answer = plain(asked, text)
    del answer["usage"]
    return {**answer, "prompt_eval_count": 200, "eval_count": 300}


def _null_usage(asked: Body, text: str) -> Any:
    return {**plain(asked, text), "usage": None}


def _through_a_tool(asked: Body, text: str) -> Any:
    call = {"id": "1", "type": "function", "function": {"name": "json_tool_call", "arguments": text}}
    return completion(asked, None, message={"tool_calls": [call]}, finish_reason="tool_calls")


def _parsed(asked: Body, text: str) -> Any:
    return completion(asked, None, message={"content": json.loads(text)}, finish_reason="eos")


def _responses(asked: Body, text: str) -> Any:
    message = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text, "annotations": []}]}
    return {
        "id": "resp_1", "object": "response", "status": "completed", "error": None, "incomplete_details": None,
        "model": asked["model"], "output": [{"type": "reasoning", "summary": []}, message],
        "usage": {"input_tokens": 200, "output_tokens": 300, "total_tokens": 500},
    }  # fmt: skip


def _two_calls(asked: Body, text: str) -> Any:
    found = json.loads(text)["examples"]
    halves = [json.dumps({"examples": half}) for half in (found[:5], found[5:])]
    calls = [{"id": "1", "type": "function", "function": {"name": "give", "arguments": half}} for half in halves]
    return completion(asked, None, message={"tool_calls": calls}, finish_reason="tool_calls")


def _old_call(asked: Body, text: str) -> Any:
    return completion(
        asked, None, message={"function_call": {"name": "give", "arguments": text}}, finish_reason="function_call"
    )


def _parts_without_type(asked: Body, text: str) -> Any:
    return completion(asked, None, message={"content": [{"text": text}]})


def _below_data(asked: Body, text: str) -> Any:
    return {"code": 0, "message": "success", "data": completion(asked, text)}


def _streamed(asked: Body, text: str) -> bytes:
    """A stream that nobody asked for: what was thought, the text in two pieces, and the usage in a last one."""
    half = len(text) // 2
    deltas = ({"role": "assistant"}, {"reasoning_content": "1. Hm."}, {"content": text[:half]}, {"content": text[half:]})
    events: list[Body] = [{"model": asked["model"], "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    events += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
    events += [{"choices": [], "usage": {"prompt_tokens": 200, "completion_tokens": 300}}]
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode() + b": ping\n\ndata: [DONE]\n\n"


def _temperature_of_one(asked: Body) -> Reply | None:
    words = "Unsupported value: 'temperature' does not support {} with this model. Only the default (1) value is supported."
    wrong = asked.get("temperature", 1) != 1
    return error(400, words.format(asked["temperature"]), "unsupported_value", param="temperature") if wrong else None


def _second_400(asked: Body) -> Reply | None:
    return Reply(400, {"message": "Bad request"}) if "response_format" in asked else None


def _chat_alone(asked: Body) -> Reply | None:
    words = "This model is only supported in v1/responses and not in v1/chat/completions."
    return error(404, words, None, param="model") if "messages" in asked else None


def _extra(name: str, asked: Body) -> Reply:
    # FastAPI quotes the whole request beside the place.
    return Reply(
        422,
        {
            "detail": [
                {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted", "input": asked}
            ]
        },
    )


@dataclass(frozen=True)
class Server:
    """`refused` is how many requests of the whole job it refuses; `says` is in a line that a person sees."""

    name: str
    refuse: Refuse = nothing
    answer: Answer = plain
    refused: int = 0
    says: str = ""
    ends_as: str = "json_schema"
    settings: tuple[str, ...] = ()


LIMIT = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
ONE = "Unsupported parameter: 'temperature' is not supported with this model."
UNAVAILABLE = "This response_format type is unavailable now"
GROQ = "This model does not support response format `json_schema`. See supported models."
LITELLM = (
    "litellm.UnsupportedParamsError: openai does not support parameters: ['response_format'], for model=m. "
    "To drop these, set `litellm.drop_params=True`"
)
OPENROUTER = "No endpoints found that can handle the requested parameters."
GOOGLE = {"code": 400, "message": 'Unknown name "additionalProperties": Cannot find field.', "status": "INVALID_ARGUMENT"}
OLD_VLLM = {"object": "error", "message": "guided decoding failed: grammar is not supported", "code": 400}


def _schemas(reply: Reply) -> Refuse:
    return refusing({"json_schema": reply})


def _no_seed(asked: Body) -> Reply | None:
    return _extra("seed", asked) if "seed" in asked else None


def _no_system(asked: Body) -> Reply | None:
    return error(500, "System role not supported") if asked["messages"][0]["role"] == "system" else None


OBJECT = "json_object"
SERVERS = (
    Server(
        "OpenAI, reasoning", refusing({"max_tokens": error(400, LIMIT)}), refused=1, says="asking with max_completion_tokens"
    ),
    Server("OpenAI, temperature of 1 alone", _temperature_of_one),
    Server("OpenAI, no temperature", refusing({"temperature": error(400, ONE)}), refused=1, says="refuses temperature"),
    Server("OpenAI, Responses API alone", _chat_alone, _responses, 1, "Responses API"),
    Server("Anthropic", answer=_anthropic, settings=("llm.model=claude-sonnet-4-0",), says="as claude-sonnet-4-20250514"),
    Server("Gemini, errors in a list", _schemas(Reply(400, [{"error": GOOGLE}])), plain, 1, OBJECT, OBJECT),
    Server("Mistral, 422 and pieces", _no_seed, _mistral, 1, "refuses seed", settings=("llm.seed=3",)),
    Server("DeepSeek", _schemas(error(400, UNAVAILABLE)), _deepseek, 1, OBJECT, OBJECT),
    Server("Groq, without an underscore", _schemas(error(400, GROQ)), plain, 1, OBJECT, OBJECT),
    Server("LiteLLM", refusing({"response_format": error(400, LITELLM, "400")}), plain, 2, "the prompt alone", ""),
    Server(
        "OpenRouter",
        _schemas(error(404, OPENROUTER)),
        plain,
        1,
        OBJECT,
        OBJECT,
    ),
    Server("vLLM, error inside a 200", _schemas(Reply(200, OLD_VLLM)), plain, 1, OBJECT, OBJECT),
    Server("llama.cpp, 500", _schemas(error(500, "Failed to parse grammar of json_schema")), plain, 1, OBJECT, OBJECT),
    Server("Gemma, no system message", _no_system, plain, 1, "a system message", settings=("prompt.system=You write.",)),
    Server("words that say nothing", _second_400, plain, 2, "perhaps for its response_format", ""),
    Server("text that is not JSON", _schemas(Reply(400, b"<html><h1>Bad Request</h1></html>")), plain, 1, OBJECT, OBJECT),
    Server("Ollama's own names of usage", answer=_ollama),
    Server("usage is null", answer=_null_usage),
    Server("schema by a tool", answer=_through_a_tool),
    Server("content is parsed already", answer=_parsed),
    Server("two calls of a tool", answer=_two_calls),
    Server("a call by its old name", answer=_old_call),
    Server("parts without a type", answer=_parts_without_type),
    Server("a completion below data", answer=_below_data),
    Server("a stream that nobody asked for", answer=_streamed),
)


def script_of(server: Server) -> Callable[[Llm, int, Body], Reply]:
    """What the test server answers."""

    def script(llm: Llm, number: int, asked: Body) -> Reply:
        return server.refuse(asked) or Reply(body=server.answer(asked, as_json(texts(asked, number))))

    return script
