"""Optuna's plots, in files that need no network."""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import optuna
import pytest

from support.studies import AP, GOAL
from synthsweep.study.design.objective import Goal
from synthsweep.study.optuna_storage import quiet_optuna
from synthsweep.study.results.plots import importance_arguments, write_plots

PAIR = Goal((AP, "time/train"), ("maximize", "minimize"))


def studied(trials: int, objectives: int) -> optuna.Study:
    quiet_optuna()
    study = optuna.create_study(study_name="doses", directions=["maximize", "minimize"][:objectives])
    for _ in range(trials):
        trial = study.ask()
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_categorical("y", ["a", "b"])
        study.tell(trial, [x, x * x + (y == "a")][:objectives])
    return study


@pytest.mark.slow
def test_a_page_and_pictures_are_written(tmp_path: Path) -> None:
    """History, importances, slices; the page holds its library once."""

    missing = write_plots(tmp_path, studied(12, 1), GOAL)

    page = (tmp_path / "plots.html").read_text(encoding="utf-8")
    assert missing == []
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == [
        "history.png",
        "importances.png",
        "parallel_coordinates.png",
        "slices.png",
    ]
    assert page.count("<h2>") == 4
    assert f"<title>doses: {AP}</title>" in page
    assert "<script src=" not in page


@pytest.mark.slow
def test_two_objectives_have_a_front_and_plots_of_their_own(tmp_path: Path) -> None:
    """Under the names of the metrics."""

    assert write_plots(tmp_path, studied(12, 2), PAIR) == []

    names = {path.name for path in (tmp_path / "plots").iterdir()}
    assert {"pareto_front.png", "history_time-train.png", "slices_dev-average_precision-macro.png"} <= names
    assert len(names) == 9


@pytest.mark.slow
def test_a_plot_that_cannot_be_drawn_is_reported_and_the_rest_are_drawn(tmp_path: Path) -> None:
    """A plot of two objectives of a study that has one."""

    missing = write_plots(tmp_path, studied(2, 1), PAIR)

    assert [line for line in missing if line.startswith("pareto front: ")]
    assert (tmp_path / "plots.html").is_file()


def test_a_notebook_keeps_its_figures_their_style_and_their_backend(tmp_path: Path) -> None:
    """It may sweep between two figures of its own."""
    plt.switch_backend("svg")
    own, before = plt.figure(), dict(mpl.rcParams)
    write_plots(tmp_path, studied(2, 1), GOAL)

    assert (plt.get_fignums(), mpl.get_backend()) == ([own.number], "svg")
    assert dict(mpl.rcParams) == before
    plt.close(own)
    plt.switch_backend("agg")


def test_without_a_finished_trial_nothing_is_drawn(tmp_path: Path) -> None:
    """A sweep may end before its first trial does."""

    assert write_plots(tmp_path, studied(0, 1), GOAL) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_importances_of_several_objectives_follow_their_directions() -> None:
    """What makes a maximised objective high counts: y alone decides above, x alone below."""

    quiet_optuna()
    study = optuna.create_study(directions=["maximize", "minimize"])
    for number in range(60):
        x, y = (number * 7 % 60) / 60, (number * 11 % 60) / 60
        # High only where y is; low anywhere else, mostly by x.
        value = 10.0 * y if y > 0.8 else -x
        levels = {name: optuna.distributions.FloatDistribution(0, 1) for name in "xy"}
        study.add_trial(optuna.trial.create_trial(values=[value, x], params={"x": x, "y": y}, distributions=levels))

    arguments = importance_arguments(PAIR, 0, {"target": lambda trial: trial.values[0], "target_name": AP})
    found = optuna.importance.get_param_importances(study, evaluator=arguments["evaluator"], target=arguments["target"])

    assert found["y"] > 2 * found["x"]
