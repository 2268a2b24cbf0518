"""Sheets of any format: where they are written, and how filled ones are read."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from synthsweep.audit.items import Answer, Audit, rater_name
from synthsweep.audit.sheets.csv_file import read_csv, write_csv
from synthsweep.audit.sheets.label_studio import UNNAMED, interface_path, read_export, write_tasks
from synthsweep.audit.sheets.rows import Row, read_rows
from synthsweep.audit.sheets.xlsx_file import read_xlsx, write_xlsx
from synthsweep.config.audit import AuditSettings
from synthsweep.errors import AuditError, ReportError

NAMES = {"xlsx": "sheet.xlsx", "csv": "sheet.csv", "label_studio": "tasks.json"}
SUFFIXES = {".xlsx": "xlsx", ".csv": "csv", ".json": "label_studio"}
WRITERS = {"xlsx": write_xlsx, "csv": write_csv, "label_studio": write_tasks}
Sheet = tuple[str, Sequence[str], Sequence[Row]]
"""Who answered, the heads, and the rows."""


def sheet_path(folder: Path, settings: AuditSettings) -> Path:
    """Where the sheet goes: `audit.path`, or the audit's folder.

    Raises:
        AuditError: the file's name says another format than `audit.format`, or none.
    """
    if settings.path is None:
        return folder / NAMES[settings.format or "xlsx"]
    path = Path(settings.path).expanduser()
    message = SUFFIXES.get(path.suffix.lower())
    if message is None or settings.format not in {None, message}:
        wanted = [suffix for suffix, name in SUFFIXES.items() if settings.format in {None, name}]
        raise AuditError(f"audit.path must end in {' or '.join(wanted)}, got {path.name}")
    return path


def write_sheet(audit: Audit, path: Path) -> bool:
    """Writes the sheet, and says whether it did: a file that is there stays as it is, for it may hold answers.

    Raises:
        ReportError: it cannot be written.
    """
    try:
        # Label Studio's interface is a second file, which may be somebody else's.
        if path.exists() or (path.suffix.lower() == ".json" and interface_path(path).exists()):
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        WRITERS[SUFFIXES[path.suffix.lower()]](audit, path)
    except OSError as error:
        raise ReportError(f"{path}: the sheet cannot be written: {error.strerror or error}") from error
    return True


def read_sheets(audit: Audit, paths: Sequence[str], raters: Sequence[str], *, partial: bool) -> list[Answer]:
    """The answers of all sheets; `raters`, if any, are in the order of `paths`.

    Raises:
        AuditError: a sheet cannot be read, or does not fit the audit; its message begins with the file.
    """
    found: dict[tuple[str, str], tuple[Answer, str]] = {}
    for place, given in enumerate(paths):
        path = Path(given).expanduser()
        try:
            for rater, heads, rows in _opened(path, audit, raters[place] if raters else ""):
                for answer in read_rows(audit, rows, heads, rater, partial=partial):
                    _once(found, answer, path.name)
        except AuditError as error:
            raise AuditError(f"{path.name}: {error}") from error
    return [answer for answer, _ in found.values()]


def _opened(path: Path, audit: Audit, rater: str) -> list[Sheet]:
    try:
        kind = SUFFIXES.get(path.suffix.lower())
        if kind == "xlsx":
            heads, rows, named = read_xlsx(path)
            return [(_named(rater or named, "write it on the page Instructions, or set audit.rater=NAME"), heads, rows)]
        if kind == "csv":
            heads, rows = read_csv(path)
            return [(_named(rater, "set audit.rater=NAME"), heads, rows)]
        if kind == "label_studio":
            exported = read_export(path, audit)
            if rater and len(exported) > 1:
                raise AuditError(f"audit.rater={rater}, but it has answers of {', '.join(exported)}: leave audit.rater out")
            nobody = next((own for own in exported if own.isdecimal() or own == UNNAMED), None)
            if nobody and not rater:
                raise AuditError(f"Label Studio calls who answered {nobody}: set audit.rater=NAME")
            return [(rater_name(rater or own), heads, rows) for own, (heads, rows) in exported.items()]
    except FileNotFoundError:
        raise AuditError("there is no such file: audit.path") from None
    except OSError as error:
        raise AuditError(f"it cannot be read: {error.strerror or error}") from error
    raise AuditError(f"audit.path must end in {', '.join(SUFFIXES)}: save the sheet as one of these")


def _named(rater: str, way: str) -> str:
    if not rater.strip():
        raise AuditError(f"nobody knows who answered: {way}")
    return rater_name(rater)


def _once(found: dict[tuple[str, str], tuple[Answer, str]], answer: Answer, file: str) -> None:
    key = (answer.item, answer.rater.casefold())
    there = found.get(key)
    if there is not None and replace(there[0], rater=answer.rater) != answer:
        raise AuditError(f"{answer.rater} answers {answer.item} here, and otherwise in {there[1]}: leave one of the two out")
    found[key] = (answer, file)
