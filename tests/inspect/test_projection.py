"""Vectors in two dimensions."""

import numpy as np
import pytest

from synthsweep.inspect.projection import FEWEST, project


def groups(count: int) -> np.ndarray:
    """Two groups of unit vectors that are far from one another."""
    rng = np.random.default_rng(1)
    centres = np.repeat(np.eye(2, 16), count, axis=0)
    drawn = centres + rng.normal(scale=0.05, size=centres.shape)
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def apart(places: np.ndarray) -> bool:
    """Whether each point is nearest to one of its own group."""
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    half = len(places) // 2
    return bool((distances.argmin(axis=1) // half == np.arange(len(places)) // half).all())


@pytest.mark.parametrize(("count", "method"), [(40, "t-SNE"), (FEWEST // 2 - 1, "principal components")])
def test_what_is_near_stays_near(count: int, method: str) -> None:
    """Two groups are two groups on the map, of many points and of few."""
    places, used = project(groups(count), seed=1)

    assert (used, places.shape, apart(places)) == (method, (2 * count, 2), True)


def test_the_same_seed_gives_the_same_map() -> None:
    """So that a page can be made again."""

    assert (project(groups(20), seed=3)[0] == project(groups(20), seed=3)[0]).all()


@pytest.mark.parametrize("vectors", [np.ones((1, 4)), np.ones((0, 4)), np.ones((3, 4)), np.full((30, 4), 0.5), np.ones((4, 1))])
def test_texts_that_are_all_alike_lie_on_one_point(vectors: np.ndarray) -> None:
    """Without an error, and without a place that is not a number."""
    places, _ = project(vectors.astype(np.float32), seed=1)

    assert places.shape == (len(vectors), 2)
    assert np.allclose(places, 0)
