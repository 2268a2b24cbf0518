"""The items of an audit and the answers to them, as frozen types; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from synthsweep.errors import AuditError
from synthsweep.examples import Example, LabelSet, digest_of
from synthsweep.messages import listing

RIGHT, WRONG, UNSURE = "right", "wrong", "unsure"
VERDICTS = (RIGHT, WRONG, UNSURE)
# Kinds of items: drawn from a pool; a real text with one of its labels; a synthetic text with a label that it lacks.
SAMPLE, REAL, PLANTED = "sample", "real", "planted"
LONGEST_NOTE = 2000
LONGEST_NAME = 60


class Stratum(NamedTuple):
    """One cell of LLM x prompt x criterion."""

    llm: str
    prompt: str
    criterion: str


def stratum_of(example: Example) -> Stratum:
    """The LLM and prompt of a synthetic text, and the criterion that it was requested for."""
    origin = example.provenance
    return Stratum(origin.llm, origin.prompt, origin.criterion)


@dataclass(frozen=True)
class Item:
    """One text and one criterion that it may be evidence for.

    Raters see only `id`, `text` and `criterion`; `labels` are the text's own, `example` is its id in the pool or corpus.
    """

    id: str
    text: str
    criterion: str
    kind: str
    example: str
    labels: frozenset[str]
    llm: str = ""
    prompt: str = ""

    @property
    def stratum(self) -> Stratum:
        return Stratum(self.llm, self.prompt, self.criterion)

    @property
    def expected(self) -> str:
        """The verdict that confirms the text's labels: wrong for a near miss, which does not have the label."""
        return RIGHT if self.criterion in self.labels else WRONG


@dataclass(frozen=True)
class Audit:
    """A sample of items, in the order in which raters see them.

    `sizes` counts the different texts of the pools per stratum; `pools` are the Hydra overrides that load each pool again.
    `public` says whether texts may be sent to a tracker, `data` is the kind of the real corpus.
    """

    name: str
    labels: LabelSet
    items: tuple[Item, ...]
    sizes: Mapping[Stratum, int]
    seed: int = 1
    pools: tuple[tuple[str, ...], ...] = ()
    public: bool = False
    data: str = ""

    @property
    def digest(self) -> str:
        """Digest of the items: 64 hexadecimal digits."""
        return digest_of([[item.id, item.text, item.criterion, item.kind, sorted(item.labels)] for item in self.items])

    def item(self, ident: str) -> Item | None:
        """The item with this id; None if the audit has no such item."""
        return next((item for item in self.items if item.id == ident), None)

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.kind == kind)


@dataclass(frozen=True)
class Answer:
    """A rater's answer to an item; `shows` are the criteria that the text shows besides the one in question."""

    item: str
    rater: str
    verdict: str
    shows: frozenset[str] = frozenset()
    note: str = ""

    def seen(self, item: Item) -> frozenset[str]:
        """Every criterion that the rater sees in the text."""
        return self.shows | {item.criterion} if self.verdict == RIGHT else self.shows


def rater_name(given: str) -> str:
    """The rater's name with normalised spaces.

    Raises:
        AuditError: it is empty, too long, or not printable.
    """
    name = " ".join(given.split())
    if not name:
        raise AuditError("rater must say who answered, got nothing")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise AuditError(f"rater must be a name of at most {LONGEST_NAME} letters, got {name[:LONGEST_NAME]!r}")
    return name


def checked_answer(answer: Answer, item: Item, labels: LabelSet) -> Answer:
    """The answer as it is stored: without a mark for the item's criterion, which the verdict covers.

    Raises:
        AuditError: the answer is not valid; the message is one line that begins with the field.
    """
    unknown = sorted(answer.shows - set(labels.ids))
    if answer.verdict not in VERDICTS:
        raise AuditError(f"verdict must be {', '.join(VERDICTS)}, got {answer.verdict[:40]!r}")
    if unknown:
        raise AuditError(f"shows must name criteria ({listing(list(labels.ids), 10)}), got {unknown[0][:40]!r}")
    if item.criterion in answer.shows and answer.verdict != RIGHT:
        raise AuditError(f"verdict is {answer.verdict}, and yet {item.criterion} is marked as shown: one of the two is a slip")
    if labels.kind == "single" and len(answer.seen(item)) > 1:
        raise AuditError(
            f"shows must name no class beside a right verdict and at most one beside another, since each text has exactly one; "
            f"got {listing(sorted(answer.seen(item)))}"
        )
    if any("\ud800" <= letter <= "\udfff" for letter in answer.note):
        raise AuditError("note must be text, and has half a letter in it: write it anew")
    if len(answer.note) > LONGEST_NOTE:
        raise AuditError(f"note must be at most {LONGEST_NOTE} letters, got {len(answer.note)}")
    return replace(answer, shows=answer.shows - {item.criterion})
