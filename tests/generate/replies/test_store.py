"""Replies, claims and budgets in a real SQLite file, shared by real processes."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.errors import ReplyStoreError
from synthsweep.generate.budget import Spending
from synthsweep.generate.completer import Completion, Usage
from synthsweep.generate.replies.store import (
    FILE,
    Asked,
    OpenBatch,
    ReplyKey,
    ReplyStore,
    StoredReply,
    look_at_reply_store,
    open_reply_store,
)
from synthsweep.generate.replies.tables import SCHEMA_VERSION, SCHEMAS
from synthsweep.storage.process import ProcessMark
from synthsweep.storage.sqlite import MOST_VALUES

ELSEWHERE = ProcessMark("another-host", "1", "1.0")
KEY = ReplyKey("digest", 3, "llm", '{"temperature": 1.0}')
DONE = Completion("a\u2028b\x00c 😀", "llm", "llm-2024", "length", Usage(7, 5, 2), 0.25)
REPLY = StoredReply(KEY, "plain", "A", DONE, (("system", "Be brief."), ("user", "Write.\nNow.")), 1.5, "2025-01-01T00:00:00")
# Dollars whose sums are exact.
CENTS = st.integers(0, 64).map(lambda number: number / 64)
BUDGETS = count()
OPEN = "from pathlib import Path; from synthsweep.generate.replies.store import *; store = open_reply_store(Path('mlruns')); "
KEEPS = OPEN + (
    "from synthsweep.generate.completer import Completion; from itertools import count\n"
    "for n in count():\n"
    "    store.keep(StoredReply(ReplyKey('r', n, 'llm'), 'plain', 'A', Completion(f'text {n}', 'llm')))\n"
    "    print(n, flush=True)\n"
)
BEGINS = OPEN + (
    "print('ready', flush=True); input()\n"
    "mine = [n for n in range(200) if store.begin(ReplyKey('r', n, 'llm'), 600, 'b', 0.5, None).entry]\n"
    "print(mine, flush=True); input()\n"
)
# The tables as version 1 made them, and three rows.
FIRST_VERSION = """
CREATE TABLE replies (
    request TEXT NOT NULL, sample INTEGER NOT NULL, llm TEXT NOT NULL, settings TEXT NOT NULL,
    prompt TEXT NOT NULL, label TEXT NOT NULL, messages TEXT, reply TEXT NOT NULL, finish TEXT NOT NULL,
    answered_as TEXT NOT NULL, prompt_tokens INTEGER, completion_tokens INTEGER, cached_tokens INTEGER,
    usd REAL, latency_s REAL, answered_at TEXT NOT NULL,
    PRIMARY KEY (request, sample, llm, settings)
) WITHOUT ROWID;
CREATE TABLE claims (
    request TEXT NOT NULL, sample INTEGER NOT NULL, llm TEXT NOT NULL, settings TEXT NOT NULL,
    host TEXT NOT NULL, pid TEXT NOT NULL, started TEXT NOT NULL, until REAL NOT NULL,
    PRIMARY KEY (request, sample, llm, settings)
) WITHOUT ROWID;
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY, budget TEXT NOT NULL, usd REAL NOT NULL, state TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE batches (token TEXT PRIMARY KEY, endpoint TEXT NOT NULL, batch TEXT, asked TEXT NOT NULL);
INSERT INTO replies VALUES ('replied', 0, 'llm', '{}', 'plain', 'A', NULL, 'text', 'stop', 'llm', 1, 2, 0, 0.25, 1.5, '2025');
INSERT INTO claims VALUES ('claimed', 0, 'llm', '{}', 'another-host', '1', '1.00', 1e12);
INSERT INTO ledger VALUES (1, 'b', 0.25, 'paid', 0), (2, 'b', 0.5, 'held', 0);
PRAGMA user_version=1;
"""

Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplyStore]:
    made = open_reply_store(tmp_path_factory.mktemp("shared"))
    yield made
    made.close()


@pytest.fixture
def store() -> Iterator[ReplyStore]:
    made = open_reply_store(Path("mlruns"))
    yield made
    made.close()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts Python processes, and ends them with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(script: str) -> "subprocess.Popen[str]":
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen([sys.executable, "-c", script], text=True, **pipes))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def answer(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_a_reply_is_found_as_it_was_kept(store: ReplyStore) -> None:
    """Text, usage, price and messages, with any characters; other settings make another key."""
    store.keep(REPLY)

    other = ReplyKey(KEY.request, KEY.sample, KEY.llm, "{}")
    assert store.find([KEY, other, ReplyKey("digest", 4, "llm", KEY.settings)]) == {KEY: REPLY}


def test_the_first_reply_stays(store: ReplyStore) -> None:
    """A text that a pool holds is never exchanged for another."""
    store.keep(REPLY)
    store.keep(StoredReply(KEY, "plain", "A", Completion("another", "llm")))

    assert store.find([KEY])[KEY].completion.text == "a\u2028b\x00c 😀"


def test_more_keys_are_found_than_a_statement_takes(store: ReplyStore) -> None:
    keys = [ReplyKey(f"r{number}", 0, "llm") for number in range(2 * MOST_VALUES + 1)]
    store.add([StoredReply(key, "plain", "A", Completion("t", "llm")) for key in keys])

    assert set(store.find(keys)) == set(keys)


def test_all_is_sorted_and_can_be_narrowed(store: ReplyStore) -> None:
    places = [("b", "plain"), ("a", "plain"), ("a", "other")]
    store.add([StoredReply(ReplyKey("r", 0, llm), prompt, "A", Completion(prompt, llm)) for llm, prompt in places[:2]])
    store.add([StoredReply(ReplyKey("s", 0, "a"), "other", "A", Completion("other", "a"))])

    def listed(**rule: str) -> list[tuple[str, str]]:
        return [(reply.key.llm, reply.prompt) for reply in store.all(**rule)]

    assert listed() == [("a", "other"), ("a", "plain"), ("b", "plain")]
    assert listed(llm="a") == [("a", "other"), ("a", "plain")]
    assert listed(prompt="plain") == [("a", "plain"), ("b", "plain")]
    assert listed(llm="b", prompt="plain") == [("b", "plain")]


def test_only_new_replies_are_added(store: ReplyStore) -> None:
    """A repeated import adds nothing."""
    one = StoredReply(ReplyKey("r", 0, "llm"), "plain", "A", Completion("t", "llm"))

    assert [store.add([one]), store.add([one, REPLY]), store.add([one, REPLY])] == [1, 1, 0]


@pytest.mark.slow
def test_a_reply_outlives_the_kill_of_its_process(start: Start) -> None:
    """Each one that the process reported as stored."""
    child = start(KEEPS)
    for _ in range(10):
        said(child)
    child.kill()
    rest = child.communicate()[0].split("\n")[:-1]

    with closing(open_reply_store(Path("mlruns"))) as store:
        kept = {reply.key.sample for reply in store.all()}
    assert kept >= set(range(10 + len(rest)))


def test_an_answered_request_is_not_begun_again(store: ReplyStore) -> None:
    """It is taken, and nothing is held for it."""
    begun = store.begin(KEY, 60, "b", 0.5, None)
    store.keep(REPLY, begun.entry)

    assert store.begin(KEY, 60, "b", 0.5, None).taken
    assert store.spending("b") == Spending(paid=0.25)


@pytest.mark.slow
def test_a_claim_holds_as_long_as_its_process_lives(store: ReplyStore, start: Start) -> None:
    """A dead process's request is free at once; its dollars stay held, since nobody knows whether they were billed."""
    child = start(OPEN + "print(store.begin(ReplyKey('r', 0, 'llm'), 600, 'b', 0.5, None).entry, flush=True); input()")
    said(child)
    key = ReplyKey("r", 0, "llm")
    while_alive = store.begin(key, 60, "b", 0.5, 1.0)
    child.kill()
    child.wait()
    after = store.begin(key, 60, "b", 0.25, 1.0)

    assert (while_alive.taken, while_alive.entry) == (True, None)
    assert not after.taken
    assert after.entry
    assert store.spending("b") == Spending(held=0.75)


@pytest.mark.parametrize(("seconds", "taken"), [(60, True), (-1, False)])
def test_a_claim_of_another_host_ends_with_its_time(store: ReplyStore, seconds: float, taken: bool) -> None:
    """Its process cannot be seen from here."""
    store.begin(KEY, seconds, "b", 0.0, None, mark=ELSEWHERE)

    assert store.begin(KEY, 60, "b", 0.0, None).taken == taken


def test_a_process_takes_up_its_own_claim(store: ReplyStore) -> None:
    """A repeated request holds dollars for each attempt, since the first may still be billed."""
    entries = {store.begin(KEY, 60, "b", 0.5, None).entry for _ in range(2)}

    assert (len(entries - {None}), store.spending("b")) == (2, Spending(held=1.0))


def test_a_claim_is_released_by_its_process_or_by_force(store: ReplyStore) -> None:
    store.begin(KEY, 60, "b", 0.0, None, mark=ELSEWHERE)

    store.release(KEY)
    assert store.begin(KEY, 60, "b", 0.0, None).taken
    store.release(KEY, force=True)
    assert not store.begin(KEY, 60, "b", 0.0, None).taken


@pytest.mark.slow
def test_two_processes_share_two_hundred_requests(start: Start) -> None:
    """Each request is begun once, and neither process meets a lock, even while both make the file."""
    both = [start(BEGINS), start(BEGINS)]
    for child in both:
        assert said(child) == "ready"
    for child in both:
        answer(child)
    one, other = (json.loads(said(child)) for child in both)

    assert sorted([*one, *other]) == list(range(200))
    with closing(open_reply_store(Path("mlruns"))) as store:
        assert store.spending("b") == Spending(held=100.0)


@given(
    limit=CENTS.map(lambda usd: 4 * usd),
    steps=st.lists(
        st.tuples(st.sampled_from(["begin", "keep", "settle", "lose", "drop"]), CENTS, st.integers(0, 9)), max_size=30
    ),
)
def test_no_order_of_events_passes_the_limit(shared: ReplyStore, limit: float, steps: list[tuple[str, float, int]]) -> None:
    """What was paid, held and lost stays within it; a request is refused only if it would not."""
    budget, held, total = f"budget {next(BUDGETS)}", [], 0.0
    for number, (what, usd, which) in enumerate(steps):
        if what == "begin":
            key = ReplyKey(budget, number, "llm")
            begun = shared.begin(key, 60, budget, usd, limit)
            assert (begun.entry is not None) == (total + usd <= limit)
            if begun.entry is not None:
                held.append((key, begun.entry, usd))
                total += usd
        elif held:
            total += ended(shared, what, *held.pop(which % len(held)), usd)
        assert shared.spending(budget).total == total <= limit


def ended(store: ReplyStore, what: str, key: ReplyKey, entry: int, most: float, usd: float) -> float:
    """Ends what is held for a request in one of four ways; returns the change of the budget's total."""
    paid = {"keep": min(usd, most), "settle": min(usd, most), "lose": most, "drop": 0.0}[what]
    if what == "keep":
        store.keep(StoredReply(key, "plain", "A", Completion("t", "llm", usd=paid)), entry)
    else:
        store.settle(entry, None if what == "lose" else paid)
    return paid - most


def test_spending_counts_paid_held_and_lost_of_one_budget(store: ReplyStore) -> None:
    entries = [store.begin(ReplyKey("r", number, "llm"), 60, "b", 0.5, None).entry for number in range(4)]
    store.begin(ReplyKey("r", 9, "llm"), 60, "another", 8.0, None)
    store.settle(entries[0] or 0, 0.25)
    store.settle(entries[1] or 0, None)
    store.settle(entries[2] or 0, 0.0)

    assert store.spending("b") == Spending(paid=0.25, held=0.5, lost=0.5)


def test_a_file_of_a_later_version_is_refused_and_left_as_it_is() -> None:
    """Its tables may mean something else."""
    open_reply_store(Path("mlruns")).close()
    with closing(sqlite3.connect(Path("mlruns") / FILE)) as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")

    with pytest.raises(ReplyStoreError, match=r"replies\.db was written by a later version .* upgrade"):
        open_reply_store(Path("mlruns"))
    with closing(sqlite3.connect(Path("mlruns") / FILE)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION + 1,)


@pytest.mark.parametrize("place", ["file/mlruns", "file"])
def test_a_folder_that_cannot_be_made_is_one_line(place: str) -> None:
    """With the key that names another folder."""
    Path("file").write_text("")

    with pytest.raises(ReplyStoreError) as caught:
        open_reply_store(Path(place))

    assert len(str(caught.value).splitlines()) == 1
    assert "set tracking.folder=FOLDER" in str(caught.value)


def test_a_file_that_is_no_database_is_one_line() -> None:
    """It stays as it is."""
    Path(FILE).write_text("notes of mine, and enough of them to be no empty file " * 20)

    with pytest.raises(ReplyStoreError, match=r"not a database; set tracking\.folder=FOLDER"):
        open_reply_store(Path())
    assert Path(FILE).read_text().startswith("notes of mine")


def test_every_call_on_a_closed_store_is_one_line(store: ReplyStore) -> None:
    store.close()

    for call in (lambda: store.find([KEY]), lambda: store.keep(REPLY), lambda: list(store.all()), lambda: store.spending("b")):
        with pytest.raises(ReplyStoreError, match=r"replies\.db: Cannot operate on a closed database"):
            call()


def test_what_fails_half_way_leaves_nothing(store: ReplyStore) -> None:
    """An import with a wrong reply adds none, and the store goes on."""
    wrong = StoredReply(ReplyKey("r", 0, "llm"), "plain", "A", Completion(["no text"], "llm"))  # type: ignore[arg-type]

    with pytest.raises(ReplyStoreError):
        store.add([REPLY, wrong])

    assert list(store.all()) == []
    assert store.add([REPLY]) == 1


def test_a_batch_is_open_until_it_is_closed(store: ReplyStore) -> None:
    """With all that is needed to fetch it later, for its endpoint alone."""
    asked = [Asked(KEY, "A", 4), Asked(ReplyKey("other", 0, "llm"), "B", 5)]
    store.open_batch(OpenBatch("token", "https://one", None, asked))
    unnamed = store.open_batches("https://one")
    store.name_batch("token", "batch_7")

    assert unnamed == [OpenBatch("token", "https://one", None, asked)]
    assert store.open_batches("https://one") == [OpenBatch("token", "https://one", "batch_7", asked)]
    assert store.open_batches("https://two") == []
    store.close_batch("token")
    assert store.open_batches("https://one") == []


def test_claims_and_budgets_are_known_after_opening_again() -> None:
    with closing(open_reply_store(Path("mlruns"))) as store:
        store.begin(KEY, 600, "b", 0.5, None, mark=ELSEWHERE)

    with closing(open_reply_store(Path("mlruns"))) as store:
        assert store.begin(KEY, 600, "b", 0.5, None).taken
        assert store.spending("b") == Spending(held=0.5)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_file_of_an_earlier_version_can_be_looked_at(version: int) -> None:
    """Nothing is written, and what it lacks is unknown."""
    Path("mlruns").mkdir()
    with closing(sqlite3.connect(Path("mlruns") / FILE)) as connection:
        connection.executescript(FIRST_VERSION)
        connection.executescript(f"{''.join(SCHEMAS[1:version])}PRAGMA user_version={version}")
    before = (Path("mlruns") / FILE).read_bytes()

    with closing(look_at_reply_store(Path("mlruns"))) as store:
        (reply,) = store.find([ReplyKey("replied", 0, "llm")]).values()

        assert (reply.completion.text, reply.most_tokens, reply.completion.tokens) == ("text", None, None)
        assert store.spending("b") == Spending(paid=0.25, held=0.5)
    assert (Path("mlruns") / FILE).read_bytes() == before


def test_calls_of_a_group_are_one_transaction(store: ReplyStore) -> None:
    """All or none."""

    def half() -> None:
        with store.group():
            store.keep(REPLY)
            store.settle(1 // 0, None)

    with pytest.raises(ZeroDivisionError):
        half()

    assert list(store.all()) == []


def test_a_file_of_the_first_version_goes_on() -> None:
    """Written as earlier releases wrote it: a reply, the claim of another host, and what was spent."""
    Path("mlruns").mkdir()
    with closing(sqlite3.connect(Path("mlruns") / FILE)) as connection:
        connection.executescript(FIRST_VERSION)

    with closing(open_reply_store(Path("mlruns"))) as store:
        (reply,) = store.all()
        claimed = store.begin(ReplyKey("claimed", 0, "llm"), 60, "b", 0.5, None)

        assert (reply.key, reply.completion.text) == (ReplyKey("replied", 0, "llm"), "text")
        assert claimed.taken
        assert store.spending("b") == Spending(paid=0.25, held=0.5)
        # What was spent before counts.
        assert store.begin(KEY, 60, "b", 0.5, 1.0).entry is None
        store.keep(REPLY)
        assert store.find([KEY]) == {KEY: REPLY}
