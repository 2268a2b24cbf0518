"""Accuracy as a metric of effects, against scikit-learn and a bootstrap."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from support.grids import against, analysed, grid_of, one, texts_of
from synthsweep.compare.grid import Grid, Output
from synthsweep.config.metrics import ACCURACY

CLASSES, TEXTS, BLOCKS = 3, 300, 3


def grid_of_classes(group_size: int) -> tuple[Grid, np.ndarray, dict[str, np.ndarray]]:
    """A grid, the true classes, and the predicted ones of each cell, (blocks, texts)."""
    rng = np.random.default_rng(5)
    true = rng.integers(0, CLASSES, TEXTS // group_size).repeat(group_size)
    lifts = {"base": 1.0, "arm": 1.6}
    logits = {
        name: rng.normal(size=(TEXTS, CLASSES)) + lift * np.eye(CLASSES)[true] + 0.5 * rng.normal(size=(BLOCKS, TEXTS, CLASSES))
        for name, lift in lifts.items()
    }
    test = texts_of(np.eye(CLASSES, dtype=int)[true], group_size)
    cells = {
        name: [Output("", np.exp(run) / np.exp(run).sum(1, keepdims=True), np.full(CLASSES, np.nan), "single") for run in runs]
        for name, runs in logits.items()
    }
    return grid_of((test,) * BLOCKS, cells), true, {name: runs.argmax(-1) for name, runs in logits.items()}


@pytest.mark.parametrize("group_size", [1, 5])
def test_accuracy_is_scikit_learns_and_its_text_variance_the_bootstraps(group_size: int) -> None:
    """Over texts, or over whole groups of texts."""
    grid, true, predicted = grid_of_classes(group_size)
    found = one(analysed(grid, against("base", "arm"), primary=ACCURACY), "arm", ACCURACY, "micro")
    rng, groups = np.random.default_rng(1), TEXTS // group_size
    gains = (predicted["arm"] == true).astype(float) - (predicted["base"] == true)
    sums = gains.reshape(BLOCKS, groups, group_size).sum(axis=-1)
    drawn = sums[:, rng.integers(0, groups, (4000, groups))].sum(axis=-1) / TEXTS
    # What the texts have in common over seeds.
    shared = np.cov(drawn)[~np.eye(BLOCKS, dtype=bool)].mean()

    assert found.arm == pytest.approx(np.mean([accuracy_score(true, run) for run in predicted["arm"]]))
    assert found.baseline == pytest.approx(np.mean([accuracy_score(true, run) for run in predicted["base"]]))
    assert found.text_variance is not None
    assert np.sqrt(found.text_variance) == pytest.approx(np.sqrt(shared), rel=0.05)


def test_classes_are_the_corrected_family_in_place_of_those_of_recall() -> None:
    """The accuracy on the texts of a class is its recall; it is tested once."""
    analysis = analysed(grid_of_classes(1)[0], against("base", "arm"), primary=ACCURACY)
    tested = [(effect.metric, effect.criterion) for effect in analysis.effects if effect.p_family is not None]

    assert tested == [(ACCURACY, label) for label in "ABC"]
    assert not [effect for effect in analysis.effects if (effect.metric, effect.criterion) == (ACCURACY, "macro")]
    assert one(analysis, "arm", ACCURACY, "A").interval == one(analysis, "arm", "recall", "A").interval
