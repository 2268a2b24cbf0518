"""Reads a judge's answers, as the texts of a pool are read, and combines them into one verdict; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synthsweep.examples import LabelSet
from synthsweep.generate.completer import Completion
from synthsweep.generate.replies.parse import Rejected, reject_whole
from synthsweep.generate.replies.reading.labels import LabelReader, Named, is_yes_or_no
from synthsweep.generate.replies.reading.loose_json import Half, json_values
from synthsweep.generate.replies.reading.reasoning import without_reasoning
from synthsweep.generate.replies.reading.refusals import is_refusal
from synthsweep.generate.replies.reading.remarks import NOTHING
from synthsweep.generate.replies.reading.stated_labels import is_doubtful, stated_labels
from synthsweep.generate.replies.reply_parser import names_of
from synthsweep.label_checker import Verdict

# Where an answer states its labels; the first of these that an object has.
KEYS = ("labels", "label", "label_ids", "ids", "criteria", "criterion", "codes", "answer", "also")
# The pattern of the question: {"labels": ["...", ...]}, or ["ID"].
PATTERN = re.compile(r"(?:ids?|labels?|id ?\d|criteri(?:on|a)(?: ids?)?)", re.IGNORECASE)
IN_WORDS = re.compile(
    r"^[\s*_#`>-]*(?:the )?(?:final )?(?:answer|labels?|criteria|criterion|ids)\b[\s*_]*(?:is|"
    r"are)?[\s*_]*[:=][\s*_]*(?P<labels>.+)$",
    re.IGNORECASE | re.MULTILINE,
)


def read_answer(completion: Completion, labels: LabelSet, answerers: Sequence[str]) -> frozenset[str] | Rejected:
    """The criteria that a judge names, or why its answer is unusable; `answerers` are the LLMs that may have answered.

    Where each text carries exactly one label, an answer that names several is unusable; one may name none.
    """
    cut, names = completion.finish == "length", names_of(labels)
    found = reject_whole(completion, answerers) or parse_answer(completion.text, labels.ids, cut=cut, names=names)
    if labels.kind == "single" and not isinstance(found, Rejected) and len(found) > 1:
        return Rejected(f"several classes: {', '.join(sorted(found))}", completion.text)
    return found


def parse_answer(
    reply: str, label_ids: Sequence[str], *, cut: bool = False, names: Mapping[str, str] | None = None
) -> frozenset[str] | Rejected:
    """Reads `{"labels": [ids]}` in any of the forms that texts are read in: the last such answer behind the reasoning.

    An answer in words counts where it holds labels, or "none", and nothing else. `cut`: the reply ended too early.
    """
    said = without_reasoning(reply)
    if not said.text.strip() or said.cut:
        return Rejected("truncated: within the reasoning" if said.cut else "no answer", reply)
    reader = LabelReader(tuple(label_ids), names or {})
    answers = [
        answer for found in json_values(said.text) for answer in _answers(found.value, reader) if not _is_pattern(answer)
    ]
    if answers and isinstance(answers[-1], Half):
        # More labels may have followed.
        return Rejected("truncated", reply)
    named = reader.named(answers[-1]) if answers else stated_labels(said.text, reader) or _in_words(said.text, reader)
    if named is None or (cut and not answers):
        return Rejected("refusal" if is_refusal(said.text) else "truncated" if cut else "no answer", reply)
    return Rejected(f"unknown label: {named.unknown[0]}", reply) if named.unknown else named.known


def verdict_of(answers: Sequence[frozenset[str]], own: frozenset[str]) -> Verdict | None:
    """The labels that more than half of the answers name, and the share of answers that name all of the text's own ones.

    An answer agrees with a text without labels if it names none. Without answers there is no verdict.
    """
    if not answers:
        return None
    named = [label for answer in answers for label in answer]
    labels = frozenset(label for label in named if 2 * named.count(label) > len(answers))
    agreeing = sum(own <= answer if own else not answer for answer in answers)
    return Verdict(labels, agreeing / len(answers))


def _answers(value: Any, reader: LabelReader) -> Iterator[Any]:
    """What the objects of a reply state as labels; a Half where it ends too early."""
    whole = value.of if isinstance(value, Half) else value
    if isinstance(whole, list) and whole and all(isinstance(one, str) for one in whole) and reader.all_ids(whole):
        yield value if isinstance(value, Half) else whole
    elif isinstance(whole, Mapping):
        yield from _of_object(whole, reader)
    elif isinstance(whole, list):
        yield from (answer for one in whole for answer in _answers(one, reader))


def _of_object(value: Mapping[str, Any], reader: LabelReader) -> Iterator[Any]:
    plain = {str(key).casefold().strip(): inner for key, inner in value.items()}
    key = next((key for key in KEYS if key in plain and not isinstance(plain[key], bool)), None)
    if value and reader.all_ids(value):
        # A probability, or a reason alone, is neither yes nor no.
        if all(map(is_yes_or_no, value.values())):
            yield dict(value)
    elif key is not None and not (isinstance(plain[key], Mapping) and "labels" in plain[key]):
        yield plain[key]
    else:
        yield from (answer for inner in value.values() for answer in _answers(inner, reader))


def _is_pattern(answer: Any) -> bool:
    """Whether an answer repeats the question's pattern."""
    words = [answer] if isinstance(answer, str) else answer
    if not isinstance(words, list) or not words:
        return False
    said = [word.strip() for word in words if isinstance(word, str)]
    return len(said) == len(words) and all(bool(word and NOTHING.fullmatch(word)) or PATTERN.fullmatch(word) for word in said)


def _in_words(said: str, reader: LabelReader) -> Named | None:
    stated = [match["labels"] for match in IN_WORDS.finditer(said)]
    words = (stated[-1] if stated else said).strip(" \t\r\n*_`")
    if stated and words == "[]":
        return Named()
    if "{" in words or is_doubtful(words, reader):
        return None
    named = reader.in_words(words)
    return None if named.unknown or not words or not any(letter.isalnum() for letter in words) else named
