"""Writes the report: a page with texts, which stays on this machine, and tables and pictures without texts for a tracker."""

from pathlib import Path
from typing import Any

from synthsweep.audit.report.disputed import disputed
from synthsweep.audit.report.figures import pictures
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
from synthsweep.pages.page import DEMO_NOTE, rendered
from synthsweep.pages.tables.csv_file import csv_bytes
from synthsweep.storage.files import write_private
from synthsweep.storage.private import make_private_folder

FILE = "report.html"
KINDS = ("svg", "png")
PRIVATE = (
    "This page shows texts of the pools and of the real training part, and what raters wrote, so it stays on this machine: it "
    "is not logged to MLflow. It says which LLM wrote what: a rater who has not finished must not read it."
)


def write_report(findings: Findings, folder: Path, *, command: str = "", demo: bool = False) -> Path:
    """Writes `report.html` completely or not at all, and returns its path; `command` makes it again.

    Raises:
        ReportError: the folder cannot be written to.
    """
    page = render(findings, command=command, demo=demo).encode("utf-8", errors="replace")
    try:
        make_private_folder(folder)
        write_private(folder / FILE, page)
    except OSError as error:
        raise ReportError(f"{folder}: the report cannot be written: {error.strerror or error}") from error
    return folder / FILE


def write_tracked(findings: Findings, folder: Path) -> None:
    """Writes `tables/*.csv` and `figures/*.svg` and `*.png`; no text and no note is in any of them.

    Raises:
        ReportError: the folder cannot be written to.
    """
    files = {f"tables/{name}.csv": csv_bytes(COLUMNS[name], rows) for name, rows in records(findings).items()}
    files |= {f"figures/{one.name}.{kind}": one.file(kind) for one in pictures(findings) for kind in KINDS}
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_private(path, content)
    except OSError as error:
        raise ReportError(f"{folder}: tables and figures cannot be written: {error.strerror or error}") from error


def render(findings: Findings, *, command: str = "", demo: bool = False) -> str:
    """The page as text."""
    return rendered(
        "audit/report", "report.html.j2", _values(findings) | {"command": command, "demo": DEMO_NOTE if demo else ""}
    )


def _values(findings: Findings) -> dict[str, Any]:
    return {
        "findings": findings,
        # Keeps each number and its % on one line.
        "headline": [sentence.replace(" %", "\N{NO-BREAK SPACE}%") for sentence in headline(findings)],
        "warnings": (PRIVATE,),
        "parts": parts_table(findings),
        "cells": cells_table(findings),
        "omitted": omitted_table(findings),
        "agreement": agreement_table(findings),
        "controls": controls_table(findings),
        "progress": progress_table(findings),
        "pictures": {one.name: one for one in pictures(findings)},
        "disputed": disputed(findings),
        "named": named,
        "settings": _settings(findings),
    }


def _settings(findings: Findings) -> tuple[tuple[str, str], ...]:
    audit = findings.audit
    kinds = ", ".join(f"{len(of)} {kind}" for kind in ("sample", "real", "planted") if (of := audit.of_kind(kind)))
    return (
        ("Audit", audit.name),
        ("Seed", str(audit.seed)),
        ("Items", kinds),
        ("Digest of the items", audit.digest[:16]),
        *(("Pool", " ".join(words)) for words in audit.pools if words),
    )
