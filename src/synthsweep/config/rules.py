"""Range rules declared beside the field that they bind, checked when the section is made."""

import math
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from synthsweep.errors import ConfigError

LONGEST_NAME = 80


def key(
    default: Any,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    below: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """A field with a range: `low` and `high` are allowed themselves, `above` and `below` are not."""
    rule = {"low": low, "high": high, "above": above, "below": below, "choices": choices}
    return field(default=default, metadata=rule)


def range_text(rule: Any) -> str:
    """The rule as mathematics writes it: [0, 10], (0, 1), at least 1."""
    low, above, high, below = rule["low"], rule["above"], rule["high"], rule["below"]
    if high is None and below is None:
        return f"at least {low}" if low is not None else f"above {above}"
    opening = f"[{low}" if low is not None else f"({above}"
    return f"in {opening}, {high}]" if high is not None else f"in {opening}, {below})"


def holds(rule: Any, value: float) -> bool:
    """Whether a number keeps the rule; NaN keeps none."""
    low, above, high, below = rule["low"], rule["above"], rule["high"], rule["below"]
    return not math.isnan(value) and (
        (low is None or value >= low)
        and (above is None or value > above)
        and (high is None or value <= high)
        and (below is None or value < below)
    )


def require_folder_name(name: str, where: str) -> None:
    """Raises ConfigError for what is no name of a folder."""
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

    def __post_init__(self) -> None:
        for item in fields(self):
            rule, value = item.metadata, getattr(self, item.name)
            if not rule or value is None:
                continue
            name = f"{self.section}.{item.name}".lstrip(".")
            if rule["choices"]:
                if value not in rule["choices"]:
                    raise ConfigError(f"{name} must be one of {', '.join(rule['choices'])}; got {value}")
            elif not holds(rule, value):
                raise ConfigError(f"{name} must be {range_text(rule)}, got {value}")
