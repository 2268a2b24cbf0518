"""A factorial study gets further levels and seeds under its name."""

import statistics
from pathlib import Path

import pytest
import yaml

from support.forks import Forks
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.predict.chosen import best_runs
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
    assert best_runs(reader_of(TrackingConfig()), "grown") != []
    assert "6 of 6 replicates finished" in again.out + "".join(again.err)
    assert less.status == 2
    assert "choice(0, 0.25, 0.5) before, choice(0, 0.5) now" in less.err[-1]


def test_the_best_of_a_grown_study_is_over_all_of_its_levels_and_seeds(forks: Forks, tmp_path: Path) -> None:
    """As the table shows it, not as Optuna keeps the trials of the beginning."""
    for grid in (("seed=1", "model.inverse_penalty=0.0001,0.001"), ("seed=1,2", "model.inverse_penalty=0.0001,0.001,2")):
        done = forks.run("run", "-m", *SMALL, "mix=real_only", *grid)
        assert done.status == 0, done.err

    [study] = runs_of("study").values()
    file = reader_of(TrackingConfig()).file_of(study.run_id, "optimization_results.yaml")
    assert file is not None
    kept = yaml.safe_load(file.read_text())
    means = {
        penalty: statistics.fmean(
            run.metrics["dev/average_precision/macro"]
            for run in runs_of("replicate").values()
            if run.params["model.inverse_penalty"] == penalty
        )
        for penalty in ("0.0001", "0.001", "2")
    }
    assert (kept["best_params"], kept["best_value"]) == ({"model.inverse_penalty": 2}, pytest.approx(means["2"]))
    assert means["2"] == max(means.values())


def test_a_control_that_gets_another_name_by_growing_stays_one_control(forks: Forks) -> None:
    """Real texts alone at any ratio, and the further ratio 0 of the other arm, are one configuration."""
    for ratios in ("0.25,0.5", "0.25,0.5,0"):
        done = forks.run("run", "-m", *SMALL, "seed=1,2", "mix=real_only,augment", f"mix.ratio={ratios}")
        assert done.status == 0, done.err

    assert len(runs_of("trial")) == 3
    assert len(runs_of("replicate")) == 6
    compared = forks.run("compare", "study=grown", "compare.tfidf_baseline=false", "tracking.figures=false")
    assert compared.status == 0, compared.err
