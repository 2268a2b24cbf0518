"""The reports of a study: a folder per question, and an index page of all of them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from synthsweep.compare.report.files import KINDS
from synthsweep.compare.report.page import PAGE, write_report
from synthsweep.compare.report.question import ReportQuestion
from synthsweep.compare.result.comparison import Comparison
from synthsweep.pages.page import rendered
from synthsweep.storage.files import write_whole

INDEX, QUESTION = "index.html", "question.json"
USUAL_TEXT = "the usual question: every setting at its default"
EARLIER_TEXT = "not noted: an earlier version wrote this report"


@dataclass(frozen=True)
class KeptReport:
    """A report that lies in the folder of its study; `place` leads from there to its page, `made` is empty if not known."""

    place: str
    asked: str
    made: str
    headline: str


def write_answer(answer: Comparison, question: ReportQuestion, reports: Path) -> tuple[Path, Path]:
    """Writes the report of a question below the folder of all reports, and its study's index; returns page and index.

    The report of any other question stays as it is.
    """
    folder = question.folder(reports)
    page = write_report(answer, folder, question.text, f"../{INDEX}" if question.differs else INDEX)
    noted = {
        "studies": question.studies,
        "asked": question.text or USUAL_TEXT,
        "made": answer.provenance.made,
        "headline": answer.verdict or next(iter(answer.headline), ""),
    }
    write_whole(folder / QUESTION, json.dumps(noted, ensure_ascii=False, indent=1).encode(errors="replace"))
    return page, write_index(folder.parent if question.differs else folder, question.studies)


def write_index(study: Path, names: tuple[str, ...]) -> Path:
    """Writes the page that lists the reports of a study, the usual question first, then the latest."""
    values = {"names": names or ("runs of a filter",), "reports": kept_reports(study)}
    write_whole(study / INDEX, rendered("compare/report", "index.html.j2", values).encode(errors="replace"))
    return study / INDEX


def kept_reports(study: Path) -> list[KeptReport]:
    """Every report that lies in a study's folder."""
    others = [_kept(page, study) for page in study.glob(f"*/{PAGE}")]
    usual = [_kept(study / PAGE, study)] if (study / PAGE).exists() else []
    return [*usual, *sorted(others, key=lambda one: (one.made, one.place), reverse=True)]


def files_of(folder: Path) -> list[str]:
    """The files of the report in a folder, without those of other questions below it."""
    parts = [path for name, kinds in KINDS.items() for kind in kinds for path in (folder / name).glob(f"*.{kind}")]
    return [path.relative_to(folder).as_posix() for path in (folder / PAGE, *sorted(parts))]


def _kept(page: Path, study: Path) -> KeptReport:
    try:
        noted: dict[str, Any] = json.loads((page.parent / QUESTION).read_text(encoding="utf-8"))
        asked, made, headline = (str(noted[key]) for key in ("asked", "made", "headline"))
    except (OSError, ValueError, KeyError, TypeError):
        written = datetime.fromtimestamp(page.stat().st_mtime, UTC)
        asked, made, headline = EARLIER_TEXT, f"{written:%Y-%m-%d %H:%M} UTC", ""
    return KeptReport(page.relative_to(study).as_posix(), asked, made, headline)
