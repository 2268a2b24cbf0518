"""What a search begins with: configurations to try first, and finished trials of another study."""

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import optuna
from optuna.trial import TrialState

from synthsweep.errors import StudyError
from synthsweep.study.design.objective import Goal
from synthsweep.study.design.space import Assignment, Space
from synthsweep.study.optuna_storage import DEFINITION, TEACHES, WARM, StudyStore

# Takes the study that is nearest to this one.
AUTO = "auto"


def enqueue(store: StudyStore, space: Space, assignments: Sequence[Assignment]) -> None:
    """Adds configurations to try first; a repeated command adds nothing.

    Raises:
        StudyError: a value that the space does not hold.
    """
    require_in_space(space, assignments)
    with store.alone():
        for assignment in assignments:
            store.study.enqueue_trial(dict(assignment), skip_if_exists=True)


def require_in_space(space: Space, assignments: Sequence[Assignment]) -> None:
    """Raises StudyError for a first configuration with a value that the space does not hold."""
    for index, assignment in enumerate(assignments):
        space.require(assignment, f"hydra.sweeper.enqueue[{index}]")


def warm_start(store: StudyStore, space: Space, goal: Goal, source: optuna.Study) -> int:
    """Copies the finished trials of another study that this space could have proposed; returns how many are new.

    Those of a study that differs in other keys can be no result of this one.

    Raises:
        StudyError: the other study has other objectives.
    """
    if (source.metric_names or list(goal.metrics), source.directions) != (list(goal.metrics), store.study.directions):
        names = source.metric_names or ["a value without a name"] * len(source.directions)
        before = ", ".join(f"{way.name.lower()} {name}" for way, name in zip(source.directions, names, strict=True))
        raise StudyError(f"hydra.sweeper.warm_start={source.study_name}: it has other objectives: {before}")
    differs = differing_keys(store, source.user_attrs) != ()
    with store.alone():
        present = {trial.user_attrs.get(WARM) for trial in store.study.get_trials(deepcopy=False)}
        copied = 0
        for frozen in source.get_trials(states=[TrialState.COMPLETE]):
            mark = f"{source.study_name}/{frozen.number}"
            if mark in present or not _could_propose(space, goal, frozen):
                continue
            teaches = {TEACHES: True} if differs or TEACHES in frozen.user_attrs else {}
            store.study.add_trial(_copy(space, frozen, {WARM: mark, **teaches}))
            copied += 1
    return copied


def differing_keys(store: StudyStore, other: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The keys beside those that are varied in which another study differs, by its user attributes; None if it keeps none."""
    if DEFINITION not in other:
        return None
    before, now = json.loads(other[DEFINITION])["fixed"], json.loads(store.study.user_attrs[DEFINITION])["fixed"]
    return tuple(key for key in {**now, **before} if before.get(key) != now.get(key))


def nearest_study(store: StudyStore) -> str | None:
    """Of the studies of the storage that vary the same keys for the same objectives, the one that differs in the fewest others.

    The later one of two; the one that was taken before, if any was.
    """
    marks = [trial.user_attrs.get(WARM, "") for trial in store.study.get_trials(deepcopy=False)]
    taken = {str(mark).rpartition("/")[0] for mark in marks if mark}
    found = {name: count for name, count in _alike(store) if not taken or name in taken}
    return min(reversed(found), key=found.__getitem__, default=None)


def _alike(store: StudyStore) -> Iterator[tuple[str, int]]:
    """Their names and in how many keys they differ, in the order in which they began."""
    own = json.loads(store.study.user_attrs[DEFINITION])
    for summary in sorted(optuna.get_all_study_summaries(store.storage, include_best_trial=False), key=_begun):
        kept, differing = json.loads(summary.user_attrs.get(DEFINITION, "{}")), differing_keys(store, summary.user_attrs)
        if summary.study_name == store.name or differing is None or kept["objectives"] != own["objectives"]:
            continue
        if kept["space"].keys() == own["space"].keys():
            yield summary.study_name, len(differing)


def _begun(summary: optuna.study.StudySummary) -> int:
    return summary._study_id


def _could_propose(space: Space, goal: Goal, frozen: optuna.trial.FrozenTrial) -> bool:
    if any(str(constraint) not in frozen.constraints for constraint in goal.constraints):
        # It is unknown whether the trial is feasible here.
        return False
    factors = {factor.key: factor for factor in space.factors}
    acting = {key for key in factors if space.acts(key, frozen.params)}
    return acting == set(frozen.params) and all(factors[key].holds(value) for key, value in frozen.params.items())


def _copy(space: Space, frozen: optuna.trial.FrozenTrial, attributes: Mapping[str, Any]) -> optuna.trial.FrozenTrial:
    # Optuna allows one set of levels per factor in a study: this study's.
    suggested = optuna.trial.FixedTrial(dict(frozen.params))
    space.suggest(suggested)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return optuna.trial.create_trial(
            params=frozen.params, distributions=suggested.distributions, values=frozen.values,
            intermediate_values=frozen.intermediate_values, user_attrs=dict(attributes), system_attrs=frozen.system_attrs,
        )  # fmt: skip
