"""Output that no terminal rejects: what an encoding lacks is written with a plain sign, or with a question mark."""

import codecs
import sys
from typing import Any

NAME = "synthsweep.plain"
# Signs of our own tables and sentences that have a plain form.
PLAIN = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "‑": "-", "…": "...", "×": "x", "·": "*", "•": "*", "±": "+-", "≥": ">=", "≤": "<=",
        "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "→": "->", "←": "<-", "α": "alpha", "κ": "kappa", "\u00a0": " ",
    }
)  # fmt: skip


def accept_any_text() -> None:
    """Makes stdout and stderr write any text, whatever the terminal's encoding is (ascii, Latin-1).

    A run must not end after its training because a table has a minus sign.
    """
    codecs.register_error(NAME, _plain)
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None and "utf" not in str(getattr(stream, "encoding", "utf")).lower():
            reconfigure(errors=NAME)


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    if all("\udc80" <= letter <= "\udcff" for letter in letters):
        # Bytes that could not be decoded, as of a file's name: they are written as they came.
        return bytes(ord(letter) - 0xDC00 for letter in letters), error.end
    from rich.cells import cell_len

    written = (letter.translate(PLAIN) for letter in letters)
    encoded = (plain if _fits(plain, error.encoding) else "?" * max(1, cell_len(plain)) for plain in written)
    return "".join(encoded), error.end


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
