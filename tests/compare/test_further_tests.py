"""A further test set is compared as if it were the only one."""

from dataclasses import replace

import numpy as np

from synthsweep.compare.further_tests import further_tests
from synthsweep.compare.grid import Contrast
from synthsweep.compare.read.assemble import ScoredRun, assemble
from synthsweep.compare.stats.subgroups import effects_on
from synthsweep.evaluate.predictions import Predictions

ARM = [Contrast("ratio=1", "effect", {"ratio=1": 1.0, "ratio=0": -1.0})]


def predictions(split: str, seed: int, texts: int) -> Predictions:
    truth = (np.arange(2 * texts).reshape(texts, 2) % 3 == 0).astype(int)
    ids = tuple(f"{split}{row}" for row in range(texts))
    return Predictions(split, ("A", "B"), ids, (None,) * texts, truth, np.random.default_rng(seed).random((texts, 2)))


def scored(ratio: str, seed: int) -> ScoredRun:
    number = 10 * seed + int(ratio)
    further = {"test_b": predictions("test_b", number, 30)}
    test, half = predictions("test", number + 500, 12), np.full(2, 0.5)
    return ScoredRun(
        f"{ratio}/{seed}", "", f"run {ratio}/{seed}", {"mix.ratio": ratio}, f"seed={seed}", {}, test, half, (), further
    )


RUNS = [scored(ratio, seed) for ratio in "01" for seed in (1, 2, 3)]


def test_its_effects_are_those_of_a_study_with_this_test_set() -> None:
    """With the thresholds of the runs."""
    (part,) = further_tests(RUNS, ARM)
    as_test = assemble([replace(run, test=run.further["test_b"]) for run in RUNS]).grid

    assert (part.column, part.value, part.texts, part.note) == ("", "b", 30, "")
    assert part.effects == effects_on(as_test, ARM)


def test_runs_that_were_not_scored_on_it_are_named() -> None:
    """A study whose first runs knew no further test set is compared on the primary one alone."""
    (part,) = further_tests([replace(RUNS[0], further={}), *RUNS[1:]], ARM)

    assert part.effects == ()
    assert part.note == "1 of 6 runs, as run 0/1, were not scored on it"
    assert further_tests([replace(run, further={}) for run in RUNS], ARM) == ()
