"""A factorial study gets further levels and seeds under its name."""

import pytest

from support.forks import Forks
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.storage.database import study_address
from synthsweep.study.optuna_storage import load_study
from synthsweep.track.choose import reader_of
from synthsweep.track.reader import KeptRun

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("made_store")]

SMALL = ("experiment=ci", "study=grown", "model=tfidf", "characteristics=none", "hydra/launcher=basic")


def runs_of(kind: str) -> dict[str, KeptRun]:
    return {run.run_id: run for run in reader_of(TrackingConfig()).runs_of_study("grown") if run.tags["kind"] == kind}


def test_a_study_grows_by_what_is_new(forks: Forks) -> None:
    """What was finished stays; the trials of before get the new seed, the new level all seeds. Fewer levels are refused."""
    small, large = ("mix.ratio=0,0.5", "replicates=1"), ("mix.ratio=0,0.25,0.5", "replicates=2")
    assert forks.run("run", "-m", *SMALL, *small).status == 0
    before = runs_of("replicate")

    looked = forks.run("run", "-m", *SMALL, *large, "sweep.dry_run=true")
    grown = forks.run("run", "-m", *SMALL, *large)
    again = forks.run("run", "-m", *SMALL, *large)
    less = forks.run("run", "-m", *SMALL, *small)

    after, [study] = runs_of("replicate"), runs_of("study").values()
    assert "The study of this name grows: 1 more seed, mix.ratio=0.25." in looked.out
    assert any("study grown grows: 1 more seed, mix.ratio=0.25; what is finished stays" in line for line in grown.err)
    assert {run_id: run.metrics for run_id, run in after.items() if run_id in before} == {
        run_id: run.metrics for run_id, run in before.items()
    }
    assert sorted((run.params["mix.ratio"], run.params["seed"]) for run in after.values()) == [
        (ratio, seed) for ratio in ("0", "0.25", "0.5") for seed in ("1", "2")
    ]
    assert {
        trial.user_attrs["mlflow_run"]
        for trial in load_study(study_address(None, TrackingConfig().folder), "grown").get_trials()
    } == set(runs_of("trial"))
    assert study.tags["grown"] == "1 more seed, mix.ratio=0.25"
    assert "mix.ratio=0,0.25,0.5" in study.tags["command"]
    assert "6 of 6 replicates finished" in again.out + "".join(again.err)
    assert less.status == 2
    assert "choice(0, 0.25, 0.5) before, choice(0, 0.5) now" in less.err[-1]
