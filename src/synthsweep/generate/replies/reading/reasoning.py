"""What an LLM said, without what it thought: no sentence of its reasoning may become a text.

Reasoning is marked by tags (whose opening one is often part of the prompt, and so missing in the reply), by the channels of
gpt-oss, by Ollama's lines, by headings, or by the parts of a message.
"""

import ast
import json
import re
from dataclasses import dataclass
from typing import Any

NAMES = (
    r"(?:seed:)?think(?:ing)?|thoughts?|reason(?:ing)?|reflection|analysis|scratch_?pad|(?:inner|internal)_?monologue|"
    r"internal|cot|chain_of_thought|(?:begin|start)_of_thought|plan(?:ning)?|deliberation|rationale"
)
# <think>, [THINK] (Magistral), ◁think▷ (Kimi), <|begin_of_thought|> (Sky-T1), <thinking effort="low">.
OPENING = re.compile(rf"(?:<\|?|\[|◁)(?:{NAMES})(?:\s[^<>\n]{{0,60}})?(?:\|?>|\]|▷)|<\|START_THINKING\|>", re.IGNORECASE)
CLOSING = re.compile(rf"(?:<\|?/|\[/|◁/)(?:{NAMES})\s*(?:\|?>|\]|▷)|<\|?end_of_thought\|?>|<\|END_THINKING\|>", re.IGNORECASE)
# Open WebUI folds it away.
FOLDED = re.compile(r"<details\b[^<>]*\breasoning\b[^<>]*>.*?(?P<end></details>|\Z)", re.IGNORECASE | re.DOTALL)
# What holds the answer: the tags go, their content stays.
AROUND = re.compile(
    r"</?(?:answer|output|response|final|final_answer|result|results|reply)>|<\|(?:begin|end)_of_solution\|>|<\|return\|>",
    re.IGNORECASE,
)
# What frames a turn in the templates of chat models, and who speaks.
FRAME = re.compile(
    r"<\|(?:im_start|start_header_id)\|>\s*\w*\s*(?:<\|end_header_id\|>)?|<start_of_turn>\s*(?:model|assistant)?|"
    r"<\|[a-z_]+\|>|<｜[^<>｜\n]{1,40}｜>|<end_of_turn>|</?s>|<(?:eos|bos|pad)>|\[/?INST\]|\A\s*(?:assistant|model|ai)\s*:",
    re.IGNORECASE,
)
FINAL_CHANNEL = re.compile(r"<\|channel\|>\s*final\b[^<]*<\|message\|>")
ANY_CHANNEL = re.compile(r"<\|channel\|>\s*\w+[^<]*<\|message\|>")
# What a server leaves of the channels that drops their signs: `analysisWe need ten.assistantfinal1. He waits.`
BARE_CHANNELS = re.compile(
    r"\A\s*(?:assistant)?(?:analysis|commentary)(?=[\s:A-Z]).*?assistant\s*final(?P<said>.*)\Z", re.DOTALL
)
BARE_THOUGHT = re.compile(r"\A\s*analysis(?=(?:We|The|User|I|Let|Need|They|It)\b)")
# A model of plain text goes on with the conversation, its first turn included.
ECHO = re.compile(r"\A\s*(?:human|user)\s*:.*?^\s*(?:assistant|model|ai)\s*:", re.IGNORECASE | re.DOTALL | re.MULTILINE)
# Marks of direction, of width and of byte order before a line hide what it begins with.
INVISIBLE = re.compile(r"^[\u200b-\u200f\u202a-\u202e\u2060\ufeff]+|[\u200e\u200f\u202a-\u202e]+$", re.MULTILINE)
END_OF_CHANNEL = re.compile(r"<\|(?:end|return|start|call)\|>")
# Ollama on a terminal.
OLLAMA = re.compile(r"\A\s*Thinking\.\.\.\s*\n(?P<rest>.*)\Z", re.DOTALL)
OLLAMA_END = re.compile(r"^\s*\.\.\.done thinking\.\s*$", re.MULTILINE)
HEADING = r"^[\s#*_]*(?:{})[\s*_]*:?[\s*_]*$"
THOUGHT_HEADING = re.compile(
    HEADING.format(
        r"(?:my |internal )?(?:reasoning|thinking|thoughts?|thought process|analysis|chain of thought|scratchpad)"
        r"|here(?: is|['’]s) my thought process"
    ),
    re.IGNORECASE | re.MULTILINE,
)
ANSWER_HEADING = re.compile(
    HEADING.format(
        r"(?:the |my )?(?:final )?(?:answer|output|response|result|list|texts|examples)|final"
        r"|here(?: is|['’]s) my (?:final )?(?:response|answer)"
    ),
    re.IGNORECASE | re.MULTILINE,
)
PYTHON = re.compile(r"\s*\[?\{'(?:type|role|content|choices)':")
CHUNKS = frozenset({"thinking", "text", "reasoning", "redacted_thinking", "output_text", "reasoning_text", "summary_text"})
THOUGHT_CHUNKS = CHUNKS - {"text", "output_text"}


@dataclass(frozen=True)
class Said:
    """What is left of a reply; `cut`: it ended while the LLM was still thinking."""

    text: str
    cut: bool = False


def without_reasoning(reply: str) -> Said:
    """What an LLM said, without what it thought."""
    text = _content(reply)
    text = ECHO.sub("", text if text.isascii() else INVISIBLE.sub("", text))
    final = list(FINAL_CHANNEL.finditer(text))
    if final:
        return Said(END_OF_CHANNEL.split(text[final[-1].end() :])[0])
    if ANY_CHANNEL.search(text):
        # Other channels than the final one hold what nobody was to see.
        return Said("", cut=True)
    if bare := BARE_CHANNELS.match(text):
        return Said(bare["said"])
    if BARE_THOUGHT.match(text):
        return Said("", cut=True)
    if thinking := OLLAMA.match(text):
        ends = list(OLLAMA_END.finditer(text))
        return Said(text[ends[-1].end() :] if ends else "", cut=not ends) if thinking["rest"] else Said("", cut=True)
    folded = FOLDED.search(text)
    if folded and not folded["end"]:
        return Said(text[: folded.start()], cut=True)
    said = _without_tags(FOLDED.sub("", text))
    return Said(FRAME.sub("\n", AROUND.sub("\n", _after_headings(said.text))), said.cut)


def _without_tags(text: str) -> Said:
    kept: list[str] = []
    start = 0
    while opening := OPENING.search(text, start):
        before = text[start : opening.start()]
        if alone := _last(CLOSING, before):
            # Its opening tag was part of the prompt.
            kept, before = [], before[alone.end() :]
        kept.append(before)
        closing = CLOSING.search(text, opening.end())
        if closing is None:
            return Said("\n".join(kept), cut=True)
        start = closing.end()
    rest = text[start:]
    if alone := _last(CLOSING, rest):
        kept, rest = [], rest[alone.end() :]
    return Said("\n".join([*kept, rest]) if kept else rest)


def _after_headings(text: str) -> str:
    """What follows the heading of the answer, where a heading of reasoning comes first."""
    thought = THOUGHT_HEADING.search(text)
    answer = _last(ANSWER_HEADING, text)
    return text[answer.end() :] if thought and answer and thought.start() < answer.start() else text


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007
        pass
    return found


def _content(reply: str) -> str:
    """The text of a reply that was kept as a server's message, or as its parts; any other reply as it stands."""
    if not reply.lstrip().startswith(("{", "[", '"')):
        return reply
    try:
        value = _python(reply) if PYTHON.match(reply) else json.loads(reply)
    except (ValueError, RecursionError):
        return reply
    found = content_text(value)
    return reply if found is None else found


def _python(reply: str) -> Any:
    """A message as Python writes it, by a gateway that turned it into a string."""
    try:
        return ast.literal_eval(reply.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError from error


def content_text(value: Any) -> str | None:
    """The text of a message as servers send it, without its reasoning; None for what is not a message.

    It may be a completion (`choices`), a message (`content` beside `role` or `reasoning_content`), or content in chunks of
    which at least one is thought, or one alone is text.
    """
    if isinstance(value, dict):
        choices = value.get("choices")
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            return content_text(choices[0].get("message"))
        if "content" in value and {"role", "reasoning_content", "reasoning", "thinking"} & set(value):
            content = value["content"]
            return content if isinstance(content, str) else content_text(content) or ""
        return None
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        # JSON that was written into a string of JSON.
        return _content(value)
    return _of_chunks(value) if isinstance(value, list) and value else None


def _of_chunks(chunks: list[Any]) -> str | None:
    kinds = [chunk.get("type") if isinstance(chunk, dict) else None for chunk in chunks]
    if not all(kind in CHUNKS for kind in kinds) or not (len(chunks) == 1 or THOUGHT_CHUNKS.intersection(kinds)):
        return None
    said = [chunk.get("text") for chunk, kind in zip(chunks, kinds, strict=True) if kind not in THOUGHT_CHUNKS]
    return "".join(text for text in said if isinstance(text, str))
