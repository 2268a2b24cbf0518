"""What a key is, declared beside its default: its meaning, its range, what it acts on, and its old name.

    learning_rate: float = key(5e-5, above=0, high=1, help="highest learning rate of AdamW", first=True)
    threads: int = key(0, low=0, acts=Acts.NEVER, help="CPU threads; 0 leaves it to torch")

**Meaning.** `help` is one line, with the unit, and with what null, 0 or true stands for. `--help`, the guide's page of keys and
messages about a value show it. The first screen of `--help` has the keys that are `first`. `takes` says what values a key
takes whose type does not say it. The first paragraph of a section's docstring is its own meaning.

**Range.** A section checks the ranges of its keys when it is made.

**What it acts on.** The key of a run, the definition of a study and `compare` ask the declarations which keys count for
them (acting.py), so a new key needs no entry anywhere else. Unless a field says otherwise, a key counts as its section does
(`acts`), and a section counts everywhere. `of_synthetic` marks sections that act on synthetic texts alone; `kinds` marks keys
that act for some kinds of LLM or model alone; `entries` marks a dictionary each of whose entries has the keys of its section.
`named_by` lists the keys that distinguish the choices of a group for a reader.

**A new key.** `added` marks a key that came after runs were kept: at its default, which means what was done before, it stays
out of the run key, so that those runs are found.

**An old name.** A key that was renamed keeps its old name as a second field, null by default, with `alias_of`. Where the old
name is given, the new key takes its value and the old one becomes null again, so no other code sees it.
"""

import math
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import Flag, auto
from typing import Any, ClassVar

from synthsweep.errors import ConfigError

LONGEST_NAME = 80
MAX_SEED = 2**32 - 1


class Acts(Flag):
    """What another value of a key makes: another run, another study, another configuration to compare."""

    RUN_KEY = auto()
    DEFINITION = auto()
    COMPARISON = auto()
    NEVER = 0
    # The numbers of a run follow from it.
    NUMBERS = RUN_KEY | DEFINITION | COMPARISON
    # It makes another run and another study, but the same configuration to compare.
    RUN = RUN_KEY | DEFINITION
    # It acts through the texts of a run, and those are in the run key by digest.
    TEXTS = DEFINITION | COMPARISON
    # It names a choice whose other keys act.
    NAME = DEFINITION | COMPARISON


@dataclass(frozen=True)
class Rule:
    """A range or a list of choices: `low` and `high` are allowed themselves, `above` and `below` are not."""

    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The rule in mathematical notation: in [0, 10], in (0, 1), at least 1."""
        if self.high is None and self.below is None:
            return f"at least {self.low}" if self.low is not None else f"above {self.above}"
        opening = f"[{self.low}" if self.low is not None else f"({self.above}"
        return f"in {opening}, {self.high}]" if self.high is not None else f"in {opening}, {self.below})"

    def holds(self, value: float) -> bool:
        """Whether a number satisfies the rule; NaN satisfies none."""
        return not math.isnan(value) and (
            (self.low is None or value >= self.low)
            and (self.above is None or value > self.above)
            and (self.high is None or value <= self.high)
            and (self.below is None or value < self.below)
        )

    def require(self, name: str, value: Any, meaning: str = "") -> None:
        """Raises ConfigError, with the meaning of the key `name`, unless the value satisfies the rule."""
        if self.choices:
            if value not in self.choices:
                raise ConfigError(f"{name} must be one of {', '.join(self.choices)}; got {value}")
        elif not self.holds(value):
            raise ConfigError(f"{name} must be {self.text}, got {value}{meaning and f': {meaning}'}")


def key(
    default: Any = MISSING,
    *,
    default_factory: Any = MISSING,
    help: str = "",  # noqa: A002 - as argparse and click call it
    first: bool = False,
    takes: str = "",
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    below: float | None = None,
    choices: tuple[str, ...] = (),
    acts: Acts | None = None,
    kinds: tuple[str, ...] = (),
    entries: bool = False,
    added: bool = False,
    alias_of: str = "",
) -> Any:
    """A field with its declarations; a `default_factory` makes the default of a list or dictionary."""
    rule = Rule(low, high, above, below, choices)
    declared = {
        "help": help, "first": first, "takes": takes, "rule": None if rule == Rule() else rule, "entries": entries,
        "added": added, "alias_of": alias_of, **acting(acts, kinds=kinds),
    }  # fmt: skip
    if default_factory is not MISSING:
        return field(default_factory=default_factory, metadata=declared)
    return field(default=default, metadata=declared)


def acting(acts: Acts | None, *, kinds: tuple[str, ...] = ()) -> dict[str, Any]:
    """Metadata of a field that says where it counts (None: as its section does), and for which `kinds` of its section alone."""
    return {"acts": acts, "kinds": kinds}


def meaning_of(item: Field[Any]) -> str:
    """The meaning of a field, empty if none is declared."""
    return str(item.metadata.get("help", ""))


def is_alias(item: Field[Any]) -> bool:
    """Whether a field is the old name of another one."""
    return bool(item.metadata.get("alias_of"))


def require_folder_name(name: str, where: str) -> None:
    """Raises ConfigError for what cannot be the name of a folder."""
    plain = all(letter.isalnum() or letter in "-_. " for letter in name)
    if not plain or not name.strip(". ") or len(name) > LONGEST_NAME:
        raise ConfigError(f"{where} must be a name of letters, digits, '-', '_' and '.', got {name[:LONGEST_NAME]!r}")


def words_of(value: Any, name: str) -> tuple[str, ...]:
    """The words of a key that takes one or a list of them; none where it is null.

    Raises:
        ConfigError: it is neither.
    """
    listed = [] if value is None else value if isinstance(value, list) else [value]
    if any(isinstance(word, (list, dict)) or word is None for word in listed):
        raise ConfigError(f"{name} must be a word or a list of words, as in {name}=[a,b]; got {value}")
    return tuple(str(word) for word in listed)


@dataclass(frozen=True)
class Section:
    """A group of keys; `section` is its name in the configuration."""

    section: ClassVar[str] = ""
    acts: ClassVar[Acts] = Acts.NUMBERS
    of_synthetic: ClassVar[bool] = False
    named_by: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        known = {item.name: item for item in fields(self)}
        for item in known.values():
            if is_alias(item):
                self._resolve(item, known[item.metadata["alias_of"]])
        for name, item in known.items():
            self._require(name, item, getattr(self, name))

    def _resolve(self, old: Field[Any], new: Field[Any]) -> None:
        """Gives the value of an old name to the new one, whose default counts as not given."""
        value, current = getattr(self, old.name), getattr(self, new.name)
        if value is None:
            return
        self._require(old.name, new, value)
        if current not in (value, new.default):
            raise ConfigError(
                f"{self._path(old.name)}={value} and {self._path(new.name)}={current} set the same key, "
                f"which is called {new.name} now: keep that one"
            )
        object.__setattr__(self, new.name, value)
        object.__setattr__(self, old.name, None)

    def _require(self, name: str, item: Field[Any], value: Any) -> None:
        rule = item.metadata.get("rule")
        if rule is not None and value is not None:
            rule.require(self._path(name), value, meaning_of(item))

    def _path(self, name: str) -> str:
        return f"{self.section}.{name}".lstrip(".")
