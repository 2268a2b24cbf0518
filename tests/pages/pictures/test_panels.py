"""Panels in a grid, and names that fit into them."""

import pytest

from synthsweep.pages.pictures.panels import columns_for, panels, wrapped


def test_a_long_name_is_cut_with_a_sign() -> None:
    """After so many lines."""

    assert [wrapped("A1", 10), wrapped("one two three four five", 9, 2)] == ["A1", "one two\nthree fo…"]


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (2, 2), (7, 4), (8, 4), (9, 3), (22, 4), (21, 3)])
def test_panels_leave_few_places_empty(count: int, expected: int) -> None:
    """Nine stand in three rows of three."""

    assert columns_for(count) == expected


def test_unused_places_of_the_grid_are_hidden() -> None:
    """The panels above them show the ticks of the axis that they share."""
    figure, axes = panels(7, 4, 2.0, sharex=True)

    assert (len(axes), [one.get_visible() for one in figure.axes]) == (7, [True] * 7 + [False])
    assert [one.xaxis.get_tick_params()["labelbottom"] for one in axes] == [False] * 3 + [True] * 4
