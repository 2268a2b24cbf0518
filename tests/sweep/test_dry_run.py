"""`sweep.dry_run=true` prints what a study would take, and begins nothing."""

from collections.abc import Callable
from pathlib import Path

from support.builders import Answer


def test_a_factorial_is_listed_cell_by_cell(cli: Callable[..., Answer]) -> None:
    """With the shared control and what is left; without a time where none was measured."""

    answer = cli("run", "-m", "sweeps=ci", "llm=recorded,simulator", "training.learning_rate=1e-3", "sweep.dry_run=true")

    assert (answer.status, Path("mlruns/mlflow.db").exists(), Path("mlruns/optuna.db").exists()) == (0, False, False)
    lines = answer.out.splitlines()
    assert lines[0] == "study ci: factorial, 3 configurations of 2 seeds."
    assert "  mix.ratio=0  (stands for 2 combinations)" in lines
    assert "6 replicates: 0 finished before and reused, 6 to run." in lines
    assert any("how long is not known before a run of this encoder is finished" in line for line in lines)
    assert "0 dollars" in lines[-1]


def test_a_search_is_forecast_from_its_first_configuration(cli: Callable[..., Answer]) -> None:
    """What the sampler will propose is not known."""

    answer = cli("run", "-m", "sweeps=bert_search", "experiment=ci", "sweep.dry_run=true", "hydra.sweeper.n_trials=4")

    assert answer.out.splitlines()[0] == "study bert_search: search, 4 trials of 1 seed, at most 4 replicates."
    assert "training steps at most" in answer.out


def test_a_pool_that_is_too_small_is_found_before_anything_runs(cli: Callable[..., Answer]) -> None:
    """One line, status 2."""

    answer = cli("run", "-m", "mix.ratio=0,9", "sweep.dry_run=true")

    assert answer.status == 2
    assert "too few" in answer.err[-1]
