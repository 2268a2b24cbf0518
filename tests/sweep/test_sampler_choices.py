"""The choices of `hydra/sweeper/sampler`: each names a sampler of Optuna that can be made."""

from pathlib import Path

import optuna
import pytest
from hydra.core.config_loader import ConfigLoader
from hydra.types import RunMode
from hydra.utils import instantiate

from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.typed import sweeper_keys
from synthsweep.study.samplers import make_sampler
from synthsweep.sweep.plan import read_settings

CHOICES = sorted(path.stem for path in (shipped("conf") / "hydra/sweeper/sampler").glob("*.yaml"))


@pytest.mark.parametrize("choice", CHOICES)
def test_a_choice_makes_the_sampler_that_it_names(choice: str, loader: ConfigLoader) -> None:
    node = loader.load_configuration("run", [f"hydra/sweeper/sampler={choice}"], run_mode=RunMode.MULTIRUN)
    if choice == "cmaes":
        pytest.importorskip("cmaes")

    made = make_sampler(read_settings(sweeper_keys(node.hydra.sweeper)).sampler, 1, instantiate)

    assert type(made).__name__.lower() == f"{choice}sampler"


def test_the_keys_of_a_choice_can_be_set(loader: ConfigLoader) -> None:
    given = ["hydra/sweeper/sampler=tpe", "hydra.sweeper.sampler.n_startup_trials=3"]

    node = loader.load_configuration("run", given, run_mode=RunMode.MULTIRUN)

    assert node.hydra.sweeper.sampler.n_startup_trials == 3


def test_tpe_by_its_name_proposes_what_a_study_without_a_sampler_does(loader: ConfigLoader) -> None:
    node = loader.load_configuration("run", ["hydra/sweeper/sampler=tpe"], run_mode=RunMode.MULTIRUN)
    named = make_sampler(read_settings(sweeper_keys(node.hydra.sweeper)).sampler, 1, instantiate)
    proposed = []
    for sampler in (named, make_sampler(None, 1, instantiate)):
        study = optuna.create_study(sampler=sampler)
        study.optimize(lambda trial: trial.suggest_float("a", 0, 1) * trial.suggest_float("b", 0, 1), 15)
        proposed.append([trial.params for trial in study.trials])

    assert proposed[0] == proposed[1]


def test_every_choice_is_in_the_guide() -> None:
    page = Path(shipped("guide") / "howto-sweep.md").read_text(encoding="utf-8")

    assert [choice for choice in CHOICES if f"`{choice}`" not in page] == []
