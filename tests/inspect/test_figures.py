"""Pictures of an inspection."""

import base64
from dataclasses import replace

import numpy as np
import pytest

from support import inspections
from synthsweep.inspect.figures import histograms, label_bars, maps
from synthsweep.inspect.inspection import InspectedTexts, Inspection, Map


def lengths(*values: float) -> Inspection:
    side = InspectedTexts(np.zeros((len(values), 3), dtype=np.int64), {"length": np.array(values)})
    return replace(inspections.bare(), synthetic=side, real=side)


def test_each_picture_is_inside_the_page_and_told_in_words() -> None:
    """With numbers in them."""
    found = inspections.full()
    pictures = [*histograms(found), *maps(found), label_bars(found)]

    assert len(pictures) == 4 + 4 + 1
    assert all(base64.b64decode(one.source.partition(",")[2]).startswith(b"<?xml") for one in pictures)
    assert [any(sign.isdigit() for sign in one.alt) and len(one.alt) > 30 for one in pictures] == [True] * 9


def test_the_words_of_a_histogram_have_both_medians() -> None:
    """And the middle half of the texts."""

    assert (
        "Histogram of length in per cent of texts: real median 3, middle half 2 to 4; synthetic median 3, "
        in histograms(lengths(1, 2, 3, 4, 5))[0].alt
    )


@pytest.mark.parametrize("values", [(3.0,), (3.0, 3.0), (np.nan, 2.0), (1.0, *([2.0] * 300), 90000.0), (0.0, 1.0)])
def test_no_distribution_is_an_error(values: tuple[float, ...]) -> None:
    """One text, all alike, one far out."""

    assert len(histograms(lengths(*values))) == 1


def test_what_one_side_lacks_has_no_histogram() -> None:
    """There is nothing to lay over one another."""

    assert histograms(lengths(np.nan, np.nan)) == ()
    assert histograms(inspections.unmeasured()) == ()


def test_a_map_has_a_panel_a_criterion_that_occurs() -> None:
    """With its counts on both sides."""
    drawn = Map(
        np.array([[0.0, 0], [10, 0], [11, 0], [30, 0]]), np.array([False, False, True, True]), np.eye(4, 3, dtype=bool), "t-SNE"
    )
    whole, *rest = maps(replace(inspections.bare(), map=replace(drawn, labels=drawn.labels & [True, False, True])))

    assert whole.caption.startswith("4 texts by meaning (t-SNE)")
    assert "the nearest point to 50 % of the synthetic ones is real." in whole.alt
    assert [one.caption for one in rest] == ["A1, Social-emotional reciprocity: 1 real, 0 synthetic", "B1: 0 real, 1 synthetic"]
    assert maps(inspections.bare()) == ()


def test_the_same_inspection_gives_the_same_pictures() -> None:
    """Nothing in them tells when they were made."""

    assert histograms(inspections.full()) == histograms(inspections.full())
    assert maps(inspections.full()) == maps(inspections.full())
