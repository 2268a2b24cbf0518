import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import real
from synthsweep.config.keys.llm_parts import RewriterConfig
from synthsweep.examples import Example
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.offline.eda import deleted, eda, inserted, replaced, swapped
from synthsweep.generate.replies.parse import Parsed, parse_reply

WORDS = [f"w{number}" for number in range(20)]
OTHERS = [[f"o{number}" for number in range(20)]]
seeds = st.integers(0, 2**32 - 1)


def corpus(*label_sets: str, copies: int = 12) -> list[Example]:
    """Texts of 20 words that say which example they are from: word 3 of AB7 is "AB-7-3"."""
    return [
        real(f"{labels}{number}", *labels, text=" ".join(f"{labels}-{number}-{word}" for word in range(20)))
        for labels in label_sets
        for number in range(copies)
    ]


def written(asked: str, examples: list[Example], *, n: int = 24, sample: int = 0, **keys: float) -> list[Parsed]:
    completion = eda(examples, RewriterConfig(**keys)).complete(CompletionRequest((), asked, n, sample))
    pieces = parse_reply(completion.text, "ABC")
    assert all(isinstance(piece, Parsed) for piece in pieces)
    return pieces


@given(share=st.integers(1, 20), seed=seeds)
def test_each_operation_changes_as_many_words_as_it_is_given(share: int, seed: int) -> None:
    """Nothing else moves."""

    gone, more, other, moved = (
        operation(WORDS, share, OTHERS, random.Random(seed)) for operation in (deleted, inserted, replaced, swapped)
    )

    assert gone == [word for word in WORDS if word in gone]
    assert len(gone) == max(1, 20 - share)
    assert [word for word in more if word in WORDS] == WORDS
    assert len(more) == 20 + share
    assert sum(new != old for new, old in zip(other, WORDS, strict=True)) == share
    assert {*other} <= {*WORDS, *OTHERS[0]}
    assert sorted(moved) == sorted(WORDS)
    assert sum(new != old for new, old in zip(moved, WORDS, strict=True)) <= 2 * share


def test_every_operation_comes_about_as_often() -> None:
    """A quarter of 400 texts each, recognised by lengths and words; five standard deviations are 43."""

    pieces = [piece for sample in range(40) for piece in written("A", corpus("A"), n=10, sample=sample, change=0.2)]

    def operation(piece: Parsed) -> str:
        words = piece.text.split()
        homes = {word.rpartition("-")[0] for word in words}
        return {16: "deleted", 24: "inserted"}.get(len(words), "swapped" if len(homes) == 1 else "replaced")

    counts = Counter(operation(piece) for piece in pieces)
    assert set(counts) == {"deleted", "inserted", "replaced", "swapped"}
    assert all(abs(count - 100) <= 43 for count in counts.values())


def test_words_come_from_texts_with_the_same_label() -> None:
    """Those of another label would be evidence for it."""

    words = {word for piece in written("A", corpus("A", "B", "AB"), n=200, change=0.5) for word in piece.text.split()}

    assert {word.partition("-")[0] for word in words} == {"A", "AB"}


def test_a_text_keeps_the_further_labels_of_the_one_that_it_comes_from() -> None:
    """It is still evidence for them, as far as a word does not decide it."""

    pieces = written("A", corpus("A", "AB", "ABC"), n=36)

    assert Counter(piece.also for piece in pieces) == Counter({frozenset(): 12, frozenset("B"): 12, frozenset("BC"): 12})


def test_every_text_of_a_label_is_rewritten_equally_often() -> None:
    """Over all samples, in an order that the seed draws."""

    pieces = [piece for sample in range(6) for piece in written("A", corpus("A", copies=4), n=2, sample=sample, change=0.05)]
    homes = Counter(Counter(word.rpartition("-")[0] for word in piece.text.split()).most_common(1)[0][0] for piece in pieces)

    assert set(homes.values()) == {3}
    assert len(homes) == 4


@settings(max_examples=40)
@given(seed=st.integers(0, 100), sample=st.integers(0, 5), n=st.integers(1, 12), change=st.floats(0.01, 1))
def test_criterion_and_sample_decide_every_word(seed: int, sample: int, n: int, change: float) -> None:
    """A request can be answered again at any time, in any order."""

    request = CompletionRequest((), "A", n, sample)
    texts = [eda(corpus("A", "AB", copies=3), RewriterConfig(change, None, seed)).complete(request).text for _ in range(2)]

    assert texts[0] == texts[1]
    assert len(parse_reply(texts[0], "ABC")) == n


def test_another_seed_or_sample_writes_other_texts() -> None:
    """Each request of a pool adds to it."""

    first = written("A", corpus("A"))

    assert first != written("A", corpus("A"), seed=2)
    assert first != written("A", corpus("A"), sample=1)


def test_there_is_no_reply_for_a_label_that_no_training_text_carries() -> None:
    """With one it could go on for ever, unscreened: its likeness to real texts is what it is."""

    rewriter = eda(corpus("A"), RewriterConfig())

    assert rewriter.complete(CompletionRequest((), "B", 1)) is None
    assert rewriter.complete(CompletionRequest((), "A", 1, sample=10**6)) is not None
    assert (rewriter.finite, rewriter.screened, rewriter.name) == (False, False, "eda")


@pytest.mark.parametrize("sample", range(8))
def test_a_text_of_one_word_is_never_emptied(sample: int) -> None:
    """Alone in its label, it has nothing but its own words."""

    pieces = written("A", [real("1", "A", text="alone")], n=3, sample=sample, change=1)

    assert all(set(piece.text.split()) == {"alone"} for piece in pieces)
