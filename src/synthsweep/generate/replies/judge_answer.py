"""Reads a judge's answers, and combines them into one verdict; pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synthsweep.examples import LabelSet
from synthsweep.generate.completer import Completion
from synthsweep.generate.replies.parse import Rejected, reject_whole
from synthsweep.label_checker import Verdict


def read_answer(completion: Completion, labels: LabelSet, answerers: Sequence[str]) -> frozenset[str] | Rejected:
    """The criteria that a judge names, or why its answer is unusable; `answerers` are the LLMs that may have answered.

    Where each text carries exactly one label, an answer that names several is unusable; one may name none.
    """
    found = reject_whole(completion, answerers) or parse_answer(completion.text, labels.ids)
    if labels.kind == "single" and not isinstance(found, Rejected) and len(found) > 1:
        return Rejected(f"several classes: {', '.join(sorted(found))}", completion.text)
    return found


def parse_answer(reply: str, label_ids: Sequence[str]) -> frozenset[str] | Rejected:
    """Reads `{"labels": [ids]}`, fenced or among words: the last such object, since an LLM may think aloud before it."""
    lists = [value["labels"] for value in _objects(reply) if isinstance(value.get("labels"), list)]
    if not lists:
        return Rejected("no answer", reply)
    named = [label.strip() if isinstance(label, str) else json.dumps(label) for label in lists[-1]]
    unknown = sorted(set(named) - set(label_ids))
    return Rejected(f"unknown label: {unknown[0]}", reply) if unknown else frozenset(named)


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


def _objects(reply: str) -> Iterator[Mapping[str, Any]]:
    decoder, start = json.JSONDecoder(), reply.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(reply, start)
            yield value
        except (ValueError, RecursionError):
            end = start + 1
        start = reply.find("{", end)
