"""Cells, fractions and blocks."""

import itertools
import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from support.studies import choice
from synthsweep.study.design.factorial import DesignCell, balanced_fraction, blocks, plan_cells
from synthsweep.study.design.space import Choice, Space, Value

ARMS = Space((choice("llm", "a", "b"), choice("prompt", "p", "q", "r"), choice("mix.ratio", 0.0, 0.5, 1.0)))


def acting(cell: dict[str, Value]) -> str:
    """At ratio 0 neither LLM nor prompt acts."""

    return str(sorted((k, v) for k, v in cell.items() if k == "mix.ratio" or cell.get("mix.ratio")))


def crossing(sizes: list[int]) -> list[dict[str, Value]]:
    return [dict(zip("abcd", levels, strict=False)) for levels in itertools.product(*(range(size) for size in sizes))]


def test_ratio_zero_is_one_shared_control() -> None:
    """It keeps the levels that its combinations share, and counts them."""

    cells = plan_cells(ARMS, acting)

    assert [cell for cell in cells if cell.merged > 1] == [
        DesignCell({"mix.ratio": 0.0}, {"llm": "a", "prompt": "p", "mix.ratio": 0.0}, 6)
    ]
    assert len(cells) == 1 + 2 * 3 * 2


def test_a_control_with_nothing_in_common_is_one_of_its_combinations() -> None:
    """real_only at any ratio and augment at ratio 0 are one control; without arm and ratio it would be another arm."""

    space = Space((choice("mix.arm", "augment", "real_only"), choice("mix.ratio", 0.0, 0.5)))

    def key(cell: dict[str, Value]) -> str:
        # What the configuration has where a cell says nothing: augment at 0.5.
        arm, ratio = cell.get("mix.arm", "augment"), cell.get("mix.ratio", 0.5)
        return "control" if arm == "real_only" or ratio == 0 else f"{arm} {ratio}"

    cells = plan_cells(space, key)

    control: dict[str, Value] = {"mix.arm": "augment", "mix.ratio": 0.0}
    other: dict[str, Value] = {"mix.arm": "augment", "mix.ratio": 0.5}
    assert cells == [
        DesignCell(control, control, 3),
        DesignCell(other, other),
    ]


@given(keys=st.lists(st.integers(0, 4), min_size=18, max_size=18))
def test_merged_counts_add_up_to_the_grid(keys: list[int]) -> None:
    """Each combination belongs to one cell, however many give the same numbers."""

    names = {str(cell): str(keys[index]) for index, cell in enumerate(ARMS.grid())}

    cells = plan_cells(ARMS, lambda cell: names.get(str(cell), "something else"))

    assert len(set(keys)) == len(cells)
    assert sum(cell.merged for cell in cells) == 18
    assert len(cells) == len({cell.digest for cell in cells})


def test_a_fraction_keeps_every_control_and_some_of_the_rest() -> None:
    """Half of twelve, evenly over LLMs and doses; the same seed gives the same half."""

    cells = plan_cells(ARMS, acting, fraction=0.5, seed=3)

    crossed = [cell.assignment for cell in cells if cell.merged == 1]
    assert [cell.assignment for cell in cells if cell.merged > 1] == [{"mix.ratio": 0.0}]
    assert Counter(cell["llm"] for cell in crossed) == {"a": 3, "b": 3}
    assert Counter(cell["prompt"] for cell in crossed) == {"p": 2, "q": 2, "r": 2}
    assert Counter(cell["mix.ratio"] for cell in crossed) == {0.5: 3, 1.0: 3}
    assert cells == plan_cells(ARMS, acting, fraction=0.5, seed=3)


@given(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=3), share=st.floats(0, 1), seed=st.integers(0, 999))
def test_a_fraction_is_balanced(sizes: list[int], share: float, seed: int) -> None:
    """At least one and never twice the same; levels within 1 where no leftover forces 2."""

    grid = crossing(sizes)
    count = round(share * len(grid))

    kept = balanced_fraction(grid, count, random.Random(seed))

    uses = [[sum(grid[i][key] == level for i in kept) for level in range(n)] for key, n in zip("abcd", sizes, strict=False)]
    assert max(count, 1) == len(kept) == len(set(kept))
    assert kept == sorted(kept)
    assert all(max(used) - min(used) <= (1 if len(sizes) < 3 else 2) for used in uses)


def test_half_of_two_level_factors_has_every_level_equally_often() -> None:
    """4 of 2 x 2 x 2: every level twice, and no pair of levels more than twice."""

    grid = crossing([2, 2, 2])

    for seed in range(20):
        kept = [grid[index] for index in balanced_fraction(grid, 4, random.Random(seed))]
        assert [Counter(cell[key] for cell in kept) for key in "abc"] == [{0: 2, 1: 2}] * 3
        for one, other in itertools.combinations("abc", 2):
            assert max(Counter((cell[one], cell[other]) for cell in kept).values()) <= 2


def test_a_fraction_of_no_cells_is_empty() -> None:
    """Where every combination is the control."""

    assert plan_cells(ARMS, lambda cell: "all the same", fraction=0.5) == [DesignCell({}, ARMS.grid()[0], 18)]


@given(cells=st.integers(0, 12), replicates=st.integers(0, 6), seed=st.integers(0, 999))
def test_each_block_holds_every_cell_once(cells: int, replicates: int, seed: int) -> None:
    """A study that ends half-way compares all cells on the same seeds, except in its last block."""

    order = blocks(cells, replicates, seed)

    for replicate in range(replicates):
        block = order[replicate * cells : (replicate + 1) * cells]
        assert {replicate} >= {pair[1] for pair in block}
        assert list(range(cells)) == sorted(pair[0] for pair in block)
    assert cells * replicates == len(order)
    assert order == blocks(cells, replicates, seed)


def test_blocks_have_orders_of_their_own() -> None:
    """No cell is always first, so that a drift of the machine affects all alike."""

    order = blocks(20, 2, 1)

    assert [cell for cell, _ in order[:20]] != [cell for cell, _ in order[20:]]
    assert order != blocks(20, 2, 2)


def test_the_name_of_a_cell_follows_its_values_alone() -> None:
    """Not from their order, nor from other cells; a type makes another cell. Pinned, because storages hold it."""

    assert DesignCell({"a": 1, "b": "x"}, {}).digest == DesignCell({"b": "x", "a": 1}, {}, merged=4).digest
    assert len({DesignCell({"a": level}, {}).digest for level in (1, 1.0, True, "1")}) == 4
    assert DesignCell({"mix.ratio": 0.5, "llm": "a"}, {}).digest == "38505ef563cbaac6"


@given(seed=st.integers(0, 99), share=st.floats(0.1, 0.9))
def test_every_arm_of_a_fraction_keeps_its_baseline(seed: int, share: float) -> None:
    """The cell without synthetic texts and with the same other settings; one that no arm needs is left out."""
    space = Space(
        (
            Choice("mix.ratio", (0, 0.5, 1), ("0", "0.5", "1")),
            Choice("training.learning_rate", (1e-3, 2e-3, 3e-3), ("1e-3", "2e-3", "3e-3")),
        )
    )
    cells = plan_cells(space, str, fraction=share, seed=seed, is_control=lambda cell: cell["mix.ratio"] == 0)

    rates = {
        ratio: {c.assignment["training.learning_rate"] for c in cells if c.assignment["mix.ratio"] == ratio}
        for ratio in (0, 0.5, 1)
    }
    assert rates[0] == rates[0.5] | rates[1]
    assert sum(cell.assignment["mix.ratio"] != 0 for cell in cells) == max(1, round(share * 6))
