"""What a file of rows is not, and what its quotes may hide."""

from pathlib import Path

import pytest

from synthsweep.config.keys.texts import DataConfig
from synthsweep.corpus.files.table import SourceTable
from synthsweep.corpus.load import read_tables
from synthsweep.errors import DataError


@pytest.fixture(autouse=True)
def _own(own_folder: Path) -> None:
    """Files are written to a folder of their own."""


def read(name: str, content: str | bytes) -> SourceTable:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_tables(DataConfig(kind=name.rpartition(".")[2], path=name))["all"]


@pytest.mark.parametrize(
    "start", [b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"ARROW1\0\0", b"<stata_dta>", b"\x89HDF\r\n",
              b"\x80\x04\x95",
              b"{\\rtf1 ", b"<!DOCTYPE html>", b"<?xml version='1.0'?>"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["notes.csv", "notes.jsonl"])
def test_a_file_of_another_program_is_named(name: str, start: bytes) -> None:
    """With the way to a file that is read; its bytes are never taken for another encoding."""
    with pytest.raises(DataError) as error:
        read(name, start + b"\0\1\2 text,A\n")

    assert str(error.value).startswith(f"data={name.rpartition('.')[2]}: {name} is a")
    assert "encoding" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "doubted"), [("oh no,1\nwe said", True), ("oh no, 1 of 2\nwe said", False), ("one\ntwo", False)]
)
def test_a_quote_that_may_have_taken_other_rows_along_is_named(text: str, doubted: bool) -> None:
    """A text that opens with a quote by chance hides the rows up to the next quote."""
    table = read("notes.csv", f'text,A\n"{text}",0\nx,1\n')

    assert table.columns["text"] == [text, "x"]
    assert any("row 2: a text holds what looks like rows" in note for note in table.notes) == doubted
