"""What is known of the labels of a split, and splits and draws that keep it in its shares."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import AB, real
from synthsweep.corpus.decided import decided, undecided
from synthsweep.corpus.split import Split, split_examples, subset
from synthsweep.errors import DataError
from synthsweep.examples import UNKNOWN, Example, label_matrix
from synthsweep.stratify import stratified_order

CLASSES = replace(AB, kind="single")


def hidden(example: Example, *labels: str) -> Example:
    return replace(example, unknown=frozenset(labels))


def of(*train: Example) -> Split:
    return Split(train, (real("d", "A"),), (real("t", "B"),))


def test_a_matrix_tells_undecided_labels_from_lacking_ones() -> None:
    """1 carried, 0 lacking, UNKNOWN undecided."""
    assert label_matrix([hidden(real("1", "A"), "B"), real("2", "B")], ["A", "B"]) == [[1, UNKNOWN], [0, 1]]


@pytest.mark.parametrize(
    ("texts", "got"),
    [
        ((real("1", "A", "B"),), "text 1 of the train part has 2 (A, B): mend"),
        ((real("1"), real("2")), "text 1 of the train part has none, with 1 more like it: mend"),
    ],
)
def test_a_text_has_exactly_one_class(texts: tuple[Example, ...], got: str) -> None:
    """Two, or none, are refused with the text; so is the way out named."""
    with pytest.raises(DataError, match=r"labels\.kind=single") as refused:
        decided(of(*texts), CLASSES)

    assert got in str(refused.value)
    assert decided(of(*texts), AB) == of(*texts)


def test_a_class_decides_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """With a line that says so; a text whose class nobody knows stays unknown."""
    split = decided(of(hidden(real("1", "A"), "B"), hidden(real("2"), "A", "B")), CLASSES)

    assert [example.unknown for example in split.train] == [frozenset(), {"A", "B"}]
    assert "1 texts with a class lack all others" in caplog.text


def test_a_part_without_any_decided_label_is_refused() -> None:
    """It could neither be learnt from nor be measured on."""
    with pytest.raises(DataError, match="nobody decided on any label of the train part"):
        decided(of(hidden(real("1"), "A", "B")), AB)


def test_undecided_texts_are_counted_by_label() -> None:
    """Labels that are decided everywhere are missing."""
    assert undecided([hidden(real("1"), "B"), hidden(real("2", "A"), "B"), real("3")], AB.ids) == {"B": 2}


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60), st.integers(0, 99))
def test_finer_strata_come_evenly_within_each_stratum(pairs: list[tuple[int, int]], seed: int) -> None:
    """The order of strata is that without finer ones; each stratum's own order is stratified by the finer ones."""

    strata, finer = [one for one, _ in pairs], [other for _, other in pairs]
    order = stratified_order(strata, random.Random(seed), within=finer)

    assert sorted(order) == list(range(len(pairs)))
    for stratum in set(strata):
        own = [finer[index] for index in order if strata[index] == stratum]
        for value in set(own):
            for size in range(len(own) + 1):
                assert abs(own[:size].count(value) - size * own.count(value) / len(own)) < 3


@given(st.lists(st.integers(0, 2), min_size=1, max_size=40), st.integers(0, 99))
def test_without_finer_strata_the_order_stays(strata: list[int], seed: int) -> None:
    """One value within each stratum is none at all: draws of complete corpora stay as they were."""
    assert stratified_order(strata, random.Random(seed), within=[0] * len(strata)) == stratified_order(
        strata, random.Random(seed)
    )


def test_draws_and_splits_keep_the_share_of_undecided_labels() -> None:
    """Half of the texts without A are undecided on it, in the whole, in a draw, and in each part."""

    texts = [hidden(real(f"{n}"), "A") if n % 2 else real(f"{n}") for n in range(80)] + [real(f"a{n}", "A") for n in range(20)]
    drawn = subset(texts, 50, part="train", seed=1)
    parts = split_examples(texts, {"train": 0.5, "test": 0.5}, ["A"], seed=1)

    assert undecided(drawn, ["A"])["A"] == pytest.approx(20, abs=1)
    assert [undecided(part, ["A"])["A"] for part in parts.values()] == pytest.approx([20, 20], abs=1)
    assert [sum("A" in e.labels for e in part) for part in parts.values()] == pytest.approx([10, 10], abs=1)


def test_classes_are_drawn_and_split_in_their_shares() -> None:
    """As the strata of a corpus where each text has one."""

    texts = [real(f"{n}", "AAAB"[n % 4]) for n in range(40)]
    parts = split_examples(texts, {"train": 0.5, "test": 0.5}, ["A", "B"], seed=1)

    assert [sum("B" in e.labels for e in part) for part in parts.values()] == [5, 5]
    assert sum("B" in e.labels for e in subset(texts, 20, part="train", seed=2)) == 5
