"""The best trials of a study, and the files and tables about them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from support.studies import AP, GOAL, definition
from synthsweep.study.design.objective import Goal, TrialScore
from synthsweep.study.optuna_storage import StudyStore, open_study, quiet_optuna
from synthsweep.study.queue.trial_queue import Counts, Trial
from synthsweep.study.results.best import BestTrial, best_of, table, write_results

PAIR = Goal((AP, "time/train"), ("maximize", "minimize"))
X = optuna.distributions.FloatDistribution(0, 100)
VALUES = st.tuples(st.integers(0, 4), st.integers(0, 4))


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudyStore]:
    """A store whose study is replaced by studies in memory."""
    address = f"sqlite:///{tmp_path_factory.mktemp('results') / 'optuna.db'}"
    store = open_study(address, "shell", definition(), GOAL, pruner=None, lease_s=600)
    yield store
    store.leases.close()
    store.leases.engine.dispose()


def filled(shell: StudyStore, goal: Goal, rows: list[tuple[tuple[float, ...] | None, bool]]) -> StudyStore:
    """A study in memory with these trials: values, or None for a failed one; and whether they are feasible."""
    quiet_optuna()
    study = optuna.create_study(directions=[optuna.study.StudyDirection[way.upper()] for way in goal.directions])
    for index, (values, feasible) in enumerate(rows):
        study.enqueue_trial({"x": float(index)})
        trial = study.ask({"x": X})
        store = StudyStore("doses", study, shell.leases, shell.address)
        violations = {} if feasible else {"dev/f1: undefined criteria": 1.0}
        store.record_score(Trial(trial.number, {}), TrialScore(values, violations, "" if values else "undefined"))
    return StudyStore("doses", study, shell.leases, shell.address)


@given(rows=st.lists(st.tuples(VALUES, st.booleans()), max_size=12))
def test_no_feasible_trial_beats_one_on_the_front(shell: StudyStore, rows: list[tuple[tuple[int, int], bool]]) -> None:
    """Reference: each feasible trial against each other one; some of the trials have no constraint at all."""

    store = filled(shell, PAIR, [((float(up), float(down)), feasible) for (up, down), feasible in rows])

    points = {n: values for n, (values, feasible) in enumerate(rows) if feasible}
    front = {
        n for n, (up, down) in points.items()
        if not any(u >= up and d <= down and (u, d) != (up, down) for u, d in points.values())
    }  # fmt: skip
    assert {best.number for best in best_of(store.study)} == front
    assert all(best.values == points[best.number] and best.assignment == {"x": best.number} for best in best_of(store.study))


@given(rows=st.lists(st.tuples(st.none() | st.integers(0, 3), st.booleans()), max_size=8), up=st.booleans())
def test_the_best_is_the_first_feasible_trial_with_the_best_value(
    shell: StudyStore, rows: list[tuple[int | None, bool]], up: bool
) -> None:
    """Of ties the earliest; none where no trial is feasible."""

    goal = Goal((AP,), ("maximize" if up else "minimize",))
    store = filled(shell, goal, [(None if value is None else (float(value),), feasible) for value, feasible in rows])

    points = [(value, n) for n, (value, feasible) in enumerate(rows) if feasible and value is not None]
    wanted = min(points, key=lambda point: (-point[0] if up else point[0], point[1]), default=None)
    assert ([] if wanted is None else [BestTrial(wanted[1], {"x": wanted[1]}, (wanted[0],))]) == best_of(store.study)


def read(folder: Path, name: str) -> Any:
    return yaml.safe_load((folder / name).read_text(encoding="utf-8"))


def test_results_are_written_as_hydras_optuna_sweeper_does(shell: StudyStore, tmp_path: Path) -> None:
    """`best_params` and `best_value`, with the study beside them."""

    store = filled(shell, GOAL, [((0.25,), True), ((0.5,), True)])

    write_results(tmp_path, store, definition(), GOAL, Counts(4, 3))

    assert read(tmp_path, "optimization_results.yaml") == {
        "name": "synthsweep", "study": "doses", "design": "search", "best_params": {"x": 1.0}, "best_value": 0.5,
        "objectives": [f"maximize {AP}"], "replicates_done": 3, "replicates_planned": 4,
    }  # fmt: skip
    assert definition().plain() == read(tmp_path, "study.yaml")


def test_results_of_several_objectives_are_solutions(shell: StudyStore, tmp_path: Path) -> None:
    """And without a feasible trial there is no best one."""

    write_results(tmp_path, filled(shell, PAIR, [((0.5, 9.0), True), ((0.4, 9.0), True)]), definition(), PAIR, Counts(2, 2))
    several = read(tmp_path, "optimization_results.yaml")
    write_results(tmp_path, filled(shell, GOAL, [((0.5,), False)]), definition(), GOAL, Counts(1, 1))
    none = read(tmp_path, "optimization_results.yaml")

    assert several["solutions"] == [{"params": {"x": 0.0}, "values": [0.5, 9.0]}]
    assert not {"best_params", "best_value", "solutions"} & set(none)


def test_a_copied_trial_names_its_study(open_store: Callable[..., StudyStore]) -> None:
    """The best may come from a warm start."""

    store = open_store()
    store.study.add_trial(optuna.trial.create_trial(value=0.5, user_attrs={"warm_start": "first/3"}))

    assert best_of(store.study) == [BestTrial(0, {}, (0.5,), "first/3")]


def test_the_table_has_the_best_first_and_what_has_no_value_last() -> None:
    """Infeasible trials come after feasible ones, and are marked."""

    trials = [
        Trial(0, {"lr": 0.000123456, "llm": "a"}, state="complete", values=(0.25,)),
        Trial(1, {}, state="failed"),
        Trial(2, {}, state="complete", values=(0.75,)),
        Trial(3, {}, state="complete", values=(0.99,), feasible=False),
        Trial(4, {}, state="pruned"),
    ]

    rows = table(trials, GOAL)

    assert rows[0] == ["trial", "configuration", AP, "state"]
    assert rows[2] == ["0", "lr=0.0001235 llm=a", "0.2500", "complete"]
    assert [(row[0], row[-1]) for row in rows[1:]] == [
        ("2", "complete"),
        ("0", "complete"),
        ("3", "infeasible"),
        ("1", "failed"),
        ("4", "pruned"),
    ]
    assert rows[4][2] == "–"
    assert [
        table([Trial(0, {}, state=state, reason=reason)], GOAL)[1][-1]
        for state, reason in (("open", "no memory"), ("pruned", "worse"))
    ] == ["failed: no memory", "pruned: worse"]
    assert [row[0] for row in table(trials[::2], Goal((AP,), ("minimize",)))[1:3]] == ["0", "2"]
