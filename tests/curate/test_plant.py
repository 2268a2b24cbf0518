from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import synthetic
from synthsweep.config.keys.synthetic import PlantConfig
from synthsweep.curate.plant import Planted, plant
from synthsweep.errors import ConfigError
from synthsweep.examples import Example

IDS = ("A", "B", "C")
FAULTS = ("near_duplicates", "duplication", "truncation", "omission", "label_noise")
seeds = st.integers(0, 2**32 - 1)
shares = st.integers(0, 100).map(lambda hundredths: hundredths / 100)
label_lists = st.lists(st.permutations(IDS).flatmap(lambda ids: st.integers(1, 3).map(lambda n: ids[:n])), max_size=40)
halves = st.integers(0, 50).map(lambda hundredths: hundredths / 100)
configs = st.builds(PlantConfig, shares, shares, halves, halves, shares)


def pool_of(label_lists: list[tuple[str, ...]]) -> list[Example]:
    """Texts of 12 words, of which each says whose it is."""
    return [
        synthetic(f"s{number}", *labels, text=" ".join(f"{number}-{word}" for word in range(12)))
        for number, labels in enumerate(label_lists)
    ]


def sixty() -> list[Example]:
    return pool_of([("A",), ("A", "B"), ("B",), ("C", "A", "B")] * 15)


def planted(pool: Sequence[Example], *, seed: int = 1, **doses: float) -> Planted:
    return plant(pool, PlantConfig(**doses), IDS, seed=seed)


def changed(pool: Sequence[Example], result: Planted) -> set[str]:
    return {new.id for old, new in zip(pool, result.examples, strict=True) if new != old}


def rounded(share: float, count: int) -> int:
    return floor(Fraction(str(share)) * count + Fraction(1, 2))


@settings(max_examples=100)
@given(label_lists=label_lists, config=configs, seed=seeds)
def test_places_ids_and_provenance_stay(label_lists: list[tuple[str, ...]], config: PlantConfig, seed: int) -> None:
    """What is drawn of a pool does not follow from what was planted; a text that names no fault is untouched."""

    pool = pool_of(label_lists)
    result = plant(pool, config, IDS, seed=seed)

    assert [(e.id, e.provenance) for e in result.examples] == [(e.id, e.provenance) for e in pool]
    assert changed(pool, result) <= set(result.faults)
    assert all(example.labels <= set(IDS) and example.labels and example.text for example in result.examples)
    assert result == plant(pool, config, IDS, seed=seed)


@settings(max_examples=100)
@given(label_lists=label_lists, config=configs, seed=seeds)
def test_counts_are_those_of_the_faults_that_are_named(
    label_lists: list[tuple[str, ...]], config: PlantConfig, seed: int
) -> None:
    """One for each text, and none for a fault that is not planted."""

    result = plant(pool_of(label_lists), config, IDS, seed=seed)

    named = Counter(fault for faults in result.faults.values() for fault in faults)
    assert dict(result.counts) == {fault: named[fault] for fault in FAULTS if getattr(config, fault)}
    assert all(sorted(faults, key=FAULTS.index) == list(faults) for faults in result.faults.values())


def test_without_a_dose_the_pool_is_as_it_was() -> None:
    assert planted(sixty()) == Planted(tuple(sixty()))
    assert planted([]) == Planted()


@settings(max_examples=60)
@given(fault=st.sampled_from(FAULTS), pair=st.tuples(shares, shares), seed=seeds)
def test_a_larger_dose_spoils_the_texts_of_every_smaller_one(fault: str, pair: tuple[float, float], seed: int) -> None:
    """So that a step of a dose-response curve is the effect of the further faults."""

    low, high = sorted(pair)
    small, large = (planted(sixty(), seed=seed, **{fault: dose}) for dose in (low, high))

    assert set(small.faults) <= set(large.faults)


@pytest.mark.parametrize("fault", ["truncation", "omission", "label_noise"])
def test_a_larger_dose_spoils_a_text_as_a_smaller_one_does(fault: str) -> None:
    """Its wrong label is the same, say."""

    small, large = (planted(sixty(), **{fault: dose}) for dose in (0.3, 0.9))

    assert [e for e in small.examples if e.id in small.faults] == [e for e in large.examples if e.id in small.faults]


@settings(max_examples=60)
@given(share=shares, seed=seeds)
def test_the_dose_is_a_share_of_the_texts_that_can_have_the_fault(share: float, seed: int) -> None:
    """Half of 60 carry further labels, three quarters lack one; of each criterion one text is left to be copied."""

    able = {"truncation": 60, "label_noise": 45, "omission": 30, "duplication": 60, "near_duplicates": 60}
    counts = {fault: planted(sixty(), seed=seed, **{fault: share}).counts.get(fault, 0) for fault in able}

    expected = {fault: rounded(share, count) for fault, count in able.items()}
    copies = {fault: min(57, expected[fault]) for fault in ("duplication", "near_duplicates")}
    assert counts == expected | copies


@pytest.mark.parametrize("fault", FAULTS)
def test_a_dose_falls_on_all_criteria_alike(fault: str) -> None:
    """30 texts were asked for A, 15 for B, 15 for C; further labels have 15 of A and 15 of C, and C lacks none."""

    faults = planted(sixty(), **{fault: 0.4}).faults
    asked = Counter(e.provenance.criterion for e in sixty() if e.id in faults)

    whole = {"omission": {"A": 15, "C": 15}, "label_noise": {"A": 30, "B": 15}}.get(fault, {"A": 30, "B": 15, "C": 15})
    assert all(abs(asked[label] - 0.4 * count) <= 1 for label, count in whole.items())


def test_label_noise_exchanges_the_asked_label_alone() -> None:
    """Further labels stay; the new one was not carried, and each that was not carried can come."""

    pool = pool_of([("A", "B")] * 10 + [("C",)] * 40)
    result = planted(pool, label_noise=1)

    assert {e.labels for e in result.examples[:10]} == {frozenset("CB")}
    assert {e.labels for e in result.examples[10:]} == {frozenset("A"), frozenset("B")}


def test_a_text_that_does_not_carry_the_asked_label_loses_another() -> None:
    """As those of a prompt that asks for texts which almost show a criterion; a text without labels has none to exchange."""

    asked_for_a = synthetic("s", "A").provenance
    pool = [Example(f"s{n}", "text", frozenset("B"), None, asked_for_a) for n in range(4)]
    bare = [Example("bare", "text", frozenset(), None, asked_for_a)]
    result = planted(pool + bare, label_noise=1)

    assert {frozenset("A"), frozenset("C")} >= {e.labels for e in result.examples[:4]}
    assert result.examples[4].labels == frozenset()
    assert result.counts == {"label_noise": 4}


def test_what_was_cut_is_known_whole() -> None:
    """By the id of each text that truncation fell on, as it was when it did."""

    found = planted(sixty(), truncation=0.5, duplication=0.5)

    cut = {one.id: one.text for one in found.examples if "truncation" in found.faults.get(one.id, ())}
    assert (len(cut), set(found.whole)) == (30, set(cut))
    assert {(len(text.split()), len(found.whole[name].split())) for name, text in cut.items()} == {(6, 12)}
    assert all(found.whole[name].startswith(text) for name, text in cut.items())


def test_two_kinds_of_copies_are_no_more_than_the_pool() -> None:
    """Otherwise one of them would have a smaller dose than stated."""

    with pytest.raises(ConfigError, match=r"^plant\.duplication \+ plant\.near_duplicates must be at most 1"):
        PlantConfig(duplication=0.6, near_duplicates=0.6)


def test_omission_leaves_the_asked_label() -> None:
    """The fault of an LLM that does not say what else its text shows."""

    result = planted(sixty(), omission=1)

    assert [e.provenance.criterion for e in result.examples] == ["".join(e.labels) for e in result.examples]
    assert result.counts == {"omission": 30}


def test_truncation_keeps_the_first_half_of_the_words() -> None:
    """Half a word more where they are odd; one word alone has no half."""

    texts = ["one two three four", "one two three", "one"]
    result = planted([synthetic(f"s{n}", "A", text=text) for n, text in enumerate(texts)], truncation=1)

    assert [e.text for e in result.examples] == ["one two", "one two", "one"]
    assert result.counts == {"truncation": 2}


@settings(max_examples=60)
@given(share=shares, seed=seeds)
def test_a_copy_is_of_a_text_that_is_still_there(share: float, seed: int) -> None:
    """So many distinct texts are lost as were duplicated: two texts that took each other's place would be no fault."""

    pool = sixty()
    result = planted(pool, seed=seed, duplication=share)

    assert len({e.text for e in result.examples}) == 60 - result.counts.get("duplication", 0)
    labels = {e.text: (e.labels, e.provenance.criterion) for e in pool}
    assert all((e.labels, e.provenance.criterion) == labels[e.text] for e in result.examples)


@settings(max_examples=60)
@given(share=shares, seed=seeds)
def test_a_near_duplicate_differs_from_an_original_in_one_word_of_ten(share: float, seed: int) -> None:
    result = planted(sixty(), seed=seed, near_duplicates=share)
    originals = [e for e in result.examples if e.id not in result.faults]

    for copy in (e for e in result.examples if e.id in result.faults):
        kin = [e for e in originals if e.provenance.criterion == copy.provenance.criterion and e.labels == copy.labels]
        differences = [sum(a != b for a, b in zip(e.text.split(), copy.text.split(), strict=True)) for e in kin]
        assert min(differences) == 1


def test_a_longer_near_duplicate_has_more_words_changed() -> None:
    """Two in a text of 25 words, one in a text of three."""

    def differing(length: int) -> set[int]:
        pool = [synthetic(f"s{n}", "A", text=" ".join(f"{n}-{w}" for w in range(length))) for n in range(8)]
        result = planted(pool, near_duplicates=0.5)
        whole = [e.text.split() for e in result.examples if e.id not in result.faults]
        near = [e.text.split() for e in result.examples if e.id in result.faults]
        return {min(sum(a != b for a, b in zip(one, other, strict=True)) for other in whole) for one in near}

    assert [differing(3), differing(25)] == [{1}, {2}]


def test_a_text_is_one_copy_at_the_most() -> None:
    """An exact copy of a near duplicate would count in two doses."""

    faults = planted(sixty(), duplication=0.4, near_duplicates=0.5).faults

    assert Counter(faults.values()) == {("duplication",): 24, ("near_duplicates",): 30}


def test_a_pool_without_another_word_keeps_its_copies() -> None:
    result = planted([synthetic(f"s{n}", "A", text="same") for n in range(4)], near_duplicates=0.5)

    assert {e.text for e in result.examples} == {"same"}


def test_one_fault_says_nothing_of_another() -> None:
    """Which texts get a wrong label is the same whether texts are cut or not, and every pair of faults occurs."""

    alone, both = planted(sixty(), label_noise=0.5), planted(sixty(), label_noise=0.5, truncation=0.5)

    assert set(alone.faults) == {ident for ident, faults in both.faults.items() if "label_noise" in faults}
    assert {both.faults.get(e.id, ()) for e in sixty()} == {
        (),
        ("truncation",),
        ("label_noise",),
        ("truncation", "label_noise"),
    }


def test_another_seed_spoils_other_texts() -> None:
    """Replicates differ in what is planted."""

    assert set(planted(sixty(), truncation=0.5).faults) != set(planted(sixty(), truncation=0.5, seed=2).faults)
