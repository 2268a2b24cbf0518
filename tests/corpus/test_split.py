"""Splits by group and few-shot draws, by their laws."""

from collections import Counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from support.builders import real
from synthsweep.corpus.split import Split, split_examples, subset
from synthsweep.errors import DataError
from synthsweep.examples import Example

LABELS = ("A", "B", "C")
SHARES = {"train": 0.6, "dev": 0.2, "test": 0.2}
seeds = st.integers(0, 2**32 - 1)
modest = settings(deadline=None, max_examples=40)


@st.composite
def corpora(draw: st.DrawFn, *, children: tuple[int, int] = (3, 60), largest: int = 4) -> list[Example]:
    """Examples of children who have up to `largest` each, labelled at random."""
    rng = draw(st.randoms(use_true_random=False))
    odds = [rng.uniform(0.1, 0.5) for _ in LABELS]
    examples: list[Example] = []
    for child in range(draw(st.integers(*children))):
        for _ in range(rng.randint(1, largest)):
            labels = [label for label, chance in zip(LABELS, odds, strict=True) if rng.random() < chance]
            examples.append(real(str(len(examples)), *labels, group=f"child {child}"))
    return examples


def split(examples: list[Example], seed: int = 1, shares: dict[str, float] = SHARES) -> dict[str, tuple[Example, ...]]:
    return split_examples(examples, shares, LABELS, seed=seed)


@modest
@given(examples=corpora(), seed=seeds)
def test_no_group_spans_two_parts(examples: list[Example], seed: int) -> None:
    """Sentences of one child are alike, so that one of them in train would give another in test away."""
    parts = split(examples, seed)

    homes = {(example.group, part) for part, members in parts.items() for example in members}
    assert len({example.group for example in examples}) == len(homes)


@modest
@given(examples=corpora(), seed=seeds)
def test_every_example_stands_in_exactly_one_part(examples: list[Example], seed: int) -> None:
    """Whole and unchanged, in the order in which it came."""
    parts = split(examples, seed)

    assert sorted((e for part in parts.values() for e in part), key=lambda e: e.id) == sorted(examples, key=lambda e: e.id)
    for part in parts.values():
        assert list(part) == [example for example in examples if example in part]


@modest
@given(examples=corpora(), seed=seeds)
def test_no_part_is_empty(examples: list[Example], seed: int) -> None:
    """Three children are enough for three parts."""
    assert all(split(examples, seed).values())


@pytest.mark.slow
@modest
@given(examples=corpora(children=(60, 120)), seed=seeds)
def test_each_part_holds_its_share_of_examples_and_of_each_frequent_label(examples: list[Example], seed: int) -> None:
    """To within two children, or four positives: a split at random is off by three times as much."""
    parts = split(examples, seed)

    whole = Counter(label for example in examples for label in example.labels)
    for part, share in SHARES.items():
        held = Counter(label for example in parts[part] for label in example.labels)
        assert abs(len(parts[part]) - share * len(examples)) <= 8
        for label in (label for label in LABELS if whole[label] >= 20):
            assert abs(held[label] - share * whole[label]) <= 4


@modest
@given(examples=corpora(), seed=seeds)
def test_one_seed_gives_one_split(examples: list[Example], seed: int) -> None:
    """The test set of a study is fixed by data.split_seed alone."""
    assert split(examples, seed) == split(examples, seed)


def test_another_seed_gives_another_split() -> None:
    examples = [real(str(number), *LABELS[number % 3 : number % 3 + 1]) for number in range(60)]

    assert len({split(examples, seed)["test"] for seed in range(10)}) == 10


def test_a_rare_label_reaches_every_part() -> None:
    """Five positives in 200: a random 60/20/20 split leaves a part without one more often than not."""
    examples = [real(str(number), *(["C"] if number % 40 == 0 else ["A"])) for number in range(200)]

    for seed in range(20):
        assert all(any("C" in example.labels for example in part) for part in split(examples, seed).values())


def test_large_and_small_groups_share_a_part() -> None:
    """Ten children of 20 sentences and a hundred of one: no part is made of one kind alone."""
    large = [real(f"l{child}-{number}", "A", group=f"large {child}") for child in range(10) for number in range(20)]
    small = [real(f"s{child}", "A", group=f"small {child}") for child in range(100)]

    parts = split(large + small)

    assert all(abs(len(parts[part]) - 300 * share) <= 20 for part, share in SHARES.items())
    assert all({example.id[0] for example in members} == {"l", "s"} for members in parts.values())


def test_examples_without_a_group_are_split_one_by_one() -> None:
    """An id that equals the name of a child's group does not tie the two."""
    alone = [real(str(number)) for number in range(5)]
    together = [real("c1", group="0"), real("c2", group="0")]

    apart = set()
    for seed in range(20):
        homes = {example: part for part, members in split(alone + together, seed).items() for example in members}
        assert homes[together[0]] == homes[together[1]]
        apart.add(homes[alone[0]] != homes[together[0]])
    assert True in apart


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (None, "data: train, dev, test need at least 3 rows, got 2: add more"),
        ("child", r"data: train, dev, test need at least 3 different groups in data\.group, got 1: add more"),
    ],
)
def test_fewer_groups_than_parts_are_refused(group: str | None, message: str) -> None:
    """The message counts what a split would place: children where there are any."""
    with pytest.raises(DataError, match=message):
        split([real("1", "A", group=group), real("2", "B", group=group)])


def test_a_label_without_a_positive_is_no_trouble() -> None:
    """A share of nothing is not divided by."""
    parts = split([real(str(number), "A") for number in range(10)])

    assert {part: len(members) for part, members in parts.items()} == {"train": 6, "dev": 2, "test": 2}


def test_a_split_names_its_parts_in_order() -> None:
    """Reports list them as they are used."""
    one, two, three = (real(name) for name in "123")

    assert list(Split((one,), (two,), (three,)).parts.items()) == [("train", (one,)), ("dev", (two,)), ("test", (three,))]


@modest
@given(examples=corpora(), seed=seeds, data=st.data())
def test_a_larger_subset_holds_every_smaller_one(examples: list[Example], seed: int, data: st.DataObject) -> None:
    """So that 100 and 200 real texts differ by the hundred that was added."""
    large = data.draw(st.integers(1, len(examples)))
    small = data.draw(st.integers(1, large))

    drawn = {size: subset(examples, size, part="train", seed=seed) for size in (small, large)}

    assert {size: len(members) for size, members in drawn.items()} == {small: small, large: large}
    assert set(drawn[small]) <= set(drawn[large]) <= set(examples)


@modest
@given(examples=corpora(), seed=seeds)
def test_a_subset_keeps_the_order_of_its_examples(examples: list[Example], seed: int) -> None:
    """A subset of everything is the whole, and digests alike."""
    assert subset(examples, len(examples), part="train", seed=seed) == tuple(examples)
    half = subset(examples, (len(examples) + 1) // 2, part="train", seed=seed)
    assert list(half) == [example for example in examples if example in half]


def test_a_subset_holds_each_combination_of_labels_at_its_share() -> None:
    """Twenty of a hundred hold a fifth of each, give or take one."""
    examples = [real(str(number), *("A" if number % 2 else "BC")) for number in range(80)] + [real(f"n{n}") for n in range(20)]

    drawn = Counter("".join(sorted(example.labels)) for example in subset(examples, 20, part="train", seed=3))

    assert all(abs(drawn[labels] - share) <= 1 for labels, share in {"A": 8, "BC": 8, "": 4}.items())


def test_a_subset_depends_on_its_seed_and_on_its_part() -> None:
    """Dev and test of one size are not drawn at the same places."""
    examples = [real(str(number)) for number in range(50)]

    assert len({subset(examples, 10, part=part, seed=seed) for part in ("train", "dev") for seed in range(5)}) == 10


@given(examples=corpora())
@settings(deadline=None, max_examples=5)
def test_a_subset_of_size_0_is_everything(examples: list[Example]) -> None:
    """0 is what data.train_size says for all."""
    assume(examples)

    assert subset(examples, 0, part="train", seed=1) == tuple(examples)


def test_a_subset_larger_than_its_part_is_refused() -> None:
    """The message names the key and the most that it may be."""
    with pytest.raises(DataError, match=r"data\.dev_size must be at most 2, the examples of that part; got 3"):
        subset([real("1"), real("2")], 3, part="dev", seed=1)
