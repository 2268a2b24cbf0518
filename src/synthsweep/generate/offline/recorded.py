"""Replies of a file: those shipped with the package, or a JSON Lines file of the user's.

A line is one of
- `{"provenance": ...}`: where the replies come from (first line of the shipped file);
- `{"label", "reply"}`: a raw reply; `finish` says why it ended, by default stop. In the shipped file `prompt`, `sample` and
  `request` (digest) say what it answers; in the user's own only `prompt` is compared with the run's, if a line names one;
- `{"label", "text", "also"}`: a text that is parsed already, with further labels in `also`.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthsweep.errors import PoolError
from synthsweep.generate.completer import JUDGE, Completion, CompletionRequest
from synthsweep.generate.replies.exchange import read_rows

SHIPPED = Path(__file__).with_name("recorded_replies.jsonl")


@dataclass(frozen=True)
class Recording:
    """A Completer that answers from a file.

    `replies` holds, for each label, (request digest or "", reply) in the order of their samples; `finishes`, by label and
    sample, why a reply ended, where that is not `stop`.
    """

    name: str
    replies: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    finishes: dict[tuple[str, int], str] = field(default_factory=dict)

    finite = True
    screened = True

    def complete(self, request: CompletionRequest) -> Completion | None:
        known = self.replies.get(request.criterion, [])
        if request.sample >= len(known):
            return None
        digest, reply = known[request.sample]
        if digest and digest != request.digest:
            raise PoolError(
                f"llm=recorded has no reply to this prompt for {request.criterion}: the wording of the prompt, the labels or "
                "per_request were changed since it was recorded; undo that, or give replies of your own with llm.path=FILE"
            )
        finish = self.finishes.get((request.criterion, request.sample), "stop")
        return Completion(reply, self.name, finish=finish)


def read_shipped(prompt: str) -> Recording:
    """The replies that ship with the package for a prompt variant.

    Raises:
        PoolError: none were recorded for this variant.
    """
    rows = [row for _, row in _rows(SHIPPED)]
    recorded = [row for row in rows if row.get("prompt") == prompt]
    if not recorded:
        variants = sorted({row["prompt"] for row in rows if "prompt" in row})
        raise PoolError(f"llm=recorded has replies to prompt={' and prompt='.join(variants)}, none to prompt={prompt}")
    replies: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in sorted(recorded, key=lambda row: row["sample"]):
        replies[row["label"]].append((row["request"], row["reply"]))
    return Recording("recorded", dict(replies))


def read_recording(path: Path, label_ids: Collection[str], prompt: str) -> Recording:
    """The user's own file of replies or parsed texts; `prompt` is the variant of the run.

    Raises:
        PoolError: the file does not exist, or a line has neither form, names an unknown label or answers another prompt.
    """
    texts: dict[str, list[str]] = defaultdict(list)
    replies: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for number, row in _rows(path):
        # An export also holds the answers of a judge, which are not texts.
        if "provenance" in row or row.get("prompt") == JUDGE:
            continue
        where = f"llm.path: {path.name} row {number}"
        label = _label(row, label_ids, where)
        if "reply" in row:
            _require_prompt(row, prompt, where)
            replies[label].append((row["reply"], str(row.get("finish") or "stop")))
        else:
            texts[label].append(json.dumps({"text": row["text"], "also": row.get("also") or []}, ensure_ascii=False))
    for label, lines in texts.items():
        replies[label].insert(0, ("\n".join(lines), "stop"))
    if not replies:
        raise PoolError(f"llm.path: {path} holds no replies: it needs lines of {{label, text}} or of {{label, reply}}")
    return _recording(path.stem, replies)


def _recording(name: str, replies: Mapping[str, Sequence[tuple[str, str]]]) -> Recording:
    """A Recording from the (reply, finish) pairs of each label."""
    finishes = {
        (label, sample): finish for label, own in replies.items() for sample, (_, finish) in enumerate(own) if finish != "stop"
    }
    return Recording(name, {label: [("", reply) for reply, _ in own] for label, own in replies.items()}, finishes)


def _require_prompt(row: dict[str, Any], prompt: str, where: str) -> None:
    answered = row.get("prompt") or prompt
    if answered != prompt:
        raise PoolError(
            f"{where} answers prompt={answered}, the run has prompt={prompt}: "
            f"take prompt={answered}, or export only_prompt={prompt}"
        )


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        yield from read_rows(path)
    except PoolError as error:
        raise PoolError(f"llm.path: {error}") from error


def _label(row: dict[str, Any], label_ids: Collection[str], where: str) -> str:
    known = ", ".join(label_ids)
    if not isinstance(row.get("reply", row.get("text")), str) or "label" not in row:
        raise PoolError(
            f"{where} must hold a label with a text, or with a reply, as strings; got {', '.join(row) or 'nothing'}"
        )
    also = row.get("also") or []
    if not isinstance(also, list):
        raise PoolError(f"{where}: also must be a list of labels, got {also}")
    for label in [row["label"], *also]:
        if label not in label_ids:
            raise PoolError(f"{where}: label {label!r} is none of labels.ids ({known})")
    return str(row["label"])
