import math
import random
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk import ngrams

from synthsweep.curate.characteristics.lexical import compression_ratio, distinct, mattr, type_token_ratio

words = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=60)


def test_the_type_token_ratio_is_different_words_by_words() -> None:
    """Three of the four words differ."""

    assert type_token_ratio(["a", "b", "a", "c"]) == 0.75


def test_mattr_is_the_mean_ratio_of_all_windows() -> None:
    """Windows of two: ab 1, ba 1, aa 1/2, ac 1."""

    assert mattr(["a", "b", "a", "a", "c"], window=2) == 0.875


def test_a_text_shorter_than_the_window_has_its_plain_ratio() -> None:
    assert type_token_ratio(["a", "b", "a"]) == mattr(["a", "b", "a"], window=10) == 2 / 3


@given(words=words, window=st.integers(1, 20))
def test_mattr_is_what_windows_one_by_one_give(words: list[str], window: int) -> None:
    """The counts that slide along give what counting anew does."""

    windows = [words[start : start + window] for start in range(max(1, len(words) - window + 1))]
    assert mattr(words, window) == pytest.approx(np.mean([len(set(part)) / len(part) for part in windows]))


def test_mattr_stays_where_the_plain_ratio_falls_with_length() -> None:
    """Words drawn from one vocabulary: 20 of them and 400."""

    rng = random.Random(1)
    drawn = [f"w{int(rng.paretovariate(0.7))}" for _ in range(400)]

    assert type_token_ratio(drawn) < 0.7 * type_token_ratio(drawn[:20])
    assert mattr(drawn[:20]) == pytest.approx(mattr(drawn), rel=0.1)


def test_a_text_without_words_has_no_variety() -> None:
    """Undefined is not zero."""

    assert math.isnan(type_token_ratio([]))
    assert math.isnan(mattr([]))


def test_distinct_n_counts_over_all_texts_and_across_no_border() -> None:
    """ab, ba, ab: two of three pairs differ; ba of the first and second text is none."""

    texts = [["a", "b", "a"], ["a", "b"]]

    assert [distinct(texts, n) for n in (1, 2, 3, 4)] == [2 / 5, 2 / 3, 1.0, None]


@given(texts=st.lists(words, min_size=1, max_size=5), n=st.integers(1, 3))
def test_distinct_n_is_that_of_nltks_ngrams(texts: list[list[str]], n: int) -> None:
    """None where no text is long enough."""

    grams = [gram for text in texts for gram in ngrams(text, n)]
    assert distinct(texts, n) == (len(set(grams)) / len(grams) if grams else None)


def test_the_compression_ratio_is_bytes_by_compressed_bytes() -> None:
    """Of all texts together, a line each."""

    texts = ["he spun the wheel", "größer"]

    assert compression_ratio(texts) == len("\n".join(texts).encode()) / len(zlib.compress("\n".join(texts).encode(), 9))


def test_texts_that_repeat_compress_better() -> None:
    """A hundred times one text, and a hundred different ones."""

    varied = [" ".join(random.Random(index).choices("abcdefghijklmnop", k=10)) for index in range(100)]

    assert compression_ratio(varied[:1] * 100) > 5 * compression_ratio(varied)


def test_no_text_has_no_compression() -> None:
    """Undefined is not zero."""

    assert [compression_ratio([]), compression_ratio([""])] == [None, None]
