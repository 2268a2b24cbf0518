"""What a reply is read into: texts with their labels, and what is not one with its reason."""

from dataclasses import dataclass, field

# What stands between texts, and takes the place of none.
BETWEEN = frozenset({"no list item", "note"})


@dataclass(frozen=True)
class Parsed:
    """One text, the labels beside the asked one that the reply gives it, and the number that it gives it, if any."""

    text: str
    also: frozenset[str] = frozenset()
    number: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Rejected:
    """An unusable piece of a reply: counted, tracked, never trained on."""

    reason: str
    piece: str

    @property
    def kind(self) -> str:
        """The reason without its details, for counting."""
        return self.reason.partition(":")[0]

    @property
    def detail(self) -> str:
        """What the reason says beside its kind, as `row 3`; empty where that is all."""
        return self.reason.partition(":")[2].strip()

    @property
    def item(self) -> bool:
        """Whether it takes the place of a text, rather than standing between texts."""
        return self.kind not in BETWEEN
