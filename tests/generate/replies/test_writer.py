"""Writes in a thread of its own, together where they come together; on a real file."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthsweep.errors import ReplyStoreError
from synthsweep.generate.completer import Completion
from synthsweep.generate.replies.store import ReplyKey, ReplyStore, StoredReply, open_reply_store
from synthsweep.generate.replies.writer import ReplyWriter


def reply(number: int) -> StoredReply:
    return StoredReply(ReplyKey("r", number, "llm"), "plain", "A", Completion(f"text {number}", "llm"))


@pytest.fixture
def writer() -> Iterator[ReplyWriter]:
    made = ReplyWriter(lambda: open_reply_store(Path("mlruns")))
    yield made
    made.close()


def held_up(writer: ReplyWriter) -> threading.Event:
    """Keeps the thread busy until the event is set, so that what is submitted meanwhile is one group."""
    go = threading.Event()
    writer.submit(lambda store: go.wait())
    return go


def test_what_waits_is_written_together(writer: ReplyWriter) -> None:
    """Fifty replies take one write to the disk, and each is there once its future is done."""
    go = held_up(writer)
    begun = list[str]()
    writer.submit(lambda store: store.connection.set_trace_callback(begun.append))
    futures = [writer.submit(lambda store, number=number: store.keep(reply(number))) for number in range(50)]
    go.set()
    futures[-1].result()

    assert sum(statement == "COMMIT" for statement in begun) == 1
    with_own = open_reply_store(Path("mlruns"))
    assert {one.key.sample for one in with_own.all()} == set(range(50))
    with_own.close()


def test_one_failure_in_a_group_spoils_no_other(writer: ReplyWriter) -> None:
    """It is tried alone, and leaves nothing."""

    def half(store: ReplyStore) -> None:
        store.keep(reply(98))
        store.keep(StoredReply(ReplyKey("r", 99, "llm"), "plain", "A", Completion(["no text"], "llm")))  # type: ignore[arg-type]

    go = held_up(writer)
    futures = [writer.submit(lambda store, number=number: store.keep(reply(number))) for number in range(3)]
    wrong = writer.submit(half)
    after = writer.submit(lambda store: store.keep(reply(3)))
    go.set()

    with pytest.raises(ReplyStoreError):
        wrong.result()
    assert [future.result() for future in [*futures, after]] == [None] * 4
    assert writer.submit(lambda store: sorted(one.key.sample for one in store.all())).result() == [0, 1, 2, 3]


def test_closing_writes_what_is_left() -> None:
    writer = ReplyWriter(lambda: open_reply_store(Path("mlruns")))
    go = held_up(writer)
    for number in range(5):
        writer.submit(lambda store, number=number: store.keep(reply(number)))
    go.set()
    writer.close()

    store = open_reply_store(Path("mlruns"))
    assert len(list(store.all())) == 5
    store.close()
