import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import AB, real
from synthsweep.config.keys.llm_parts import SimulatorConfig
from synthsweep.examples import Criterion, Example, LabelSet
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.offline.simulator import STYLE, Simulator
from synthsweep.generate.replies.parse import Parsed, parse_reply

ABC = LabelSet("abc", tuple(Criterion(label) for label in "ABC"))
WORDS = 10


def corpus(*label_sets: str, copies: int = 30) -> list[Example]:
    """Texts in which every word says which example it is from: word 3 of AB7 is "AB-7-3"."""
    return [
        real(f"{labels}{number}", *labels, text=" ".join(f"{labels}-{number}-{word}" for word in range(WORDS)))
        for labels in label_sets
        for number in range(copies)
    ]


def written(asked: str, examples: Sequence[Example], *, n: int = 200, sample: int = 0, **knobs: float) -> list[Parsed]:
    simulator = Simulator(ABC, examples, SimulatorConfig(**knobs))
    pieces = parse_reply(simulator.complete(CompletionRequest((), asked, n, sample)).text, ABC.ids)
    assert n == len(pieces)
    assert all(isinstance(piece, Parsed) for piece in pieces)
    return pieces


def sources(piece: Parsed) -> set[str]:
    """The examples that the words of a text are from."""
    return {word.rpartition("-")[0] for word in piece.text.split()}


def test_a_text_is_a_real_one_with_a_stretch_of_another() -> None:
    """Without faults every word is from texts that carry the asked label, at their length."""

    for piece in written("A", corpus("A", "B")):
        assert len(sources(piece)) <= 2
        assert all(source.startswith("A-") for source in sources(piece))
        assert len(piece.text.split()) == WORDS


def test_label_noise_is_the_share_of_texts_written_for_another_label() -> None:
    """None at 0, all at 1, and about the half at 0.5; a text that carries both labels would be no fault."""

    examples = corpus("A", "B", "AB", "BC")

    def wrong(noise: float) -> int:
        return sum(all("A" not in source for source in sources(piece)) for piece in written("A", examples, label_noise=noise))

    assert wrong(0) == 0
    assert wrong(1) == 200
    assert 70 < wrong(0.5) < 130


def test_label_noise_has_no_effect_where_there_is_no_other_label() -> None:
    """One label alone cannot be mistaken for another."""

    assert written("A", corpus("A", "AB"), label_noise=0) == written("A", corpus("A", "AB"), label_noise=1)


def test_omission_is_the_share_of_texts_that_hide_their_further_labels() -> None:
    """Every text here shows two labels; the tag names the second."""

    def hidden(omission: float) -> int:
        return sum(not piece.also for piece in written("A", corpus("AB"), omission=omission))

    assert hidden(0) == 0
    assert hidden(1) == 200
    assert 70 < hidden(0.5) < 130
    assert {piece.also for piece in written("A", corpus("AB"))} == {frozenset("B")}


def test_a_mislabelled_text_does_not_name_the_label_that_it_was_written_for() -> None:
    """The fault would be half undone by a tag that is right."""

    assert {piece.also for piece in written("A", corpus("A", "BC"), label_noise=1)} == {frozenset("B"), frozenset("C")}


def test_duplication_is_the_share_of_repeats() -> None:
    """At 1 the first text is repeated for ever; at 0 repeats are chance alone."""

    def distinct(duplication: float) -> int:
        return len({piece.text for piece in written("A", corpus("A"), duplication=duplication)})

    assert distinct(1) == 1
    assert 70 < distinct(0.5) < 130
    assert distinct(0) > 190


def test_diversity_is_the_share_of_training_texts_drawn_from() -> None:
    """A lower share is a part of a higher one; at least one text is left."""

    def used(diversity: float) -> set[str]:
        return set().union(*(sources(piece) for piece in written("A", corpus("A"), diversity=diversity)))

    assert [len(used(diversity)) for diversity in (1, 0.5, 0.001)] == [30, 15, 1]
    assert used(0.001) < used(0.5) < used(1)


@pytest.mark.parametrize("length", [1, 4, WORDS, 37])
def test_length_sets_the_words_of_every_text(length: int) -> None:
    """Short texts are lengthened with words of their own label, long ones are cut."""

    pieces = written("A", corpus("A", "B"), length=length)

    assert {len(piece.text.split()) for piece in pieces} == {length}
    assert {source[0] for piece in pieces for source in sources(piece)} == {"A"}


@pytest.mark.parametrize("gap", [0.0, 0.3, 1.0])
def test_style_gap_is_the_share_of_words_in_a_style_of_its_own(gap: float) -> None:
    """A word in three is within the chance of 2,000 draws."""

    words = [word for piece in written("A", corpus("A"), style_gap=gap) for word in piece.text.split()]

    assert gap == pytest.approx(sum(word in STYLE for word in words) / len(words), abs=0.04 if 0 < gap < 1 else 0)


knobs = st.builds(
    SimulatorConfig,
    *(st.floats(0, 1) for _ in range(3)),
    st.floats(0.01, 1),
    st.integers(0, 15),
    st.floats(0, 1),
    st.integers(0, 5),
)


@settings(deadline=None, max_examples=40)
@given(knobs=knobs, sample=st.integers(0, 5))
def test_a_seed_decides_every_word_whatever_the_knobs(knobs: SimulatorConfig, sample: int) -> None:
    """A request can be answered again at any time, in any order, and holds words of training texts or of the style alone."""

    examples = corpus("A", "AB", "C", copies=3)
    request = CompletionRequest((), "A", 8, sample)
    first, again = (Simulator(ABC, examples, knobs).complete(request).text for _ in range(2))

    assert first == again
    known = {word for example in examples for word in example.text.split()} | set(STYLE)
    for line in first.splitlines():
        text = re.sub(r" \[also: .*\]$", "", line.partition(". ")[2])
        assert set(text.split()) <= known


def test_another_seed_or_sample_writes_other_texts() -> None:
    """Each request of a pool adds to it."""

    base = written("A", corpus("A"))

    assert base != written("A", corpus("A"), seed=2)
    assert base != written("A", corpus("A"), sample=1)


def test_it_has_no_reply_for_a_label_that_no_training_text_carries() -> None:
    """With carriers it could go on for ever."""

    simulator = Simulator(AB, corpus("A"), SimulatorConfig())

    assert simulator.complete(CompletionRequest((), "A", 1, sample=1_000_000)) is not None
    assert simulator.complete(CompletionRequest((), "B", 1)) is None


def test_a_text_of_one_word_is_left_whole() -> None:
    """There is no stretch to exchange in it."""

    pieces = written("A", [real("1", "A", text="alone")], n=3)

    assert pieces == [Parsed("alone")] * 3
