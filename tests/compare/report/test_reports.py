"""The reports of a study side by side."""

import json
import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from support import answers
from support.html_pages import Page
from synthsweep.compare.report.question import ReportQuestion
from synthsweep.compare.report.reports import files_of, kept_reports, write_answer
from synthsweep.pages.folder_name import folder_name

USUAL, OTHER = ReportQuestion(("demo",), {}), ReportQuestion(("demo",), {"baseline": "llm=a<b"})


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_another_question_leaves_the_first_report_as_it_is(tmp_path: Path) -> None:
    """It has a folder of its own; the index lists both, with what differs and when."""

    page, _ = write_answer(answers.EMPTY, USUAL, tmp_path)
    before = everything(page.parent)
    other, index = write_answer(replace(answers.EMPTY, headline=("Nothing <b> found.",)), OTHER, tmp_path)

    study, own = tmp_path / "demo", folder_name("baseline-llm=a<b")
    assert (page, other, index) == (study / "report.html", study / own / "report.html", study / "index.html")
    assert {name: everything(study)[name] for name in before if name != "index.html"} == {
        name: content for name, content in before.items() if name != "index.html"
    }
    listed = [(one.place, one.asked, one.headline) for one in kept_reports(study)]
    assert listed == [
        ("report.html", "the usual question: every setting at its default", answers.EMPTY.headline[0]),
        (f"{own}/report.html", "baseline llm=a<b", "Nothing <b> found."),
    ]
    links = [Page(one.read_text(encoding="utf-8")).all("a")[0]["href"] for one in (page, other)]
    assert [(one.parent / link).resolve() for one, link in zip((page, other), links, strict=True)] == [index.resolve()] * 2
    shown = index.read_text(encoding="utf-8")
    assert "baseline llm=a&lt;b" in shown
    assert answers.EMPTY.provenance.made in shown
    assert all((study / link).exists() for link in map(unquote, Page(shown).addresses) if not link.startswith("data:"))


@pytest.mark.slow
def test_the_same_question_again_rewrites_its_own_folder(tmp_path: Path) -> None:
    """And adds nothing to the index."""

    first, _ = write_answer(answers.factorial(), OTHER, tmp_path)
    again, index = write_answer(answers.EMPTY, OTHER, tmp_path)

    assert (first, len(kept_reports(index.parent))) == (again, 1)
    fresh, _ = write_answer(answers.EMPTY, OTHER, tmp_path / "fresh")
    assert everything(again.parent) == everything(fresh.parent)


def test_a_report_of_an_earlier_version_is_listed(tmp_path: Path) -> None:
    """It noted no question; when it was written is known from its file."""

    (tmp_path / "demo").mkdir()
    old = tmp_path / "demo" / "report.html"
    old.write_text("old")
    os.utime(old, (0, 0))
    _, index = write_answer(answers.EMPTY, OTHER, tmp_path)

    first = kept_reports(index.parent)[0]
    assert (first.place, first.asked, first.made) == (
        "report.html", "not noted: an earlier version wrote this report", "1970-01-01 00:00 UTC",
    )  # fmt: skip


@pytest.mark.parametrize("noted", ["", "[]", "{}", json.dumps({"asked": "x"}), "\x00"])
def test_a_damaged_note_hides_no_report(tmp_path: Path, noted: str) -> None:
    page, index = write_answer(answers.EMPTY, OTHER, tmp_path)
    (page.parent / "question.json").write_text(noted)

    assert [one.asked for one in kept_reports(index.parent)] == ["not noted: an earlier version wrote this report"]


@pytest.mark.slow
def test_the_files_of_a_report_are_its_own(tmp_path: Path) -> None:
    """Neither those of other questions below it, nor what a person put there."""

    page, _ = write_answer(answers.factorial(), USUAL, tmp_path)
    write_answer(answers.factorial(), OTHER, tmp_path)
    (page.parent / "figures" / "mine.svg").write_text("mine")

    files = files_of(page.parent)

    assert files[0] == "report.html"
    assert {name.partition("/")[0] for name in files[1:]} == {"figures", "tables"}
    assert not any("baseline" in name or name.endswith("svg") for name in files)


def test_a_page_says_what_it_was_asked_with(tmp_path: Path) -> None:
    """In its heading and its title, escaped."""

    page, _ = write_answer(answers.EMPTY, OTHER, tmp_path)
    text = page.read_text(encoding="utf-8")

    assert text.count("baseline llm=a&lt;b") == 2
