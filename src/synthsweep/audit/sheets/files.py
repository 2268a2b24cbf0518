"""Sheets of any format: chooses their path, writes them, and reads answers from filled ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from synthsweep.audit.items import Answer, Audit, rater_name
from synthsweep.audit.sheets.csv_file import read_csv, write_csv
from synthsweep.audit.sheets.label_studio import UNNAMED, interface_path, read_export, write_tasks
from synthsweep.audit.sheets.rows import Row, read_rows
from synthsweep.audit.sheets.xlsx_file import read_xlsx, write_xlsx
from synthsweep.config.keys.audit import AuditSettings
from synthsweep.errors import AuditError, ReportError
from synthsweep.storage.paths import named_path
from synthsweep.storage.private import make_private_folder

NAMES = {"xlsx": "sheet.xlsx", "csv": "sheet.csv", "label_studio": "tasks.json"}
SUFFIXES = {".xlsx": "xlsx", ".csv": "csv", ".json": "label_studio"}
WRITERS = {"xlsx": write_xlsx, "csv": write_csv, "label_studio": write_tasks}
Sheet = tuple[str, Sequence[str], Sequence[Row]]
"""Rater, columns and rows."""


def sheet_path(folder: Path, settings: AuditSettings) -> Path:
    """The file of the sheet: `audit.path`, or one in the audit's folder.

    Raises:
        AuditError: the suffix is unknown or does not match `audit.format`.
    """
    if settings.path is None:
        return folder / NAMES[settings.format or "xlsx"]
    path = named_path(settings.path)
    by_suffix = SUFFIXES.get(path.suffix.lower())
    if by_suffix is None or settings.format not in {None, by_suffix}:
        wanted = [suffix for suffix, name in SUFFIXES.items() if settings.format in {None, name}]
        raise AuditError(f"audit.path must end in {' or '.join(wanted)}, got {path.name}")
    return path


def write_sheet(audit: Audit, path: Path) -> bool:
    """Writes the sheet and returns True; leaves an existing file, which may hold answers, and returns False.

    Raises:
        ReportError: the sheet cannot be written.
    """
    try:
        # Label Studio's interface is a second file, which may belong to another project.
        if path.exists() or (path.suffix.lower() == ".json" and interface_path(path).exists()):
            return False
        make_private_folder(path.parent)
        WRITERS[SUFFIXES[path.suffix.lower()]](audit, path)
    except OSError as error:
        raise ReportError(f"{path}: the sheet cannot be written: {error.strerror or error}") from error
    return True


def read_sheets(audit: Audit, paths: Sequence[str], raters: Sequence[str], *, partial: bool) -> list[Answer]:
    """The answers of all sheets; `raters`, if any, are in the order of `paths`.

    Raises:
        AuditError: a sheet cannot be read or does not match the audit; the message begins with the file's name.
    """
    answers: dict[tuple[str, str], tuple[Answer, str]] = {}
    for index, given in enumerate(paths):
        path = named_path(given)
        try:
            for rater, columns, rows in _read_file(path, audit, raters[index] if raters else ""):
                for answer in read_rows(audit, rows, columns, rater, partial=partial):
                    _add_answer(answers, answer, path.name)
        except AuditError as error:
            raise AuditError(f"{path.name}: {error}") from error
    return [answer for answer, _ in answers.values()]


def _read_file(path: Path, audit: Audit, rater: str) -> list[Sheet]:
    try:
        kind = SUFFIXES.get(path.suffix.lower())
        if kind == "xlsx":
            columns, rows, name = read_xlsx(path)
            return [
                (_require_rater(rater or name, "write it on the page Instructions, or set audit.rater=NAME"), columns, rows)
            ]
        if kind == "csv":
            columns, rows = read_csv(path)
            return [(_require_rater(rater, "set audit.rater=NAME"), columns, rows)]
        if kind == "label_studio":
            return _sheet_per_rater(read_export(path, audit), rater)
    except FileNotFoundError:
        raise AuditError("there is no such file: audit.path") from None
    except OSError as error:
        raise AuditError(f"it cannot be read: {error.strerror or error}") from error
    raise AuditError(f"audit.path must end in {', '.join(SUFFIXES)}: save the sheet as one of these")


def _sheet_per_rater(exported: Mapping[str, tuple[list[str], list[Row]]], rater: str) -> list[Sheet]:
    if rater and len(exported) > 1:
        raise AuditError(f"audit.rater={rater}, but it has answers of {', '.join(exported)}: leave audit.rater out")
    nameless = next((name for name in exported if name.isdecimal() or name == UNNAMED), None)
    if nameless and not rater:
        raise AuditError(f"Label Studio calls the rater {nameless}: set audit.rater=NAME")
    return [(rater_name(rater or name), columns, rows) for name, (columns, rows) in exported.items()]


def _require_rater(rater: str, way_out: str) -> str:
    if not rater.strip():
        raise AuditError(f"it does not say who answered: {way_out}")
    return rater_name(rater)


def _add_answer(answers: dict[tuple[str, str], tuple[Answer, str]], answer: Answer, file: str) -> None:
    """Adds an answer and its file; refuses an answer that contradicts another file."""
    key = (answer.item, answer.rater.casefold())
    earlier = answers.get(key)
    if earlier is not None and replace(earlier[0], rater=answer.rater) != answer:
        raise AuditError(f"{answer.rater} answers {answer.item} here, and otherwise in {earlier[1]}: leave one of the two out")
    answers[key] = (answer, file)
