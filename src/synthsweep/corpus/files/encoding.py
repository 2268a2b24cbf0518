"""Text files as programs save them: UTF-8 and, where a mark or a key says so, other encodings."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from synthsweep.errors import DataError

# The longer marks first: that of UTF-32 begins like that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# How files of other formats begin.
OTHERS = {
    b"\x1f\x8b": "a file packed with gzip: unpack it",
    b"PK\x03\x04": "a workbook or an archive: export the sheet as CSV UTF-8, or unpack it",
    b"\xd0\xcf\x11\xe0": "a workbook: export the sheet as CSV UTF-8",
    b"PAR1": "a Parquet file: take data=parquet",
    b"SQLite format 3": "a SQLite database: export its table as CSV",
    b"%PDF": "a PDF: save its table as CSV UTF-8",
    b"BZh": "a file packed with bzip2: unpack it",
    b"\xfd7zXZ": "a file packed with xz: unpack it",
    b"\x28\xb5\x2f\xfd": "a file packed with zstd: unpack it",
    b"7z\xbc\xaf": "an archive: unpack it",
    b"ARROW1": "an Arrow file: write it as Parquet, and take data=parquet",
    b"$FL2": "a file of SPSS: export it as CSV UTF-8",
    b"<stata_dta": "a file of Stata: export it as CSV UTF-8",
    b"\x89HDF": "an HDF5 file: export its table as CSV UTF-8",
    b"\x80\x04": "a pickle of Python: write it as Parquet, and take data=parquet",
    b"\x80\x05": "a pickle of Python: write it as Parquet, and take data=parquet",
    b"{\\rtf": "a text document: save it as plain text, CSV UTF-8",
    b"<!doctype": "a web page: export its table as CSV UTF-8",
    b"<html": "a web page: export its table as CSV UTF-8",
    b"<?xml": "an XML file: export its table as CSV UTF-8",
}
HEAD = 4096


@dataclass(frozen=True)
class OpenText:
    """A text file that is open, and the note for the user where its encoding is not UTF-8."""

    lines: TextIO
    notes: tuple[str, ...] = ()


@contextmanager
def open_text(file: Path, *, kind: str, encoding: str | None = None) -> Iterator[OpenText]:
    """Opens a text file; line ends stay as they are.

    Raises:
        DataError: it is another format, or its bytes are not text of its encoding: the message names the line.
    """
    with file.open("rb") as raw:
        head = raw.read(HEAD)
    name = encoding_of(head, encoding, f"data={kind}: {file.name}")
    plain = codecs.lookup(name).name in {"utf-8", "utf-8-sig"}
    notes = () if plain else (f"{file.name}: read as {name}",)
    try:
        with file.open(encoding=name, newline="") as handle:
            yield OpenText(handle, notes)
    except UnicodeError as error:
        raise DataError(f"data={kind}: {_undecodable(file, name)}") from error
    except OSError as error:
        raise DataError(f"data={kind}: {file.name} cannot be read: {error.strerror}") from error


def encoding_of(head: bytes, encoding: str | None, place: str) -> str:
    """The encoding of a file that begins with these bytes: what its mark says, else what the user says, else UTF-8.

    Raises:
        DataError: the bytes are no text, or their mark contradicts the user.
    """
    other = next((what for start, what in OTHERS.items() if head.startswith(start) or head.lower().startswith(start)), "")
    if other:
        raise DataError(f"{place} is {other}")
    marked = next((name for mark, name in MARKS if head.startswith(mark)), None)
    if marked and encoding and codecs.lookup(encoding).name.replace("-sig", "")[:6] != marked.replace("-sig", "")[:6]:
        raise DataError(f"{place} begins with the mark of {marked}, not of data.encoding={encoding}: leave data.encoding out")
    if not marked and not encoding and 10 * head.count(0) > len(head):
        likely = "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
        raise DataError(
            f"{place} is not UTF-8 text (it is full of NUL bytes): export it as UTF-8, or try data.encoding={likely}"
        )
    return marked or encoding or "utf-8"


def is_utf8(file: Path) -> bool:
    """Whether the bytes of a file are UTF-8."""
    try:
        file.read_bytes().decode()
    except UnicodeDecodeError:
        return False
    return True


def _undecodable(file: Path, name: str) -> str:
    """Which line of a file does not decode."""
    if name.startswith(("utf-16", "utf-32")):
        return f"{file.name} is not {name} text, or it was cut off: export it again as UTF-8"
    with file.open("rb") as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode(name)
            except UnicodeDecodeError as error:
                byte = f"byte 0x{line[error.start]:02x} in line {number}"
                break
        else:
            byte = "its bytes"
    if not name.startswith("utf-8"):
        return f"{file.name} is not {name} text ({byte}): name its encoding with data.encoding=NAME"
    return (
        f"{file.name} is not UTF-8 text ({byte}): save or export it as UTF-8, or name its encoding: "
        "data.encoding=cp1252 is that of Windows in western Europe"
    )
