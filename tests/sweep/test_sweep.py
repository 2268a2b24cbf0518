"""`synthsweep run -m` from end to end: refusals in this process, whole studies in processes of their own."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from support.builders import Answer
from support.forks import Forks

Cli = Callable[..., Answer]
STUDY = (
    "experiment=ci",
    "training.threads=1",
    "tracking.figures=false",
    "mix.ratio=0,0.25",
    "seed=1,2",
    "study=s",
)
ONE = "hydra.launcher.n_workers=1"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (
            ("mix.ratio=0,1", "hydra.sweeper.objective=test/f1/macro"),
            "synthsweep: hydra.sweeper.objective=test/f1/macro: test is scored once and selects nothing; take dev/f1/macro",
        ),
        (("mix.ratio=0,11",), "synthsweep: mix.ratio must be in [0, 10], got 11.0"),
        (("mix.ratio=0,1", "hydra.sweeper.n_trials=0"), "synthsweep: hydra.sweeper.n_trials must be at least 1, got 0"),
        (("mix.ratio=0,1", "data=csv", "data.path=nowhere.csv"), "synthsweep: data.path=nowhere.csv: there is no such file"),
        (
            ("mix.ratio=0.5,1", "hydra.launcher.n_workers=-1"),
            "synthsweep: hydra.launcher.n_workers must be at least 0, got -1",
        ),
        (
            ("mix.ratio=0.5,1", "hydra/launcher=ray_workers", "hydra.launcher.cpus_per_worker=0"),
            "synthsweep: hydra.launcher.cpus_per_worker must be at least 1, got 0",
        ),
    ],
)
def test_a_study_that_cannot_be_ends_with_one_line(cli: Cli, overrides: tuple[str, ...], line: str) -> None:
    """Status 2, before a tracking store is made."""

    answer = cli("run", "-m", *overrides)

    assert answer.status == 2, answer.err
    assert answer.err[-1].startswith(line)
    assert not Path("mlruns/mlflow.db").exists()


def rows(query: str, database: str = "mlflow") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"mlruns/{database}.db")) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.slow
@pytest.mark.usefixtures("made_store")
def test_a_study_is_done_once_with_any_launcher(forks: Forks) -> None:
    """Study, trials and replicates are runs; the same command computes nothing again."""

    first = forks.run("run", "-m", *STUDY, ONE)
    again = forks.run("run", "-m", *STUDY, "hydra/launcher=basic")
    kinds = dict(rows("SELECT value, COUNT(*) FROM tags WHERE key = 'kind' GROUP BY value"))
    states = rows("SELECT DISTINCT status FROM runs")

    assert (first.status, again.status) == (0, 0), first.err + again.err
    assert "4 of 4 replicates finished" in first.out
    assert "every replicate is finished" in " ".join(again.err)
    assert len(results()) == 2
    assert first.out.splitlines()[:6] == again.out.splitlines()[:6]
    assert (kinds["study"], kinds["trial"]) == (1, 2)
    assert states == [("FINISHED",)]


@pytest.mark.slow
@pytest.mark.usefixtures("made_store")
def test_a_stock_launcher_gives_the_numbers_that_workers_give(forks: Forks) -> None:
    """Hydra's own, in this one process, one job after the other."""

    by_workers = forks.run("run", "-m", *STUDY, ONE, "tracking=none")
    Path("mlruns/optuna.db").unlink()
    by_hydra = forks.run("run", "-m", *STUDY, "tracking=none", "hydra/launcher=basic")

    numbers = [re.findall(r"\d\.\d{3,}", answer.out) for answer in (by_workers, by_hydra)]
    assert (by_workers.status, by_hydra.status) == (0, 0), by_workers.err + by_hydra.err
    assert numbers[0]
    assert numbers[0] == numbers[1]
    assert len(results()) == 2


def results() -> list[Path]:
    """What Hydra's Optuna sweeper writes into the folder of each command, as ours does with any tracking."""
    return list(Path("mlruns/hydra").rglob("optimization_results.yaml"))
