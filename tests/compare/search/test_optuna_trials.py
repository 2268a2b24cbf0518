"""A search as Optuna keeps it."""

from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from support.studies import AP
from synthsweep.compare.search.optuna_trials import NO_EFFECTS, search_answer
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
    """One trial more, as the study's store closes it."""
    study.enqueue_trial({"x": x})
    trial = study.ask({"x": X})
    if violation:
        trial.set_constraint("dev/precision/macro >= 0.8", violation)
    if why:
        trial.set_user_attr(FAILURE, why)
    study.tell(trial, list(values) if state == TrialState.COMPLETE else None, state)


def searched() -> optuna.Study:
    """One objective: of each kind of trial, some."""
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


def test_trials_stand_best_first_and_then_by_what_became_of_them() -> None:
    """Values are those of complete trials alone: a pruned one's is of fewer steps. Of ties the first is the best."""

    answer = search_answer(searched(), (AP,), ("maximize",))

    assert [(trial.number, trial.values, trial.state, trial.front) for trial in answer.trials] == [
        (2, (0.5,), "complete", True),
        (6, (0.5,), "complete", False),
        (0, (0.3,), "complete", False),
        (1, (0.9,), "infeasible", False),
        (4, (None,), "pruned", False),
        (3, (None,), "failed", False),
        (5, (None,), "open", False),
    ]
    assert answer.trials[0].assignment == {"x": "2"}
    assert (answer.objectives, answer.directions) == ((AP,), ("maximize",))


def test_notes_count_what_gave_no_value_and_say_why() -> None:
    """With the reason that occurs most."""

    assert search_answer(searched(), (AP,), ("maximize",)).notes[:5] == (
        "1 trial infeasible, most often: dev/precision/macro >= 0.8",
        "1 trial pruned",
        "1 trial failed, most often: recall is undefined",
        "1 trial open",
        NO_EFFECTS,
    )


def test_a_smaller_value_is_better_where_it_is_minimised() -> None:
    """In order and front."""

    study = optuna.create_study(direction="minimize")
    for x, value in enumerate((0.3, 0.1, 0.2)):
        add(study, x, value)

    trials = search_answer(study, (TIME,), ("minimize",)).trials

    assert [(trial.number, trial.front) for trial in trials] == [(1, True), (2, False), (0, False)]


def test_the_front_of_two_objectives_is_what_no_trial_beats() -> None:
    """Neither one that is worse in both, nor one that breaks a constraint."""

    study = optuna.create_study(directions=["maximize", "minimize"])
    for x, (up, down) in enumerate(((0.5, 2.0), (0.9, 9.0), (0.4, 3.0), (0.7, 5.0))):
        add(study, x, up, down)
    add(study, 9, 1.0, 1.0, violation=1.0)

    trials = search_answer(study, (AP, TIME), ("maximize", "minimize")).trials

    assert [trial.number for trial in trials if trial.front] == [1, 3, 0]


def planted(trials: int) -> optuna.Study:
    """`up` makes the first objective high; `down` makes the second low; `idle` does nothing."""
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(trials):
        trial = study.ask()
        up, down, _ = (trial.suggest_float(name, 0, 1) for name in ("up", "down", "idle"))
        # Low values of the first objective are due to another factor than high ones: only the direction tells them apart.
        high = up if up > 0.8 else 0.1 * down
        study.tell(trial, [high, down if down < 0.2 else 1 - 0.1 * up])
    return study


def test_importances_say_what_makes_an_objective_good() -> None:
    """High where it is maximised: what makes it low is another factor here."""

    answer = search_answer(planted(120), ("dev/recall/macro", TIME), ("maximize", "minimize"))

    assert [max(shares, key=lambda name: shares[name]) for shares in answer.importances.values()] == ["up", "down"]
    assert all(sum(shares.values()) == pytest.approx(1) for shares in answer.importances.values())
    assert answer.notes == (NO_EFFECTS,)


def test_few_trials_have_rough_importances() -> None:
    """And the answer says on how many they rest."""

    assert (
        "importances rest on 30 trials, and on the best tenth of them at that: they are rough"
        in search_answer(planted(30), (AP, TIME), ("maximize", "minimize")).notes
    )


def test_where_no_importance_can_be_computed_the_note_says_so() -> None:
    """One trial, or trials that all came to the same."""

    study = optuna.create_study(direction="maximize")
    add(study, 1, 0.5)
    add(study, 2, 0.5)

    answer = search_answer(study, (AP,), ("maximize",))

    assert answer.importances == {}
    assert answer.notes == (f"no importances for {AP}: fewer than two complete trials differ in it",)


def test_a_factor_that_acts_now_and_then_stands_among_the_importances() -> None:
    """A condition keeps it out of some trials."""

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(60):
        trial = study.ask()
        llm = trial.suggest_categorical("llm", ["recorded", "simulator"])
        study.tell(trial, trial.suggest_float("diversity", 0, 1) if llm == "simulator" else 0.0)

    answer = search_answer(study, (AP,), ("maximize",))

    assert set(answer.importances[AP]) == {"llm", "diversity"}
    assert {frozenset(trial.assignment) for trial in answer.trials} == {frozenset({"llm"}), frozenset({"llm", "diversity"})}


def test_an_empty_search_has_no_trials(tmp_path: Path) -> None:
    """Read from a storage, as a finished one is."""

    address = f"sqlite:///{tmp_path / 'optuna.db'}"
    optuna.create_study(study_name="empty", storage=open_storage(address), direction="maximize")

    answer = search_answer(load_study(address, "empty"), (AP,), ("maximize",))

    assert (answer.trials, answer.importances) == ((), {})
