"""Which columns of a table are labels, one column of 0 and 1 per label, and why the others are not; pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from synthsweep.corpus.label_forms.cells import WORDS, as_label, as_word, is_missing, shown
from synthsweep.messages import listing

# Fewer values are rather sites or sexes than persons.
MANY = 10
# How a column without a name is called.
UNNAMED = "Unnamed: "
# pandas numbers rows in such a column.
NOT_LABELS = (UNNAMED, "__index_level_")


@dataclass(frozen=True)
class ColumnLook:
    """What a column looks like: its cells that are not missing, those that are 0 or 1, the words for them, and others.

    `words` are empty where a number says 0 or 1: a word is one of the others there. `near` says that the others are numbers
    from -1 to 1.
    """

    name: str
    filled: int
    truths: int
    words: tuple[str, ...]
    others: tuple[str, ...]
    near: bool

    @property
    def is_label(self) -> bool:
        """Whether most cells are 0 or 1. A few other values do not exclude a column: their rows are refused by number."""
        return 2 * self.truths > self.filled and not self.words

    @property
    def is_worded(self) -> bool:
        """The same for a column that says yes and no."""
        return 2 * self.truths > self.filled and len({WORDS[word] for word in self.words}) > 1

    @property
    def repeats(self) -> bool:
        """Whether it may group the texts: many values, each on two texts or more on average."""
        return not self.truths and len(self.others) >= MANY and 2 * len(self.others) <= self.filled

    @property
    def reason(self) -> str:
        """Why it is not read as a label."""
        if self.name.startswith(UNNAMED):
            return "has no name"
        if self.name.startswith(NOT_LABELS):
            return "the index of pandas"
        if not self.filled:
            return "empty"
        if self.is_worded:
            return f"{' and '.join(map(repr, self.words[:2]))} beside columns of 0 and 1"
        return f"holds {listing(list(self.others), 2)}" if self.others else f"holds only {listing(list(self.words))}"


def look_at(name: str, values: Sequence[Any]) -> ColumnLook:
    """A look at all cells of a column."""
    try:
        counts = Counter(values)
    except TypeError:
        # Lists and objects have no hash.
        counts = Counter(repr(value) if isinstance(value, (list, dict)) else value for value in values)
    filled = {value: count for value, count in counts.items() if not is_missing(value)}
    plain = any(as_label(value) is not None for value in filled)
    read = as_label if plain else as_word
    truths = {value: count for value, count in filled.items() if read(value) is not None}
    others = [value for value in filled if value not in truths]
    words = () if plain else tuple(sorted({value.strip().lower() for value in truths}))
    distinct = tuple(dict.fromkeys(map(shown, others[:1000])))
    near = plain and _is_near(name, others)
    return ColumnLook(name, sum(filled.values()), sum(truths.values()), words, distinct, near)


def _is_near(name: str, others: Sequence[Any]) -> bool:
    return not name.startswith(NOT_LABELS) and all(map(_within_one, others))


def _within_one(value: Any) -> bool:
    """Whether a value is a number from -1 to 1, as a doubt or a share of raters would be."""
    try:
        return -1 <= float(value) <= 1
    except (TypeError, ValueError):
        return False


def choose(looks: Sequence[ColumnLook]) -> tuple[list[ColumnLook], list[ColumnLook]]:
    """The columns that are labels, and the others; columns of yes and no are labels where none of 0 and 1 is."""
    named = [look for look in looks if not look.name.startswith(NOT_LABELS)]
    taken = [look for look in named if look.is_label] or [look for look in named if look.is_worded]
    return taken, [look for look in looks if look not in taken]


def reading_of(looks: Sequence[ColumnLook]) -> str:
    """How columns that are labels are read, in words: `7 read as 0/1 columns: A1, A2`, and which words mean 1 and 0."""
    words = sorted({word for look in looks for word in look.words}, key=lambda word: (-WORDS[word], word))
    means = f" ({', '.join(f'{word} is {WORDS[word]}' for word in words)})" if words else ""
    kind = "0/1" if not words else "0/1 and yes/no" if any(not look.words for look in looks) else "yes/no"
    return f"{len(looks)} read as {kind} columns{means}: {listing([look.name for look in looks], 40)}"
