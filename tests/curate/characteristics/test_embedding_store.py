import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.patience import LIMIT_S
from synthsweep.curate.characteristics.embedding_store import EmbeddingStore, digest, open_embedding_store
from synthsweep.storage.sqlite import MOST_VALUES

# Adds its own vectors and one that all add, and finds them again.
WRITER = """
import sys
from pathlib import Path
import numpy as np
from synthsweep.curate.characteristics.embedding_store import open_embedding_store

store = open_embedding_store(Path(sys.argv[1]))
for number in range(20):
    store.find("m", ["shared"])
    store.add("m", {f"{sys.argv[2]}/{number}": np.full(3, number), "shared": np.ones(3)})
"""


def vectors(count: int) -> dict[str, np.ndarray]:
    return {digest(f"text {number}"): np.array([number, 1], dtype=np.float32) for number in range(count)}


def test_a_vector_is_found_again_in_the_folder(tmp_path: Path) -> None:
    """To the last bit, by model and digest; digests without a vector are left out."""
    made = {digest("one"): np.array([0.1, 1 / 3], dtype=np.float32)}
    open_embedding_store(tmp_path / "new").add("m", made)

    found = open_embedding_store(tmp_path / "new").find("m", [digest("one"), digest("two")])

    assert list(found) == [digest("one")]
    np.testing.assert_array_equal(found[digest("one")], made[digest("one")], strict=True)
    assert open_embedding_store(tmp_path / "new").find("other", [digest("one")]) == {}


def test_more_digests_than_one_statement_takes_are_found(tmp_path: Path) -> None:
    made = vectors(MOST_VALUES + 5)
    open_embedding_store(tmp_path).add("m", made)

    assert list(open_embedding_store(tmp_path).find("m", list(made))) == list(made)


def test_a_vector_that_is_there_stays(tmp_path: Path) -> None:
    """The first one is kept."""
    for value in (1, 2):
        open_embedding_store(tmp_path).add("m", {"d": np.full(2, value)})

    np.testing.assert_array_equal(open_embedding_store(tmp_path).find("m", ["d"])["d"], [1, 1])


def test_without_a_folder_memory_is_the_store(tmp_path: Path) -> None:
    """Nothing is written."""
    store = open_embedding_store(None)
    store.add("m", {"d": np.ones(2)})

    assert list(store.find("m", ["d", "e"])) == ["d"]
    assert open_embedding_store(None).find("m", ["d"]) == {}
    assert list(tmp_path.iterdir()) == []


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert open_embedding_store(tmp_path / "new").find("m", ["d"]) == {}
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_processes_may_write_at_once(tmp_path: Path) -> None:
    """All vectors of all processes are there, and none has warned."""
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, str(n)], stderr=subprocess.PIPE, text=True) for n in range(4)]

    assert [(writer.communicate(timeout=LIMIT_S)[1], writer.returncode) for writer in writers] == [("", 0)] * 4
    wanted = ["shared", *(f"{writer}/{number}" for writer in range(4) for number in range(20))]
    assert list(open_embedding_store(tmp_path).find("m", wanted)) == wanted


def test_a_file_that_has_no_table_yet_is_an_empty_store(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Another process may have made it a moment ago."""

    store = open_embedding_store(tmp_path)
    sqlite3.connect(store.path).close()
    store.path.touch()

    assert store.find("m", ["d"]) == {}
    store.add("m", {"d": np.ones(2)})

    assert list(open_embedding_store(tmp_path).find("m", ["d"])) == ["d"]
    assert caplog.messages == []


def broken_file(folder: Path) -> Path:
    path = folder / "embeddings.db"
    path.write_text("no database, but long enough to be read as the head of one" * 20)
    return path


def folder_instead(folder: Path) -> Path:
    path = folder / "embeddings.db"
    path.mkdir()
    return path


def file_above(folder: Path) -> Path:
    (folder / "in_the_way").write_text("")
    return folder / "in_the_way" / "embeddings.db"


@pytest.mark.parametrize("spoil", [broken_file, folder_instead, file_above])
def test_a_file_that_fails_costs_one_warning(
    spoil: Callable[[Path], Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The run goes on with what it has in memory, and the file stays as it is."""
    store = EmbeddingStore(spoil(tmp_path))
    before = store.path.read_bytes() if store.path.is_file() else b""

    for number in range(3):
        assert store.find("m", ["missing"]) == {}
        store.add("m", {str(number): np.ones(2)})

    assert list(store.find("m", ["0", "1", "2"])) == ["0", "1", "2"]
    assert len(caplog.messages) == 1
    assert caplog.messages[0].endswith("; vectors are computed without it")
    assert (store.path.read_bytes() if store.path.is_file() else b"") == before


def test_the_file_holds_no_text(tmp_path: Path) -> None:
    """A corpus may be confidential."""
    text = "He lines up the red cars."
    open_embedding_store(tmp_path).add("m", {digest(text): np.ones(2)})

    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert digest(text).encode() in written
    assert not [word for word in text.split() if len(word) > 3 and word.encode() in written]


@given(one=st.text(st.characters()), other=st.text(st.characters()))
def test_different_texts_have_different_digests(one: str, other: str) -> None:
    """Halves of surrogate pairs included: a damaged text is embedded like any other."""
    assert (digest(one) == digest(other)) == (one == other)
    assert len(digest(one + "\ud800")) == 64
