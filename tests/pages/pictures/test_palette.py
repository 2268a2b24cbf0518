"""Colours have meanings, and something else says the same."""

from synthsweep.pages.pictures.palette import SERIES, ink


def test_what_is_compared_differs_in_colour_marker_and_hatch() -> None:
    """For those who see no colours, and in print."""
    differences = [{getattr(one, name) for one in SERIES} for name in ("colour", "marker", "hatch")]

    assert [len(values) for values in differences] == [len(SERIES)] * 3


def test_after_the_last_ink_the_first_one_follows() -> None:
    assert [ink(len(SERIES)), ink(len(SERIES) + 1)] == [SERIES[0], SERIES[1]]
