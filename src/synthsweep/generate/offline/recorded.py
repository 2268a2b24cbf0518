"""Replies of a file: those shipped with the package, or a file of the user's, which may hold labelled texts, too.

A row is one of
- `{"provenance": ...}`: where the replies come from (first line of the shipped file);
- `{"label", "reply"}`: a raw reply; `finish` says why it ended, by default stop. In the shipped file `prompt`, `sample` and
  `request` (digest) say what it answers; in the user's own only `prompt` is compared with the run's, if a row names one;
- a text with its labels (own_texts.py), which nothing parses or screens.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synthsweep.errors import InputError, PoolError
from synthsweep.generate.completer import JUDGE, Completion, CompletionRequest, OwnText
from synthsweep.generate.offline.own_texts import NO_LABEL, NumberedRow, Row, own_texts
from synthsweep.generate.replies.exchange import read_rows

SHIPPED = Path(__file__).with_name("recorded_replies.jsonl")
# Reads the rows of a file of the user's, in the form of own_texts.py.
RowReader = Callable[[Path], Iterator[NumberedRow]]


@dataclass(frozen=True)
class Recording:
    """A Completer that answers from a file.

    `replies` holds, for each label, (request digest or "", reply) in the order of their samples; `finishes`, by label and
    sample, why a reply ended, where that is not `stop`. `texts` are those of a user's own file by the label that they were
    written for: together they are the first sample of that label.
    """

    name: str
    replies: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    finishes: Mapping[tuple[str, int], str] = field(default_factory=dict)
    texts: Mapping[str, tuple[OwnText, ...]] = field(default_factory=dict)

    finite = True
    screened = True

    def complete(self, request: CompletionRequest) -> Completion | None:
        known, own = self.replies.get(request.criterion, []), self.texts.get(request.criterion, ())
        if own and request.sample == 0:
            return Completion("", self.name, own=own)
        place = request.sample - bool(own)
        if place >= len(known):
            return None
        digest, reply = known[place]
        if digest and digest != request.digest:
            raise PoolError(
                f"llm=recorded has no reply to this prompt for {request.criterion}: the wording of the prompt, the labels or "
                "per_request were changed since it was recorded; undo that, or give replies of your own with llm.path=FILE"
            )
        return Completion(reply, self.name, finish=self.finishes.get((request.criterion, place), "stop"))

    def negatives(self) -> Sequence[Completion]:
        """The texts that show none of the criteria."""
        own = self.texts.get(NO_LABEL, ())
        return [Completion("", self.name, asked=CompletionRequest((), NO_LABEL, len(own)), own=own)] if own else []


def read_shipped(prompt: str) -> Recording:
    """The replies that ship with the package for a prompt variant.

    Raises:
        PoolError: none were recorded for this variant.
    """
    rows = [row for _, row in read_rows(SHIPPED)]
    recorded = [row for row in rows if row.get("prompt") == prompt]
    if not recorded:
        variants = sorted({row["prompt"] for row in rows if "prompt" in row})
        raise PoolError(f"llm=recorded has replies to prompt={' and prompt='.join(variants)}, none to prompt={prompt}")
    replies: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in sorted(recorded, key=lambda row: row["sample"]):
        replies[row["label"]].append((row["request"], row["reply"]))
    return Recording("recorded", dict(replies))


def read_recording(path: Path, label_ids: Collection[str], prompt: str, rows: RowReader = read_rows) -> Recording:
    """The user's own file of replies or labelled texts; `prompt` is the variant of the run.

    Raises:
        PoolError: the file does not exist, or a row has neither form, names an unknown label or answers another prompt.
    """
    texts: list[NumberedRow] = []
    replies: dict[str, list[str]] = defaultdict(list)
    finishes: dict[tuple[str, int], str] = {}
    for number, row in _own_rows(path, rows):
        if "reply" in row:
            label = _answered_label(row, label_ids, prompt, f"llm.path: {path.name} row {number}")
            if row.get("finish"):
                finishes[label, len(replies[label])] = str(row["finish"])
            replies[label].append(row["reply"])
        else:
            texts.append((number, row))
    if not (replies or texts):
        raise PoolError(f"llm.path: {path} holds no replies: it needs rows of {{label, text}} or of {{label, reply}}")
    return Recording(
        path.stem,
        {label: [("", reply) for reply in own] for label, own in replies.items()},
        {place: finish for place, finish in finishes.items() if finish != "stop"},
        own_texts(texts, label_ids, f"llm.path: {path.name}"),
    )


def _own_rows(path: Path, rows: RowReader) -> Iterator[NumberedRow]:
    try:
        for number, row in rows(path):
            about_the_file = "provenance" in row and not {"text", "reply"} & set(row)
            # An export also holds the answers of a judge, which are not texts.
            if not about_the_file and row.get("prompt") != JUDGE:
                yield number, row
    except InputError as error:
        raise PoolError(f"llm.path: {error}") from error


def _answered_label(row: Row, label_ids: Collection[str], prompt: str, where: str) -> str:
    """The label that a raw reply was written for."""
    label, answered = row.get("label"), row.get("prompt") or prompt
    if not isinstance(row["reply"], str) or "label" not in row:
        raise PoolError(f"{where} must hold a label with a reply, as strings; got {', '.join(row)}")
    if not isinstance(label, str) or label not in label_ids:
        raise PoolError(f"{where}: label {label!r} is none of labels.ids ({', '.join(label_ids)})")
    if answered != prompt:
        raise PoolError(
            f"{where} answers prompt={answered}, the run has prompt={prompt}: "
            f"take prompt={answered}, or export only_prompt={prompt}"
        )
    return label
