"""Sheets for spreadsheet programs: drop-downs for the answers, everything else locked, and a page of instructions."""

import io
import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthsweep.audit.items import VERDICTS, Audit, Item
from synthsweep.audit.sheets.rows import (
    ID,
    INSTRUCTIONS,
    NOTE,
    QUESTION_COLUMNS,
    TEXT,
    VERDICT,
    YES,
    Row,
    columns_of,
    instructions,
    parse_table,
    question_cells,
    storable,
)
from synthsweep.errors import AuditError
from synthsweep.storage.files import write_private

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SHEET, GUIDE = "Audit", "Instructions"
NAME_CELL = "B3"
# Excel's limit.
LONGEST_CELL = 32_767
GUIDE_WIDTHS = (36, 90)
ANSWER_COLOUR = "FFF9E5"
# Height of a line, in points.
LINE = 15
WIDTHS = {ID: 11, TEXT: 62, "criterion": 22, "what it means": 46, VERDICT: 11, NOTE: 30}


def write_xlsx(audit: Audit, path: Path) -> None:
    """Writes a sheet to fill in and a page of instructions; the file is written completely or not at all.

    Raises:
        AuditError: a text is too long for a cell.
    """
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.title = SHEET
    _write_rows(sheet, audit)
    _format_sheet(sheet, audit)
    _write_instructions(book.create_sheet(GUIDE, 0), audit)
    # The workbook opens with the instructions, which ask for the name.
    book.active = 0
    content = io.BytesIO()
    book.save(content)
    write_private(path, content.getvalue())


def read_xlsx(path: Path) -> tuple[list[str], list[Row], str]:
    """Columns, rows, and the rater's name on the page of instructions, empty if missing.

    Raises:
        AuditError: the file is not a workbook, or has no sheet of an audit.
    """
    from openpyxl import load_workbook

    content = path.read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), data_only=True)
    except Exception as error:  # a damaged file can raise anything: zlib.error, ParseError, IndexError, ...
        raise AuditError("it cannot be read as an Excel workbook (.xlsx)") from error
    if SHEET not in book.sheetnames:
        raise AuditError(f"it has no sheet {SHEET!r}, only {', '.join(book.sheetnames)}")
    columns, rows = parse_table([[_text(cell) for cell in line] for line in book[SHEET].iter_rows(values_only=True)])
    return columns, rows, _text(book[GUIDE][NAME_CELL].value) if GUIDE in book.sheetnames else ""


def _write_rows(sheet: "Worksheet", audit: Audit) -> None:
    sheet.append(list(columns_of(audit)))
    for row, item in enumerate(audit.items, start=2):
        for column, text in enumerate(question_cells(audit, item), start=1):
            if len(text) > LONGEST_CELL:
                raise AuditError(
                    f"{item.example}: its text has {len(text)} letters, a cell holds {LONGEST_CELL}: audit.format=csv"
                )
            # Always text: a leading = must not become a formula.
            sheet.cell(row, column, text).data_type = "s"


def _format_sheet(sheet: "Worksheet", audit: Audit) -> None:
    last_row = len(audit.items) + 1
    for place_, column in enumerate(columns_of(audit), start=1):
        _format_column(sheet, place_, column, last_row)
    for row, item in enumerate(audit.items, start=2):
        sheet.row_dimensions[row].height = LINE * _lines_of_row(audit, item)
    sheet.freeze_panes = "C2"
    # No password: the lock only prevents accidental changes.
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    _print_landscape(sheet)
    sheet.print_title_rows = "1:1"


def _format_column(sheet: "Worksheet", place_: int, column: str, last_row: int) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
    from openpyxl.utils import get_column_letter

    letter, below = get_column_letter(place_), Border(bottom=Side("thin", "D9DDE2"))
    sheet.column_dimensions[letter].width = WIDTHS.get(column, 8)
    sheet[f"{letter}1"].font = Font(bold=True)
    sheet[f"{letter}1"].alignment = Alignment(wrap_text=True, vertical="bottom")
    if column not in QUESTION_COLUMNS and column != NOTE:
        _add_drop_down(sheet, f"{letter}2:{letter}{last_row}", VERDICTS if column == VERDICT else (YES,))
    for row in range(2, last_row + 1):
        cell = sheet[f"{letter}{row}"]
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.border = below
        if column not in QUESTION_COLUMNS:
            cell.protection = Protection(locked=False)
            cell.fill = PatternFill("solid", fgColor=ANSWER_COLOUR)


def _add_drop_down(sheet: "Worksheet", cells: str, words: Sequence[str]) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=True)
    rule.error = f"Please choose {', '.join(words)} or leave the cell empty."
    rule.add(cells)
    sheet.add_data_validation(rule)


def _lines_of_row(audit: Audit, item: Item) -> int:
    """How many lines a row needs: not every program makes rows higher for wrapped text."""
    cells = zip(QUESTION_COLUMNS, question_cells(audit, item), strict=True)
    return max(_wrapped_lines(cell, WIDTHS[column]) for column, cell in cells)


def _wrapped_lines(cell: str, width: float) -> int:
    return sum(max(1, math.ceil(len(line) / (0.9 * width))) for line in cell.split("\n"))


def _write_instructions(sheet: "Worksheet", audit: Audit) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    lines = _instructions(audit)
    for line in lines:
        sheet.append(line)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = GUIDE_WIDTHS
    for row, line in enumerate(lines, start=1):
        for letter in "AB":
            sheet[f"{letter}{row}"].alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = LINE * max(map(_wrapped_lines, map(str, line), GUIDE_WIDTHS))
    for row in range(6, 6 + len(INSTRUCTIONS)):
        sheet.merge_cells(f"A{row}:B{row}")
        sheet.row_dimensions[row].height = LINE * _wrapped_lines(lines[row - 1][0], sum(GUIDE_WIDTHS))
    _print_landscape(sheet)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.row_dimensions[1].height = 2 * LINE
    sheet["B4"].alignment = Alignment(horizontal="left")
    sheet[NAME_CELL].fill = PatternFill("solid", fgColor=ANSWER_COLOUR)


def _instructions(audit: Audit) -> list[tuple[str, str]]:
    """The two columns of the page; raters write their name next to the third line."""
    letter = chr(ord("A") + len(QUESTION_COLUMNS))
    verdicts = f"{SHEET}!{letter}2:{letter}{len(audit.items) + 1}"
    return [
        (f"{len(audit.items)} texts to judge", ""),
        ("", ""),
        ("Your name:", ""),
        ("Answered:", f"=COUNTA({verdicts})"),
        ("", ""),
        *((line, "") for line in instructions(audit.labels)),
        ("", ""),
        *((storable(one.title), storable(one.description)) for one in audit.labels.criteria),
    ]


def _print_landscape(sheet: "Worksheet") -> None:
    """Prints the sheet one page wide, on as many pages as needed."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _text(value: object) -> str:
    return "" if value is None else str(value)
