from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors

from synthsweep.curate.characteristics.semantic import centroid_similarity, nearest, pair_means, self_similarity

A, B, AB, NONE = frozenset("A"), frozenset("B"), frozenset("AB"), frozenset()
seeds = st.integers(0, 2**32 - 1)
labellings = st.lists(st.sampled_from([A, B, AB, NONE]), min_size=1, max_size=12)


def unit_rows(rows: int, columns: int = 6, seed: int = 1) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(rows, columns))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@given(rows=st.integers(1, 30), others=st.integers(1, 30), seed=seeds)
def test_the_nearest_is_the_one_that_scikit_learn_finds(rows: int, others: int, seed: int) -> None:
    """By its place and its cosine."""

    vectors, real = unit_rows(rows, seed=seed), unit_rows(others, seed=seed + 1)
    distances, places = NearestNeighbors(n_neighbors=1, metric="cosine").fit(real).kneighbors(vectors)

    found = nearest(vectors, real)

    assert found.cosines == pytest.approx(1 - distances[:, 0], abs=1e-6)
    assert found.places.tolist() == places[:, 0].tolist()


@pytest.mark.parametrize("cells", [15, 10, 1])
def test_blocks_give_what_the_whole_gives(cells: int) -> None:
    """Seven texts in blocks of three, two and one."""

    vectors, real, labels = unit_rows(7), unit_rows(5, seed=2), [frozenset(name) for name in "abcdeab"]
    whole = nearest(vectors, real), pair_means(vectors, labels)

    places, cosines = nearest(vectors, real, cells=cells)
    assert places.tolist() == whole[0].places.tolist()
    assert cosines == pytest.approx(whole[0].cosines)
    assert tuple(pair_means(vectors, labels, cells=cells)) == pytest.approx(tuple(whole[1]))


def test_without_real_texts_nothing_is_nearest() -> None:
    """Undefined is not zero."""

    found = nearest(unit_rows(2), unit_rows(0))

    assert found.places.tolist() == [-1, -1]
    assert np.isnan(found.cosines).all()


@given(rows=st.integers(2, 20), seed=seeds)
def test_self_similarity_is_the_mean_of_the_cosines_to_the_others(rows: int, seed: int) -> None:
    """The text itself does not count."""

    vectors = unit_rows(rows, seed=seed)
    cosines = cosine_similarity(vectors.astype(float))
    expected = (cosines.sum(axis=1) - 1) / (rows - 1)

    assert self_similarity(vectors) == pytest.approx(expected, abs=1e-5)


def test_a_text_that_is_alone_is_similar_to_nothing() -> None:
    """Undefined is not zero."""

    assert np.isnan(self_similarity(unit_rows(1))).all()


def test_the_centroid_is_that_of_the_texts_own_class() -> None:
    """Real texts of A lie on the first two axes, one of B on the third."""

    real, real_labels = np.eye(4)[[0, 1, 2]], [A, A, B]
    text = np.eye(4)[[0]]

    assert pytest.approx(centroid_similarity(text, [A], real, real_labels)) == [2**-0.5]
    assert pytest.approx(centroid_similarity(text, [B], real, real_labels)) == [0]
    assert pytest.approx(centroid_similarity(text, [AB], real, real_labels)) == [2**-0.5 / 2]


def test_texts_without_labels_are_a_class_of_their_own() -> None:
    """Their centroid is that of the real texts without labels."""

    real, real_labels = np.eye(3)[[0, 1]], [NONE, A]

    assert pytest.approx(centroid_similarity(np.eye(3)[[0]], [NONE], real, real_labels)) == [1]


def test_a_class_without_real_texts_has_no_centroid() -> None:
    """It is left out of a text's mean, and a text of it alone is undefined."""

    real, real_labels = np.eye(3)[[0, 1]], [A, A]
    found = centroid_similarity(np.eye(3)[[0, 0, 0]], [AB, B, NONE], real, real_labels)

    assert found == pytest.approx([2**-0.5, np.nan, np.nan], nan_ok=True)


def test_real_texts_that_cancel_out_have_no_centroid() -> None:
    """A mean of length 0 points nowhere."""

    assert np.isnan(centroid_similarity(np.eye(2), [A, A], np.array([[1.0, 0], [-1, 0]]), [A, A])).all()


@given(labels=labellings, seed=seeds)
def test_pairs_within_share_a_label_and_pairs_across_do_not(labels: list[frozenset[str]], seed: int) -> None:
    """By going through all pairs; two texts without labels are of one class."""

    vectors = unit_rows(len(labels), seed=seed).astype(float)
    found: dict[bool, list[float]] = {True: [], False: []}
    for one, other in permutations(range(len(labels)), 2):
        same = bool(labels[one] & labels[other]) or not (labels[one] or labels[other])
        found[same].append(float(vectors[one] @ vectors[other]))

    expected = [float(np.mean(found[same])) if found[same] else None for same in (True, False)]
    for theirs, ours in zip(expected, pair_means(vectors, labels), strict=True):
        assert (theirs is None and ours is None) or theirs == pytest.approx(ours, abs=1e-6)
