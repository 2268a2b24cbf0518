"""Sheets as CSV, out to any spreadsheet and back."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from support.audits import LLMS, PROMPT, small
from support.filled_sheets import answers_to, fill_csv
from synthsweep.audit.items import Answer, Audit
from synthsweep.audit.sheets.csv_file import read_csv, write_csv
from synthsweep.audit.sheets.rows import columns_of, question_cells, read_rows
from synthsweep.errors import AuditError

AUDIT = small(14, real=2, planted=2)
ODD = [
    "=1+1",
    "+49 30",
    "-5 degrees",
    "@home",
    "\ttab first",
    "'quoted",
    'two\nlines, and a comma; "quotes"',
    "a\tb",
    "café “curly” –",
]


def with_texts(texts: list[str]) -> Audit:
    items = (replace(item, text=text) for item, text in zip(AUDIT.items, texts, strict=False))
    return replace(AUDIT, items=tuple(items))


def read_back(path: Path, audit: Audit) -> dict[str, Answer]:
    names, rows = read_csv(path)
    return {answer.item: answer for answer in read_rows(audit, rows, names, "anna", partial=False)}


def refusal(path: Path) -> str:
    with pytest.raises(AuditError) as refused:
        read_csv(path)
    return str(refused.value)


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8-sig"), (",", "utf-8"), (";", "utf-8-sig"), (";", "cp1252"), ("\t", "cp1252")]
)
def test_answers_come_back_however_a_spreadsheet_saves_them(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """Any separator, with a byte-order mark or in the code page of Windows."""
    audit, path = with_texts(ODD), tmp_path / "sheet.csv"
    answers = answers_to(audit, "unsure")
    answers[audit.items[0].id] = Answer(audit.items[0].id, "anna", "wrong", frozenset({"B1", "B4"}), "é “so” –;,\t\nand so on")
    write_csv(audit, path)
    fill_csv(path, answers, delimiter, encoding)

    assert read_back(path, audit) == answers


def test_a_sheet_has_a_row_per_item_below_the_column_names(tmp_path: Path) -> None:
    """UTF-8 with the mark by which spreadsheets know it."""
    write_csv(AUDIT, tmp_path / "sheet.csv")
    content = (tmp_path / "sheet.csv").read_bytes()
    names, *lines = csv.reader(content.decode("utf-8-sig").splitlines())

    assert content.startswith(b"\xef\xbb\xbf")
    assert [*columns_of(AUDIT)] == names
    assert [[*question_cells(AUDIT, item), *[""] * 9] for item in AUDIT.items] == lines


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """Whatever a text begins with; the apostrophe says that it is text."""
    write_csv(with_texts(ODD), tmp_path / "sheet.csv")
    with (tmp_path / "sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        texts = [line[1] for line in csv.reader(file)][1:]

    assert texts[:5] == ["'" + text for text in ODD[:5]]
    assert texts[5:] == ODD[5:]


@pytest.mark.parametrize("text", ["x\x00y", "bell \x07", "half \ud83d letter", "\uffff", "\x85next line", "\u2028", "\rreturn"])
def test_control_characters_do_no_harm(tmp_path: Path, text: str) -> None:
    audit, path = with_texts([text]), tmp_path / "sheet.csv"
    write_csv(audit, path)
    fill_csv(path, answers_to(audit))

    assert read_back(path, audit) == answers_to(audit)


def test_a_sheet_is_blind(tmp_path: Path) -> None:
    """It says neither who wrote a text nor which labels it was given, nor which items are controls."""
    write_csv(AUDIT, tmp_path / "sheet.csv")
    content = (tmp_path / "sheet.csv").read_text(encoding="utf-8")

    assert [
        word for word in (*LLMS, PROMPT, "example-", "sample", "real", "planted") if word in content.replace("realm", "")
    ] == []


def test_rows_are_counted_as_the_file_counts_them(tmp_path: Path) -> None:
    """The header is row 1; a row shorter than the header has empty cells, a longer one nothing more."""
    (tmp_path / "a.csv").write_text("id,text\na\nb,c,d\n")
    names, rows = read_csv(tmp_path / "a.csv")

    assert (names, [row.number for row in rows]) == (["id", "text"], [2, 3])
    assert [rows[0]["id"], rows[0]["text"], rows[1]["id"], rows[1]["text"], rows[1]["note"]] == ["a", "", "b", "c", ""]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf", "it is empty"),
        (b"PK\x03\x04\0\0\0", "it cannot be read as CSV: it is not a text file"),
        ("id,text\n".encode("utf-16"), "it cannot be read as CSV: it is not a text file"),
        (b'id,text\n"a,b\n', "it cannot be read as CSV: unexpected end of data"),
    ],
)
def test_what_is_no_table_is_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)

    assert refusal(tmp_path / "a.csv") == message
