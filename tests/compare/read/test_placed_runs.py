"""What the runs of a study vary, from their parameters alone."""

from synthsweep.compare.read.placed_runs import place_runs
from synthsweep.compare.read.runs import StudyRun


def test_runs_have_a_configuration_and_seeds() -> None:
    """Trials are named by their configuration; what differs beside the factors is told."""

    runs = [
        StudyRun(f"{trial}{seed}", "run", "mine", trial, {"mix.ratio": dose}, params, {"train/added": trial}, {}, "")
        for trial, dose in enumerate(("0", "1"))
        for seed in ("1", "2")
        for params in [{"seed": seed, "mix.ratio": dose, "training.epochs": str(3 + trial)}]
    ]

    found = place_runs(runs)

    assert (found.cells, found.blocks) == (("ratio=0",) * 2 + ("ratio=1",) * 2, ["seed=1", "seed=2"] * 2)
    assert (found.levels, found.trials) == ({"mix.ratio": ("0", "1")}, {0: "ratio=0", 1: "ratio=1"})
    assert found.unmodelled_differences == ("training.epochs: 3, 4",)
