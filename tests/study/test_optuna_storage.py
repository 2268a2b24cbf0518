"""A study in Optuna's storage: begun once, each trial closed once, refused when it changes."""

import json
import multiprocessing
import os
import re
import signal
import sqlite3
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from support.patience import LIMIT_S
from support.studies import AP, GOAL, definition
from synthsweep.errors import StorageError, StudyError
from synthsweep.study.design.objective import Goal, TrialScore
from synthsweep.study.optuna_storage import (
    DEFINITION,
    StudyStore,
    load_study,
    open_storage,
    open_study,
    storage_errors,
)
from synthsweep.study.queue.trial_queue import Trial
from synthsweep.study.shared.begun import Begun, read_begun
from synthsweep.study.shared.inputs import read_joined


def begin(store: StudyStore) -> Trial:
    return Trial(store.study.ask().number, {})


def test_a_study_is_begun_once_and_then_goes_on(open_store: Callable[..., StudyStore]) -> None:
    """The second command finds the trials of the first, under the same definition."""
    first = open_store()
    first.record_score(begin(first), TrialScore((0.5,)))
    second = open_store()

    assert [trial.value for trial in second.study.trials] == [0.5]
    assert json.loads(second.study.user_attrs["definition"]) == definition().plain()
    assert second.study.metric_names == [AP]


def test_a_changed_study_is_refused_and_a_changed_length_is_not(open_store: Callable[..., StudyStore]) -> None:
    """Space, objective, seeds and fixed keys define a study; its number of trials does not."""
    open_store()

    with pytest.raises(StudyError, match=r"study=study was begun as another study \(hydra\.sweeper\.params\.llm: "):
        open_store(space={"llm": "choice(a, c)"})
    with pytest.raises(StudyError, match="objectives"):
        open_store(Goal((AP,), ("minimize",)), objectives=("minimize time/train",))
    assert open_store(name="another", space={"llm": "choice(a, c)"})


def test_a_study_that_is_not_ours_is_left_alone(open_store: Callable[..., StudyStore], address: str) -> None:
    """One with trials, or with another direction."""
    storage = open_storage(address)
    optuna.create_study(study_name="theirs", storage=storage, direction="maximize").enqueue_trial({"x": 1})
    optuna.create_study(study_name="other way", storage=storage, direction="minimize")
    storage.engine.dispose()

    for name in ("theirs", "other way"):
        with pytest.raises(StudyError, match=f"^study={name}: the storage holds a study of this name that is not synthsweep's"):
            open_store(name=name)


def test_a_study_that_was_deleted_begins_anew(open_store: Callable[..., StudyStore], address: str) -> None:
    """Deleted by Optuna's own command; old claims and notes are of another study."""
    first = open_store()
    first.leases.claim("cell/1")
    first.leases.finish("cell/1", {"old": 1})
    optuna.delete_study(study_name="study", storage=first.storage._backend)

    second = open_store(seeds=(7,))

    assert second.leases.notes() == {}


def test_a_trial_is_closed_once_with_its_constraints(open_store: Callable[..., StudyStore]) -> None:
    """A command that finds it finished changes nothing; one that was killed half-way is made up for."""
    store = open_store()
    trial, half = begin(store), begin(store)
    score = TrialScore((0.5,), {"time/train <= 5": 2.0, "other": -1.0})
    optuna.trial.Trial(store.study, store.storage_id(half.number)).set_constraint("other", -1.0)

    for _ in range(2):
        store.record_score(trial, score)
    store.record_score(half, score)

    assert (trial.state, trial.values, trial.feasible, trial.reason) == ("complete", (0.5,), False, "")
    assert [frozen.constraints for frozen in store.study.trials] == [dict(score.violations)] * 2
    assert [frozen.state for frozen in store.study.trials] == [TrialState.COMPLETE] * 2


def test_a_trial_leads_to_its_run_in_the_tracking_store(open_store: Callable[..., StudyStore]) -> None:
    """As Optuna's table of trials has it; a run that takes its place later replaces it while the trial is open."""
    store = open_store()
    trial = begin(store)
    store.keep_run(trial.number, "gone")
    store.keep_run(trial.number, "kept")
    store.record_score(trial, TrialScore((0.5,)))
    store.keep_run(trial.number, "late")

    assert list(store.study.trials_dataframe()["user_attrs_mlflow_run"]) == ["kept"]


def test_a_trial_without_a_value_fails_with_the_reason(open_store: Callable[..., StudyStore]) -> None:
    """Also for a command that finds it failed."""
    store = open_store()
    trial = begin(store)

    for _ in range(2):
        store.record_score(trial, TrialScore(None, {}, "dev/f1 is undefined"))

    (frozen,) = store.study.trials
    assert (trial.state, trial.values, trial.feasible, trial.reason) == ("failed", None, False, "dev/f1 is undefined")
    assert (frozen.state, frozen.user_attrs["failure"]) == (TrialState.FAIL, "dev/f1 is undefined")


def test_a_finished_trial_does_not_fail_later(open_store: Callable[..., StudyStore]) -> None:
    store = open_store()
    trial = begin(store)
    store.record_score(trial, TrialScore((0.5,)))
    store.close_failed(trial.number, "too late")

    (frozen,) = store.study.trials
    assert (frozen.state, frozen.user_attrs) == (TrialState.COMPLETE, {})


def test_a_storage_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    """Also one with the tables of another Optuna."""
    (tmp_path / "text.db").write_text("not a database, but long enough to be taken for one" * 9)
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.execute("CREATE TABLE studies (study_id INTEGER)")
    connection.close()

    for name in ("text.db", "old.db"):
        with pytest.raises(StorageError, match=rf"^database at /.*/{re.escape(name)}: [^\n]+$"):
            open_study(f"sqlite:///{tmp_path / name}", "study", definition(), GOAL, pruner=None, lease_s=60)


def test_a_bug_is_not_an_error_of_the_database() -> None:
    """Its traceback is needed."""
    with pytest.raises(RuntimeError, match="a bug"), storage_errors("sqlite:///x"):
        raise RuntimeError("a bug")


def test_another_study_is_loaded_by_name(open_store: Callable[..., StudyStore], address: str) -> None:
    open_store(name="first")

    assert load_study(address, "first").study_name == "first"
    with pytest.raises(StudyError, match=r"^hydra\.sweeper\.warm_start=nobody: the storage has no study of this name$"):
        load_study(address, "nobody", "hydra.sweeper.warm_start")


def begin_both(address: str, name: str, barrier: Barrier, said: Any) -> None:
    barrier.wait(LIMIT_S)
    try:
        open_study(address, name, definition(), GOAL, pruner=None, lease_s=60).leases.close()
        said.put("begun")
    except StorageError as error:
        said.put(str(error))


@pytest.mark.slow
def test_two_studies_begin_at_the_same_moment_on_a_new_storage(each_new_address: str) -> None:
    """One of the processes makes the tables."""
    context = multiprocessing.get_context("spawn")
    said, barrier = context.Queue(), context.Barrier(2)
    begun = [context.Process(target=begin_both, args=(each_new_address, name, barrier, said)) for name in ("one", "other")]
    for process in begun:
        process.start()
    answers = [said.get(timeout=LIMIT_S) for _ in begun]
    for process in begun:
        process.join(LIMIT_S)

    assert answers == ["begun", "begun"]


def command_of(*arguments: str) -> Begun:
    return Begun(arguments, (), 3, "lab-1", "/work", "0.1.0")


def die_at_the_definition(address: str, seeds: tuple[int, ...]) -> None:
    def die(study: optuna.Study, key: str, value: str) -> None:
        if key == DEFINITION:
            os.kill(os.getpid(), signal.SIGKILL)
        keep(study, key, value)

    keep, optuna.Study.set_user_attr = optuna.Study.set_user_attr, die  # type: ignore[method-assign]
    larger = {"design": "factorial", "seeds": seeds}
    open_study(address, "study", definition(**larger), GOAL, pruner=None, lease_s=60, begun=command_of("replicates=3"))


@pytest.mark.parametrize("before", [(), (1, 2)], ids=["begins", "grows"])
def test_a_kill_while_a_study_begins_or_grows_leaves_one_that_goes_on(address: str, before: tuple[int, ...]) -> None:
    """Whoever joins one that grew composes from the kept command: it must never name less than the definition."""
    if before:
        first = definition(design="factorial", seeds=before)
        open_study(address, "study", first, GOAL, pruner=None, lease_s=60, begun=command_of()).leases.close()
    process = multiprocessing.get_context("fork").Process(target=die_at_the_definition, args=(address, (1, 2, 3)))
    process.start()
    process.join(LIMIT_S)
    assert process.exitcode == -signal.SIGKILL

    if before:
        assert read_joined(address, "the storage", "study").begun == command_of("replicates=3")
    else:
        with pytest.raises(StudyError, match="was ended before it had: give it once more"):
            read_joined(address, "the storage", "study")
    joined = definition(design="factorial", seeds=(1, 2, 3))
    store = open_study(address, "study", joined, GOAL, pruner=None, lease_s=60)
    store.leases.close()
    assert json.loads(store.study.user_attrs[DEFINITION])["seeds"] == [1, 2, 3]


def test_a_refused_command_is_not_kept(address: str) -> None:
    """The study goes by the one that began it."""
    first = definition(design="factorial")
    open_study(address, "study", first, GOAL, pruner=None, lease_s=60, begun=command_of()).leases.close()

    with pytest.raises(StudyError):
        open_study(address, "study", definition(), GOAL, pruner=None, lease_s=60, begun=command_of("other"))

    assert read_begun(load_study(address, "study").user_attrs) == command_of()
