"""The basic types of the harness, all frozen: criterion, label set, example, provenance."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from synthsweep.errors import ConfigError
from synthsweep.messages import listing
from synthsweep.words import words_in

# Names of averages, which take the place of a criterion's id in a metric: test/recall/macro.
RESERVED_IDS = frozenset({"macro", "micro", "weighted", "undefined", "all criteria"})
# In a matrix of labels: nobody decided on it.
UNKNOWN = -1
# MLflow allows these and the slash in a metric's name, and the slash separates its parts. It takes `.` and `..` for folders.
ID_RULE = re.compile(r"(?!\.+$)[\w\-.](?:[\w\-. ]*[\w\-.])?")
# MLflow keeps 250 letters of a metric's name, of which `z_counts/test/predicted_positives/` are 35.
LONGEST_ID = 200


@dataclass(frozen=True)
class Criterion:
    """One label: its id in data and metrics, its name and description in prompts."""

    id: str
    name: str = ""
    description: str = ""

    @property
    def title(self) -> str:
        """Id and name; the id alone if there is no other name."""
        return f"{self.id} {self.name}" if self.name and self.name != self.id else self.id

    @property
    def definition(self) -> str:
        """Id, name and description; the id alone where there is nothing else."""
        return self.id if str(self) == self.id else f"{self.id} {self}"

    def __str__(self) -> str:
        title = self.name or self.id
        return f"{title}: {self.description}" if self.description else title


@dataclass(frozen=True)
class LabelSet:
    """The criteria that a classifier decides on, in the order of its outputs.

    `kind` is `single` where each text carries exactly one of them.
    """

    name: str
    criteria: tuple[Criterion, ...]
    text_kind: str = "a short text"
    kind: Literal["multi", "single"] = "multi"

    def __post_init__(self) -> None:
        ids = self.ids
        if not ids:
            raise ConfigError("labels.ids must name at least one label")
        repeated = sorted({label for label in ids if ids.count(label) > 1})
        if repeated:
            raise ConfigError(f"labels.ids must be different from each other, got {repeated[0]!r} twice")
        _require_usable([label for label in ids if not is_usable_id(label)])

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(criterion.id for criterion in self.criteria)

    def __getitem__(self, label: str) -> Criterion:
        return next(criterion for criterion in self.criteria if criterion.id == label)


@dataclass(frozen=True)
class Provenance:
    """Where a text comes from; the fields of the LLM are empty for a real text.

    `profile` holds the attributes that the prompt asked for, `sources` the ids of the real texts that the prompt showed.
    """

    source: Literal["real", "synthetic"] = "real"
    llm: str = ""
    prompt: str = ""
    criterion: str = ""
    request: str = ""
    sample: int = 0
    line: int = 0
    profile: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """One text with every criterion that it is evidence for: none, one, or several.

    `group` is what a split keeps together (a child); None where the corpus has no groups. `unknown` are the criteria that
    nobody decided on: neither positive nor negative. `subgroups` are the values by which test metrics are given too, by column.
    """

    id: str
    text: str
    labels: frozenset[str] = frozenset()
    group: str | None = None
    provenance: Provenance = Provenance()
    unknown: frozenset[str] = frozenset()
    subgroups: tuple[tuple[str, str], ...] = ()


def is_usable_id(label: str) -> bool:
    """Whether a label can be part of a metric's name, wherever that is kept or shown."""
    return label not in RESERVED_IDS and len(label) <= LONGEST_ID and ID_RULE.fullmatch(label) is not None


def _require_usable(wrong: list[str]) -> None:
    if wrong:
        raise ConfigError(
            f"labels.ids must be letters, digits, '_', '-', '.' and inner spaces, at most {LONGEST_ID}, and none of "
            f"{', '.join(sorted(RESERVED_IDS))}; got {listing([_quoted(label) for label in wrong], 5)}: rename "
            "the column or label (labels.names says what reports show), or name the others in labels.ids"
        )


def _quoted(label: str) -> str:
    """A label in quotes, with what the eye cannot see written out."""
    return repr(label if len(label) <= LONGEST_ID else f"{label[:20]}...")


def text_key(text: str) -> str:
    """The text without case, punctuation, spacing and Unicode variants: texts with one key count as the same text."""
    # Case folding can produce what NFKC changes, and the other way round.
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(words_in(plain)) or text.strip()


def label_matrix(examples: Sequence[Example], label_ids: Sequence[str]) -> list[list[int]]:
    """(examples, criteria): 1 where the example carries the criterion, 0 where it does not, UNKNOWN where nobody decided."""
    return [[_cell(example, label) for label in label_ids] for example in examples]


def _cell(example: Example, label: str) -> int:
    return 1 if label in example.labels else UNKNOWN if label in example.unknown else 0


def labels_without_positive(examples: Sequence[Example], label_ids: Sequence[str]) -> list[str]:
    """The labels that no example carries, in the order of `label_ids`."""
    carried = {label for example in examples for label in example.labels}
    return [label for label in label_ids if label not in carried]


def digest_of(value: object) -> str:
    """SHA-256, as 64 hexadecimal digits, of a value that JSON can hold; the order of keys does not matter."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def digest_examples(examples: Iterable[Example]) -> str:
    """Digest of ids, texts, labels and groups, in order: all that training and evaluation can see."""
    return digest_of([[e.id, e.text, sorted(e.labels), e.group, *_rarely_given(e)] for e in examples])


def _rarely_given(example: Example) -> list[object]:
    """What few corpora have: nothing where it is missing, so that digests of kept runs stay."""
    given = {"unknown": sorted(example.unknown), "subgroups": list(example.subgroups)}
    return [given] if any(given.values()) else []
