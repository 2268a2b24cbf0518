"""Pictures of an inspection."""

from dataclasses import replace

import numpy as np
import pytest

from support import inspections
from synthsweep.inspect.inspection import InspectedTexts, Inspection, Map
from synthsweep.inspect.report.figures import histograms, label_bars, maps


def lengths(*values: float) -> Inspection:
    side = InspectedTexts(np.zeros((len(values), 3), dtype=np.int64), {"length": np.array(values)})
    return replace(inspections.bare(), synthetic=side, real=side)


def test_the_alt_text_of_a_histogram_has_medians_and_middle_halves() -> None:
    """Of both sides."""
    side = InspectedTexts(np.zeros((5, 3), dtype=np.int64), {"length": np.array([2.0, 4, 6, 8, 10])})
    (picture,) = histograms(replace(lengths(1, 2, 3, 4, 5), synthetic=side))

    assert picture.alt.endswith(": real median 3, middle half 2 to 4; synthetic median 6, middle half 4 to 8.")


def test_the_alt_text_of_the_bars_has_every_share() -> None:
    """Real, then synthetic; the last one is of texts without a criterion."""
    real = InspectedTexts(np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 0, 0]]))
    picture = label_bars(replace(inspections.bare(), real=real, synthetic=InspectedTexts(np.array([[0, 1, 0], [0, 0, 0]]))))

    assert picture.alt.endswith(": A1 75 % and 0 %; A2 25 % and 50 %; B1 0 % and 0 %; none 25 % and 50 %.")
    assert [[bar.get_width() for bar in bars] for bars in picture.figure.axes[0].containers] == [
        [75, 25, 0, 25],
        [0, 50, 0, 50],
    ]


@pytest.mark.parametrize("values", [(3.0,), (3.0, 3.0), (np.nan, 2.0), (1.0, *([2.0] * 300), 90000.0), (0.0, 1.0)])
def test_no_distribution_is_an_error(values: tuple[float, ...]) -> None:
    """One text, all alike, one far out."""

    assert [picture.file("svg")[:5] for picture in histograms(lengths(*values))] == [b"<?xml"]


def test_what_one_side_lacks_has_no_histogram() -> None:
    """There is nothing to lay over one another."""

    assert histograms(lengths(np.nan, np.nan)) == ()
    assert histograms(inspections.unmeasured()) == ()


def test_each_criterion_that_occurs_has_a_map() -> None:
    """With its counts on both sides."""
    drawn = Map(
        np.array([[0.0, 0], [10, 0], [11, 0], [30, 0]]), np.array([False, False, True, True]), np.eye(4, 3, dtype=bool), "t-SNE"
    )
    whole, *rest = maps(replace(inspections.bare(), map=replace(drawn, labels=drawn.labels & [True, False, True])))

    assert whole.caption.startswith("4 texts by meaning (t-SNE)")
    assert "the nearest point to 50 % of the synthetic ones is real." in whole.alt
    assert [one.caption for one in rest] == ["A1, Social-emotional reciprocity: 1 real, 0 synthetic", "B1: 0 real, 1 synthetic"]
    assert maps(inspections.bare()) == ()


@pytest.mark.slow
def test_the_same_inspection_gives_the_same_pictures() -> None:
    """Nothing in them says when they were made."""

    first, second = ([one.data_uri for one in (*histograms(found), *maps(found))] for found in [inspections.full()] * 2)

    assert first == second
