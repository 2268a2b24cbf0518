import random
import unicodedata

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from synthsweep.curate import near
from synthsweep.curate.near import (
    CHANGED_WORDS,
    copies_of,
    jaccard,
    lexical_copies,
    lexical_pairs,
    semantic_copies,
    semantic_pairs,
    shingles,
    word_edits,
)

THRESHOLD = 0.7
# A candidate on the threshold may be missed.
MARGIN = 0.1
WORDS = "spins wheels lamp corridor buggy quietly aligns bricks humming tram greets nobody peg wall coat toast".split()
words = st.lists(st.sampled_from(WORDS), max_size=9)
# Few different words, so that long texts share many; a single letter is a word like any other.
word_lists = st.lists(st.sampled_from([*WORDS[:3], "a", "b", "é", "他"]), max_size=90)
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join)
few = st.lists(sentences, max_size=6)
# Long enough that the share of changed words is no bound.
plain = st.lists(st.sampled_from(WORDS), min_size=10, max_size=20)


def scores(texts: list[str], others: list[str]) -> np.ndarray:
    """Every pair's Jaccard index, by brute force."""
    return np.array([[jaccard(shingles(one), shingles(other)) for other in others] for one in texts])


def unit_rows(seed: int, count: int) -> np.ndarray:
    """Vectors in the plane, whose cosines take every value."""
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, count)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def distance(own: list[str], other: list[str]) -> int:
    """Levenshtein's distance by the whole table, as in a textbook."""
    table = np.zeros((len(own) + 1, len(other) + 1), dtype=int)
    table[:, 0], table[0, :] = range(len(own) + 1), range(len(other) + 1)
    for row in range(1, len(own) + 1):
        for column in range(1, len(other) + 1):
            exchanged = table[row - 1, column - 1] + (own[row - 1] != other[column - 1])
            table[row, column] = min(table[row - 1, column] + 1, table[row, column - 1] + 1, exchanged)
    return int(table[-1, -1])


def spoiled(text: list[str], edits: list[tuple[str, int]]) -> str:
    """Each edit exchanges, drops or adds one word; no new word stands in any text."""
    found = list(text)
    for number, (kind, place) in enumerate(edits):
        at = place % len(found)
        found[at : at + (kind != "add")] = [] if kind == "drop" else [f"new{number}"]
    return " ".join(found)


def test_shingles_are_five_characters_without_case_and_punctuation() -> None:
    """A text that is shorter is its own."""

    assert shingles("He SPINS!") == {"he sp", "e spi", " spin", "spins"}
    assert shingles("No.") == {"no"}


def test_the_jaccard_index_is_shared_over_all() -> None:
    assert jaccard(frozenset("abc"), frozenset("bcd")) == 0.5


@pytest.mark.slow
@settings(max_examples=60)
@given(texts=few, others=few)
def test_lexical_pairs_are_those_of_brute_force(texts: list[str], others: list[str]) -> None:
    """None below the threshold is taken, none well above it is missed, and each goes to its nearest."""

    found = lexical_pairs(texts, others, THRESHOLD)

    if texts and others:
        exact = scores(texts, others)
        assert set(np.flatnonzero(exact.max(axis=1) >= THRESHOLD + MARGIN)) <= set(found)
        assert all(exact[number, place] >= THRESHOLD for number, place in found.items())
    else:
        assert found == {}


@pytest.mark.slow
@settings(max_examples=40)
@given(texts=few)
def test_a_text_is_not_near_to_itself(texts: list[str]) -> None:
    """Among its own, a text needs another one that is like it."""

    found = lexical_pairs(texts, None, THRESHOLD)

    exact = scores(texts, texts) - 2 * np.eye(len(texts)) if texts else np.empty((0, 1))
    assert set(np.flatnonzero(exact.max(axis=1) >= THRESHOLD + MARGIN)) <= set(found)
    assert all(exact[number, place] >= THRESHOLD for number, place in found.items())


@settings(max_examples=60)
@given(seed=st.integers(0, 999), counts=st.tuples(st.integers(0, 9), st.integers(0, 9)), block=st.integers(1, 4))
def test_semantic_pairs_are_those_of_brute_force(seed: int, counts: tuple[int, int], block: int) -> None:
    """However many rows a block has, with others and among themselves."""

    rows, others = unit_rows(seed, counts[0]), unit_rows(seed + 1, counts[1])
    whole, own = rows @ others.T, rows @ rows.T - 9 * np.eye(len(rows), dtype=np.float32)
    # Products of blocks may differ in the last bit.
    assume(not (np.isclose(whole, 0.9, atol=1e-5).any() or np.isclose(own, 0.9, atol=1e-5).any()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near, "BLOCK", block)
        found, among = semantic_pairs(rows, others, 0.9), semantic_pairs(rows, None, 0.9)

    assert found == {n: int(row.argmax()) for n, row in enumerate(whole) if len(row) and row.max() >= 0.9}
    assert among == {n: int(row.argmax()) for n, row in enumerate(own) if row.max() >= 0.9}


@pytest.mark.slow
@settings(max_examples=60)
@given(texts=few)
def test_the_first_of_each_lexical_cluster_stays(texts: list[str]) -> None:
    """What goes is near to an earlier one that stays; what stays is not near to another that stays."""

    found = lexical_copies(texts, THRESHOLD)

    exact, kept = scores(texts, texts), [number for number in range(len(texts)) if number not in found]
    assert all(first < number and first in kept for number, first in found.items())
    assert all(exact[number, first] >= THRESHOLD for number, first in found.items())
    assert all(exact[one, other] < THRESHOLD + MARGIN for one in kept for other in kept if one < other)


@settings(max_examples=60)
@given(seed=st.integers(0, 999), count=st.integers(0, 12), block=st.integers(1, 5))
def test_the_first_of_each_semantic_cluster_stays(seed: int, count: int, block: int) -> None:
    rows = unit_rows(seed, count)
    cosines = rows @ rows.T
    assume(not np.isclose(cosines, 0.9, atol=1e-5).any())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near, "BLOCK", block)
        found = semantic_copies(rows, 0.9)

    kept: list[int] = []
    expected = {}
    for number in range(count):
        first = next((place for place in kept if cosines[number, place] >= 0.9), None)
        if first is None:
            kept.append(number)
        else:
            expected[number] = first
    assert found == expected


@settings(max_examples=150)
@given(own=word_lists, other=word_lists, most=st.integers(0, 99))
@example(own=["a"], other=["b"], most=0)
@example(own=["ab"], other=["a", "b"], most=3)
def test_word_edits_are_levenshteins_distance_up_to_a_bound(own: list[str], other: list[str], most: int) -> None:
    """Beyond it, one more than the bound, however far the two are apart."""

    assert word_edits(own, other, most) == min(distance(own, other), most + 1)


@settings(max_examples=150)
@given(
    text=plain, edits=st.lists(st.tuples(st.sampled_from(["exchange", "drop", "add"]), st.integers(0, 99)), max_size=6),
    most=st.integers(0, 5),
)  # fmt: skip
def test_word_edits_of_similar_texts_are_levenshteins_distance(
    text: list[str], edits: list[tuple[str, int]], most: int
) -> None:
    other = spoiled(text, edits).split()

    assert word_edits(text, other, most) == min(distance(text, other), most + 1)


@settings(max_examples=150)
@given(
    text=plain,
    edits=st.lists(st.tuples(st.sampled_from(["exchange", "drop", "add"]), st.integers(0, 99)), max_size=CHANGED_WORDS),
    others=few,
    threshold=st.sampled_from([0.5, THRESHOLD, 1.0]),
)
@example(text=WORDS[:10], edits=[("exchange", 0), ("exchange", 3), ("exchange", 6)], others=[], threshold=1.0)
def test_a_copy_with_up_to_three_changed_words_is_found(
    text: str, edits: list[tuple[str, int]], others: list[str], threshold: float
) -> None:
    """Exchanged, left out or put in, at any place, whatever stands beside it and from which index on texts are near."""

    assert 0 in copies_of([spoiled(text, edits)], [*others, " ".join(text)], threshold)


@pytest.mark.parametrize(
    ("text", "copy"), [("I love you", False), ("he likes red lamps", True), ("she spins blue lamps", False)]
)
def test_of_a_short_text_few_words_may_differ(text: str, copy: bool) -> None:
    """One of four words, none of three: short texts are alike by chance."""

    assert bool(copies_of([text], ["I love it", "he likes blue lamps"], THRESHOLD)) == copy


@settings(max_examples=60)
@given(text=plain, before=words, after=words)
def test_a_longer_text_that_holds_another_whole_is_a_copy(text: str, before: list[str], after: list[str]) -> None:
    """A prompt's example with a sentence more is still that example."""

    assert copies_of([" ".join([*before, *text, *after])], [" ".join(text)], THRESHOLD) == {0: 0}
    page = " ".join(f"word{number}" for number in range(99))
    assert copies_of([f"{page} {' '.join(text)} {page}"], [" ".join(text)], THRESHOLD) == {0: 0}


def test_half_of_a_text_or_more_is_a_copy_of_it() -> None:
    """A beginning, a middle or an end of five words or more; less of it is no copy."""

    words = [f"w{number}" for number in range(20)]
    cuts = [words[:10], words[5:16], words[9:], words[:9], words[8:11]]

    assert list(copies_of([" ".join(cut) for cut in cuts], [" ".join(words)], THRESHOLD)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (
            "他每天早上把玩具汽车排成一条直线，然后检查每一个车轮。",
            "他每天早上把玩具汽车排成一条直线，然后检查每一个轮子。",
        ),
        ("Il répète « voiture » à la récréation.", unicodedata.normalize("NFD", "Il répète « voiture » à la récréation.")),
        (
            "Türklinkenbewegungen, Lichtschalterbetätigungen, Fensterladengeräusche",
            "Türklinkenbewegung, Lichtschalterbetätigung, Fensterladengeräusche",
        ),
    ],
)
def test_copies_are_found_in_every_language(text: str, other: str) -> None:
    """Without spaces, in long words, and however letters with accents are stored."""

    assert copies_of([text], [other], THRESHOLD) == {0: 0}


@settings(max_examples=60)
@given(texts=few, others=few)
def test_what_is_near_by_shingles_is_a_copy(texts: list[str], others: list[str]) -> None:
    table = scores(texts, others) if texts and others else np.zeros((len(texts), 1))

    assert {number for number, row in enumerate(table) if row.max() >= THRESHOLD} <= set(copies_of(texts, others, THRESHOLD))


@pytest.mark.parametrize("written", ["doesn't", "Hand-over-hand", "4;11", "peek-a-boo!"])
def test_a_word_is_one_however_it_is_written(written: str) -> None:
    """Three exchanged words are three, although one has hyphens in it."""

    real = f"he lines up {written} cars {written} along the wall and says {written} to nobody"

    assert copies_of([real.replace(written, "lamp")], [real], THRESHOLD) == {0: 0}


def test_three_words_with_hyphens_between_them_are_three_words() -> None:
    """With two more words exchanged they are still two."""

    real = "plays peek-a-boo with gran, then naps until lunch"

    assert copies_of(["plays peek a boo near gran, then naps before lunch"], [real], 1) == {0: 0}


def test_four_changed_words_of_twelve_are_another_text() -> None:
    """An honest text may be of the same child."""

    real = "lines up red cars along this wall then hums softly until lunch"

    assert copies_of(["counts up big vans along this wall then sings softly until lunch"], [real], THRESHOLD) == {}


def test_a_short_text_is_no_copy_of_one_with_other_words() -> None:
    """Two of three words are more than a copy may change, and a phrase of three words is no text to protect."""

    assert copies_of(["She waits outside."], ["He waits alone."], THRESHOLD) == {}
    assert copies_of(["On the mat he spins his wheels for an hour."], ["He spins."], THRESHOLD) == {}


def test_a_text_goes_to_the_one_that_it_repeats_exactly() -> None:
    """The first of equal ones, though an earlier one is near."""

    text = "He lines up the cars along the wall."

    assert copies_of([text], [text.replace("cars", "vans"), text.upper(), text], THRESHOLD) == {0: 1}


def test_near_by_shingles_is_a_copy() -> None:
    """Four words in the plural are more than three changed ones, but the gate takes what deduplication would."""

    real = "the boy lines up the toy car along the kitchen wall, hums one note and shows his block to nobody in the room"
    text = real.replace("car", "cars").replace("wall", "walls").replace("note", "notes").replace("block", "blocks")

    assert THRESHOLD <= jaccard(shingles(text), shingles(real)) < 0.9
    assert copies_of([text], [real], THRESHOLD) == {0: 0}
    assert copies_of([text], [real], 0.9) == {}


@pytest.mark.parametrize(("texts", "others"), [([], ["one"]), (["one"], []), ([""], ["one"]), (["one"], [""]), (["?"], ["!"])])
def test_where_there_are_no_words_nothing_is_a_copy(texts: list[str], others: list[str]) -> None:
    assert copies_of(texts, others, THRESHOLD) == {}


def test_texts_of_different_blocks_are_compared_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block bounds memory, nothing else."""

    rng = random.Random(1)
    texts = [" ".join(rng.choices(WORDS, k=8)) for _ in range(7)]
    others = [texts[6], texts[3], texts[0]]
    whole = copies_of(texts, others, THRESHOLD)
    monkeypatch.setattr(near, "BLOCK", 2)

    assert copies_of(texts, others, THRESHOLD) == whole
    assert whole == {0: 2, 3: 1, 6: 0}
