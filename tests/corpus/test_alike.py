"""Names and texts that a person would take for another, or for nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.corpus.alike import alike, is_invisible


@given(names=st.lists(st.text(min_size=1, max_size=8), max_size=8))
def test_a_name_looks_like_itself_in_other_letters(names: list[str]) -> None:
    """However many names there are, each name is in one group at most, and every group has several."""
    found = alike([*names, *(unicodedata.normalize("NFD", name) for name in names)])

    listed = [name for group in found for name in group]
    assert len(listed) == len(set(listed))
    assert all(len(group) > 1 for group in found)
    assert all(unicodedata.normalize("NFD", name) in {name, *listed} for name in names)


@pytest.mark.parametrize(
    ("names", "same"),
    [
        (["c1", "C1", "c2"], [["C1", "c1"]]),
        (["1", "1.0", "1.00", "1.5", "10"], [["1", "1.0", "1.00"]]),
        (["a b", "a  b", "a\u00a0b"], [["a  b", "a b", "a\u00a0b"]]),
        (["007", "7", "1e5", "100000"], []),
        ([], []),
    ],
)
def test_names_that_look_alike_are_found(names: list[str], same: list[list[str]]) -> None:
    """Case, spaces and the zeros of a spreadsheet make no difference to the eye; leading zeros do."""
    assert alike(names) == same


@pytest.mark.parametrize("text", ["\u200b", "\ufeff", "\u202e\u200f", "\x1a", "\u00ad", "\u2060 \u200d"])
def test_what_nobody_sees_is_no_text(text: str) -> None:
    """A joiner or a mark of direction by itself is an empty cell to its author."""
    assert is_invisible(text)


@pytest.mark.parametrize("text", ["a", "?", "👩\u200d👧", "\u200bשלום", "़", "_", "\U000f0000"])
def test_what_is_seen_is_a_text(text: str) -> None:
    """Signs, emojis and letters with marks of direction beside them are."""
    assert not is_invisible(text)
