"""Claims: whose they are, when they are free again, and that no two processes ever have one."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from support.patience import LIMIT_S
from support.studies import ELSEWHERE, GONE
from synthsweep.errors import StorageError
from synthsweep.storage.database import open_engine
from synthsweep.storage.leases import CLAIMS, FAILED, Leases

ITEMS = ("a", "b", "a_b")


@pytest.fixture
def engine(each_address: str) -> Iterator[sa.Engine]:
    made = open_engine(each_address)
    yield made
    made.dispose()


@pytest.fixture
def lease(engine: sa.Engine) -> Iterator[Callable[..., Leases]]:
    """Opens the claims of a process on the study."""
    opened: list[Leases] = []

    def open_one(owner: str = "", study: str = "study", seconds: float = 600.0) -> Leases:
        named = {"owner": owner} if owner else {}
        opened.append(Leases(engine, study, seconds, **named))
        return opened[-1]

    yield open_one
    for leases in opened:
        leases.close()


def age(leases: Leases, seconds: float) -> None:
    """Makes all claims look as if they were last renewed so many seconds ago."""
    with leases.engine.begin() as connection:
        connection.execute(CLAIMS.update().values(renewed=time.time() - seconds))


def renewed(leases: Leases) -> list[float]:
    with leases.engine.connect() as connection:
        return list(connection.execute(sa.select(CLAIMS.c.renewed).order_by(CLAIMS.c.item)).scalars())


def test_the_first_to_claim_an_item_has_it(lease: Callable[..., Leases]) -> None:
    """In each study anew."""
    one, other, elsewhere = lease(), lease(), lease(study="another")

    assert [one.claim("x"), other.claim("x"), one.claim("x"), elsewhere.claim("x")] == [True, False, False, True]
    assert one.alive() == other.alive() == {"x": one.owner}


def test_what_is_done_stays_done_with_its_note(lease: Callable[..., Leases]) -> None:
    """For every process and for the next command; other items are not mixed up."""
    one, other = lease(), lease()
    for item in ("cell_1/2", "cell_1/3", "cellX1/2"):
        one.claim(item)
    finished = [one.finish("cell_1/2", {"f1": 0.5, "none": None}), one.finish("cellX1/2", [1])]

    assert finished == [True, True]
    assert other.notes("cell_1/") == {"cell_1/2": {"f1": 0.5, "none": None}}
    assert set(other.notes()) == {"cell_1/2", "cellX1/2"}
    assert other.alive("cell_1/") == {"cell_1/3": one.owner}
    assert not other.claim("cell_1/2")


def test_what_failed_may_be_tried_by_another_owner_but_not_by_the_same(lease: Callable[..., Leases]) -> None:
    """So no sweep tries the same thing for ever."""
    one, next_command = lease(), lease()
    one.claim("x")
    one.finish("x", "out of memory", state=FAILED)

    assert one.notes() == {}
    assert [one.claim("x"), next_command.claim("x")] == [False, True]


def test_what_is_released_is_free_at_once(lease: Callable[..., Leases]) -> None:
    """One by one, or all at the end; but never what another owner holds, nor what is done."""
    one, other = lease(), lease()
    for item in ("x", "y", "z"):
        one.claim(item)
    one.finish("z")
    one.release("x")
    other.release("y")
    other.release("z")
    before = [other.claim("x"), other.claim("y"), other.claim("z")]
    one.close()

    assert before == [True, False, False]
    assert [other.claim("y"), other.claim("z")] == [True, False]


@pytest.mark.parametrize(
    "owner", [pytest.param(GONE, id="gone"), pytest.param(GONE.replace(str(os.getpid()), "99999999"), id="nobody")]
)
def test_the_claim_of_a_process_that_is_gone_is_free_at_once(lease: Callable[..., Leases], owner: str) -> None:
    """A process number that another process has by now is no proof of life."""
    gone, other = lease(owner), lease()
    gone.claim("x")

    assert other.alive() == {}
    assert other.claim("x")
    assert not gone.finish("x", "too late")
    assert other.notes() == {}


def test_the_claim_of_another_host_lasts_until_it_is_not_renewed(lease: Callable[..., Leases]) -> None:
    """Its processes cannot be seen from here."""
    away, other = lease(ELSEWHERE), lease()
    away.claim("x")
    before = (other.alive(), other.claim("x"))
    age(other, 601.0)

    assert before == ({"x": ELSEWHERE}, False)
    assert other.alive() == {}
    assert away.alive() == {"x": ELSEWHERE}
    assert other.claim("x")


def test_a_claim_is_renewed_while_it_is_held_even_after_the_database_was_away(lease: Callable[..., Leases]) -> None:
    """The round after a failed one renews it."""
    leases = lease(seconds=0.2)
    leases.claim("x")
    with leases.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE synthsweep_claims RENAME TO away")
    time.sleep(0.2)
    with leases.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO synthsweep_claims")
    before = renewed(leases)
    end = time.monotonic() + LIMIT_S
    while renewed(leases) == before and time.monotonic() < end:
        time.sleep(0.02)

    assert before < renewed(leases)


def test_a_database_that_went_away_is_one_line(lease: Callable[..., Leases]) -> None:
    leases = lease()
    with leases.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE synthsweep_claims RENAME TO away")

    for ask in (leases.claim, leases.finish, leases.release, leases.notes, leases.alive):
        with pytest.raises(StorageError, match=r"^database at [^\n]*synthsweep_claims[^\n]*$"):
            ask("x")
    with leases.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO synthsweep_claims")


def test_a_study_that_was_deleted_can_be_forgotten(lease: Callable[..., Leases]) -> None:
    """Its claims go, of all owners; those of other studies stay."""
    one, other, another = lease(), lease(), lease(study="another")
    one.claim("x")
    one.finish("x", 1)
    another.claim("x")
    other.forget()

    assert [other.claim("x"), another.claim("x")] == [True, False]


STEPS = st.tuples(st.sampled_from(["claim", "finish", "fail", "release"]), st.integers(0, 2), st.sampled_from(ITEMS))


@settings(max_examples=40)
@given(steps=st.lists(STEPS, max_size=20), ghost=st.booleans())
def test_no_item_ever_has_two_live_owners(made_engine: sa.Engine, steps: list[tuple[str, int, str]], ghost: bool) -> None:
    """Any interleaving of three owners, one of whom may be gone, gives what a table on paper gives."""
    study = os.urandom(6).hex()
    owners = [Leases(made_engine, study, 600.0, **({"owner": GONE} if ghost and not n else {})) for n in range(3)]
    paper: dict[str, tuple[str, int]] = {}
    for what, who, item in steps:
        state, owner = paper.get(item, ("free", -1))
        mine = state == "held" and owner == who
        if what == "claim":
            free = state == "free" or (owner != who and (state == "failed" or (state == "held" and ghost and owner == 0)))
            assert owners[who].claim(item) == free
            paper |= {item: ("held", who)} if free else {}
        elif what == "release":
            owners[who].release(item)
            paper.pop(item) if mine else None
        else:
            wanted = "done" if what == "finish" else FAILED
            assert owners[who].finish(item, who, state=wanted) == mine
            paper |= {item: (wanted, who)} if mine else {}
    done, alive = owners[1].notes(), owners[1].alive()
    for leases in owners:
        leases.close()

    held = {item: n for item, (state, n) in paper.items() if state == "held" and not (ghost and n == 0)}
    assert done == {item: n for item, (state, n) in paper.items() if state == "done"}
    assert alive == {item: owners[n].owner for item, n in held.items()}


@pytest.fixture(scope="module")
def made_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    made = open_engine(f"sqlite:///{tmp_path_factory.mktemp('claims') / 'optuna.db'}")
    yield made
    made.dispose()


def claim_all(address: str, barrier: Barrier, count: int, results: Any) -> None:
    """What each of several processes does: claims all items, in an order of its own."""
    leases = Leases(open_engine(address), "study")
    items = sorted(map(str, range(count)), key=lambda item: hash((item, os.getpid())))
    barrier.wait(LIMIT_S)
    won = [item for item in items if leases.claim(item) and leases.finish(item, os.getpid())]
    results.put((os.getpid(), won))
    leases.close()


def claim_and_hang(address: str, results: Any) -> None:
    leases = Leases(open_engine(address), "study")
    results.put(leases.claim("held"))
    time.sleep(LIMIT_S)


@pytest.mark.slow
def test_processes_share_items_and_take_over_from_a_killed_one(each_address: str) -> None:
    """Three real processes do forty items once each; a fourth is killed, and its item is free at once."""
    context = multiprocessing.get_context("spawn")
    results, barrier = context.Queue(), context.Barrier(3)
    workers = [context.Process(target=claim_all, args=(each_address, barrier, 40, results)) for _ in range(3)]
    killed = context.Queue()
    hanging = context.Process(target=claim_and_hang, args=(each_address, killed))
    for process in (*workers, hanging):
        process.start()
    won = dict(results.get(timeout=LIMIT_S) for _ in workers)
    assert killed.get(timeout=LIMIT_S)
    engine = open_engine(each_address)
    leases = Leases(engine, "study")
    before = leases.claim("held")
    assert hanging.pid
    os.kill(hanging.pid, signal.SIGKILL)
    for process in (*workers, hanging):
        process.join(LIMIT_S)
    after = leases.claim("held")
    notes = leases.notes()
    leases.close()
    engine.dispose()

    assert (before, after) == (False, True)
    assert sorted(item for items in won.values() for item in items) == sorted(map(str, range(40)))
    assert notes == {item: pid for pid, items in won.items() for item in items}
