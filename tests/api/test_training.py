"""Runs and sweeps that are refused; those that train are in the notebook's test."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import synthsweep
from support.builders import Answer
from synthsweep.api import TrackedRun
from synthsweep.errors import ConfigError, InputError

ODD = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "words",
    [
        ["mix.ratio=-1"],
        ["mix.ration=1"],
        ["mix=agument"],
        ["seed=1,2"],
        ["replicates=2"],
        ["data=csv", "data.path=nowhere.csv", "labels=from_data"],
    ],
)
def test_what_the_command_refuses_is_an_error_with_its_line(cli: Callable[..., Answer], words: list[str]) -> None:
    """No SystemExit, and nothing on the screen."""

    told = cli("run", *words)
    with pytest.raises(InputError) as refused:
        synthsweep.run(words)

    assert told.err == [f"synthsweep: {refused.value}"]
    assert not Path("mlruns/mlflow.db").exists()


def test_another_sweeper_is_refused_before_anything_runs() -> None:
    with pytest.raises(ConfigError, match="hydra/sweeper must be synthsweep"):
        synthsweep.sweep(["hydra/sweeper=basic", "experiment=ci", "seed=1,2"])

    assert not Path("mlruns/mlflow.db").exists()


@pytest.mark.parametrize("key", ["sweep.dry_run", "generate.dry_run"])
def test_a_dry_run_is_no_run(key: str) -> None:
    """It is refused before anything is read: nothing could be returned."""
    with pytest.raises(ConfigError, match=rf"^{key}=true trains nothing, so there is no run"):
        synthsweep.run(["experiment=ci", f"{key}=true"])


@pytest.mark.slow
def test_a_forecast_returns_a_study_without_trials(capsys: pytest.CaptureFixture[str]) -> None:
    """And prints what would run, with its study's name."""

    study = synthsweep.sweep(["sweeps=ci", "sweep.dry_run=true"])

    assert (study.name, len(study.trials)) == ("ci", 0)
    assert "study ci: factorial, 4 configurations of 2 seeds." in capsys.readouterr().out


def test_a_run_is_shown_with_dashes_for_what_is_undefined() -> None:
    """And with its name as text, whatever it holds."""
    metrics = pd.DataFrame(
        {"split": "test", "criterion": ["A1", "macro"], "f1": [float("nan"), 0.5], "support": [3.0, float("nan")]}
    )
    page = TrackedRun("f00", ODD, True, metrics, "http://127.0.0.1:5000/#/x", ())._repr_html_()

    assert [page.count(part) for part in ("<td>–</td>", "<td>3</td>", "<td>0.500</td>", "<script", "nothing was trained")] == [
        2, 1, 1, 0, 1,
    ]  # fmt: skip
