"""The probability of each label in an answer of yes and no, from the log-probabilities of its tokens; pure.

In `{"A": "yes", "B": "no"}` the answer to a label begins at one token. Its probability is the softmax over the tokens that the
LLM might have written there and that mean yes or no: exp(yes) / (exp(yes) + exp(no)), each summed over its spellings.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# How a tokenizer may spell an answer: with blanks, marks of JSON, or only its first letters.
AROUND = " \t\r\n\"'`“”:,{}[]▁Ġ"
SPELLINGS = {True: ("yes", "true", "1"), False: ("no", "false", "0")}
Token = tuple[str, Mapping[str, float]]


def asked_form(label_ids: Iterable[str]) -> str:
    """The form in which an answer has one yes or no for each label."""
    return json.dumps(dict.fromkeys(label_ids, "yes or no"), ensure_ascii=False)


def stated_form(label_ids: Iterable[str], present: frozenset[str]) -> str:
    """An answer in that form."""
    return json.dumps({label: "yes" if label in present else "no" for label in label_ids}, ensure_ascii=False)


def kept_tokens(logprobs: Any) -> str | None:
    """What is kept of a server's `logprobs`: its tokens, each with the alternatives that mean yes or no, as JSON.

    None where it has none, in OpenAI's form (`content`) or in that of older servers (`tokens`, `token_logprobs`).
    """
    try:
        kept = [(str(token), _meant(alternatives)) for token, alternatives in _given(logprobs)]
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    if not any(alternatives for _, alternatives in kept):
        return None
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _given(logprobs: Any) -> list[tuple[Any, list[tuple[Any, Any]]]]:
    if isinstance(logprobs, Mapping) and isinstance(logprobs.get("tokens"), list):
        tops = logprobs.get("top_logprobs") or [{}] * len(logprobs["tokens"])
        rows = zip(logprobs["tokens"], logprobs["token_logprobs"], tops, strict=True)
        return [(token, [*(top or {}).items(), (token, own)]) for token, own, top in rows]
    content = logprobs["content"] if isinstance(logprobs, Mapping) else logprobs
    return [
        (one["token"], [(each["token"], each["logprob"]) for each in (*(one.get("top_logprobs") or ()), one)])
        for one in content
    ]


def _meant(alternatives: Iterable[tuple[Any, Any]]) -> dict[str, float]:
    found = {str(token): float(logprob) for token, logprob in alternatives if logprob is not None}
    return {token: logprob for token, logprob in found.items() if math.isfinite(logprob) and meaning(token) is not None}


def meaning(token: str) -> bool | None:
    """Whether a token means yes or no; None for any other token. The first letters of an answer stand for it."""
    bare = token.strip(AROUND).casefold()
    if not bare:
        return None
    return next((said for said, words in SPELLINGS.items() if any(word.startswith(bare) for word in words)), None)


def label_probabilities(tokens: str, label_ids: Sequence[str]) -> list[float] | None:
    """The probability of each label in [0, 1]; None where the answer to one of them has none."""
    kept: list[Token] = [(token, alternatives) for token, alternatives in json.loads(tokens)]
    text = "".join(token for token, _ in kept)
    found = [_probability(kept, _answer_at(text, label)) for label in label_ids]
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) else None


def _answer_at(text: str, label: str) -> int | None:
    """Where the last answer to a label begins, behind its quotation mark."""
    quoted, bare = re.escape(json.dumps(label, ensure_ascii=False)), rf"(?<!\w){re.escape(label)}[\"'`]?"
    for name in (quoted, bare):
        matches = [*re.finditer(rf"{name}\s*[:=]\s*[\"'`“]?\s*", text, re.IGNORECASE)]
        if matches:
            return matches[-1].end()
    return None


def _probability(kept: Sequence[Token], place: int | None) -> float | None:
    """What the token at a place of the text says."""
    end = 0
    for token, alternatives in kept:
        end += len(token)
        if place is not None and end > place:
            return _softmax(alternatives)
    return None


def _softmax(alternatives: Mapping[str, float]) -> float | None:
    if not alternatives:
        return None
    highest = max(alternatives.values())
    weights = [(meaning(token), math.exp(logprob - highest)) for token, logprob in alternatives.items()]
    return sum(weight for said, weight in weights if said) / sum(weight for _, weight in weights)
