"""Sheets for a spreadsheet program: drop-downs where an answer goes, a page of instructions, and the rest locked."""

import io
import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthsweep.audit.items import VERDICTS, Audit, Item
from synthsweep.audit.sheets.rows import (
    ASKED,
    ID,
    INSTRUCTIONS,
    NOTE,
    TEXT,
    VERDICT,
    YES,
    Row,
    asked_cells,
    bearable,
    heads,
    table_of,
)
from synthsweep.errors import AuditError
from synthsweep.pages.files import write_whole

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SHEET, GUIDE = "Audit", "Instructions"
NAME_CELL = "B3"
# Excel holds no more in a cell.
LONGEST_CELL = 32_767
GUIDE_WIDTHS = (36, 90)
# Points.
LINE = 15
WIDTHS = {ID: 11, TEXT: 62, "criterion": 22, "what it means": 46, VERDICT: 11, NOTE: 30}


def write_xlsx(audit: Audit, path: Path) -> None:
    """A sheet to fill and one that says how; the file appears whole or not at all.

    Raises:
        AuditError: a text is longer than a cell can hold.
    """
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.title = SHEET
    _fill(sheet, audit)
    _dress(sheet, audit)
    _guide(book.create_sheet(GUIDE, 0), audit)
    # It asks for the name, and says what to do.
    book.active = 0
    content = io.BytesIO()
    book.save(content)
    write_whole(path, content.getvalue())


def read_xlsx(path: Path) -> tuple[list[str], list[Row], str]:
    """Heads, rows, and the name on the page of instructions, empty where there is none.

    Raises:
        AuditError: it is no workbook, or has no sheet of an audit.
    """
    from openpyxl import load_workbook

    content = path.read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), data_only=True)
    except Exception as error:  # of a damaged file it raises what comes: zlib.error, ParseError, IndexError, ...
        raise AuditError("it cannot be read as an Excel workbook (.xlsx)") from error
    if SHEET not in book.sheetnames:
        raise AuditError(f"it has no sheet {SHEET!r}, only {', '.join(book.sheetnames)}")
    head, rows = table_of([[_text(cell) for cell in line] for line in book[SHEET].iter_rows(values_only=True)])
    return head, rows, _text(book[GUIDE][NAME_CELL].value) if GUIDE in book.sheetnames else ""


def _fill(sheet: "Worksheet", audit: Audit) -> None:
    sheet.append(list(heads(audit)))
    for number, item in enumerate(audit.items, start=2):
        for place_, cell in enumerate(asked_cells(audit, item), start=1):
            if len(cell) > LONGEST_CELL:
                raise AuditError(
                    f"{item.example}: its text has {len(cell)} letters, a cell holds {LONGEST_CELL}: audit.format=csv"
                )
            # Text, whatever it looks like: a leading = makes no formula of it.
            written = sheet.cell(number, place_, cell)
            written.data_type = "s"


def _dress(sheet: "Worksheet", audit: Audit) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    names, last, below = heads(audit), len(audit.items) + 1, Border(bottom=Side("thin", "D9DDE2"))
    for place_, head in enumerate(names, start=1):
        letter = get_column_letter(place_)
        sheet.column_dimensions[letter].width = WIDTHS.get(head, 8)
        sheet[f"{letter}1"].font = Font(bold=True)
        sheet[f"{letter}1"].alignment = Alignment(wrap_text=True, vertical="bottom")
        if head not in ASKED and head != NOTE:
            words = VERDICTS if head == VERDICT else (YES,)
            rule = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=True)
            rule.error = f"Please choose {', '.join(words)} or leave the cell empty."
            rule.add(f"{letter}2:{letter}{last}")
            sheet.add_data_validation(rule)
        for number in range(2, last + 1):
            cell = sheet[f"{letter}{number}"]
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = below
            if head not in ASKED:
                cell.protection = Protection(locked=False)
                cell.fill = PatternFill("solid", fgColor="FFF9E5")
    for number, item in enumerate(audit.items, start=2):
        sheet.row_dimensions[number].height = LINE * _lines(audit, item)
    sheet.freeze_panes = "C2"
    # No password: it is there against slips.
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    _landscape(sheet)
    sheet.print_title_rows = "1:1"


def _lines(audit: Audit, item: Item) -> int:
    """How many lines a row takes: not every program makes room for what is wrapped."""
    cells = zip(ASKED, asked_cells(audit, item), strict=True)
    return max(_wrapped(cell, WIDTHS[head]) for head, cell in cells)


def _wrapped(cell: str, width: float) -> int:
    return sum(max(1, math.ceil(len(line) / (0.9 * width))) for line in cell.split("\n"))


def _guide(sheet: "Worksheet", audit: Audit) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    verdicts = f"{SHEET}!{chr(ord('A') + len(ASKED))}2:{chr(ord('A') + len(ASKED))}{len(audit.items) + 1}"
    lines: list[tuple[Any, Any]] = [
        (f"{len(audit.items)} texts to judge", ""),
        ("", ""),
        ("Your name:", ""),
        ("Answered:", f"=COUNTA({verdicts})"),
        ("", ""),
        *((line, "") for line in INSTRUCTIONS),
        ("", ""),
        *((bearable(one.title), bearable(one.description)) for one in audit.labels.criteria),
    ]
    for line in lines:
        sheet.append(line)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = GUIDE_WIDTHS
    for number in range(1, len(lines) + 1):
        for letter in "AB":
            sheet[f"{letter}{number}"].alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[number].height = LINE * max(map(_wrapped, map(str, lines[number - 1]), GUIDE_WIDTHS))
    for number in range(6, 6 + len(INSTRUCTIONS)):
        sheet.merge_cells(f"A{number}:B{number}")
        sheet.row_dimensions[number].height = LINE * _wrapped(lines[number - 1][0], sum(GUIDE_WIDTHS))
    _landscape(sheet)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.row_dimensions[1].height = 2 * LINE
    sheet["B4"].alignment = Alignment(horizontal="left")
    sheet[NAME_CELL].fill = PatternFill("solid", fgColor="FFF9E5")


def _landscape(sheet: "Worksheet") -> None:
    """On paper as wide as a page, and as long as it is."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _text(value: object) -> str:
    return "" if value is None else str(value)
