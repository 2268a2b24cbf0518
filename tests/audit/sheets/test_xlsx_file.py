"""Sheets for a spreadsheet program, out and back."""

import io
import random
import re
import zipfile
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from support.audits import LABELS, LLMS, PROMPT, small
from support.filled_sheets import answers_to, fill_xlsx
from synthsweep.audit.items import Answer, Audit
from synthsweep.audit.sheets.rows import INSTRUCTIONS, columns_of, read_rows
from synthsweep.audit.sheets.xlsx_file import read_xlsx, write_xlsx
from synthsweep.errors import AuditError

AUDIT = small(14, real=2, planted=2)
ODD = [
    "=1+1", "=HYPERLINK(\"http://a.example\")", "+49", "-5", "@home", "'quoted", "two\nlines\r\nmore", "a\tb", "12", "TRUE",
    "2020-01-02", "#N/A", "\U0001f9f8 <b>&amp;</b>", "bell \x07 \x0b", "half \ud83d letter", "\uffff \x85 \u2028",
]  # fmt: skip
NO_WORKBOOK = "it cannot be read as an Excel workbook (.xlsx)"


@cache
def written() -> bytes:
    path = Path("written.xlsx")
    write_xlsx(AUDIT, path)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An exported sheet."""
    (tmp_path / "sheet.xlsx").write_bytes(written())
    return tmp_path / "sheet.xlsx"


def read_back(path: Path, audit: Audit = AUDIT, *, partial: bool = False) -> dict[str, Answer]:
    names, rows, rater = read_xlsx(path)
    return {answer.item: answer for answer in read_rows(audit, rows, names, rater, partial=partial)}


def refusal(path: Path) -> str:
    with pytest.raises(AuditError) as refused:
        read_xlsx(path)
    return str(refused.value)


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
    return content.getvalue()


def test_answers_come_back_from_a_spreadsheet_program(path: Path) -> None:
    """Opened, filled, saved; with the name from the page of instructions."""
    answers = answers_to(AUDIT, "wrong", "Anna Ó Briain")
    first, second = AUDIT.items[:2]
    answers[first.id] = Answer(first.id, "Anna Ó Briain", "right", frozenset({"B1", "B4"}), "=so it seems\nor does it?")
    answers[second.id] = Answer(second.id, "Anna Ó Briain", "unsure", note="5")
    fill_xlsx(path, answers, "Anna Ó Briain")

    assert read_back(path) == answers


def test_a_sheet_that_nobody_filled_says_nothing(path: Path) -> None:
    """It has all items, no verdict and no name."""
    names, rows, rater = read_xlsx(path)

    assert ([*columns_of(AUDIT)], 18, "") == (names, len(rows), rater)
    assert read_back(path, partial=True) == {}


def test_numbers_and_truth_are_read_as_marks(path: Path) -> None:
    """A spreadsheet makes 1 and TRUE of what was typed."""
    fill_xlsx(path, answers_to(AUDIT))
    book = load_workbook(path)
    for place, value in enumerate((1, True, 0, False, "x"), start=2):
        book["Audit"].cell(place, columns_of(AUDIT).index("shows B4") + 1).value = value
    book.save(path)

    assert ["B4" in read_back(path)[item.id].shows for item in AUDIT.items[:5]] == [True, True, False, False, True]


def test_any_text_stays_a_text(tmp_path: Path) -> None:
    """What begins with = is no formula, 12 no number, and what a workbook cannot hold does no harm."""
    items = tuple(replace(item, text=text) for item, text in zip(small(len(ODD)).items, ODD, strict=True))
    audit, path = replace(AUDIT, items=items), tmp_path / "odd.xlsx"
    write_xlsx(audit, path)
    cells = [line[1] for line in load_workbook(path)["Audit"].iter_rows(min_row=2)]
    fill_xlsx(path, answers_to(audit, rater=""))

    assert [cell.value for cell in cells[:6]] == ODD[:6]
    assert [{cell.data_type for cell in cells}, {type(cell.value) for cell in cells}] == [{"s"}, {str}]
    assert read_back(path, audit) == answers_to(audit, rater="")


def test_no_cell_of_the_file_holds_a_formula_but_the_count(path: Path) -> None:
    """Of those that are answered, on the page of instructions."""
    book = load_workbook(path)
    formulas = [cell.value for sheet in book for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]

    assert formulas == ["=COUNTA(Audit!E2:E19)"]


def test_answers_are_chosen_from_drop_downs(path: Path) -> None:
    """A verdict from three words, a further criterion from one, in every row; the note is free."""
    rules = load_workbook(path)["Audit"].data_validations.dataValidation
    found = {str(rule.sqref): (rule.type, rule.formula1, rule.allow_blank, rule.showErrorMessage) for rule in rules}

    assert found.pop("E2:E19") == ("list", '"right,wrong,unsure"', True, True)
    assert set(found) == {f"{letter}2:{letter}19" for letter in "FGHIJKL"}
    assert set(found.values()) == {("list", '"yes"', True, True)}


def test_only_answers_can_be_typed(path: Path) -> None:
    """The column names and the questions are locked, the cells of answers are not."""
    sheet: Any = load_workbook(path)["Audit"]
    unlocked = {cell.column_letter for line in sheet.iter_rows(min_row=2) for cell in line if not cell.protection.locked}
    locked = {cell.column_letter for line in sheet.iter_rows(min_row=2) for cell in line if cell.protection.locked}

    assert (sheet.protection.sheet, sheet.protection.password) == (True, None)
    assert (unlocked, locked) == (set("EFGHIJKLM"), set("ABCD"))
    assert {cell.protection.locked for cell in sheet[1]} == {True}
    assert sheet.freeze_panes == "C2"


def test_the_page_of_instructions_says_what_to_do(path: Path) -> None:
    """How many texts, where the name goes, each rule, and every criterion with its meaning."""
    lines = [[cell.value or "" for cell in line] for line in load_workbook(path)["Instructions"].iter_rows()]

    assert (lines[0], lines[2][0]) == (["18 texts to judge", ""], "Your name:")
    assert [line[0] for line in lines if line[0] in INSTRUCTIONS] == [*INSTRUCTIONS]
    assert lines[-7:] == [[f"{one.id} {one.name}", one.description] for one in LABELS.criteria]


def test_a_sheet_is_blind() -> None:
    """No member of the file says who wrote a text, which labels it was given, or which items are controls."""
    words = [*LLMS, PROMPT, "example-", "sample", "planted", "real"]
    found = {(name, word) for name, text in members(written()).items() for word in words if word.encode() in text}

    assert found == set()


def test_audits_of_the_same_items_have_the_same_sheet() -> None:
    """Two audits of the same items whose LLMs, labels and seeds differ have the same sheet."""
    other = replace(
        AUDIT, seed=9, name="other", items=tuple(replace(item, llm="x", prompt="y", labels=frozenset()) for item in AUDIT.items)
    )
    write_xlsx(other, Path("other.xlsx"))
    stamp = "docProps/core.xml"

    assert {**members(written()), stamp: b""} == {**members(Path("other.xlsx").read_bytes()), stamp: b""}


def test_a_text_longer_than_a_cell_is_refused(tmp_path: Path) -> None:
    """With the way out; no file is left behind."""
    audit = replace(AUDIT, items=(replace(AUDIT.items[0], text="x" * 32_768),))
    with pytest.raises(AuditError) as refused:
        write_xlsx(audit, tmp_path / "long.xlsx")

    assert str(refused.value) == "example-0: its text has 32768 letters, a cell holds 32767: audit.format=csv"
    assert [*tmp_path.glob("long*")] == []


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99])
def test_what_is_no_workbook_is_one_line(tmp_path: Path, content: bytes) -> None:
    """An empty file, a text, a broken zip, and what older or encrypted workbooks are."""
    (tmp_path / "a.xlsx").write_bytes(content)

    assert refusal(tmp_path / "a.xlsx") == NO_WORKBOOK


@pytest.mark.parametrize("member", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("text", [b"", b"<not xml"])
def test_a_workbook_with_a_broken_part_is_one_line(tmp_path: Path, member: str, text: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(zipped({**members(written()), member: text}))

    assert refusal(tmp_path / "a.xlsx") == NO_WORKBOOK


def test_a_damaged_file_is_read_or_one_line(tmp_path: Path) -> None:
    """A hundred of them, cut or with other bytes in places."""
    rng, found, path = random.Random(5), Counter[str](), tmp_path / "a.xlsx"
    for _ in range(100):
        content = bytearray(written())
        for _ in range(rng.choice([1, 5, 30])):
            content[rng.randrange(len(content))] = rng.randrange(256)
        path.write_bytes(content[: rng.choice([len(content), rng.randrange(len(content))])])
        try:
            read_xlsx(path)
            found["read"] += 1
        except AuditError as error:
            found[str(error)[:46]] += 1

    assert found["read"] + found[NO_WORKBOOK] == 100
    assert found[NO_WORKBOOK] > 50


def test_a_workbook_of_a_program_with_ways_of_its_own_is_read_quietly(tmp_path: Path) -> None:
    """Without styles, as some write it: no word of a library about it."""
    bare = {name: re.sub(rb' s="[0-9]+"', b"", text) for name, text in members(written()).items() if name != "xl/styles.xml"}
    bare["[Content_Types].xml"] = bare["[Content_Types].xml"].replace(b"xl/styles.xml", b"xl/other.xml")
    (tmp_path / "a.xlsx").write_bytes(zipped(bare))

    assert len(read_xlsx(tmp_path / "a.xlsx")[1]) == 18


def test_a_workbook_without_the_sheet_names_those_that_it_has(tmp_path: Path) -> None:
    """Somebody has sent another one."""
    book = Workbook()
    book.create_sheet("Tabelle 2")
    book.save(tmp_path / "a.xlsx")

    assert refusal(tmp_path / "a.xlsx") == "it has no sheet 'Audit', only Sheet, Tabelle 2"


def test_a_sheet_without_its_instructions_has_no_name(path: Path) -> None:
    """Answers are read all the same."""
    fill_xlsx(path, answers_to(AUDIT, rater=""))
    book = load_workbook(path)
    del book["Instructions"]
    book.save(path)

    assert read_back(path) == answers_to(AUDIT, rater="")
