"""Small grids for tests of comparisons: coarse probabilities, so that ties and probabilities at a threshold occur."""

from collections.abc import Sequence

import numpy as np

from synthsweep.compare.grid import Cell, Contrast, Grid, Output, TestSet, Texts
from synthsweep.compare.result.effects import Effect
from synthsweep.compare.stats.effects import Analysis, analyse


def texts_of(truth: np.ndarray, group_size: int = 1) -> TestSet:
    """Texts that follow one another in groups of one size."""
    return TestSet(tuple(map(str, range(len(truth)))), truth, np.arange(len(truth)) // group_size)


def output(probabilities: np.ndarray, threshold: float = 0.5) -> Output:
    return Output("", probabilities, np.full(probabilities.shape[1], threshold))


def grid_of(tests: Sequence[TestSet], cells: dict[str, list[Output]], texts: Texts = "shared", test_share: float = 0.0) -> Grid:
    made = tuple(Cell(name, {}, tuple(outputs), {}) for name, outputs in cells.items())
    labels = tuple("ABCDEFG"[: tests[0].truth.shape[1]])
    return Grid(labels, tuple(map(str, range(len(tests)))), tuple(tests), made, texts, test_share)


def random_grid(
    rng: np.random.Generator, separations: dict[str, float], *, blocks: int = 4, texts: int = 80, group_size: int = 1
) -> Grid:
    """Three criteria, positive in 40, 20 and 10 of 100 texts; a cell's separation is how far it tells them apart."""
    truth = (rng.random((texts, 3)) < (0.4, 0.2, 0.1)).astype(int)
    test = texts_of(truth, group_size)

    def run(separation: float) -> Output:
        latent = rng.normal(size=truth.shape) + separation * (truth - 0.5)
        return output(np.round(1 / (1 + np.exp(-latent)), 2))

    return grid_of((test,) * blocks, {name: [run(value) for _ in range(blocks)] for name, value in separations.items()})


def against(baseline: str, *arms: str) -> list[Contrast]:
    return [Contrast(arm, "effect", {arm: 1.0, baseline: -1.0}) for arm in arms]


def analysed(grid: Grid, contrasts: list[Contrast], *, primary: str = "f1", seed: int = 0) -> Analysis:
    return analyse(grid, contrasts, primary=primary, rng=np.random.default_rng(seed))


def one(analysis: Analysis, contrast: str, metric: str, criterion: str) -> Effect:
    return next(e for e in analysis.effects if (e.contrast, e.metric, e.criterion) == (contrast, metric, criterion))
