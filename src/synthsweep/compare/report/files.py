"""The files next to a report: pictures as PNG and PDF, tables as CSV and LaTeX."""

from collections.abc import Iterable
from pathlib import Path

from synthsweep.compare.report.records import columns_of, records
from synthsweep.compare.result.comparison import Comparison
from synthsweep.pages.pictures.picture import Picture
from synthsweep.pages.tables.csv_file import csv_bytes
from synthsweep.pages.tables.latex import latex
from synthsweep.pages.tables.table import Table
from synthsweep.storage.files import write_whole

KINDS = {"figures": ("png", "pdf"), "tables": ("csv", "tex")}


def write_figures(pictures: Iterable[Picture], folder: Path) -> set[Path]:
    """Writes `NAME.png` and `NAME.pdf` of each picture, and returns the paths."""
    files = {folder / f"{picture.name}.{kind}": picture.file(kind) for picture in pictures for kind in KINDS["figures"]}
    return _write(files, folder)


def write_tables(answer: Comparison, shown: Iterable[Table], folder: Path) -> set[Path]:
    """Writes the values of the comparison as `NAME.csv`, the tables of the page as `NAME.tex`, and returns the paths."""
    files = {folder / f"{name}.csv": csv_bytes(columns_of(rows), rows) for name, rows in records(answer).items()}
    files |= {folder / f"{table.name}.tex": latex(table).encode() for table in shown}
    return _write(files, folder)


def _write(files: dict[Path, bytes], folder: Path) -> set[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        write_whole(path, content)
    return set(files)


def remove_others(folder: Path, written: set[Path]) -> None:
    """Removes the pictures and tables of an earlier report in the same folder; other files stay."""
    for name, kinds in KINDS.items():
        for kind in kinds:
            for path in set((folder / name).glob(f"*.{kind}")) - written:
                path.unlink()
