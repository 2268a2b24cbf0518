"""A folder for anything that has a name of its own: no two names share one, and a plain name is its folder's name."""

import hashlib
import json
import unicodedata
from pathlib import Path

# What joins several names, and what a digest follows; neither is in a plain name.
JOIN, MARK = "+", "~"
LONGEST, LONGEST_BYTES, LONGEST_OF_MARKED = 120, 240, 60


def folder_name(*names: str) -> str:
    """`demo`; `demo+pilot` of two names; `a_b~1f0c93ab7d` of `a/b`, whose digest distinguishes it from `a_b`."""
    joined = JOIN.join(names)
    return joined if names and all(map(_is_plain, names)) and len(joined) <= LONGEST else _marked(names)


def own_folder(parent: Path, *names: str) -> Path:
    """The folder of these names below a parent, whatever is there already.

    On some file systems `A` and `a` are one folder, so the later of the two names gets a digest.
    """
    name = folder_name(*names)
    there = {path.name for path in parent.iterdir()} if parent.is_dir() else set()
    taken = name not in there and any(_folded(other) == _folded(name) for other in there)
    return parent / (_marked(names) if taken else name)


def _is_plain(name: str) -> bool:
    letters = all(letter.isalnum() or letter in "-_.,= " for letter in name)
    # Some file systems drop a space or a dot at the end, and compose letters and accents.
    kept = bool(name) and name == name.strip(". ") and name == unicodedata.normalize("NFC", name)
    return letters and kept and len(name.encode("utf-8", "surrogatepass")) <= LONGEST_BYTES


def _marked(names: tuple[str, ...]) -> str:
    safe = "".join(letter if letter.isalnum() or letter in "-_.,= " else "_" for letter in JOIN.join(names) or "filter")
    digest = hashlib.sha256(json.dumps(names).encode()).hexdigest()[:10]
    short = safe.encode("utf-8", "replace")[:LONGEST_BYTES].decode("utf-8", "ignore")[:LONGEST_OF_MARKED]
    return f"{short.strip('. ')}{MARK}{digest}"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
