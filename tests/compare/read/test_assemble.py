"""Complete blocks of runs that are evaluated on the same texts; runs that do not fit are excluded by name."""

from dataclasses import replace

import numpy as np
import pytest

from synthsweep.compare.read.assemble import ScoredRun, assemble
from synthsweep.errors import StudyError
from synthsweep.evaluate.predictions import Predictions

TRUTH = np.array([[1, 0], [0, 1], [1, 1]])


def scored(
    ratio: str, seed: int, *, ids: tuple[str, ...] = ("t1", "t2", "t3"), groups: tuple[str | None, ...] = (None,) * 3
) -> ScoredRun:
    rng = np.random.default_rng(seed)
    test = Predictions("test", ("A", "B"), ids, groups, TRUTH[: len(ids)], rng.random((len(ids), 2)))
    metrics = {"train/synthetic": float(ratio) * 10, "train/real": 10.0, "test/f1/A": 0.5}
    return ScoredRun(
        f"{ratio}/{seed}",
        f"t{seed}",
        f"run {ratio}/{seed}",
        {"mix.ratio": ratio},
        f"seed={seed}",
        metrics,
        test,
        np.full(2, 0.5),
    )


def study(ratios: str = "01", seeds: range = range(1, 4)) -> list[ScoredRun]:
    return [scored(ratio, seed) for ratio in ratios for seed in seeds]


def test_cells_hold_a_run_per_block_and_the_means_of_their_facts() -> None:
    """Scores are not facts."""

    grid = assemble(study()).grid

    assert (grid.labels, grid.blocks, grid.texts) == (("A", "B"), ("seed=1", "seed=2", "seed=3"), "shared")
    assert [cell.name for cell in grid.cells] == ["ratio=0", "ratio=1"]
    assert [output.run_id for output in grid.cells[1].outputs] == ["t1", "t2", "t3"]
    assert grid.cells[1].facts == {"train/synthetic": 10.0, "train/real": 10.0}
    assert all(test is grid.tests[0] for test in grid.tests)


def test_a_half_done_study_compares_its_complete_blocks() -> None:
    """The run whose partner is missing is named."""

    assembled = assemble([run for run in study() if run.run_id != "1/2"])

    assert assembled.grid.blocks == ("seed=1", "seed=3")
    assert [(one.run_id, one.reason) for one in assembled.excluded] == [("0/2", "block seed=2 lacks ratio=1")]


def test_a_configuration_with_few_runs_does_not_cost_the_others_their_blocks() -> None:
    """Its one run is excluded, and all blocks of the rest stay."""

    assembled = assemble([run for run in study("012") if run.run_id not in {"2/2", "2/3"}])

    assert (len(assembled.grid.cells), len(assembled.grid.blocks)) == (2, 3)
    assert [(one.run_id, one.reason) for one in assembled.excluded] == [
        ("2/1", "ratio=2 has too few finished runs to be compared")
    ]


def test_an_arm_with_fewer_seeds_costs_the_others_none() -> None:
    """Two of four seeds of one arm: all blocks stay, and what is not there is marked; a seed of one cell alone is left out."""

    runs = [run for run in study("012", range(1, 5)) if run.run_id not in {"2/2", "2/3"}]
    assembled = assemble([*runs, scored("0", 9)])
    grid = assembled.grid

    assert (len(grid.cells), grid.blocks) == (3, ("seed=1", "seed=2", "seed=3", "seed=4"))
    assert [output.present for output in grid.cells[2].outputs] == [True, False, False, True]
    assert [one.reason for one in assembled.excluded] == ["block seed=9 lacks ratio=1, ratio=2"]


def test_texts_are_matched_by_id_whatever_their_order() -> None:
    """Truth, probabilities and groups follow their text."""

    turned = scored("1", 1, groups=("g", "h", "g"))
    back = [2, 0, 1]
    test = Predictions(
        "test", ("A", "B"), tuple(turned.test.ids[i] for i in back), tuple(turned.test.groups[i] for i in back),
        turned.test.truth[back], turned.test.probabilities[back],
    )  # fmt: skip
    runs = [scored("0", 1, groups=("g", "h", "g")), scored("0", 2, groups=("g", "h", "g")), replace(turned, test=test)]
    grid = assemble([*runs, scored("1", 2, groups=("g", "h", "g"))]).grid

    np.testing.assert_array_equal(grid.cells[1].outputs[0].probabilities, turned.test.probabilities)
    np.testing.assert_array_equal(grid.tests[0].groups, [0, 1, 0])
    assert grid.tests[0].group_count == 2


def test_each_text_without_a_group_is_its_own_group() -> None:
    """Even one whose id is the name of a group."""

    grid = assemble([scored(r, s, ids=("g", "t2", "t3"), groups=(None, "g", "g")) for r in "01" for s in (1, 2)]).grid

    assert grid.tests[0].group_count == 2


@pytest.mark.parametrize(
    ("ids", "relation"),
    [((("a", "b"), ("c", "d")), "disjoint"), ((("a", "b"), ("b", "c")), "overlapping"), ((("a", "b"), ("a", "b")), "shared")],
)
def test_the_relation_of_test_sets_is_recognised(ids: tuple[tuple[str, ...], ...], relation: str) -> None:
    """Folds are disjoint, re-splits overlap and have a share, and otherwise all share one."""

    grid = assemble([scored(ratio, seed, ids=ids[seed], groups=(None, None)) for ratio in "01" for seed in (0, 1)]).grid

    assert (grid.texts, grid.test_share) == (relation, 0.2 if relation == "overlapping" else 0.0)


def other_labels() -> list[ScoredRun]:
    first, *rest = study()
    return [first, *rest[:-1], replace(rest[-1], test=replace(rest[-1].test, label_ids=("A", "C")))]


def other_truth() -> list[ScoredRun]:
    *rest, last = study()
    return [*rest, replace(last, test=replace(last.test, truth=1 - TRUTH))]


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        (other_labels(), "runs run 0/1 and run 1/3 have other labels (A, B and A, C)"),
        ([*study()[:-1], scored("1", 3, ids=("t1", "t2"), groups=(None, None))],
         "runs run 0/3 (3 test texts) and run 1/3 (2) are judged on other texts"),
        (other_truth(), "runs run 0/3 (3 test texts) and run 1/3 (3) are judged on other labels"),
        (study(seeds=range(1, 2)), "every configuration has one run (seed=1): an effect needs replicates"),
        ([scored("0", 1), scored("0", 2), scored("1", 3)], "fewer than two blocks are complete (ratio=1 lacks 2 of 3"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_one_line(runs: list[ScoredRun], message: str) -> None:
    """Which runs, what differs, and the way out."""

    with pytest.raises(StudyError) as error:
        assemble(runs)

    assert str(error.value).startswith(message)


def test_blocks_stand_in_the_order_of_their_numbers() -> None:
    """Ten comes after two."""

    assert assemble([scored(ratio, seed) for ratio in "01" for seed in (10, 2)]).grid.blocks == ("seed=2", "seed=10")
