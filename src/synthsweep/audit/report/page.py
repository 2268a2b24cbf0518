"""The report of an audit: a page that shows texts and stays here, and tables and pictures without a text for a tracker."""

import csv
import io
from pathlib import Path
from typing import Any

from synthsweep.audit.report.disputed import disputed
from synthsweep.audit.report.figures import figure_files, named_pictures
from synthsweep.audit.report.headline import headline
from synthsweep.audit.report.tables import (
    COLUMNS,
    agreement_table,
    cells_table,
    controls_table,
    named,
    omitted_table,
    parts_table,
    progress_table,
    records,
)
from synthsweep.audit.stats.findings import Findings
from synthsweep.errors import ReportError
from synthsweep.pages.files import place
from synthsweep.pages.page import DEMO_NOTE, rendered

FILE = "report.html"
PRIVATE = (
    "This page shows texts of the pools and of the real training part, and what raters wrote, so it stays on this machine: it "
    "is not logged to MLflow. It says which LLM wrote what: whoever is still to judge must not read it."
)


def write_report(found: Findings, folder: Path, *, command: str = "", demo: bool = False) -> Path:
    """Writes `report.html` and returns its path; it appears whole or not at all. `command` makes it again.

    Raises:
        ReportError: the folder does not take it.
    """
    page = render(found, command=command, demo=demo).encode("utf-8", errors="replace")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place(folder / FILE, page)
    except OSError as error:
        raise ReportError(f"{folder}: the report cannot be written: {error.strerror or error}") from error
    return folder / FILE


def write_tracked(found: Findings, folder: Path) -> None:
    """Writes `tables/*.csv` and `figures/*.svg` and `*.png`; no text and no note is in any of them.

    Raises:
        ReportError: the folder does not take them.
    """
    files = {f"tables/{name}.csv": _csv(COLUMNS[name], rows) for name, rows in records(found).items()}
    files |= {f"figures/{name}": content for name, content in figure_files(found).items()}
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            place(path, content)
    except OSError as error:
        raise ReportError(f"{folder}: tables and figures cannot be written: {error.strerror or error}") from error


def _csv(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", errors="replace")


def render(found: Findings, *, command: str = "", demo: bool = False) -> str:
    """The page as text."""
    return rendered("audit/report", "report.html.j2", _values(found) | {"command": command, "demo": DEMO_NOTE if demo else ""})


def _values(found: Findings) -> dict[str, Any]:
    return {
        "found": found,
        # No line ends before its sign.
        "headline": [sentence.replace(" %", "\N{NO-BREAK SPACE}%") for sentence in headline(found)],
        "private": PRIVATE,
        "parts": parts_table(found),
        "cells": cells_table(found),
        "omitted": omitted_table(found),
        "agreement": agreement_table(found),
        "controls": controls_table(found),
        "progress": progress_table(found),
        "drawn": named_pictures(found),
        "disputed": disputed(found),
        "named": named,
        "settings": _settings(found),
    }


def _settings(found: Findings) -> tuple[tuple[str, str], ...]:
    audit = found.audit
    kinds = ", ".join(f"{len(of)} {kind}" for kind in ("sample", "real", "planted") if (of := audit.of_kind(kind)))
    return (
        ("Audit", audit.name),
        ("Seed", str(audit.seed)),
        ("Items", kinds),
        ("Digest of the items", audit.digest[:16]),
        *(("Pool", " ".join(words)) for words in audit.pools if words),
    )
