"""Draws a study of a design: its runs as a grid, and what is compared.

A run's latent score of a text: separation x truth + how hard the text is + what this arm makes of it + what this seed makes
of all texts (a level, a separation) + noise. An arm's effect is added to its separation.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.special import ndtr

from calibration.designs import Design
from synthsweep.compare.grid import Cell, Contrast, Grid, Output, TestSet
from synthsweep.compare.stats.contrasts import Arm, interaction_contrasts, main_contrasts, trend_contrast

CONTROL = "real_only"
DOSES = (0.0, 0.5, 1.0, 2.0)


def simulate(design: Design, planted: bool, rng: np.random.Generator) -> Grid:
    groups = np.arange(design.texts) // design.group_size
    test = TestSet(tuple(map(str, range(design.texts))), _truth(design, groups, rng), groups)
    assignments, effects = cells_of(design)
    blocks = _blocks(design)
    splits = _splits(design, len(blocks), rng)
    shared = (_clustered(groups, design, rng) * design.difficulty, splits)
    cells = tuple(
        Cell(name, assignments[name], tuple(_outputs(design, effects[name] * planted, test, shared, rng)), {})
        for name in assignments
    )
    if splits is None:
        return Grid(design.criteria, blocks, (test,) * len(blocks), cells)
    tests = tuple(_part(test, np.flatnonzero(inside)) for inside in splits)
    return Grid(design.criteria, blocks, tests, cells, "overlapping", design.test_share / (1 - design.test_share))


def cells_of(design: Design) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, float]]:
    """The assignment of each cell, the control first, and its planted effect."""
    control = {CONTROL: {"mix.ratio": "0"}}
    if design.layout == "factors":
        grid = {f"{llm}{prompt}": (llm, prompt) for llm in "ab" for prompt in "pqr"}
        assigned = {name: {"mix.ratio": "1", "llm": llm, "prompt": prompt} for name, (llm, prompt) in grid.items()}
        sizes = {name: (llm == "b") + (prompt == "r") + (name == "br") for name, (llm, prompt) in grid.items()}
        return control | assigned, {CONTROL: 0.0} | {name: design.effect * size / 3 for name, size in sizes.items()}
    if design.layout == "doses":
        names = {dose: f"ratio={dose:g}" if dose else CONTROL for dose in DOSES}
        return {names[dose]: {"mix.ratio": f"{dose:g}"} for dose in DOSES}, {
            names[dose]: design.effect * dose / DOSES[-1] for dose in DOSES
        }
    arms = [f"arm {place}" for place in range(8 if design.layout == "eight arms" else 1)]
    return control | {arm: {"mix.ratio": "1", "llm": arm} for arm in arms}, {CONTROL: 0.0} | dict.fromkeys(arms, design.effect)


def contrasts_of(design: Design, grid: Grid) -> list[Contrast]:
    """As the product plans them."""
    if design.layout == "factors":
        factors = ("llm", "prompt")
        return [*main_contrasts(grid.cells, CONTROL, factors), *interaction_contrasts(grid.cells, CONTROL, factors)]
    if design.layout == "doses":
        trend = trend_contrast([Arm(cell.name, cell.assignment, (cell,)) for cell in grid.cells], DOSES, "trend")
        return [trend] if trend else []
    return [Contrast(cell.name, "effect", {cell.name: 1.0, CONTROL: -1.0}) for cell in grid.cells[1:]]


def seed_parts(design: Design, size: tuple[int, ...], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The level and the separation of seeds, as `size`; the criteria come last."""
    return design.seed_level * rng.normal(size=size), design.seed_separation * rng.normal(size=size)


def _outputs(
    design: Design, effect: float, test: TestSet, shared: tuple[np.ndarray, np.ndarray | None], rng: np.random.Generator
) -> Iterator[Output]:
    difficulty, splits = shared
    of_text = difficulty + design.arm_text * _clustered(test.groups, design, rng)
    for block, (level, separation) in enumerate(_of_blocks(design, splits, rng)):
        latent = (design.separation + effect + separation) * test.truth + level + of_text
        latent = latent + design.noise * rng.normal(size=latent.shape)
        probabilities = ndtr(latent - design.cut)
        inside = slice(None) if splits is None else splits[block]
        yield Output("", probabilities[inside], np.full(len(design.criteria), 0.5))


def _of_blocks(design: Design, splits: np.ndarray | None, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """What the seed of each block makes of all texts: a level and a separation, (criteria,) each."""
    size, factors = len(design.criteria), design.seed_factors
    levels, separations = seed_parts(design, (design.seeds, size), rng)
    both = np.stack([levels, separations])
    if design.draws:
        drawn = np.stack(seed_parts(design, (design.draws, size), rng))
        both = np.sqrt(0.5) * (drawn[:, :, None] + both[:, None]).reshape(2, -1, size)
    if splits is not None:
        # Each training text moves the classifier a little; re-splits share most of them.
        of_texts = np.stack(seed_parts(design, (design.texts, size), rng))
        moved = np.stack([part.T @ ~splits.T / np.sqrt((~splits).sum(axis=1)) for part in of_texts]).transpose(0, 2, 1)
        both = np.sqrt(1 - design.trained) * both + np.sqrt(design.trained) * moved
    yield from zip(*(both * factors), strict=True)


def _splits(design: Design, blocks: int, rng: np.random.Generator) -> np.ndarray | None:
    """(blocks, texts), True where a text is in the test set of a block."""
    if not design.test_share:
        return None
    ranks = rng.random((blocks, design.texts)).argsort(axis=1).argsort(axis=1)
    return np.asarray(ranks < round(design.test_share * design.texts))


def _part(test: TestSet, places: np.ndarray) -> TestSet:
    groups = np.unique(test.groups[places], return_inverse=True)[1]
    return TestSet(tuple(test.ids[place] for place in places), test.truth[places], groups)


def _blocks(design: Design) -> tuple[str, ...]:
    crossed = [f"seeds.draw={draw} seeds.init={init}" for draw in range(design.draws) for init in range(design.seeds)]
    return tuple(crossed or map(str, range(design.seeds)))


def _truth(design: Design, groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if design.positives:
        ranks = rng.random((design.texts, len(design.criteria))).argsort(axis=0)
        return np.asarray(ranks < design.positives).astype(int)
    return (ndtr(_clustered(groups, design, rng)) < np.array(design.prevalence)).astype(int)


def _clustered(groups: np.ndarray, design: Design, rng: np.random.Generator) -> np.ndarray:
    """(texts, criteria) standard normal; half of the variance is a group's where there are groups."""
    own = rng.normal(size=(len(groups), len(design.criteria)))
    if design.group_size == 1:
        return own
    common = rng.normal(size=(groups.max() + 1, len(design.criteria)))[groups]
    return np.sqrt(0.5) * (own + common)
