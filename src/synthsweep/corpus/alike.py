"""Names that a person would take for one: they differ in case, in spaces, or in how Unicode writes a letter; pure."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from synthsweep.messages import listing

# What programs write where there is no value, and a person may not have meant as a text.
STAND_INS = frozenset({"na", "n/a", "#n/a", "<na>", "nan", "null", "none", "\\n", "#value!", "#ref!", "#name?"})


def alike(names: Iterable[str]) -> list[list[str]]:
    """The names that look the same as another, together with it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(set(names)):
        found[_look(name)].append(name)
    return [same for same in found.values() if len(same) > 1]


def shown_alike(groups: list[list[str]]) -> str:
    """`'c1' and 'C1', 'x' and 'X'`; a letter in two parts is written out, so that the names differ in print."""
    return listing([" and ".join(ascii(name) if not _is_composed(name) else repr(name) for name in same) for same in groups], 3)


def _look(name: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    whole, _, rest = plain.partition(".")
    return whole if whole.isdigit() and not rest.strip("0") else plain


def _is_composed(name: str) -> bool:
    return unicodedata.is_normalized("NFC", name)


def is_invisible(text: str) -> bool:
    """Whether a text holds only characters that nobody sees, such as joiners and marks of direction."""
    return len(text) < 80 and all(unicodedata.category(letter) in {"Cf", "Cc", "Zs", "Zl", "Zp"} for letter in text)
