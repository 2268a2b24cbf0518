"""Terminals and hosts share a study, and no replicate is done twice."""

import multiprocessing
import shutil
from collections import Counter
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from uuid import uuid4

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState

from support.patience import LIMIT_S
from support.studies import GOAL, LLM_RATIO, SPACE, definition, factorial, names, outcome, score, work_off
from synthsweep.study.design.factorial import plan_cells
from synthsweep.study.optuna_storage import open_storage, open_study
from synthsweep.study.queue.search_queue import SearchQueue
from synthsweep.study.queue.trial_queue import Job

CELLS = plan_cells(LLM_RATIO, str)


@pytest.mark.slow
@settings(max_examples=5)
@given(turns=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["start", "record", "fail", "release"])), max_size=60))
def test_terminals_share_a_study_and_do_nothing_twice(shared_address: str, turns: list[tuple[int, str]]) -> None:
    """In any interleaving a replicate has one outcome; what fails in one terminal may be done by another."""

    name = uuid4().hex
    stores = [open_study(shared_address, name, definition(), GOAL, pruner=None, lease_s=60) for _ in range(4)]
    queues = [factorial(store) for store in stores[:3]]
    running: list[list[Job]] = [[], [], []]
    results: Counter[tuple[int, int]] = Counter()
    for who, what in turns:
        if what == "start":
            job = queues[who].next_job()
            running[who] += [job] if job else []
        elif running[who]:
            job = running[who].pop(0)
            if what == "record":
                results[(job.trial.number, job.seed)] += 1
                queues[who].record(job, outcome(score(job)))
            elif what == "fail":
                queues[who].fail(job, "it failed")
            else:
                queues[who].release(job)
        held = [pair for jobs in running for pair in names(jobs)]
        assert len(held) == len(set(held))
        assert not set(held) & set(results)
    for queue in queues:
        queue.store.leases.close()

    last = factorial(stores[3])
    results.update(names(work_off(last, score)))
    for store in stores:
        store.leases.close()
        store.leases.engine.dispose()
        store.storage._backend.engine.dispose()
    assert results == {(number, seed): 1 for number in range(4) for seed in (1, 2)}
    assert [score(Job(t, 0, 1)) + score(Job(t, 0, 2)) for t in last.trials()] == pytest.approx(
        [2 * trial.values[0] for trial in last.trials() if trial.values]
    )


@pytest.fixture(scope="module")
def shared_address(tmp_path_factory: pytest.TempPathFactory, made_tables: Path) -> str:
    """A storage for many studies."""
    return f"sqlite:///{shutil.copy(made_tables, tmp_path_factory.mktemp('shared'))}"


def work_factorial(address: str, barrier: Barrier, done: Any) -> None:
    store = open_study(address, "study", definition(), GOAL, pruner=None, lease_s=60)
    barrier.wait(LIMIT_S)
    jobs = work_off(factorial(store, seeds=(1, 2, 3)), score)
    store.leases.close()
    done.put(names(jobs))


def by_two_processes(work: Callable[..., None], address: str) -> tuple[list[tuple[int, int]], list[TrialState]]:
    """The jobs that two processes did which start at the same moment, and the states of the trials."""
    context = multiprocessing.get_context("spawn")
    reported, barrier = context.Queue(), context.Barrier(2)
    workers = [context.Process(target=work, args=(address, barrier, reported)) for _ in range(2)]
    for worker in workers:
        worker.start()
    done = [pair for _ in workers for pair in reported.get(timeout=LIMIT_S)]
    for worker in workers:
        worker.join(LIMIT_S)
    storage = open_storage(address)
    trials = optuna.load_study(study_name="study", storage=storage).trials
    storage.engine.dispose()
    return done, [trial.state for trial in trials]


@pytest.mark.slow
def test_real_processes_share_a_study(each_address: str) -> None:
    """Two that start at the same moment: every replicate once, every trial closed."""

    done, ended = by_two_processes(work_factorial, each_address)

    assert Counter(done) == {(number, seed): 1 for number in range(4) for seed in (1, 2, 3)}
    assert ended == [TrialState.COMPLETE] * 4


def work_search(address: str, barrier: Barrier, done: Any) -> None:
    store = open_study(address, "study", definition(), GOAL, pruner=None, lease_s=60)
    barrier.wait(LIMIT_S)
    jobs = work_off(SearchQueue(store, SPACE, GOAL, (1, 2), 10), lambda job: 0.5)
    store.leases.close()
    done.put(names(jobs))


@pytest.mark.slow
def test_real_processes_share_a_search(each_address: str) -> None:
    """Two that start at the same moment: ten trials in all, each replicate once."""

    done, ended = by_two_processes(work_search, each_address)

    assert sorted(done) == [(number, seed) for number in range(10) for seed in (1, 2)]
    assert ended == [TrialState.COMPLETE] * 10
