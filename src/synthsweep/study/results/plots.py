"""Optuna's plots of a study: one HTML page that needs no network, and a PNG per plot."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

import optuna

from synthsweep.pages.pictures.picture import without_formulas
from synthsweep.pages.pictures.scripts import any_script
from synthsweep.study.design.objective import Goal

log = logging.getLogger(__name__)

Plot = Callable[[Any, optuna.Study], Any]


def write_plots(folder: Path, study: optuna.Study, goal: Goal) -> list[str]:
    """Writes `plots.html` and `plots/NAME.png`; returns what could not be drawn (importances of one trial), with reasons."""
    if not study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.COMPLETE]):
        return []
    missing: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _write_page(folder, study, goal, missing)
        _write_pictures(folder / "plots", study, goal, missing)
    return sorted(set(missing))


def _plots(goal: Goal) -> Iterator[tuple[str, Plot]]:
    """The name of each plot, and a call that works with optuna.visualization and with its matplotlib twin."""
    if len(goal.metrics) in {2, 3}:
        yield "pareto front", lambda module, study: module.plot_pareto_front(study, target_names=list(goal.metrics))
    for index, name in enumerate(goal.metrics):
        target = (
            {"target": (lambda trial, index=index: trial.values[index]), "target_name": name} if len(goal.metrics) > 1 else {}
        )
        suffix = f" {name}" if len(goal.metrics) > 1 else ""
        yield f"history{suffix}", _call("plot_optimization_history", target)
        yield f"importances{suffix}", _call("plot_param_importances", importance_arguments(goal, index, target))
        yield f"parallel coordinates{suffix}", _call("plot_parallel_coordinate", target)
        yield f"slices{suffix}", _call("plot_slice", target)


def _call(name: str, arguments: dict[str, Any]) -> Plot:
    return lambda module, study: getattr(module, name)(study, **arguments)


def importance_arguments(goal: Goal, index: int, target: dict[str, Any]) -> dict[str, Any]:
    """The target, negated where high is good: the evaluator explains low values, whatever the direction."""
    sign = -1 if goal.directions[index] == "maximize" else 1
    signed = {**target, "target": lambda trial: sign * trial.values[index]} if target else {}
    # Fast for any number of trials, and valid for adaptive samplers near the best values (Watanabe et al., IJCAI 2023).
    return {**signed, "evaluator": optuna.importance.PedAnovaImportanceEvaluator()}


def _write_page(folder: Path, study: optuna.Study, goal: Goal, missing: list[str]) -> None:
    from optuna import visualization

    parts: list[str] = []
    for name, plot in _plots(goal):
        try:
            figure = plot(visualization, study)
        except Exception as error:
            # Each plot has its own requirements: two trials, a factor that varies, values that differ.
            missing.append(f"{name}: {error}")
            continue
        # plotly.js has 4 MB: included once.
        parts.append(f"<h2>{escape(name)}</h2>" + figure.to_html(full_html=False, include_plotlyjs=not parts))
    title = escape(f"{study.study_name}: {', '.join(goal.metrics)}")
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    style = '<body style="font-family: sans-serif; max-width: 75em; margin: 1em auto">'
    note = "<p>Importances of an adaptive search say where the sampler looked, too: they are no effects.</p>"
    (folder / "plots.html").write_text(f"{head}{style}<h1>{title}</h1>{note}{''.join(parts)}</body></html>", encoding="utf-8")


def _write_pictures(folder: Path, study: optuna.Study, goal: Goal, missing: list[str]) -> None:
    from optuna.visualization import matplotlib as visualization

    folder.mkdir(exist_ok=True)
    for name, plot in _plots(goal):
        with _own_figures():
            try:
                axes = plot(visualization, study)
                figure = (axes if hasattr(axes, "figure") else axes.flat[0]).figure
                without_formulas(figure)
                figure.savefig(folder / f"{name.replace(' ', '_').replace('/', '-')}.png", dpi=120, bbox_inches="tight")
            except Exception as error:
                missing.append(f"{name}: {error}")


@contextmanager
def _own_figures() -> Iterator[None]:
    """Figures that nobody sees, closed at the end; a notebook keeps its own figures, their style and their backend."""
    import matplotlib as mpl

    before, fallback = mpl.get_backend(auto_select=False), mpl.rcParams["backend_fallback"]
    mpl.use("agg")
    import matplotlib.pyplot as plt

    kept = set(plt.get_fignums())
    try:
        # Optuna changes the style of all figures.
        with mpl.rc_context(), any_script():
            yield
    finally:
        for number in set(plt.get_fignums()) - kept:
            plt.close(number)
        if before is not None:
            # A notebook's backend asks for this name while it is loaded.
            mpl.rcParams["backend"] = before
            plt.switch_backend(before)
            mpl.rcParams["backend_fallback"] = fallback
