"""A whole sweep whose runs were deleted in MLflow, or whose database was removed, and what the same command then does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.forks import Forks
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.track.choose import reader_of
from synthsweep.track.reader import KeptRun

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("made_store")]

SMALL = (
    "experiment=ci", "study=lossy", "training.epochs=1", "data.train_size=24", "data.dev_size=40", "data.test_size=40",
    "training.max_length=16", "characteristics=none", "hydra/launcher=basic",
)  # fmt: skip
DESIGNS = {
    "factorial": ("mix=real_only", "training.learning_rate=1e-4,1e-3"),
    "search": (
        "mix=real_only", "training.learning_rate=interval(1e-4,1e-3)", "hydra.sweeper.design=search",
        "hydra.sweeper.n_trials=2",
    ),
}  # fmt: skip


@pytest.fixture
def sweep(forks: Forks) -> Callable[[str], str]:
    """What a sweep of two trials prints."""

    def run(design: str) -> str:
        done = forks.run("run", "-m", *SMALL, *DESIGNS[design])
        assert done.status == 0, done.err
        return done.out + "\n".join(done.err)

    return run


def runs_of(kind: str) -> dict[str, KeptRun]:
    """The runs of a kind that the store has, by their trials."""
    runs = reader_of(TrackingConfig()).runs_of_study("lossy")
    return {run.tags["trial"]: run for run in runs if run.tags["kind"] == kind}


def replicates() -> dict[str, KeptRun]:
    return runs_of("replicate")


@pytest.mark.parametrize("design", DESIGNS)
def test_what_is_gone_from_the_store_runs_again(design: str, sweep: Callable[[str], str], tmp_path: Path) -> None:
    """A deleted run alone, with the parameters and the numbers that it had; then everything after the database was removed."""
    from mlflow.tracking import MlflowClient

    sweep(design)
    before = replicates()
    MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/mlruns/mlflow.db").delete_run(before["1"].run_id)
    one = sweep(design)
    after = replicates()
    for path in (tmp_path / "mlruns").glob("mlflow.db*"):
        path.unlink()
    everything, nothing = sweep(design), sweep(design)

    assert "1 of 2 finished replicates are gone from the tracking store: they run again" in one
    assert (after["0"].run_id == before["0"].run_id, after["1"].run_id == before["1"].run_id) == (True, False)
    assert after["1"].params == before["1"].params
    score = "dev/average_precision/macro"
    assert [after["1"].metrics[score], replicates()["1"].metrics[score]] == [before["1"].metrics[score]] * 2
    assert "2 of 2 finished replicates are gone from the tracking store: they run again" in everything
    assert "every replicate is finished, nothing is left to do" in nothing


@pytest.mark.parametrize("design", DESIGNS)
def test_the_run_of_a_complete_trial_that_was_cut_off_is_closed_by_the_next_command(
    design: str, sweep: Callable[[str], str], tmp_path: Path
) -> None:
    """A process may die after Optuna has the trial's value, and before MLflow has the end of the trial's run."""
    from mlflow.tracking import MlflowClient

    sweep(design)
    whole, trained = runs_of("trial")["1"], replicates()
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/mlruns/mlflow.db")
    client.set_terminated(whole.run_id, "KILLED")
    said, closed, again = sweep(design), runs_of("trial")["1"], sweep(design)

    assert "the runs of 1 trial were ended before they were closed: they are closed now" in said
    assert (closed.run_id, closed.status, closed.metrics) == (whole.run_id, "FINISHED", whole.metrics)
    assert replicates() == trained
    assert "every replicate is finished, nothing is left to do" in again
