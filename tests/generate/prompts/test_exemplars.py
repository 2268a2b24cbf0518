import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import real
from synthsweep.errors import PoolError
from synthsweep.examples import Example, text_key
from synthsweep.generate.prompts.exemplars import LEAST_WORDS, RealTexts

WORDS = ["he", "she", "spins", "waits", "cars", "and", "hums"]


def examples(prefix: str) -> st.SearchStrategy[list[Example]]:
    parts = st.tuples(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), st.none() | st.integers(1, 6), st.booleans())
    return st.lists(parts, max_size=12).map(
        lambda drawn: [
            real(f"{prefix}{number}", *"AB"[: 1 + both], text=" ".join(words).capitalize(), group=group and f"c{group}")
            for number, (words, group, both) in enumerate(drawn)
        ]
    )


def drawn(texts: RealTexts, label: str, place: str) -> list[Example]:
    """All that can be drawn."""
    for count in range(len(texts.train), 0, -1):
        try:
            return list(texts.draw(label, place, count))
        except PoolError:
            continue
    return []


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(train=examples("t"), held_out=examples("d"))
def test_what_a_prompt_shows_is_of_no_group_and_no_text_of_dev_or_test(train: list[Example], held_out: list[Example]) -> None:
    """Nor does it hold such a text among others, if that is long enough to tell."""

    groups = {example.group for example in held_out} - {None}
    keys = {text_key(example.text) for example in held_out}
    telling = {key for key in keys if len(key.split()) >= LEAST_WORDS}

    expected = {
        example.id
        for example in train
        if example.group not in groups
        and text_key(example.text) not in keys
        and not any(f" {key} " in f" {text_key(example.text)} " for key in telling)
    }

    assert {example.id for example in drawn(RealTexts(train, held_out), "A", "place")} == expected


@settings(deadline=None, max_examples=60)
@given(count=st.integers(1, 5), place=st.text(max_size=10), order=st.permutations(range(8)))
def test_a_place_draws_the_same_texts_for_ever_whatever_the_order_of_the_corpus(
    count: int, place: str, order: list[int]
) -> None:
    """A pool is continued by another process, which may read the corpus in another way."""

    train = [real(f"t{number}", "A" if number % 4 else "B", text=f"Text {number}.") for number in range(8)]

    one = RealTexts(train).draw("A", place, count)

    assert one == RealTexts([train[number] for number in order]).draw("A", place, count)
    assert len({example.id for example in one}) == count
    assert all("A" in example.labels for example in one)


def test_other_places_draw_other_texts() -> None:
    """Each request of a pool shows texts of its own, until all were shown."""

    texts = RealTexts([real(f"t{number}", "A") for number in range(12)])
    shown = [texts.draw("A", f"place/{number}", 2) for number in range(60)]

    assert len(set(shown)) > 30
    assert {example.id for example in texts.train} == {example.id for pair in shown for example in pair}


def test_too_few_texts_name_label_count_and_way_out() -> None:
    """One of the three stands in dev too, one carries another label."""

    train = [real("1", "A", text="One."), real("2", "A", text="Two."), real("3", "B", text="Three.")]
    message = "a prompt that shows real texts needs 2 training texts with A, there are 1: take a prompt without them"

    with pytest.raises(PoolError, match=f"^{re.escape(message)}"):
        RealTexts(train, [real("d", text="ONE")]).draw("A", "place", 2)


@pytest.mark.parametrize("label", ["A", "C"])
def test_without_a_corpus_there_is_nothing_to_draw(label: str) -> None:
    """A label that no text carries is refused like one with too few."""

    with pytest.raises(PoolError, match=rf"1 training texts with {label}, there are 0: "):
        RealTexts().draw(label, "place", 1)


@settings(deadline=None, max_examples=200)
@given(held_out=examples("d"), prompt=st.lists(st.sampled_from([*WORDS, "\n", "!"]), max_size=30).map(" ".join))
def test_a_prompt_leaks_exactly_if_it_holds_a_text_of_dev_or_test_word_for_word(held_out: list[Example], prompt: str) -> None:
    """Case and punctuation do not hide it; a short text stands in many prompts by chance."""

    read = f" {text_key(prompt)} "
    held = [e for e in held_out if len(e.text.split()) >= LEAST_WORDS and f" {text_key(e.text)} " in read]

    leaked = RealTexts((), held_out).leaked(prompt)

    assert bool(held) == (leaked is not None)
    assert leaked is None or leaked in held


def test_a_text_of_dev_is_found_in_the_middle_of_a_template() -> None:
    """Somebody took it for a good example."""

    held_out = real("d7", "A", text="He lines up cars, by colour.")
    texts = RealTexts((), [real("d6", text="He is five."), held_out])

    assert texts.leaked("Write 10 texts like this: “HE LINES UP CARS BY COLOUR”. Thanks.") == held_out
    assert texts.leaked("Write 10 texts. He is five. He lines up cars by colours.") is None


def test_a_label_whose_texts_all_lack_a_decision_is_named_with_the_reason() -> None:
    """The training texts carry it, and yet none can be rewritten."""

    train = [replace(real("1", "A"), unknown=frozenset("B"))]

    with pytest.raises(PoolError, match="1 training texts with A, all of whose labels somebody decided on, there are 0: "):
        RealTexts(train).draw("A", "place", 1, decided=True)
