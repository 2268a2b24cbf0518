"""How pruners see the replicates of a search, and what a warm start brings."""

from collections.abc import Callable
from typing import Any

import optuna
import pytest
from hydra.utils import instantiate
from optuna.trial import TrialState

from support.studies import AP, GOAL, choice, jobs_of, outcome, work_off
from synthsweep.errors import StudyError
from synthsweep.study.design.objective import Goal, parse_constraint
from synthsweep.study.design.space import Condition, Range, Space
from synthsweep.study.optuna_storage import StudyStore, make_optuna
from synthsweep.study.queue.search_queue import SearchQueue, warm_start
from synthsweep.study.queue.trial_queue import Counts

SPACE = Space((choice("llm", "a", "b"), Range("lr", 0.0, 1.0)))
TIGHT = Goal((AP,), ("maximize",), (parse_constraint("time/train <= 5"),))
SEEDS = (1, 2, 3, 4, 5, 6)
WILCOXON = {"_target_": "optuna.pruners.WilcoxonPruner", "p_threshold": 0.1}


def paired(open_store: Callable[..., StudyStore], goal: Goal = GOAL) -> StudyStore:
    return open_store(goal, pruner=make_optuna(WILCOXON, "pruner", instantiate))


def searching(store: StudyStore, n_trials: int, pruning: str, goal: Goal = GOAL) -> SearchQueue:
    return SearchQueue(store, SPACE, goal, SEEDS, n_trials, pruning)


def conducted(queue: SearchQueue, value: Callable[[int, int], float | None], slow: int = -1) -> list[tuple[int, int]]:
    """Works the agenda off, with a value for trial and replicate; the trial `slow` takes longer than allowed."""
    done = []
    for job in jobs_of(queue):
        done.append((job.trial.number, job.replicate))
        taken = 9.0 if job.trial.number == slow else 1.0
        queue.record(job, outcome(value(job.trial.number, job.replicate), time__train=taken))
    return done


def falling(number: int, replicate: int) -> float:
    """Each trial is worse than the one before it with every seed."""
    return 0.8 - 0.2 * number + 0.01 * replicate


def test_the_paired_test_gives_a_trial_up_after_four_replicates(open_store: Callable[..., StudyStore]) -> None:
    """The first runs whole; each that is worse with all seeds costs four."""

    store = paired(open_store)
    queue = searching(store, 3, "replicate")

    done = conducted(queue, falling)

    assert [(0, n) for n in range(6)] + [(t, n) for t in (1, 2) for n in range(4)] == done
    assert [trial.state for trial in store.study.trials] == [TrialState.COMPLETE, TrialState.PRUNED, TrialState.PRUNED]
    assert pytest.approx(store.study.trials[1].intermediate_values) == {0: 0.6, 1: 0.61, 2: 0.62, 3: 0.63}
    assert (queue.trials()[1].state, queue.trials()[1].reason) == ("pruned", "worse than the best so far after 4 replicates")
    assert queue.counts() == Counts(18, 18)


def test_a_trial_that_is_as_good_runs_whole(open_store: Callable[..., StudyStore]) -> None:
    """Also one of which a replicate has no value: it fails at its end, by name."""

    store = paired(open_store)

    done = conducted(searching(store, 3, "replicate"), lambda t, n: None if (t, n) == (2, 1) else 0.5 + 0.01 * ((t + n) % 2))

    assert [(t, n) for t in range(3) for n in range(6)] == done
    assert [trial.state for trial in store.study.trials] == [TrialState.COMPLETE, TrialState.COMPLETE, TrialState.FAIL]


def test_an_infeasible_trial_is_no_reference(open_store: Callable[..., StudyStore]) -> None:
    """However good: what is worse than it may be the best that is allowed."""

    store = paired(open_store, TIGHT)

    done = conducted(searching(store, 3, "replicate", TIGHT), falling, slow=0)

    assert [(t, n) for t in (0, 1) for n in range(6)] + [(2, n) for n in range(4)] == done
    assert store.study.best_trial.number == 1


def test_four_replicates_start_at_once_and_then_one_by_one(open_store: Callable[..., StudyStore]) -> None:
    """A fifth before the test was asked might be for nothing; other workers begin the next trial."""

    queue = searching(paired(open_store), 2, "replicate")
    first = [queue.next_job() for _ in range(4)]
    other = queue.next_job()
    for job in first[:3]:
        assert job
        queue.record(job, outcome(0.5))
    still_other = queue.next_job()
    assert first[3]
    queue.record(first[3], outcome(0.5))
    fifth, not_the_sixth = queue.next_job(), queue.next_job()

    pairs = [(job.trial.number, job.replicate) for job in (*first, other, still_other, fifth, not_the_sixth) if job]
    assert pairs == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (0, 4), (1, 2)]


def test_a_pruner_of_epochs_decides_on_the_first_replicate_alone(open_store: Callable[..., StudyStore]) -> None:
    """The others wait for it; one that was given up has no others."""

    store = open_store()
    queue = searching(store, 2, "epoch")
    one, two = queue.next_job(), queue.next_job()
    assert one
    assert two
    nothing = queue.next_job()
    queue.record(one, outcome(None, pruned="pruned after epoch 3"))
    queue.record(two, outcome(0.5))
    rest = work_off(queue, lambda job: 0.5)

    assert [(one.trial.number, 0), (two.trial.number, 0), nothing] == [(0, 0), (1, 0), None]
    assert [(1, n) for n in range(1, 6)] == [(job.trial.number, job.replicate) for job in rest]
    assert [trial.state for trial in store.study.trials] == [TrialState.PRUNED, TrialState.COMPLETE]
    assert queue.trials()[0].reason == "pruned after epoch 3"
    assert store.study.trials[1].intermediate_values == {}


def source(open_store: Callable[..., StudyStore], goal: Goal = GOAL, space: Space = SPACE, n: int = 3) -> optuna.Study:
    """A finished study under another name, of which the last trial was pruned."""
    store = open_store(goal, name="first")
    queue = SearchQueue(store, space, goal, (1,), n)
    for job in jobs_of(queue):
        worse = "worse" if job.trial.number == n - 1 else ""
        queue.record(job, outcome(0.5 + job.trial.number / 10, time__train=1.0, pruned=worse))
    return store.study


def test_a_warm_start_copies_what_another_study_finished(open_store: Callable[..., StudyStore]) -> None:
    """Once, however often; they are shown and may be the best, but count as none of this study's trials."""

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
    """A wider space takes all, with levels of its own; a factor more or less none, unless it did not act."""

    first, store = source(open_store), open_store()
    if fitting < 0:
        fitting = sum(trial.params["llm"] == "a" for trial in first.trials[:2])

    copied = warm_start(store, space, GOAL, first)
    asked = SearchQueue(store, space, GOAL, (1,), 1).next_job()

    assert fitting == copied
    assert asked
    assert all(space.factors[0].holds(trial.params["llm"]) for trial in store.study.trials)


@pytest.mark.parametrize(
    "goal", [Goal((AP,), ("minimize",)), Goal(("time/train",), ("maximize",)), Goal((AP, "time/train"), ("maximize",) * 2)]
)
def test_a_warm_start_from_other_objectives_is_refused(open_store: Callable[..., StudyStore], goal: Goal) -> None:
    """Their values would be compared with ours."""

    first, store = source(open_store, goal), open_store()

    with pytest.raises(StudyError, match=r"^hydra\.sweeper\.warm_start=first: it has other objectives: (maximize|minimize) "):
        warm_start(store, SPACE, GOAL, first)
    assert store.study.trials == []


def test_a_warm_start_takes_only_what_was_judged_by_the_same_constraints(open_store: Callable[..., StudyStore]) -> None:
    """Of the others nobody knows whether they are feasible."""

    without, tight = source(open_store), open_store(TIGHT, name="tight")
    with_them = searching(open_store(TIGHT, name="with them"), 1, "", TIGHT)
    conducted(with_them, falling, slow=0)

    assert warm_start(tight, SPACE, TIGHT, without) == 0
    assert warm_start(tight, SPACE, TIGHT, with_them.store.study) == 1
    assert [trial.constraints for trial in tight.study.trials] == [{"time/train <= 5": 4.0}]


def test_a_study_of_optuna_alone_warms_up_too(open_store: Callable[..., StudyStore], address: str) -> None:
    """Its values have no names; the direction must be the same."""

    theirs = [optuna.create_study(direction=way) for way in ("maximize", "minimize")]
    for study in theirs:
        study.enqueue_trial({"llm": "a", "lr": 0.5})
        study.optimize(lambda trial: float(len(str(SPACE.suggest(trial)))), n_trials=1)
    store = open_store()

    assert warm_start(store, SPACE, GOAL, theirs[0]) == 1
    with pytest.raises(StudyError, match="it has other objectives: minimize a value without a name"):
        warm_start(store, SPACE, GOAL, theirs[1])


def test_a_terminal_that_only_looks_on_knows_every_finished_trial(open_store: Callable[..., StudyStore]) -> None:
    """Complete, pruned, failed with the reason, and infeasible."""

    store = paired(open_store, TIGHT)
    queue = searching(store, 4, "replicate", TIGHT)
    for job in jobs_of(queue):
        if job.trial.number == 3:
            queue.fail(job, "out of memory")
        else:
            conducted_value: Any = falling(job.trial.number, job.replicate)
            queue.record(job, outcome(conducted_value, time__train=9.0 if job.trial.number == 0 else 1.0))

    looking_on = searching(open_store(TIGHT), 4, "replicate", TIGHT)

    assert [(trial.state, trial.feasible, trial.reason) for trial in looking_on.trials()] == [
        ("complete", False, ""),
        ("complete", True, ""),
        ("pruned", True, ""),
        ("failed", True, "out of memory"),
    ]
    assert looking_on.counts() == Counts(24, 18)
