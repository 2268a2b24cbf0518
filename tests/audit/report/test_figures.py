"""Pictures of an audit."""

from support import findings
from synthsweep.audit.report.figures import pictures
from synthsweep.pages.pictures.palette import RIGHT


def test_alt_texts_have_the_numbers() -> None:
    """Of correctness, cells and omission."""
    both = {(llm, prompt, "A1"): (9, 1) for llm in ("x", "y") for prompt in ("p", "q")}
    correctness, cells, omission = pictures(findings.counts({**both, ("y", "q", "B1"): (3, 1)}))

    assert [one.name for one in (correctness, cells, omission)] == ["correctness", "cells", "omission"]
    assert "all texts 87.0 [73.0, 94.3]; x 90.0 [69.9, 97.2]; " in correctness.alt
    assert ": x / p: A1 9/10, B1 no texts; x / q: A1 9/10" in cells.alt
    assert omission.alt.endswith("A1 0.0 [0.0, 8.8]; B1 0.0 [0.0, 49.0].")


def test_a_share_is_a_mark_with_its_interval() -> None:
    """In per cent, with its numbers beside it."""
    axes = pictures(findings.one(9, 1))[0].figure.axes[0]
    (mark,) = [line for line in axes.lines if line.get_marker() == RIGHT.marker]
    low, high = axes.collections[0].get_segments()[0][:, 0]

    assert (mark.get_xdata()[0], round(low, 1), round(high, 1)) == (90.0, 59.6, 98.2)
    assert [text.get_text() for text in axes.texts] == ["90.0 [59.6, 98.2]", "9/10"]


def test_without_a_verdict_there_is_no_picture() -> None:
    """A point at 0 would be a lie."""

    assert pictures(findings.empty()) == ()


def test_one_part_has_a_picture_of_the_whole_alone() -> None:
    """There are no cells, and no criteria to compare."""
    (picture,) = pictures(findings.one(9, 1))

    assert picture.alt.endswith(": all texts 90.0 [59.6, 98.2].")


def test_what_is_undefined_is_a_dash() -> None:
    """In the alt text too, which names cells without texts; a name may hold any sign."""
    correctness, cells, omission = pictures(findings.many())

    assert "$5 and $6 <b> –; " in correctness.alt
    assert "$5 and $6 <b> / plain: A1 –, A2 no texts, B1 –." in cells.alt
    assert omission.alt.endswith("B1 –.")
    assert [text.get_text() for text in cells.figure.axes[0].texts if text.get_text()] == ["1/1", "0/1", "–", "–"]
