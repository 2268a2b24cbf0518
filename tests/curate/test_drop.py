from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import real, synthetic
from synthsweep.config.keys.synthetic import CurationConfig
from synthsweep.curate.drop import Curated, curate
from synthsweep.examples import Example, text_key
from synthsweep.label_checker import Verdict

LABELS = ("A", "B", "C")
BARE = {"drop_duplicates": False}
TEXTS = ["He spins.", "he  SPINS", "She waits!", "she waits", "One.", "?", "!", "Two?"]
SENTENCES = [
    "He lines up the red cars along the kitchen wall.",
    "He lines up the blue cars along the kitchen wall.",
    "She hums one note until the lights are out.",
    "She hums one note until all the lights are out!",
    "Nobody at the table was told about the trip.",
]
texts = st.lists(st.sampled_from([*TEXTS, *SENTENCES]), max_size=12)
configs = st.builds(
    CurationConfig,
    drop_duplicates=st.booleans(),
    near_duplicates=st.sampled_from(["none", "minhash", "embedding", "both"]),
    against_train=st.booleans(),
    leak_cosine=st.sampled_from([None, 0.9]),
    min_words=st.integers(0, 4),
    max_words=st.sampled_from([0, 4, 9]),
    label_action=st.sampled_from(["keep", "drop", "replace", "add"]),
    balance=st.booleans(),
)


@dataclass(frozen=True)
class WordBag:
    """An Embedder: a direction for each word, so that texts of much the same words are near."""

    name: str = "bag"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text_key(text).split():
                row[sum(map(ord, word)) % 64] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


@dataclass(frozen=True)
class Meanings:
    """An Embedder that knows which texts mean the same."""

    same: dict[str, int]
    name: str = "meanings"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.eye(9, dtype=np.float32)[[self.same[text] for text in texts]]


@dataclass
class Reader:
    """A LabelChecker with a verdict by text; it remembers what it was shown."""

    sees: dict[str, str | None]
    shown: list[str] = field(default_factory=list)

    def check(self, examples: Sequence[Example]) -> Sequence[Verdict | None]:
        self.shown += [example.text for example in examples]
        found = [self.sees.get(example.text, "A") for example in examples]
        return [None if labels is None else Verdict(frozenset(labels), 0.5) for labels in found]


def pool_of(texts: Sequence[str]) -> list[Example]:
    return [synthetic(str(number), "AAB"[number % 3], text=text) for number, text in enumerate(texts)]


def curated(
    pool: Sequence[Example],
    config: CurationConfig,
    *,
    train: Sequence[Example] = (),
    evaluated: Sequence[Example] = (),
    **given: Any,
) -> Curated:
    return curate(pool, train=train, evaluated=evaluated, config=config, label_ids=LABELS, **given)


def dropped(found: Curated) -> list[tuple[str, str, str]]:
    return [(one.example.id, one.step, one.like) for one in found.dropped]


def test_the_first_of_equal_texts_is_kept() -> None:
    """Case, punctuation and spacing make no other text."""

    found = curated(pool_of(["He spins.", "Other.", "he  SPINS", "He spins!"]), CurationConfig())

    assert [example.id for example in found.kept] == ["0", "1"]
    assert dropped(found) == [("2", "duplicates", "0"), ("3", "duplicates", "0")]


def test_a_step_that_ran_and_dropped_nothing_counts_zero() -> None:
    """Whoever reads a run sees that the gate was there; a step that is off has no count."""

    pool = pool_of(["He spins.", "Other."])

    assert curated(pool, CurationConfig()).counts == {"duplicates": 0, "leaks": 0}
    assert curated(pool, CurationConfig(**BARE)).counts == {"leaks": 0}
    everything = CurationConfig(near_duplicates="both", against_train=True, min_words=1, max_words=9, balance=True)
    steps = ["duplicates", "near_duplicates", "train_copies", "too_short", "too_long", "leaks", "unbalanced"]
    assert list(curated(pool, everything, embedder=WordBag()).counts) == steps


def test_a_copy_of_dev_or_test_is_dropped_whatever_the_configuration() -> None:
    """Exact, with a word changed, or within a longer text; each is listed with the text that it repeats."""

    real_text = "He lines up the red cars along the kitchen wall."
    pool = pool_of([real_text.upper(), "Own.", real_text.replace("red", "green"), f"Then {real_text} Always."])

    found = curated(pool, CurationConfig(**BARE), evaluated=[real("t", text=real_text)])

    assert dropped(found) == [("0", "leaks", "t"), ("2", "leaks", "t"), ("3", "leaks", "t")]
    assert found.dropped == found.leaks


def test_the_leaks_are_those_of_the_gate_alone() -> None:
    """Duplicates are dropped, but they are no copies of dev or test."""

    found = curated(pool_of(["Same.", "Same.", "He spins."]), CurationConfig(), evaluated=[real("t", text="he spins")])

    assert found.counts == {"duplicates": 1, "leaks": 1}
    assert [one.example.id for one in found.leaks] == ["2"]


def test_a_paraphrase_is_a_leak_from_a_cosine_on() -> None:
    """By words alone it is another text; what is a copy by words stays one, whatever it means."""

    pool = pool_of(["Vehicles in a row", "He waits", "A line of vans"])
    embedder = Meanings({"Vehicles in a row": 0, "A line of cars": 0, "He waits": 1, "A line of vans": 2})
    given = {"evaluated": [real("t", text="A line of cars")], "embedder": embedder}

    assert dropped(curated(pool, CurationConfig(), **given)) == [("2", "leaks", "t")]
    found = curated(pool, CurationConfig(leak_cosine=0.9), **given)
    assert dropped(found) == [("0", "leaks", "t"), ("2", "leaks", "t")]


@pytest.mark.parametrize(("kind", "counts"), [("none", (0, 0)), ("minhash", (1, 0)), ("embedding", (1, 1)), ("both", (2, 1))])
def test_near_duplicates_go_by_words_by_meaning_or_by_both(kind: str, counts: tuple[int, int]) -> None:
    """Within the pool the first stays; a near copy of a training text goes, too."""

    pool = pool_of(["the red cars along the wall", "the red cars along the walls", "vehicles", "autos", "training", "other"])
    meanings = {example.text: number for number, example in enumerate(pool)} | {"autos": 2, "trained": 4}
    config = CurationConfig(near_duplicates=kind, against_train=True)

    found = curated(pool, config, train=[real("r", text="trained")], embedder=Meanings(meanings))

    assert tuple(found.counts.get(step, 0) for step in ("near_duplicates", "train_copies")) == counts


def test_near_copies_of_training_texts_stay_unless_they_are_to_go() -> None:
    train = [real("r", text=SENTENCES[0])]
    pool = pool_of([SENTENCES[0] + " Yes.", SENTENCES[4]])

    assert curated(pool, CurationConfig(near_duplicates="minhash"), train=train).counts == {
        "duplicates": 0,
        "near_duplicates": 0,
        "leaks": 0,
    }
    found = curated(pool, CurationConfig(near_duplicates="minhash", against_train=True), train=train)
    assert dropped(found) == [("0", "train_copies", "r")]


def test_a_step_that_compares_meanings_needs_an_embedder() -> None:
    with pytest.raises(ValueError, match="it needs an embedder"):
        curated(pool_of(["One.", "Two."]), CurationConfig(near_duplicates="embedding"))


def test_the_bounds_of_length_are_within() -> None:
    """Three words are not fewer than three, nor more."""

    pool = pool_of(["two words", "now three words", "here are four words"])

    assert dropped(curated(pool, CurationConfig(min_words=3))) == [("0", "too_short", "")]
    assert dropped(curated(pool, CurationConfig(max_words=3))) == [("2", "too_long", "")]
    assert curated(pool, CurationConfig(min_words=3, max_words=3)).counts == {
        "duplicates": 0,
        "too_short": 1,
        "too_long": 1,
        "leaks": 0,
    }


@pytest.mark.parametrize(
    ("action", "labels", "relabelled"),
    [("keep", ["A", "A", "B"], 0), ("drop", ["A", "B"], 0), ("replace", ["AC", "C", "B"], 2), ("add", ["AC", "AC", "B"], 2)],
)
def test_what_comes_of_a_verdict_is_the_action(action: str, labels: list[str], relabelled: int) -> None:
    """The first shows more than its label, the second something else, the third has no verdict and stays as it is."""

    pool, reader = pool_of(["more", "else", "mute"]), Reader({"more": "AC", "else": "C", "mute": None})

    found = curated(pool, CurationConfig(label_action=action), checker=reader)

    assert ["".join(sorted(example.labels)) for example in found.kept] == labels
    assert (found.relabelled, found.unjudged) == (relabelled, 1)
    assert {ident: one.labels for ident, one in found.verdicts.items()} == {"0": frozenset("AC"), "1": frozenset("C")}
    assert dropped(found) == [("1", "doubted", "")] * (action == "drop")


def test_a_label_that_the_classifier_does_not_know_is_never_given() -> None:
    """A judge may name anything."""

    found = curated(pool_of(["x"]), CurationConfig(label_action="replace"), checker=Reader({"x": "BZ"}))

    assert found.kept[0].labels == frozenset("B")


def test_no_leak_is_shown_to_the_checker() -> None:
    """A judge costs money, and what goes anyway needs none."""

    reader = Reader({})

    curated(pool_of(["He spins.", "Other.", "other"]), CurationConfig(), evaluated=[real("t", text="he spins")], checker=reader)

    assert reader.shown == ["Other."]


def test_balance_leaves_as_many_texts_for_each_criterion() -> None:
    """As many as were asked for the rarest; another seed leaves others."""

    pool = pool_of([f"text {number}" for number in range(30)])

    first, again, other = (curated(pool, CurationConfig(balance=True), seed=seed) for seed in (1, 1, 2))

    assert Counter(example.provenance.criterion for example in first.kept) == {"A": 10, "B": 10}
    assert first.counts == {"duplicates": 0, "leaks": 0, "unbalanced": 10}
    assert first == again
    assert first.kept != other.kept


@pytest.mark.slow
@settings(max_examples=80)
@given(texts=texts, train=texts, evaluated=texts, config=configs, doubts=st.booleans())
def test_no_text_vanishes_uncounted_and_none_of_dev_or_test_is_kept(
    texts: list[str], train: list[str], evaluated: list[str], config: CurationConfig, doubts: bool
) -> None:
    """Kept and dropped are the pool, in its order, whatever the switches; a second pass drops no more."""

    pool, held_out = pool_of(texts), [real(f"t{number}", text=text) for number, text in enumerate(evaluated)]
    known = [real(f"r{number}", text=text) for number, text in enumerate(train)]
    checker = Reader(dict.fromkeys(texts, "AB")) if doubts else None
    given = {"train": known, "evaluated": held_out, "embedder": WordBag(), "checker": checker}

    found = curated(pool, config, **given)

    ids = [example.id for example in pool]
    kept = [example.id for example in found.kept]
    assert sorted(ids) == sorted([*kept, *(one.example.id for one in found.dropped)])
    assert kept == [ident for ident in ids if ident in kept]
    assert len(found.dropped) == sum(found.counts.values())
    assert not {text_key(example.text) for example in found.kept} & {text_key(text) for text in evaluated}
    assert "leaks" in found.counts
    assert found.kept == curated(found.kept, config, **given).kept
