"""The reply in the body of a response, in each form in which servers send it; pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.completer import Completion
from synthsweep.generate.llm.dialects.outcomes import Answered, Failed, FailureKind
from synthsweep.generate.llm.dialects.refusal import refusal_within
from synthsweep.generate.llm.usage import read_cost, read_tokens
from synthsweep.generate.replies.token_answers import kept_tokens

# Why a reply ended, in the words of Anthropic, Bedrock, Gemini, Mistral, Cohere, Hugging Face and others.
FINISHES = {
    "length": "max_tokens model_length max_output_tokens max_completion_tokens token_limit max_length "
    "model_context_window_exceeded",
    "stop": "end_turn eos eos_token stop_sequence stop_token complete completed finish_reason_unspecified none null done",
    "content_filter": "safety prohibited_content recitation blocklist spii guardrail_intervened guardrail_intervention "
    "content_filtered sensitive image_safety flagged",
}
FINISH_OF = {word: finish for finish, words in FINISHES.items() for word in words.split()}
# The server broke off; another attempt may go through.
BROKEN = frozenset(
    {"error", "error_toxic", "abort", "aborted", "cancelled", "failed", "insufficient_system_resource", "network_error"}
)
MESSAGE_LENGTH = 200
TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)


class NoCompletionError(ValueError):
    """The body is none of the known forms; the message says what it is instead."""


def read_body(
    body: str,
    llm: LlmConfig,
    headers: Mapping[str, str] | None = None,
    *,
    private: bool = False,
    logprobs: bool = False,
    value: Any = None,
) -> Answered | Failed:
    """The completion in the body of a response, or Failed, whatever the body contains; `value` is its JSON, if already read.

    `logprobs`: those of its tokens were asked for. Words of a server are not repeated where a `private` prompt could stand in
    them.
    """
    try:
        value = json.loads(body) if value is None else value
        refused = refusal_within(value, headers or {}, body)
        if refused is not None:
            raise NoCompletionError(f"the answer is an error{_quoted(refused.message, private=private)}")
        value = unwrapped(value)
        text, finish = _read_responses(value) if "output" in value else _read_chat(value, private=private)
        kept = kept_tokens(_logprobs(value)) if logprobs else None
        tokens = read_tokens(value, has_text=bool(text))
        answered_as, stated = str(value.get("model") or ""), read_cost(value, headers or {})
    except NoCompletionError as error:
        return Failed(_storable(str(error)), billed=True)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return _unread(body, llm, cut=isinstance(error, json.JSONDecodeError), private=private)
    done = Completion(
        _storable(text), str(llm.model), _storable(answered_as), finish, tokens.usage, stated_usd=stated, tokens=kept
    )
    return Answered(done, tokens, headers or {})


def unwrapped(value: Any) -> Any:
    """A completion that a gateway put into an object of its own, as `{"code": 0, "data": {...}}`."""
    if isinstance(value, Mapping) and not {"choices", "output"} & value.keys():
        inner = [value.get(name) for name in ("data", "result", "response")]
        return next((one for one in inner if isinstance(one, Mapping) and one.get("choices")), value)
    return value


def _unread(body: str, llm: LlmConfig, *, cut: bool, private: bool) -> Failed:
    """What the body is instead of a completion."""
    way_out = f"is {llm.section}.base_url the address of an API, as .../v1?"
    begin = body.lstrip()[:1]
    if begin == "<":
        # A login, a captive portal, a site's front page: no LLM was asked.
        title = _quoted("".join(TITLE.findall(body[:5000])[:1]), private=private)
        return Failed(_storable(f"the answer is a web page{title}; {way_out}"), billed=False, kind=FailureKind.FOREIGN)
    if not begin:
        # Gateways send an empty 200 where the server behind them broke off.
        return Failed(f"the answer is empty; {way_out}", billed=True, kind=FailureKind.DAMAGED)
    if cut and begin in {"{", "["}:
        return Failed("the answer is cut or damaged: its JSON cannot be read", billed=True, kind=FailureKind.DAMAGED)
    return Failed(f"the answer is not a chat completion: {way_out}", billed=True, kind=FailureKind.FOREIGN)


def _read_chat(value: Mapping[str, Any], *, private: bool) -> tuple[str, str]:
    """The text of a reply and why it ended."""
    choices = value["choices"]
    if not choices:
        return "", "empty"
    choice = choices[0]
    finish = _finish(choice.get("finish_reason"))
    _require_unbroken(finish, choice.get("error"), private=private)
    # What a filter stopped may have no message at all; an old server has the text beside it.
    message = choice.get("message") or ({"content": choice["text"]} if "text" in choice else {})
    if not message and "finish_reason" not in choice:
        raise NoCompletionError("the answer is a choice without a message")
    return _text_of(message, finish)


def _text_of(message: Mapping[str, Any], finish: str) -> tuple[str, str]:
    if message.get("refusal"):
        return str(message["refusal"]), "refusal"
    text = _content(message.get("content"))
    if not text:
        # An older name of the same.
        text = _called(message.get("tool_calls") or [{"function": message.get("function_call")}])
    return text, finish


def _called(calls: Any) -> str:
    """What a gateway leaves of a reply that it asked for as the arguments of a tool."""
    given = [(call.get("function") or {}).get("arguments") for call in calls] if isinstance(calls, list) else []
    return "\n".join(one if isinstance(one, str) else _content(one) for one in given)


def _content(content: Any) -> str:
    """A text, the texts of a list of pieces without what the model thought, or an object that a server has parsed already."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, dict) and content.get("type") == "text" and isinstance(content.get("text"), str):
        content = [content]
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict) and content[0].keys() == {"text"}:
        # Google's parts have no type.
        content = [str(content[0]["text"])]
    if isinstance(content, list) and all(isinstance(piece, str) or _has_type(piece) for piece in content):
        return "".join(_piece(piece) for piece in content)
    if isinstance(content, (dict, list)):
        return json.dumps(content, ensure_ascii=False)
    raise NoCompletionError("the reply's content is not a text")


def _has_type(piece: Any) -> bool:
    return isinstance(piece, Mapping) and "type" in piece


def _piece(piece: Any) -> str:
    if isinstance(piece, str):
        return piece
    if piece["type"] not in {"text", "output_text"}:
        return ""
    text = piece.get("text") or ""
    return str(text.get("value") or "") if isinstance(text, Mapping) else str(text)


def _read_responses(value: Mapping[str, Any]) -> tuple[str, str]:
    """The same for OpenAI's Responses API, whose output is a list of items: reasoning, and messages of pieces."""
    if value.get("status") == "failed":
        raise NoCompletionError("the answer failed without a reason")
    reason = (value.get("incomplete_details") or {}).get("reason")
    finish = _finish(reason or "stop")
    pieces = [piece for item in value["output"] if item.get("type") == "message" for piece in item["content"]]
    refusals = [str(piece["refusal"]) for piece in pieces if piece.get("refusal")]
    if refusals:
        return refusals[0], "refusal"
    text = "".join(_piece(piece) for piece in pieces)
    return text, finish if text or reason else "empty"


def _logprobs(value: Mapping[str, Any]) -> Any:
    """The log-probabilities of the tokens, wherever an API puts them; None where there are none."""
    if "output" not in value:
        return value["choices"][0].get("logprobs") if value["choices"] else None
    pieces = [piece for item in value["output"] if item.get("type") == "message" for piece in item["content"]]
    return [one for piece in pieces for one in piece.get("logprobs") or ()]


def _finish(given: Any) -> str:
    """Why a reply ended, in OpenAI's words where they have one; else in the server's."""
    # LiteLLM and Gemini's own gateway write `content_filter: SAFETY`.
    word = str(given or "stop").strip().lower().partition(":")[0]
    return FINISH_OF.get(word, word)


def _require_unbroken(finish: str, error: Any, *, private: bool) -> None:
    """Raises NoCompletionError for a reply that a server broke off."""
    if finish in BROKEN or (error and isinstance(error, Mapping)):
        said = str(error.get("message") or error.get("code") or "") if isinstance(error, Mapping) else ""
        raise NoCompletionError(f"the reply broke off (finish_reason={finish}){_quoted(said, private=private)}")


def _quoted(said: str, *, private: bool) -> str:
    return "" if private or not said else f": {' '.join(said.split())[:MESSAGE_LENGTH]}"


def _storable(text: str) -> str:
    """Escapes half surrogate pairs, which no database accepts, so that a paid reply can be stored."""
    return text.encode("utf-8", "backslashreplace").decode()
