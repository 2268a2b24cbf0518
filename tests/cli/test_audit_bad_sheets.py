"""Sheets that do not fit their audit, through `synthsweep audit import`: one line each, and nothing of them is kept."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from support import audits
from support.builders import Answer as Said
from support.filled_sheets import answers_to, fill_csv, fill_xlsx
from synthsweep.audit.folder import open_answers, read_audit, write_audit
from synthsweep.audit.sheets.csv_file import write_csv
from synthsweep.audit.sheets.xlsx_file import write_xlsx

FOLDER = Path("mlruns/audit/default")
SHEET = FOLDER / "sheet.csv"
Lines = list[list[str]]


def edited(change: Callable[[Lines], Any]) -> Path:
    """The filled CSV with a change to its lines, the heads first."""
    with SHEET.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    change(lines)
    with SHEET.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(lines)
    return SHEET


def cell(row: int, head: str, text: str) -> Callable[[], Path]:
    """A word in place of what stands in a row; the heads are row 1."""

    def change(lines: Lines) -> None:
        lines[row - 1][lines[0].index(head)] = text

    return lambda: edited(change)


def own_criterion_marked() -> Path:
    def change(lines: Lines) -> None:
        heads, first = lines[0], lines[1]
        first[heads.index("verdict")] = "wrong"
        first[heads.index(f"shows {first[heads.index('criterion')].split()[0]}")] = "yes"

    return edited(change)


def another_audits() -> Path:
    def change(lines: Lines) -> None:
        for line in lines[1:]:
            line[0] = line[0][::-1]

    return edited(change)


def written(name: str, content: bytes) -> Callable[[], Path]:
    def write() -> Path:
        Path(name).write_bytes(content)
        return Path(name)

    return write


def workbook_without_its_sheet() -> Path:
    book = load_workbook(FOLDER / "sheet.xlsx")
    del book["Audit"]
    book.save("sheet.xlsx")
    return Path("sheet.xlsx")


def nameless_workbook() -> Path:
    fill_xlsx(FOLDER / "sheet.xlsx", answers_to(read_audit(FOLDER)))
    return FOLDER / "sheet.xlsx"


NO_TABLE = json.dumps([{"id": 1, "text": "JSON-MIN", "verdict": "right"}]).encode()
BAD: dict[str, tuple[Callable[[], Path], str]] = {
    "rows are missing": (lambda: edited(lambda lines: lines.pop()), "1 of 7 rows are missing ("),
    "an id is unknown": (cell(3, "id", "t0000000"), "there is no item with the id 't0000000' in row 3: ids stay as they were"),
    "another audit's": (another_audits, "none of its 7 ids is one of this audit: is it the sheet of another one"),
    "a text is changed": (cell(4, "text", "Something else."), "row 4 with another text than was exported"),
    "a criterion is changed": (cell(4, "criterion", "C9 None"), "row 4 with another criterion than was exported"),
    "an item twice": (lambda: edited(lambda lines: lines.append(lines[1])), "rows 2, 9 answering one item twice for Anna"),
    "a column is missing": (cell(1, "verdict", "my view"), "the column 'verdict' is missing: the first row stays"),
    "no verdict": (cell(5, "verdict", " "), "row 5 without a verdict (right, wrong, unsure); audit.partial=true"),
    "no such verdict": (cell(5, "verdict", "maybe"), "row 5: verdict must be right, wrong, unsure, got 'maybe'"),
    "no such mark": (cell(6, "shows B2", "perhaps"), "row 6: 'shows B2' must be yes or empty, got 'perhaps'"),
    "a contradiction": (own_criterion_marked, "row 2: verdict is wrong, and yet "),
    "too long a note": (cell(7, "note", "x" * 2001), "row 7: note must be at most 2000 letters, got 2001"),
    "an empty file": (written("empty.csv", b""), "it is empty"),
    "no workbook": (written("sheet.xlsx", b"PK no zip"), "it cannot be read as an Excel workbook (.xlsx)"),
    "no such sheet": (workbook_without_its_sheet, "it has no sheet 'Audit', only Instructions"),
    "nobody's": (nameless_workbook, "it does not say who answered: write it on the page Instructions, or set audit.rater=NAME"),
    "no export": (written("min.json", NO_TABLE), "it is not an export of Label Studio with tasks and annotations"),
    "no such file": (lambda: Path("gone.csv"), "there is no such file: audit.path"),
    "another format": (
        written("sheet.ods", b"PK"),
        "audit.path must end in .xlsx, .csv, .json: save the sheet as one of these",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_sheet_is_one_line_and_nothing_of_it_is_kept(cli: Callable[..., Said], kind: str) -> None:
    """It names the file, what is wrong where, and what to do; what was answered before stays."""
    audit = audits.small(7)
    write_audit(audit, FOLDER)
    write_csv(audit, SHEET)
    write_xlsx(audit, FOLDER / "sheet.xlsx")
    fill_csv(SHEET, answers_to(audit))
    kept = [*answers_to(audit, rater="Zoe").values()][:1]
    open_answers(FOLDER).add(kept)
    make, said = BAD[kind]
    sheet = make()
    rater = ["audit.rater=Anna"] if sheet.suffix == ".csv" else []

    answer = cli("audit", "import", f"audit.path={sheet}", *rater)

    assert (answer.status, answer.out, len(answer.err)) == (2, "", 1)
    assert answer.err[0].startswith(f"synthsweep: {sheet.name}: {said}")
    assert open_answers(FOLDER).all() == kept
    assert not Path("mlruns/mlflow.db").exists()
