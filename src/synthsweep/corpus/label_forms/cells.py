"""What one cell says: a text, a 0 or 1, or nothing; pure."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

ZERO_OR_ONE = re.compile(r"\+?([01])(?:\.0*)?")
TRUTHS = {"true": 1, "false": 0}
# Words for 1 and for 0, in pairs.
PAIRS = (
    ("yes", "no"), ("y", "n"), ("t", "f"), ("positive", "negative"), ("pos", "neg"), ("present", "absent"),
)  # fmt: skip
WORDS = {word: 1 - place for pair in PAIRS for place, word in enumerate(pair)}
# What programs write where there is no value.
MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "nil"})
# Numbers above this lose digits as floats.
EXACT = 2**53


@dataclass(frozen=True)
class Problem:
    """A rule that a cell breaks, and the way out; cells with one `key` break the same rule, with other values."""

    key: str
    rule: str
    way_out: str


@dataclass(frozen=True)
class LabelCell:
    """The labels of one text; those that are `unknown`, all of them where the cell is `missing`; and what is wrong."""

    labels: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    missing: bool = False
    problems: tuple[Problem, ...] = ()


def is_missing(value: Any) -> bool:
    """Whether a cell of labels holds no value: it is blank, null, NaN, NA, n/a or None, in any case of its letters."""
    if isinstance(value, str):
        return value.strip().lower() in MISSING
    return value is None or (isinstance(value, (float, Decimal)) and math.isnan(value)) or str(value) in {"NaT", "<NA>"}


def as_label(value: Any) -> int | None:
    """0 or 1, as a number or as true or false; None for anything else."""
    if isinstance(value, (list, dict, tuple)):
        return None
    word = str(value).strip().lower()
    found = ZERO_OR_ONE.fullmatch(word)
    return int(found[1]) if found else TRUTHS.get(word)


def as_word(value: Any) -> int | None:
    """0 or 1 of a word such as no or yes; None for anything else."""
    return WORDS.get(value.strip().lower()) if isinstance(value, str) else None


def as_text(value: Any) -> str | None:
    """A cell as text, without spaces around it; a number as its shortest text, and 1.0 as 1; empty for no value.

    None for what is no single value: a list, an object, bytes that are not UTF-8, a number that is not finite.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float):
        return _as_number(value)
    if isinstance(value, (list, dict, tuple)):
        return None
    if isinstance(value, Decimal):
        return _as_decimal(value) if value.is_finite() else ("" if value.is_nan() else None)
    if isinstance(value, bytes):
        try:
            return value.decode().strip()
        except UnicodeDecodeError:
            return None
    return str(value)


def _as_decimal(value: Decimal) -> str:
    # Decimal.normalize would round to 28 digits.
    written = format(value, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def _as_number(value: float) -> str | None:
    if math.isnan(value):
        return ""
    if not math.isfinite(value):
        return None
    return str(int(value)) if value.is_integer() and abs(value) <= EXACT else repr(value)


def shown(value: Any) -> str:
    """A cell for a message."""
    return repr(value)[:40]
