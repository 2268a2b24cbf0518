"""What holds texts is readable by its owner alone."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.builders import Answer
from support.llm_server import serving
from synthsweep.curate.characteristics.embedding_store import open_embedding_store
from synthsweep.generate.replies.store import open_reply_store
from synthsweep.storage.files import write_private
from synthsweep.storage.private import make_private_folder, narrow, narrow_folder
from synthsweep.storage.sqlite import open_sqlite, transaction

TABLE = "CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY)"


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """Nothing is narrow by itself."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def wide(folder: Path) -> list[str]:
    """What others may read below a folder; the empty files of locks hold nothing."""
    found = [path for path in (folder, *folder.rglob("*")) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    return [str(path) for path in found if path.is_dir() or path.stat().st_size]


def test_a_database_and_the_files_beside_it_are_private_from_the_start(tmp_path: Path) -> None:
    """Those that SQLite makes for sharing hold its rows, too."""

    with closing(open_sqlite(tmp_path / "words.db", TABLE, private=True)) as connection, transaction(connection):
        connection.execute("INSERT INTO words VALUES ('secret')")
        names = ("words.db", "words.db-wal", "words.db-shm")
        assert [mode(tmp_path / name) for name in names] == ["0o600"] * 3


def test_old_files_are_narrowed_when_they_are_opened(tmp_path: Path) -> None:
    """With what is beside them."""

    with closing(open_sqlite(tmp_path / "words.db", TABLE)) as old:
        old.execute("INSERT INTO words VALUES ('secret')")
        names = ("words.db", "words.db-wal", "words.db-shm")
        assert "0o600" not in [mode(tmp_path / name) for name in names]
        with closing(open_sqlite(tmp_path / "words.db", TABLE, private=True)):
            assert [mode(tmp_path / name) for name in names] == ["0o600"] * 3


def test_replies_and_vectors_are_private(tmp_path: Path) -> None:
    """Whichever is opened first."""

    with closing(open_reply_store(tmp_path)):
        assert mode(tmp_path / "replies.db") == "0o600"
    open_embedding_store(tmp_path).add("m", {"0": [1.0]})  # type: ignore[dict-item]
    assert mode(tmp_path / "embeddings.db") == "0o600"


def test_a_file_is_never_wider_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its mode is that of its first byte; one that a killed process left is not reused."""

    seen: list[str] = []
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, target: (seen.append(mode(self)), replace(self, target))[1])
    (tmp_path / "page.html.part").write_text("left")
    write_private(tmp_path / "page.html", b"secret")

    assert (seen, mode(tmp_path / "page.html")) == (["0o600"], "0o600")


def test_a_folder_of_the_users_own_keeps_its_mode(tmp_path: Path) -> None:
    """A new one is private; one of ours is narrowed with the files in it."""

    (tmp_path / "shared").mkdir()
    make_private_folder(tmp_path / "shared")
    make_private_folder(tmp_path / "ours")
    (tmp_path / "shared/file").write_text("x")
    assert [mode(tmp_path / name) for name in ("shared", "ours")] == ["0o777", "0o700"]

    narrow_folder(tmp_path / "shared")
    assert [mode(tmp_path / name) for name in ("shared", "shared/file")] == ["0o700", "0o600"]


def test_a_file_system_without_modes_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything there belongs to whoever mounted it."""

    def refused(*given: object, **named: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refused)
    (tmp_path / "file").write_text("x")
    narrow(tmp_path / "file")
    narrow(tmp_path / "none")

    with closing(open_sqlite(tmp_path / "words.db", TABLE, private=True)) as connection:
        assert connection.execute("SELECT * FROM words").fetchall() == []


@pytest.mark.slow
def test_verbs_leave_no_text_that_others_may_read(cli: Callable[..., Answer]) -> None:
    """Replies, their export, a page of texts, an audit with its sheet."""

    with serving() as llm:
        hosted = ("llm=vllm", "llm.model=m", f"llm.base_url={llm.address}", "generate.n=10")
        answers = [
            cli("generate", *hosted, "tracking=none"),
            cli("generate", "export", "path=replies.jsonl"),
            cli("inspect", *hosted, "characteristics=lexical"),
            cli("audit", "export", *hosted, "audit.name=a", "audit.format=csv"),
        ]

    assert [answer.status for answer in answers] == [0, 0, 0, 0]
    assert (mode(Path("mlruns/replies.db")), mode(Path("replies.jsonl"))) == ("0o600", "0o600")
    assert (wide(Path("mlruns/inspect")), wide(Path("mlruns/audit/a"))) == ([], [])
