"""Pictures of an audit."""

import base64

from support import findings
from synthsweep.audit.report.figures import figure_files, pictures


def test_pictures_are_inside_the_page_and_told_in_words() -> None:
    """Correctness, cells and omission, each with its numbers."""
    both = {(llm, prompt, "A1"): (9, 1) for llm in ("x", "y") for prompt in ("p", "q")}
    drawn = pictures(findings.counts({**both, ("y", "q", "B1"): (3, 1)}))

    assert len(drawn) == 3
    assert all(base64.b64decode(one.source.partition(",")[2]).startswith(b"<?xml") for one in drawn)
    assert "all texts 87.0 [73.0, 94.3]; x 90.0 [69.9, 97.2]; " in drawn[0].alt
    assert "A map of right of judged texts: x / p: A1 9/10, B1 no texts; x / q: A1 9/10" in drawn[1].alt
    assert drawn[2].alt.endswith("A1 0.0 [0.0, 8.8]; B1 0.0 [0.0, 49.0].")


def test_without_a_verdict_there_is_no_picture() -> None:
    """A point at 0 would be a lie."""

    assert (pictures(findings.empty()), figure_files(findings.empty())) == ((), {})


def test_one_part_has_a_picture_of_the_whole_alone() -> None:
    """There are no cells, and no criteria to tell apart."""

    assert [one.alt for one in pictures(findings.one(9, 1))] == [
        "Points with intervals of how many labels are right, in per cent: all texts 90.0 [59.6, 98.2]."
    ]


def test_what_is_undefined_is_a_dash() -> None:
    """In the words too; a cell without texts is told as that, and a name may hold any sign."""
    first, cells, omission = pictures(findings.many())

    assert "$5 and $6 <b> –; " in first.alt
    assert "$5 and $6 <b> / plain: A1 –, A2 no texts, B1 –." in cells.alt
    assert omission.alt.endswith("B1 –.")


def test_the_same_findings_give_the_same_files() -> None:
    """As SVG and PNG; nothing in them tells when they were made."""
    found = findings.one(9, 1)
    files = figure_files(found)

    assert sorted(files) == ["correctness.png", "correctness.svg"]
    assert (files["correctness.png"][:4], files["correctness.svg"][:5]) == (b"\x89PNG", b"<?xml")
    assert files == figure_files(found)
