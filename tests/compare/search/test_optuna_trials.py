"""A search, read from its Optuna study."""

from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from support.studies import AP
from synthsweep.compare.search.optuna_trials import NO_EFFECTS, read_search
from synthsweep.study.optuna_storage import FAILURE, load_study, open_storage, quiet_optuna

TIME = "time/train"
X = optuna.distributions.FloatDistribution(0, 100)


@pytest.fixture(autouse=True)
def quiet() -> None:
    quiet_optuna()


def add(
    study: optuna.Study,
    x: float,
    *values: float,
    state: TrialState = TrialState.COMPLETE,
    violation: float = 0.0,
    why: str = "",
) -> None:
    """Adds a trial, closed as the study's storage closes it."""
    study.enqueue_trial({"x": x})
    trial = study.ask({"x": X})
    if violation:
        trial.set_constraint("dev/precision/macro >= 0.8", violation)
    if why:
        trial.set_user_attr(FAILURE, why)
    study.tell(trial, list(values) if state == TrialState.COMPLETE else None, state)


def searched() -> optuna.Study:
    """A study of one objective with trials of each state."""
    study = optuna.create_study(direction="maximize")
    add(study, 0, 0.3)
    add(study, 1, 0.9, violation=0.2)
    add(study, 2, 0.5)
    add(study, 3, state=TrialState.FAIL, why="recall is undefined")
    study.enqueue_trial({"x": 4})
    pruned = study.ask({"x": X})
    pruned.report(0.99, 1)
    study.tell(pruned, state=TrialState.PRUNED)
    study.ask({"x": X})
    add(study, 6, 0.5)
    return study


def test_trials_stand_best_first_and_then_by_state() -> None:
    """A pruned trial has no value: its last one is of fewer steps. Of ties the earliest is the best."""

    search = read_search(searched(), (AP,), ("maximize",))

    assert [(trial.number, trial.values, trial.state, trial.front) for trial in search.trials] == [
        (2, (0.5,), "complete", True),
        (6, (0.5,), "complete", False),
        (0, (0.3,), "complete", False),
        (1, (0.9,), "infeasible", False),
        (4, (None,), "pruned", False),
        (3, (None,), "failed", False),
        (5, (None,), "open", False),
    ]
    assert search.trials[0].assignment == {"x": "2"}
    assert (search.objectives, search.directions) == ((AP,), ("maximize",))


def test_notes_count_trials_without_a_value_with_the_most_frequent_reason() -> None:
    assert read_search(searched(), (AP,), ("maximize",)).notes[:5] == (
        "1 trial infeasible, most often: dev/precision/macro >= 0.8",
        "1 trial pruned",
        "1 trial failed, most often: recall is undefined",
        "1 trial open",
        NO_EFFECTS,
    )


def test_a_smaller_value_is_better_where_it_is_minimised() -> None:
    study = optuna.create_study(direction="minimize")
    for x, value in enumerate((0.3, 0.1, 0.2)):
        add(study, x, value)

    trials = read_search(study, (TIME,), ("minimize",)).trials

    assert [(trial.number, trial.front) for trial in trials] == [(1, True), (2, False), (0, False)]


def test_the_front_of_two_objectives_holds_the_trials_that_no_other_beats() -> None:
    """A trial that breaks a constraint is not in it."""

    study = optuna.create_study(directions=["maximize", "minimize"])
    for x, (up, down) in enumerate(((0.5, 2.0), (0.9, 9.0), (0.4, 3.0), (0.7, 5.0))):
        add(study, x, up, down)
    add(study, 9, 1.0, 1.0, violation=1.0)

    trials = read_search(study, (AP, TIME), ("maximize", "minimize")).trials

    assert [trial.number for trial in trials if trial.front] == [1, 3, 0]


def planted(trials: int) -> optuna.Study:
    """`up` makes the first objective high; `down` makes the second low; `idle` does nothing."""
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(trials):
        trial = study.ask()
        up, down, _ = (trial.suggest_float(name, 0, 1) for name in ("up", "down", "idle"))
        # Another factor makes the first objective low than makes it high: only the direction distinguishes them.
        high = up if up > 0.8 else 0.1 * down
        study.tell(trial, [high, down if down < 0.2 else 1 - 0.1 * up])
    return study


def test_importances_say_what_makes_an_objective_good() -> None:
    """Another factor makes the maximised objective low."""

    search = read_search(planted(120), ("dev/recall/macro", TIME), ("maximize", "minimize"))

    assert [max(shares, key=lambda name: shares[name]) for shares in search.importances.values()] == ["up", "down"]
    assert all(sum(shares.values()) == pytest.approx(1) for shares in search.importances.values())
    assert search.notes == (NO_EFFECTS,)


def test_few_trials_have_rough_importances() -> None:
    """A note says on how many trials they rest."""

    assert (
        "importances rest on 30 trials, and on the best tenth of them at that: they are rough"
        in read_search(planted(30), (AP, TIME), ("maximize", "minimize")).notes
    )


def test_a_note_says_why_there_are_no_importances() -> None:
    """All trials have the same value."""

    study = optuna.create_study(direction="maximize")
    add(study, 1, 0.5)
    add(study, 2, 0.5)

    search = read_search(study, (AP,), ("maximize",))

    assert search.importances == {}
    assert search.notes == (f"no importances for {AP}: fewer than two complete trials differ in it",)


def test_a_conditional_factor_has_an_importance() -> None:
    """Some trials do not have it."""

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(60):
        trial = study.ask()
        llm = trial.suggest_categorical("llm", ["recorded", "simulator"])
        study.tell(trial, trial.suggest_float("diversity", 0, 1) if llm == "simulator" else 0.0)

    search = read_search(study, (AP,), ("maximize",))

    assert set(search.importances[AP]) == {"llm", "diversity"}
    assert {frozenset(trial.assignment) for trial in search.trials} == {frozenset({"llm"}), frozenset({"llm", "diversity"})}


def test_an_empty_search_has_no_trials(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'optuna.db'}"
    optuna.create_study(study_name="empty", storage=open_storage(address), direction="maximize")

    search = read_search(load_study(address, "empty"), (AP,), ("maximize",))

    assert (search.trials, search.importances) == ((), {})
