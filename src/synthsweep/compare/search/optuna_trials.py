"""Reads a search from its Optuna study: trials, front, and the importances of factors."""

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import optuna
from optuna.trial import FrozenTrial, TrialState

from synthsweep.compare.result.search import SearchResult, SearchTrial
from synthsweep.messages import first_line
from synthsweep.study.optuna_storage import FAILURE

STATES = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "open",
    TrialState.WAITING: "open",
}
ORDER = ("complete", "infeasible", "pruned", "failed", "open")
NO_EFFECTS = "importances of an adaptive search also say where the sampler looked: no effects"
# PED-ANOVA compares the best tenth of the trials with the rest; with fewer trials, that is only a handful.
FEW_TRIALS = 50


def read_search(study: optuna.Study, objectives: Sequence[str], directions: Sequence[str]) -> SearchResult:
    """Reads the trials, sorted by the first objective; infeasible, pruned, failed and open trials come last.

    `objectives` and `directions` (maximize or minimize) are in the order of the trials' values.
    """
    frozen = study.get_trials(deepcopy=False)
    trials = [_trial(trial, len(objectives)) for trial in frozen]
    front = _front(study)
    trials = [SearchTrial(t.number, t.assignment, t.values, t.state, t.number in front) for t in trials]
    importances, missing = _importances(study, objectives, directions)
    return SearchResult(
        objectives=tuple(objectives),
        directions=tuple(directions),
        trials=tuple(sorted(trials, key=lambda trial: _rank(trial, directions[0]))),
        importances=importances,
        notes=(*_notes(trials, frozen), *missing, *_about_importances(importances, trials)),
    )


def _trial(trial: FrozenTrial, objectives: int) -> SearchTrial:
    state = STATES[trial.state]
    if state == "complete" and any(violation > 0 for violation in trial.constraints.values()):
        state = "infeasible"
    # The value of a pruned trial is the last one that it reported, from fewer seeds or steps than the others.
    values = tuple(trial.values) if trial.state == TrialState.COMPLETE and trial.values else (None,) * objectives
    return SearchTrial(trial.number, {key: _format(value) for key, value in trial.params.items()}, values, state)


def _format(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _front(study: optuna.Study) -> set[int]:
    best = study.best_trials
    # Coarse metrics often tie: with one objective, only the earliest of the best trials counts.
    return {trial.number for trial in (best[:1] if len(study.directions) == 1 else best)}


def _rank(trial: SearchTrial, direction: str) -> tuple[int, float, int]:
    value = trial.values[0]
    sign = -1 if direction == "maximize" else 1
    return ORDER.index(trial.state), 0.0 if value is None else sign * value, trial.number


def _importances(
    study: optuna.Study, objectives: Sequence[str], directions: Sequence[str]
) -> tuple[dict[str, Mapping[str, float]], list[str]]:
    """Importances by objective and factor, which add up to 1; and notes on objectives without importances."""
    importances: dict[str, Mapping[str, float]] = {}
    missing: list[str] = []
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    for place, (name, direction) in enumerate(zip(objectives, directions, strict=True)):
        values = {trial.values[place] for trial in complete}
        if len(values) < 2:
            missing.append(f"no importances for {name}: fewer than two complete trials differ in it")
            continue
        try:
            importances[name] = _ped_anova(study, _target(place, direction))
        except (ValueError, RuntimeError) as error:
            missing.append(f"no importances for {name}: {first_line(error)}")
    return {name: shares for name, shares in importances.items() if shares}, missing


def _ped_anova(study: optuna.Study, target: Callable[[FrozenTrial], float]) -> Mapping[str, float]:
    # Fast for any number of trials, and suited to adaptive samplers (Watanabe et al., IJCAI 2023).
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return optuna.importance.get_param_importances(study, evaluator=evaluator, target=target)


def _target(place: int, direction: str) -> Callable[[FrozenTrial], float]:
    # The evaluator assumes that low values are good, whatever the study's direction.
    sign = -1 if direction == "maximize" else 1
    return lambda trial: sign * trial.values[place]


def _notes(trials: Sequence[SearchTrial], frozen: Sequence[FrozenTrial]) -> list[str]:
    counts = Counter(trial.state for trial in trials)
    broken = Counter(name for trial in frozen for name, violation in trial.constraints.items() if violation > 0)
    failures = Counter(str(trial.user_attrs[FAILURE]) for trial in frozen if FAILURE in trial.user_attrs)
    reasons = {"infeasible": broken, "failed": failures}
    notes = []
    for state in ORDER[1:]:
        if counts[state]:
            common = reasons.get(state, Counter()).most_common(1)
            why = f", most often: {common[0][0]}" if common else ""
            notes.append(f"{counts[state]} trial{'s' * (counts[state] != 1)} {state}{why}")
    return notes


def _about_importances(importances: Mapping[str, object], trials: Sequence[SearchTrial]) -> list[str]:
    if not importances:
        return []
    complete = sum(trial.values[0] is not None for trial in trials)
    few = f"importances rest on {complete} trials, and on the best tenth of them at that: they are rough"
    return [NO_EFFECTS, few] if complete < FEW_TRIALS else [NO_EFFECTS]
