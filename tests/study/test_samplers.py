"""Samplers and pruners by name; processes of one search propose different configurations."""

from collections.abc import Callable, Mapping
from typing import Any

import optuna
import pytest
from hydra.utils import instantiate
from optuna.trial import TrialState

from support.studies import choice, outcome, search, work_off
from synthsweep.errors import StudyError
from synthsweep.study.design.space import Range, Space
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.trial_queue import Counts
from synthsweep.study.samplers import Stream, make_optuna, make_sampler, own_stream

TWO_RANGES = Space((Range("x", 0.0, 1.0), Range("lr", 1e-5, 1e-1, log=True)))
GRID = Space((choice("llm", "a", "b", "c"), choice("mix.ratio", 0.5, 1.0)))
OPTUNA = "optuna.samplers"


def process(
    open_store: Callable[..., StudyStore],
    settings: Mapping[str, Any] | None = None,
    n_trials: int = 8,
    space: Space = TWO_RANGES,
) -> Any:
    """The queue of one process of a search, which has opened it."""
    store = open_store()
    store.study.sampler = make_sampler(settings, 1, instantiate, own_stream(store))
    return search(store, n_trials, seeds=(1,), space=space)


def in_turn(*queues: Any) -> list[tuple[Any, ...]]:
    """What the processes propose, one after the other; each trial ends after the next one has begun."""
    proposed, running, going = [], [], list(queues)
    while going:
        queue = going.pop(0)
        if (job := queue.next_job()) is not None:
            proposed.append(tuple(job.trial.assignment.values()))
            running.append((queue, job))
            going.append(queue)
        if len(running) > len(queues) or not going:
            for of, ended in running:
                of.record(ended, outcome(0.5))
            running.clear()
    return proposed


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(None, id="the default"),
        pytest.param({"_target_": f"{OPTUNA}.RandomSampler"}, id="random"),
        pytest.param({"_target_": f"{OPTUNA}.TPESampler", "seed": 7}, id="a seed of its own"),
        pytest.param({"_target_": f"{OPTUNA}.QMCSampler", "seed": 7}, id="one sequence for all"),
        pytest.param(
            {
                "_target_": f"{OPTUNA}.PartialFixedSampler",
                "fixed_params": {"x": 0.5},
                "base_sampler": {"_target_": f"{OPTUNA}.TPESampler", "seed": 7},
            },
            id="within another",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_processes_that_open_a_search_together_propose_different_configurations(
    open_store: Callable[..., StudyStore], settings: Mapping[str, Any] | None
) -> None:
    """Whatever the sampler, and whoever gave its seed."""
    proposed = in_turn(*(process(open_store, settings, 4) for _ in range(2)))

    assert (len(proposed), len(set(proposed))) == (4, 4)


def test_a_process_alone_proposes_what_plain_optuna_does(open_store: Callable[..., StudyStore]) -> None:
    """With the seed of the sweeper; the processes that come beside it change nothing in its first proposals."""
    queue = process(open_store, n_trials=4)
    process(open_store)
    jobs = work_off(queue, lambda job: job.trial.assignment["x"])
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=1))
    study.optimize(lambda trial: TWO_RANGES.suggest(trial)["x"], n_trials=4)

    assert [job.trial.assignment for job in jobs] == [trial.params for trial in study.trials]


def test_a_later_command_goes_on_with_other_random_numbers(open_store: Callable[..., StudyStore]) -> None:
    """Those of an earlier one would propose its trials again; and a stream is free when its process has ended."""
    first = process(open_store, {"_target_": f"{OPTUNA}.RandomSampler", "seed": 7}, 2)
    before = in_turn(first)
    first.store.leases.close()
    after = in_turn(process(open_store, {"_target_": f"{OPTUNA}.RandomSampler", "seed": 7}, 4))
    store = open_store()

    assert (len(before), len(after), len({*before, *after})) == (2, 2, 4)
    assert own_stream(store) == Stream(4, 0)
    assert own_stream(open_store()) == Stream(4, 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"_target_": f"{OPTUNA}.GridSampler", "search_space": {"llm": ["a", "b", "c"], "mix.ratio": [0.5, 1.0]}},
        {"_target_": f"{OPTUNA}.BruteForceSampler"},
    ],
    ids=["grid", "brute force"],
)
def test_a_grid_is_walked_once_by_all_processes_and_commands(
    open_store: Callable[..., StudyStore], settings: Mapping[str, Any]
) -> None:
    """The last points are not proposed again while they run; nor does a later command begin with one of them."""
    first = in_turn(process(open_store, settings, 2, GRID))
    both = in_turn(process(open_store, settings, 20, GRID), process(open_store, settings, 20, GRID))
    later = process(open_store, settings, 20, GRID)

    assert sorted([*first, *both]) == sorted((llm, ratio) for llm in "abc" for ratio in (0.5, 1.0))
    assert (later.next_job(), later.counts()) == (None, Counts(6, 6))


def test_a_point_whose_process_died_is_tried_again_though_the_grid_is_walked(open_store: Callable[..., StudyStore]) -> None:
    store = open_store()
    store.study.sampler = optuna.samplers.BruteForceSampler(seed=1)
    queue = search(store, 20, seeds=(1,), space=GRID)
    jobs = [queue.next_job() for _ in range(6)]
    nothing = queue.next_job()
    for job in jobs[1:]:
        queue.record(job, outcome(0.5))
    queue.release(jobs[0])
    again = queue.next_job()

    assert (nothing, again.trial.assignment) == (None, jobs[0].trial.assignment)
    assert store.study.trials[-1].state == TrialState.RUNNING


def test_samplers_and_pruners_are_made_from_their_names() -> None:
    pruner = make_optuna({"_target_": "optuna.pruners.WilcoxonPruner", "p_threshold": 0.2}, "pruner", instantiate)

    assert isinstance(pruner, optuna.pruners.WilcoxonPruner)
    assert make_optuna(None, "pruner", instantiate) is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n": 1}, r"^hydra\.sweeper\.sampler needs a _target_, as in \{_target_: optuna\.samplers\.NAME\}; got \{'n': 1\}$"),
        ({"_target_": "optuna.samplers.TPESampel"}, r"has no such sampler; did you mean optuna\.samplers\.TPESampler\?$"),
        ({"_target_": "nobody.Sampler"}, r"^hydra\.sweeper\.sampler: nobody\.Sampler cannot be made: [^\n]+$"),
        ({"_target_": "collections.Counter"}, r"_target_=collections\.Counter: this makes a Counter, not a sampler$"),
        ({"_target_": "optuna.samplers.TPESampler", "n": 1}, "optuna.samplers.TPESampler cannot be made: .*unexpected keyword"),
    ],
)
def test_a_sampler_that_does_not_exist_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(StudyError, match=message):
        make_sampler(settings, 1, instantiate)


@pytest.mark.parametrize("settings", [None, {"_target_": "optuna.samplers.RandomSampler"}])
def test_a_sampler_is_seeded(settings: Any) -> None:
    """Unless its own settings name a seed."""

    def proposed(given: int, **more: Any) -> list[str]:
        sampler = make_sampler(settings and {**settings, **more}, given, instantiate)
        study = optuna.create_study(sampler=sampler)
        return [choice("x", *"abcdef").suggest(study.ask()) for _ in range(12)]  # type: ignore[misc]

    assert proposed(1) == proposed(1)
    assert proposed(1) != proposed(2)
    assert not settings or proposed(1, seed=5) == proposed(2, seed=5)


def test_a_sampler_that_takes_no_seed_is_made_without_one() -> None:
    settings = {"_target_": "optuna.samplers.PartialFixedSampler", "fixed_params": {"x": 1},
                "base_sampler": {"_target_": "optuna.samplers.RandomSampler"}}  # fmt: skip

    assert isinstance(make_sampler(settings, 1, instantiate), optuna.samplers.PartialFixedSampler)
