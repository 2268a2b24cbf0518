import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import real, synthetic
from synthsweep.config.keys.synthetic import EXAMPLE_CHARACTERISTICS
from synthsweep.curate.characteristics.measures import Characteristics, characterize
from synthsweep.curate.characteristics.perplexity import ngram_perplexity
from synthsweep.curate.characteristics.vendi import vendi_score
from synthsweep.examples import Example

LABELS = ("A", "B")
LETTERS = "abcdefghijklmnopqrstuvwxyz"

TRAIN = [real("r1", "A", text="he spins the wheel of a car"), real("r2", "B", text="lamps calm her"), real("r3", text="no")]
POOL = [
    synthetic("s1", "A", text="he spins the wheel of a big car"),
    synthetic("s2", "A", "B", text="lamps, lamps and lamps"),
    synthetic("s3", "B", text="Lamps lamps and LAMPS!"),
    synthetic("s4", text="zzz"),
]
EVALUATED = [real("t1", "A", text="he spins the wheel of one big car"), real("t2", text="another text altogether")]

# Of a pool, and needs neither embeddings nor a language model.
LEXICAL = {
    "length", "length_sd", "type_token_ratio", "mattr", "distinct_1", "distinct_2", "distinct_3", "compression_ratio",
    "near_duplicates_lexical", "leak_share_lexical", "label_cardinality", "label_cooccurrence", "label_cooccurrence_gap",
    "label_share/A", "label_share/B",
}  # fmt: skip
SEMANTIC = {
    "nearest_real", "centroid", "self_similarity", "self_similarity_within", "self_similarity_across",
    "vendi_q0.5", "vendi_q1", "vendi_q2", "vendi_qinf", "near_duplicates_semantic", "leak_share_semantic",
}  # fmt: skip

texts = st.text(alphabet="abc .", max_size=12)
examples = st.lists(st.builds(synthetic, st.just("s"), st.sampled_from(LABELS), text=texts.map("a".__add__)), max_size=6)


def letters(texts: Sequence[str]) -> np.ndarray:
    """How often a text has each letter, as a row of length 1."""
    counts = np.array([[Counter(text.lower())[letter] for letter in LETTERS] for text in texts], dtype=np.float32)
    return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def measured(
    pool: Sequence[Example] = POOL, train: Sequence[Example] = TRAIN, evaluated: Sequence[Example] = EVALUATED
) -> Characteristics:
    perplexity = ngram_perplexity([example.text for example in train])
    return characterize(pool, train, evaluated, LABELS, vectors=letters, perplexity=perplexity)


def test_each_text_has_all_characteristics() -> None:
    """Those that a selection can use, in their order, one number per text."""

    found = measured().texts

    assert list(found) == list(EXAMPLE_CHARACTERISTICS)
    assert {values.shape for values in found.values()} == {(4,)}


def test_a_pool_has_the_means_and_its_own() -> None:
    assert set(measured().pool) == {*LEXICAL, *SEMANTIC, "perplexity"}


def test_without_an_embedder_and_a_language_model_the_words_are_left() -> None:
    found = characterize(POOL, TRAIN, EVALUATED, LABELS)

    assert list(found.texts) == ["length", "type_token_ratio", "mattr"]
    assert set(found.pool) == LEXICAL


def test_words_and_labels_by_hand() -> None:
    """Eight, four, four and one words; two of the four texts differ in case and punctuation alone; one nears a test text."""

    found = measured()

    assert found.texts["length"].tolist() == [8, 4, 4, 1]
    assert found.texts["type_token_ratio"].tolist() == [1, 0.5, 0.5, 1]
    assert {
        "length": 4.25,
        "length_sd": np.std([8, 4, 4, 1], ddof=1),
        "type_token_ratio": 0.75,
        "distinct_1": 11 / 17,
        "near_duplicates_lexical": 0.5,
        "label_cardinality": 1.0,
        "label_cooccurrence": 0.25,
        "label_cooccurrence_gap": 0.25,
        "label_share/A": 0.5,
        "label_share/B": 0.5,
    }.items() <= found.pool.items()


def test_meanings_by_hand() -> None:
    """The second and third text are the same to an embedder of letters; the last shares no letter with any other."""

    found, vectors = measured(), letters([example.text for example in POOL])
    cosines = vectors @ vectors.T

    assert pytest.approx([found.texts[name][3] for name in ("nearest_real", "centroid", "self_similarity")]) == [0] * 3
    assert found.texts["centroid"][0] == pytest.approx(vectors[0] @ letters([TRAIN[0].text])[0])
    assert found.pool["self_similarity"] == pytest.approx((cosines.sum() - 4) / 12)
    assert found.pool["self_similarity_within"] == pytest.approx(np.mean([cosines[0, 1], cosines[1, 2]]))
    assert found.pool["self_similarity_across"] == pytest.approx(np.mean([cosines[0, 2], 0, 0, 0]))
    assert found.pool["near_duplicates_semantic"] == 0.5
    assert found.pool["vendi_q0.5"] == pytest.approx(vendi_score(vectors, 0.5))


def test_a_copy_of_a_test_text_is_a_leak() -> None:
    """One of two texts is one, by its words and by its meaning."""

    pool = [synthetic("s1", "A", text=EVALUATED[1].text.upper()), synthetic("s2", "A", text="zzz")]
    found = measured(pool).pool

    assert [found["leak_share_lexical"], found["leak_share_semantic"]] == [0.5, 0.5]


def test_a_label_that_is_none_of_the_labels_does_not_count() -> None:
    """A corpus may carry more than a classifier decides on."""

    found = characterize([synthetic("s", "A", "X")], TRAIN, [], LABELS).pool

    assert [found["label_cardinality"], found["label_cooccurrence"]] == [1.0, 0.0]


def test_a_text_that_is_alone_has_no_other() -> None:
    """What compares with others is left out, not 0."""

    found = measured(POOL[:1])
    left = {"length_sd", "near_duplicates_lexical", "near_duplicates_semantic"}
    left |= {"self_similarity", "self_similarity_within", "self_similarity_across"}

    assert set(found.pool) == {*LEXICAL, *SEMANTIC, "perplexity"} - left
    assert math.isnan(found.texts["self_similarity"][0])


def test_without_real_texts_what_compares_with_them_is_left_out() -> None:
    """Each text says so with nan."""

    found = measured(train=[], evaluated=[])
    left = {"nearest_real", "centroid", "perplexity"}

    assert {*LEXICAL, *SEMANTIC, "perplexity"} - set(found.pool) == left | {
        "label_cooccurrence_gap",
        "leak_share_lexical",
        "leak_share_semantic",
    }
    assert all(np.isnan(found.texts[name]).all() for name in left)


def test_a_mean_is_of_the_texts_where_it_is_defined() -> None:
    """A text without words has no ratio, and takes none from the others."""

    found = characterize([synthetic("s1", "A", text="he spins"), synthetic("s2", "A", text="...")], TRAIN, [], LABELS)

    assert [found.pool["type_token_ratio"], found.pool["length"]] == [1.0, 1.0]
    assert np.isnan(found.texts["type_token_ratio"][1])


def test_an_empty_pool_has_no_characteristics() -> None:
    """Nothing is embedded."""

    found = characterize([], TRAIN, EVALUATED, LABELS, vectors=letters)

    assert (found.texts, found.pool) == ({}, {})


@given(pool=examples, train=examples, evaluated=examples)
def test_whatever_the_texts_the_numbers_are_in_their_ranges(
    pool: list[Example], train: list[Example], evaluated: list[Example]
) -> None:
    """Nothing that is undefined reaches the pool."""

    found = measured(pool, train, evaluated)
    ratios = ("type_token_ratio", "mattr", "distinct_1", "distinct_2", "distinct_3", "nearest_real", "centroid")
    shares = [name for name in found.pool if name.startswith(("near_duplicates", "leak_share", "label_co", "label_share"))]

    assert all(map(math.isfinite, found.pool.values()))
    assert all(0 <= found.pool[name] <= 1 for name in (*ratios, *shares) if name in found.pool)
    assert all(1 - 1e-6 <= found.pool[name] <= len(pool) + 1e-6 for name in found.pool if name.startswith("vendi"))
