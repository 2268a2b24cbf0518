"""Answers on disk: each the moment it is given, all of a sheet or none."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.audit.answer_store import AnswerStore
from synthsweep.audit.items import Answer
from synthsweep.errors import AuditError, StorageError

WORDS = st.text(max_size=20)
ANSWERS = st.builds(
    Answer, WORDS, WORDS, st.sampled_from(["right", "wrong", "unsure"]), st.frozensets(WORDS, max_size=3), WORDS
)
# Saves answers one by one, and says each time that one is kept.
WRITER = """
import sys
from pathlib import Path
from synthsweep.audit.answer_store import AnswerStore
from synthsweep.audit.items import Answer
store, rater, count = AnswerStore(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
for number in range(count):
    store.save(Answer(f"item {number:05}", rater, "right", frozenset({"A1"}), f"note of {rater}"))
    print(number, flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    return AnswerStore(tmp_path / "answers.db")


def writer(store: AnswerStore, rater: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(store.path), rater, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


def test_reading_makes_no_file(store: AnswerStore) -> None:
    assert (store.all(), store.rater("anna")) == ([], "anna")
    assert not store.path.exists()


@given(st.lists(ANSWERS, max_size=6, unique_by=lambda answer: (answer.item, answer.rater)))
def test_answers_come_back_as_they_were_given(tmp_path_factory: pytest.TempPathFactory, answers: list[Answer]) -> None:
    """By rater and item, with any characters."""
    store = AnswerStore(tmp_path_factory.mktemp("store") / "answers.db")

    assert store.add(answers) == len(answers)
    # SQLite orders text by its bytes in UTF-8.
    assert store.all() == sorted(answers, key=lambda one: (one.rater.encode(), one.item.encode()))
    assert store.add(answers) == 0


def test_a_later_answer_replaces_the_raters_earlier_one(store: AnswerStore) -> None:
    for answer in (Answer("i", "anna", "right"), Answer("i", "ben", "unsure"), Answer("i", "anna", "wrong", frozenset({"B1"}))):
        store.save(answer)

    assert store.all() == [Answer("i", "anna", "wrong", frozenset({"B1"})), Answer("i", "ben", "unsure")]


def test_one_conflict_and_no_answer_is_kept(store: AnswerStore) -> None:
    """Not even the new ones; one line names the items."""
    store.save(Answer("b", "anna", "right"))
    given_ = [Answer("a", "anna", "right"), Answer("b", "anna", "wrong"), Answer("c", "anna", "right")]
    with pytest.raises(AuditError) as refused:
        store.add(given_)

    assert str(refused.value) == "anna has answered b before, and differently: audit.replace=true takes the new answers"
    assert store.all() == [Answer("b", "anna", "right")]


def test_replace_takes_the_new_answers(store: AnswerStore) -> None:
    """It counts answers that are new or changed."""
    store.add([Answer("a", "anna", "right"), Answer("b", "anna", "right")])

    assert store.add([Answer(item, "anna", "wrong" if item == "b" else "right") for item in "abc"], replace=True) == 2
    assert [answer.verdict for answer in store.all()] == ["right", "wrong", "right"]


def test_a_rater_is_known_whatever_the_case(store: AnswerStore) -> None:
    """By the name as it was written first."""
    store.save(Answer("a", "Anna Groß", "right"))

    assert [store.rater(name) for name in ("ANNA GROSS", "anna groß", "Ben")] == ["Anna Groß", "Anna Groß", "Ben"]


def test_a_file_that_is_no_database_is_one_line(store: AnswerStore) -> None:
    store.path.write_bytes(b"no database at all, and long enough to be read as one" * 40)
    for act in (store.all, lambda: store.save(Answer("a", "anna", "right")), lambda: store.add([])):
        with pytest.raises(StorageError) as refused:
            act()

        assert str(refused.value) == f"{store.path}: answers cannot be kept or read: file is not a database"


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """Nobody has exported the audit."""
    with pytest.raises(StorageError, match=r"answers cannot be kept or read: unable to open database file$"):
        AnswerStore(tmp_path / "nowhere" / "answers.db").save(Answer("a", "anna", "right"))


def test_a_file_without_its_table_has_no_answer_yet(store: AnswerStore) -> None:
    """Another process made it a moment ago."""
    sqlite3.connect(store.path).close()
    store.path.touch()

    assert store.all() == []


def test_reading_does_not_wait_for_a_writer(store: AnswerStore) -> None:
    """It reads what was there before."""
    store.save(Answer("a", "anna", "right"))
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM answers")
        began = time.monotonic()

        assert store.all() == [Answer("a", "anna", "right")]
        assert time.monotonic() - began < 5
        other.execute("ROLLBACK")


@pytest.mark.slow
def test_several_processes_write_at_once(store: AnswerStore) -> None:
    """None waits in vain, and no answer is lost."""
    writers = [writer(store, rater, 60) for rater in ("anna", "ben", "cleo")]

    assert [process.wait(120) for process in writers if process.communicate()] == [0, 0, 0]
    assert len(store.all()) == 180


@pytest.mark.slow
def test_a_killed_writer_loses_no_answer_that_it_called_saved(store: AnswerStore) -> None:
    """By kill -9 at any moment, twelve times over."""
    rng = random.Random(9)
    for attempt in range(12):
        process = writer(store, f"rater {attempt}", 100_000)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0, 0.15))
        process.send_signal(signal.SIGKILL)
        # The first line was read above.
        said = 1 + process.communicate()[0].count("\n")
        kept = [answer.item for answer in store.all() if answer.rater == f"rater {attempt}"]

        assert kept == [f"item {number:05}" for number in range(len(kept))]
        assert said <= len(kept) <= said + 1
