"""The arms of a study: what each holds, and which of them are alike in size and labels."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import real, synthetic
from synthsweep.config.keys.synthetic import ARMS, CurationConfig, MixConfig
from synthsweep.curate.drop import curate
from synthsweep.curate.mix import ARM_MIXES, Mix, draw_order, mix
from synthsweep.errors import PoolError
from synthsweep.examples import Example, text_key

LABELS = ("A", "B", "C")
# What augment adds as many texts as.
SAME_SIZE = ("duplicate_real", "more_real", "shuffled_labels")
NESTED = ("augment", "target", "more_real", "synthetic_only")
seeds = st.integers(0, 2**32 - 1)
modest = settings(deadline=None, max_examples=40)


@st.composite
def texts(
    draw: st.DrawFn, make: Callable[..., Example] = real, smallest: int = 1, largest: int = 40, prefix: str = "r"
) -> list[Example]:
    """Texts labelled at random, each label with odds of its own."""
    rng = draw(st.randoms(use_true_random=False))
    odds = [rng.uniform(0.1, 0.7) for _ in LABELS]
    count = draw(st.integers(smallest, largest))
    return [
        make(f"{prefix}{n}", *[label for label, chance in zip(LABELS, odds, strict=True) if rng.random() < chance])
        for n in range(count)
    ]


pools = texts(synthetic, smallest=40, largest=60, prefix="s")
reserves = texts(real, smallest=40, largest=60, prefix="x")


def arm(
    name: str, real_texts: list[Example], pool: list[Example], reserve: Sequence[Example] = (), *, seed: int = 1, **keys: Any
) -> Mix:
    """The mix of an arm, with A as its target by default; the pool is in its seeded order."""
    if name == "target":
        keys = {"targets": ["A"], **keys}
    ordered = [pool[index] for index in draw_order(pool, seed=seed)]
    return mix(real_texts, ordered, MixConfig(name, **keys), label_ids=LABELS, reserve=reserve, seed=seed)


def added_by(mixed: Mix) -> tuple[Example, ...]:
    return (*mixed.added, *mixed.synthetic)


def label_sets(examples: Iterable[Example]) -> Counter[frozenset[str]]:
    return Counter(example.labels for example in examples)


def test_every_arm_of_the_configuration_is_mixed() -> None:
    assert set(ARM_MIXES) == set(ARMS)


@modest
@given(real_texts=texts(), pool=pools, reserve=reserves, seed=seeds, name=st.sampled_from(SAME_SIZE))
def test_controls_are_as_large_as_augment(
    real_texts: list[Example], pool: list[Example], reserve: list[Example], seed: int, name: str
) -> None:
    """A difference between them is none of size."""

    augment, control = (arm(one, real_texts, pool, reserve, seed=seed, ratio=1) for one in ("augment", name))

    assert len(added_by(augment)) == len(added_by(control)) == len(real_texts)
    assert augment.real == control.real == tuple(real_texts)
    assert len({example.id for example in control.examples}) == len(control.examples)


@modest
@given(real_texts=texts(smallest=12), pool=pools, seed=seeds)
def test_size_matched_is_as_large_as_prevalence_matched(real_texts: list[Example], pool: list[Example], seed: int) -> None:
    """And begins as augment does."""

    keys = {"ratio": 1, "tolerance": 0.3, "seed": seed}
    matched, beside, augment = (
        arm(name, real_texts, pool, **keys) for name in ("prevalence_matched", "size_matched", "augment")
    )

    assert len(matched.synthetic) == len(beside.synthetic) > 0
    assert augment.synthetic[: len(beside.synthetic)] == beside.synthetic
    assert set(matched.synthetic) <= set(augment.synthetic)


@modest
@given(real_texts=texts(), pool=pools, seed=seeds)
def test_shuffled_labels_are_those_of_augment_on_other_texts(real_texts: list[Example], pool: list[Example], seed: int) -> None:
    """Whole label sets change places; id, text and provenance stay."""

    augment, shuffled = (arm(name, real_texts, pool, seed=seed, ratio=1).synthetic for name in ("augment", "shuffled_labels"))

    assert label_sets(shuffled) == label_sets(augment)
    assert [(e.id, e.text, e.provenance) for e in shuffled] == [(e.id, e.text, e.provenance) for e in augment]


def test_a_shuffle_leaves_a_label_where_it_was_by_chance_alone() -> None:
    """Of 1,000 texts of which half carry A, half keep their label, give or take five standard errors."""

    pool = [synthetic(f"s{n}", "AB"[n % 2]) for n in range(1000)]
    augment, shuffled = (arm(name, pool[:1], pool, count=1000).synthetic for name in ("augment", "shuffled_labels"))

    kept = sum(one.labels == other.labels for one, other in zip(augment, shuffled, strict=True))
    assert abs(kept - 500) < 80


@modest
@given(
    real_texts=texts(), pool=pools, reserve=reserves, seed=seeds, name=st.sampled_from(NESTED),
    pair=st.tuples(st.integers(1, 8), st.integers(1, 8)),
)  # fmt: skip
def test_a_larger_dose_of_an_arm_begins_with_the_smaller(
    real_texts: list[Example], pool: list[Example], reserve: list[Example], seed: int, name: str, pair: tuple[int, int]
) -> None:
    """So that doses differ by the added texts."""

    # As many texts with A as the largest dose takes, and one real text with it.
    pool, real_texts = [*pool, *(synthetic(f"a{n}", "A") for n in range(8))], [*real_texts, real("with A", "A")]
    small, large = (arm(name, real_texts, pool, reserve, seed=seed, count=count) for count in sorted(pair))

    assert added_by(small) == added_by(large)[: len(added_by(small))]
    assert [len(added_by(small)), len(added_by(large))] == sorted(pair)


@pytest.mark.slow
@modest
@given(real_texts=texts(smallest=20), pool=pools, reserve=reserves, seed=seeds, name=st.sampled_from(ARMS))
def test_the_same_seed_gives_the_same_mix(
    real_texts: list[Example], pool: list[Example], reserve: list[Example], seed: int, name: str
) -> None:
    """Whatever the arm; the baseline is the same for all."""

    real_texts = [*real_texts, real("with A", "A")]
    pool = [*pool, *(synthetic(f"a{n}", "A") for n in range(40))]
    one, other = (arm(name, real_texts, pool, reserve, seed=seed, tolerance=0.3) for _ in range(2))

    assert one == other
    assert one.baseline == len(real_texts)


@pytest.mark.parametrize("name", sorted(set(ARMS) - {"real_only", "more_real"}))
def test_another_seed_gives_another_draw(name: str) -> None:
    """What is in the reserve's order follows the seed of the few-shot draw instead."""

    real_texts = [real(f"r{n}", "AB"[n % 2]) for n in range(40)]
    pool = [synthetic(f"s{n}", "AAB"[n % 3]) for n in range(90)]

    one, other = (arm(name, real_texts, pool, seed=seed, tolerance=0.1) for seed in (1, 2))

    assert added_by(one) != added_by(other)


def test_targeting_adds_texts_of_the_targets_for_the_real_texts_that_carry_one() -> None:
    """Half of the ten real texts with A or B, in the pool's order; what else a text carries does not matter."""

    real_texts = [real(f"r{n}", *("A", "B", "C")[n % 3]) for n in range(15)]
    pool = [synthetic("s0", "C"), synthetic("s1", "A", "C"), synthetic("s2"), *(synthetic(f"b{n}", "B") for n in range(9))]

    found = mix(real_texts, pool, MixConfig("target", 0.5, targets=["A", "B"]), label_ids=LABELS, seed=1)

    assert [example.id for example in found.synthetic] == ["s1", "b0", "b1", "b2", "b3"]
    assert found.baseline == 15


def test_real_texts_stand_between_the_training_set_and_synthetic_ones() -> None:
    """More real ones are no synthetic ones, and are taken in the reserve's order."""

    reserve = [real(f"x{n}") for n in range(4)]
    found = arm("more_real", [real("r0"), real("r1")], [], reserve, ratio=1.5)

    assert [example.id for example in found.examples] == ["r0", "r1", "x0", "x1", "x2"]
    assert found.synthetic == ()


def test_the_original_source_puts_real_texts_in_the_place_of_synthetic_ones() -> None:
    """Scaling takes any, targeting those that carry a target."""

    real_texts, reserve = [real("r0", "A"), real("r1", "B")], [real("x0", "B"), real("x1", "A"), real("x2", "A")]
    scaled, targeted = (arm(name, real_texts, [], reserve, ratio=1, source="original") for name in ("augment", "target"))

    assert [example.id for example in scaled.added] == ["x0", "x1"]
    assert [example.id for example in targeted.added] == ["x1"]
    assert arm("more_real", real_texts, [], reserve, ratio=1) == scaled


def test_an_arm_that_aims_at_counts_says_how_far_off_it_is() -> None:
    """Four texts with C are asked for, and no real text carries it: four too few with C, four too many with A."""

    real_texts, pool = [real(f"r{n}", "A") for n in range(4)], [synthetic(f"s{n}", "C") for n in range(4)]

    assert arm("duplicate_real", real_texts, pool, ratio=1).residual == 8
    assert arm("duplicate_real", real_texts, [synthetic("s0", "A")], count=1).residual == 0
    assert arm("prevalence_matched", real_texts, [synthetic("s0", "A")], count=1).residual == 0
    assert arm("augment", real_texts, pool, ratio=1).residual is None


def test_copies_of_real_texts_need_the_texts_that_they_stand_beside() -> None:
    """Where curation left none, there is nothing to be a control of, as for every other arm."""

    with pytest.raises(PoolError, match=r"^mix\.ratio=1 of 4 real texts takes 4 synthetic ones, the pool has 0"):
        arm("duplicate_real", [real(f"r{n}", "A") for n in range(4)], [], ratio=1)


TEN = [real(f"r{n}", "A") for n in range(10)]
REFUSED = [
    ("target", {"targets": ["A9"]}, "mix.targets: A9 is none of labels.ids (A, B, C)"),
    (
        "target", {"targets": ["B", "C"]},
        "mix.targets=[B,C]: no real training text carries any of them, so that mix.ratio=0.5 takes none: "
        "set mix.count=N, or raise data.train_size",
    ),
    (
        "target", {"ratio": 0.4},
        "mix.ratio=0.4 of 10 real texts with A takes 4 synthetic ones, the pool has 3 of them, 1 too few: "
        "lower mix.ratio to 0.3, or get a larger pool (generate.n, or llm.path=FILE)",
    ),
    (
        "more_real", {"ratio": 1.5},
        "mix=more_real with mix.ratio=1.5 takes 15 real texts beyond the 10 of data.train_size, which leaves 2, 13 too few: "
        "lower mix.ratio to 0.2, or lower data.train_size to 4",
    ),
    (
        "more_real", {"count": 14},
        "mix=more_real with mix.count=14 takes 14 real texts beyond the 10 of data.train_size, which leaves 2, 12 too few: "
        "lower mix.count to 2, or lower data.train_size (no size leaves enough: get more real texts)",
    ),
    (
        "target", {"source": "original"},
        "mix=target with mix.ratio=0.5 takes 5 real texts with A beyond the 10 of data.train_size, which leaves 1, 4 too few: "
        "lower mix.ratio to 0.1, or lower data.train_size",
    ),
    (
        "prevalence_matched", {"ratio": 0.1, "tolerance": 0},
        "mix.tolerance=0: none of the 1 synthetic texts can be added without moving a label's share further than that: "
        "raise mix.tolerance",
    ),
    ("synthetic_only", {"count": 0}, "mix=synthetic_only with mix.count=0 holds no text to train on: raise mix.count"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "keys", "message"), REFUSED)
def test_what_cannot_be_mixed_is_refused_with_a_way_out(name: str, keys: dict[str, Any], message: str) -> None:
    """In one line: key, rule, what there is."""

    pool = [synthetic("s", "B"), *(synthetic(f"s{n}", "A") for n in range(3))]
    config = MixConfig(name, **({"targets": ["A"]} if name == "target" and "targets" not in keys else {}), **keys)
    with pytest.raises(PoolError, match=f"^{re.escape(message)}$"):
        mix(TEN, pool, config, label_ids=LABELS, reserve=[real("x0", "A"), real("x1", "B")], seed=1)


@pytest.mark.slow
@modest
@given(real_texts=texts(smallest=12), pool=pools, reserve=reserves, seed=seeds, name=st.sampled_from(ARMS), data=st.data())
def test_no_text_of_dev_or_test_is_trained_on(
    real_texts: list[Example], pool: list[Example], reserve: list[Example], seed: int, name: str, data: st.DataObject
) -> None:
    """Whatever the arm: a pool may repeat them, in other case and spacing."""

    evaluated = [real(f"e{n}", text=f"Seen in the clinic, {n}.") for n in range(5)]
    places = data.draw(st.lists(st.integers(0, len(pool)), max_size=12))
    leaks = [synthetic(f"leak{n}", "A", text=f" seen IN the clinic {n % 5}") for n in range(len(places))]
    for place, leak in zip(places, leaks, strict=True):
        pool.insert(place, leak)
    config = CurationConfig()
    curated = curate(pool, train=real_texts, evaluated=evaluated, config=config, label_ids=LABELS)

    real_texts = [*real_texts, real("with A", "A")]
    mixed = arm(name, real_texts, list(curated.kept), reserve, seed=seed, tolerance=0.3, count=3, targets=["A", "B", "C"])

    assert {text_key(e.text) for e in mixed.examples} & {text_key(e.text) for e in evaluated} == set()
