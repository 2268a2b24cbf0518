"""What a search begins with: known configurations, and trials of another study."""

from collections.abc import Callable

import optuna
import pytest
from optuna.trial import TrialState

from support.studies import AP, GOAL, SPACE, choice, jobs_of, outcome, search, states, work_off
from synthsweep.errors import StudyError
from synthsweep.study.design.objective import Goal, parse_constraint
from synthsweep.study.design.space import Condition, Range, Space
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.search_queue import SearchQueue
from synthsweep.study.queue.trial_queue import Counts
from synthsweep.study.queue.warm_start import enqueue, nearest_study, warm_start
from synthsweep.study.results.best import best_of

COMPLETE = TrialState.COMPLETE
TIGHT = Goal((AP,), ("maximize",), (parse_constraint("time/train <= 5"),))


def test_known_configurations_are_tried_first_and_once(open_store: Callable[..., StudyStore]) -> None:
    """However often the command is given; an enqueued 1 is the level 1.0."""

    space = Space((choice("mix.ratio", 0.5, 1.0), Range("lr", 0.0, 1.0)))
    store = open_store()
    known = [{"mix.ratio": 1, "lr": 0.25}, {"mix.ratio": 0.5}]
    for _ in range(2):
        enqueue(store, space, known)
    done = work_off(search(store, 3, seeds=(1,), space=space), lambda job: 0.5)
    enqueue(store, space, known)

    assert space.overrides(done[0].trial.assignment) == ["mix.ratio=1.0", "lr=0.25"]
    assert done[1].trial.assignment["mix.ratio"] == 0.5
    assert store.study.trials[0].params == {"mix.ratio": 1.0, "lr": 0.25}
    assert states(store) == [COMPLETE] * 3


def test_a_known_configuration_that_cannot_be_is_refused(open_store: Callable[..., StudyStore]) -> None:
    """Before any of them is enqueued."""

    store = open_store()

    with pytest.raises(StudyError, match=r"^hydra\.sweeper\.enqueue\[1\]: lr is never 2; it is interval\(0, 1\)$"):
        enqueue(store, SPACE, [{"llm": "a"}, {"lr": 2}])
    assert store.study.trials == []


def source(open_store: Callable[..., StudyStore], goal: Goal = GOAL, space: Space = SPACE, n: int = 3) -> optuna.Study:
    """A finished study under another name, of which the last trial was pruned."""
    store = open_store(goal, name="first")
    queue = SearchQueue(store, space, goal, (1,), n)
    for job in jobs_of(queue):
        worse = "worse" if job.trial.number == n - 1 else ""
        queue.record(job, outcome(0.5 + job.trial.number / 10, time__train=1.0, pruned=worse))
    return store.study


def test_a_warm_start_copies_what_another_study_finished(open_store: Callable[..., StudyStore]) -> None:
    """Once, however often the command is given; copies may be the best, but do not count as this study's trials."""

    first, store = source(open_store), open_store()
    copied = [warm_start(store, SPACE, GOAL, first) for _ in range(2)]
    queue = SearchQueue(store, SPACE, GOAL, (1,), 2)
    before = queue.counts()
    done = work_off(queue, lambda job: 0.1)

    assert copied == [2, 0]
    assert [trial.user_attrs.get("warm_start") for trial in store.study.trials[:2]] == ["first/0", "first/1"]
    assert [trial.params for trial in first.trials[:2]] == [trial.params for trial in store.study.trials[:2]]
    assert (before, [job.trial.number for job in done], store.study.best_value) == (Counts(2, 0), [2, 3], 0.6)
    assert [trial.values for trial in queue.trials()] == [(0.5,), (0.6,), (0.1,), (0.1,)]


@pytest.mark.parametrize(
    ("space", "fitting"),
    [
        (Space((choice("llm", "a", "b", "c"), Range("lr", 0.0, 2.0, step=None))), 2),
        (Space((choice("llm", "a", "b"), Range("lr", 2.0, 3.0))), 0),
        (Space((choice("llm", "c", "d"), Range("lr", 0.0, 1.0))), 0),
        (Space((choice("llm", "a", "b"),)), 0),
        (Space((choice("llm", "a", "b"), Range("lr", 0.0, 1.0), choice("more", 1))), 0),
        (
            Space((*SPACE.factors, choice("c", 1)), {"c": (Condition("llm", ("b",)),), "lr": (Condition("llm", ("a", "b")),)}),
            -1,
        ),
    ],
)
def test_a_warm_start_takes_what_this_space_could_have_proposed(
    open_store: Callable[..., StudyStore], space: Space, fitting: int
) -> None:
    """A wider space takes all trials, with levels of its own; one factor more or less takes none, unless it did not act."""

    first, store = source(open_store), open_store()
    if fitting < 0:
        fitting = sum(trial.params["llm"] == "a" for trial in first.trials[:2])

    copied = warm_start(store, space, GOAL, first)
    proposed = SearchQueue(store, space, GOAL, (1,), 1).next_job()

    assert copied == fitting
    assert proposed
    assert all(space.factors[0].holds(trial.params["llm"]) for trial in store.study.trials)


@pytest.mark.parametrize(
    "goal", [Goal((AP,), ("minimize",)), Goal(("time/train",), ("maximize",)), Goal((AP, "time/train"), ("maximize",) * 2)]
)
def test_a_warm_start_from_other_objectives_is_refused(open_store: Callable[..., StudyStore], goal: Goal) -> None:
    """Their values cannot be compared with this study's."""

    first, store = source(open_store, goal), open_store()

    with pytest.raises(StudyError, match=r"^hydra\.sweeper\.warm_start=first: it has other objectives: (maximize|minimize) "):
        warm_start(store, SPACE, GOAL, first)
    assert store.study.trials == []


def test_a_warm_start_takes_only_trials_with_the_same_constraints(open_store: Callable[..., StudyStore]) -> None:
    """Whether the others are feasible is not known."""

    without, tight = source(open_store), open_store(TIGHT, name="tight")
    with_them = SearchQueue(open_store(TIGHT, name="with them"), SPACE, TIGHT, (1,), 1)
    for job in jobs_of(with_them):
        with_them.record(job, outcome(0.5, time__train=9.0))

    assert warm_start(tight, SPACE, TIGHT, without) == 0
    assert warm_start(tight, SPACE, TIGHT, with_them.store.study) == 1
    assert [trial.constraints for trial in tight.study.trials] == [{"time/train <= 5": 4.0}]


def test_a_study_of_optuna_alone_warms_up_too(open_store: Callable[..., StudyStore], address: str) -> None:
    """Its values have no names, so only the direction must be the same."""

    theirs = [optuna.create_study(direction=way) for way in ("maximize", "minimize")]
    for study in theirs:
        study.enqueue_trial({"llm": "a", "lr": 0.5})
        study.optimize(lambda trial: float(len(str(SPACE.suggest(trial)))), n_trials=1)
    store = open_store()

    assert warm_start(store, SPACE, GOAL, theirs[0]) == 1
    with pytest.raises(StudyError, match="it has other objectives: minimize a value without a name"):
        warm_start(store, SPACE, GOAL, theirs[1])


def test_trials_of_a_study_that_differs_only_teach(open_store: Callable[..., StudyStore]) -> None:
    """On other texts a better value is no result of this study; the sampler learns from it all the same."""
    first, store = source(open_store), open_store(fixed={"training.epochs": 9})
    copied = warm_start(store, SPACE, GOAL, first)
    done = work_off(SearchQueue(store, SPACE, GOAL, (1,), 2), lambda job: 0.1 + job.trial.number / 100)
    queue = SearchQueue(store, SPACE, GOAL, (1,), 2)

    like_the_second = open_store(name="third", fixed={"training.epochs": 9})
    warm_start(like_the_second, SPACE, GOAL, store.study)

    assert [one.values for one in best_of(like_the_second.study)] == [(0.13,)]
    assert (copied, store.study.best_value) == (2, 0.6)
    assert [one.values for one in best_of(store.study)] == [(0.13,)]
    assert [trial.number for trial in queue.trials()] == [job.trial.number for job in done] == [2, 3]


def test_the_nearest_study_varies_the_same_keys_for_the_same_objective(open_store: Callable[..., StudyStore]) -> None:
    """Of these the one that differs in the fewest keys, the later one of two."""
    for name, changes in {
        "far": {"fixed": {"training.epochs": 9, "model.name": "tiny"}},
        "near": {"fixed": {"training.epochs": 9}},
        "later": {"fixed": {"training.epochs": 5}},
        "other keys": {"space": {"lr": "interval(0, 1)"}},
        "other objective": {"objectives": ("minimize time/train",)},
    }.items():
        open_store(name=name, **changes)

    assert nearest_study(open_store()) == "later"


def test_the_study_that_taught_before_teaches_again(open_store: Callable[..., StudyStore]) -> None:
    """Although a nearer one has come since."""
    first, store = source(open_store), open_store()
    warm_start(store, SPACE, GOAL, first)
    open_store(name="nearer")

    assert nearest_study(store) == "first"


def test_without_another_study_there_is_none_to_learn_from(open_store: Callable[..., StudyStore]) -> None:
    assert nearest_study(open_store()) is None
