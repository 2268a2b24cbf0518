"""The best trials of a study, as values, as a table and as files."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
import yaml
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import create_trial

from synthsweep.study.design.definition import Definition
from synthsweep.study.design.objective import Goal
from synthsweep.study.design.space import Choice, Space
from synthsweep.study.optuna_storage import FAILURE, TEACHES, WARM, StudyStore
from synthsweep.study.queue.trial_queue import Counts, Trial, in_words
from synthsweep.track.reader import RESULTS


@dataclass(frozen=True)
class BestTrial:
    """A trial on the Pareto front; `values` follow the objectives, `source` names the study that a warm start took it from."""

    number: int
    assignment: dict[str, Any]
    values: tuple[float, ...]
    source: str = ""


def best_of(study: optuna.Study) -> list[BestTrial]:
    """The feasible trials that no other beats in every objective: with one objective, the best of them."""
    front = _front(study)
    if len(study.directions) == 1:
        # Coarse metrics often tie: the earliest trial stands for the others.
        front = front[:1]
    return [BestTrial(t.number, dict(t.params), tuple(t.values), str(t.user_attrs.get(WARM, ""))) for t in front]


def _front(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    trials = study.get_trials(deepcopy=False)
    own = [trial for trial in trials if TEACHES not in trial.user_attrs]
    if len(own) == len(trials):
        return study.best_trials
    # Optuna's own rule, on a study in memory that has these trials alone.
    alone = optuna.create_study(directions=study.directions)
    alone.add_trials(own)
    return [own[trial.number] for trial in alone.best_trials]


def why_infeasible(store: StudyStore) -> str:
    """The constraint that most trials violate, else the most frequent failure; empty where there is neither."""
    violated = Counter(name for trial in store.study.trials for name, value in trial.constraints.items() if value > 0)
    failures = Counter(str(trial.user_attrs[FAILURE]) for trial in store.study.trials if FAILURE in trial.user_attrs)
    reasons = (violated or failures).most_common(1)
    return f"{reasons[0][0]} ({reasons[0][1]} trials)" if reasons else ""


def as_it_stands(study: optuna.Study, trials: Sequence[Trial], space: Space, goal: Goal) -> optuna.Study:
    """A factorial study with all of its levels and values over all of its seeds: Optuna's own keeps those of its beginning."""
    now = optuna.create_study(study_name=study.study_name, directions=study.directions)
    choices = {factor.key: CategoricalDistribution(factor.levels) for factor in space.factors if isinstance(factor, Choice)}
    for trial in sorted(trials, key=lambda one: one.number):
        if trial.state == "complete" and trial.values and trial.feasible:
            levels: dict[str, BaseDistribution] = {key: choices[key] for key in trial.assignment}
            now.add_trial(create_trial(values=list(trial.values), params=dict(trial.assignment), distributions=levels))
    now.set_metric_names(list(goal.metrics))
    return now


def write_results(
    folder: Path, store: StudyStore, definition: Definition, goal: Goal, counts: Counts, study: optuna.Study | None = None
) -> None:
    """Writes `optimization_results.yaml` as Hydra's Optuna sweeper does, and the study's definition as `study.yaml`."""
    best = best_of(study or store.study)
    values: dict[str, Any] = {"name": "synthsweep", "study": store.name, "design": definition.design}
    if len(goal.metrics) == 1:
        values |= {"best_params": best[0].assignment, "best_value": best[0].values[0]} if best else {}
    else:
        values["solutions"] = [{"params": one.assignment, "values": list(one.values)} for one in best]
    values |= {"objectives": list(definition.objectives), "replicates_done": counts.done, "replicates_planned": counts.planned}
    _write(folder / RESULTS, values)
    _write(folder / "study.yaml", definition.plain())


def table(trials: Sequence[Trial], goal: Goal) -> list[list[str]]:
    """A heading and a row per trial, best first by the first objective: number, configuration, values, state."""
    sign = -1 if goal.directions[0] == "maximize" else 1
    ordered = sorted(trials, key=lambda t: (t.values is None, not t.feasible, sign * t.values[0] if t.values else 0, t.number))
    rows = [["trial", "configuration", *goal.metrics, "state"]]
    for trial in ordered:
        values = [f"{value:.4f}" for value in trial.values] if trial.values else ["–"] * len(goal.metrics)
        rows.append([str(trial.number), in_words(trial.assignment), *values, _state(trial)])
    return rows


def _state(trial: Trial) -> str:
    if trial.reason:
        return f"{'failed' if trial.state == 'open' else trial.state}: {trial.reason}"
    if trial.state == "open":
        return f"open, {len(trial.outcomes)} done"
    return "infeasible" if trial.state == "complete" and not trial.feasible else trial.state


def _write(path: Path, values: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), encoding="utf-8")
