"""What is said of long texts: how many of each part, what is lost, and what to set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.train.lengths import TextLengths, from_metrics, is_length, part_lengths

WHOLE = st.lists(st.integers(1, 60), max_size=20)


def lengths(*whole: int, limit: int = 512, windows: str = "none") -> TextLengths:
    counts = None if windows == "none" else [1 if length <= 10 else 5 for length in whole]
    part = part_lengths(whole, max_length=10, windows=counts)
    return TextLengths({"train": part, "dev": part_lengths([3], max_length=10)}, limit, 10, windows)


def test_texts_that_fit_are_no_word_worth() -> None:
    """A text of just the limit fits, with windows and without."""
    assert [lengths(10, 1, windows=how).sentence() for how in ("none", "mean")] == ["", ""]


def test_cut_texts_are_counted_with_the_limit_that_cuts_none() -> None:
    assert lengths(11, 40, 9).sentence() == (
        "texts are cut: 2 of 3 in train have more tokens than training.max_length=10; 49 % of all tokens are not read. "
        "training.max_length=40 cuts none; so does training.windows=mean"
    )


def test_beyond_the_encoder_windows_are_the_way_out() -> None:
    assert lengths(11, 40, 9, limit=39).sentence().partition("not read. ")[2] == (
        "The longest has 40 and training.max_length is at most 39 with this encoder: training.windows=mean reads them whole"
    )


def test_windows_are_counted() -> None:
    assert lengths(11, 40, 9, windows="max").sentence() == (
        "long texts: 2 of 3 in train have more tokens than training.max_length=10 and are read in overlapping windows "
        "(training.windows=max): 11 windows for the 3 texts there"
    )
    assert lengths(11, 40, 9, windows="max").windows_per_text == pytest.approx(11 / 3)


@given(WHOLE, WHOLE)
def test_the_metrics_of_a_run_say_the_same_as_its_screen(train: list[int], test: list[int]) -> None:
    """But for the value of the key, which runs may differ in."""
    parts = {"train": part_lengths(train, max_length=10), "test": part_lengths(test, max_length=10)}
    shown, counts = TextLengths(parts, 50, 10), {"train/real": len(train), "train/added": 0, "test/examples": len(test)}

    kept = from_metrics({**shown.metrics(), **counts})
    assert (kept.sentence() if kept else "") == shown.sentence().replace("=10;", ";")
    assert all(is_length(name) for name in (*shown.metrics(), *counts))


@given(WHOLE)
def test_windows_lose_nothing(whole: list[int]) -> None:
    part = part_lengths(whole, max_length=10, windows=[2] * len(whole))

    found = TextLengths({"train": part}, 50, 10, "mean").metrics()
    assert (found["train/truncated"], found["train/lost_token_share"], found["train/windows"]) == (0, 0, 2 * len(whole))
    assert from_metrics(found) is None
