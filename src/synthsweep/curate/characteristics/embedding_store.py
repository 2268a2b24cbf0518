"""Vectors of texts, by model and digest of the text: mlruns/embeddings.db, SQLite in write-ahead mode, shared by processes.

It holds no text. It is a cache: without it a run computes its vectors again, so a file that fails costs only a warning.
"""

import hashlib
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from synthsweep.messages import first_line
from synthsweep.storage.private import narrow_database
from synthsweep.storage.sqlite import MOST_VALUES, has_table, open_existing_sqlite, open_sqlite, open_untouched, transaction

log = logging.getLogger(__name__)

FILE = "embeddings.db"
# Seconds to wait for another process's transaction, which is short.
BUSY_S = 20.0
TABLE = (
    "CREATE TABLE IF NOT EXISTS vectors (model TEXT NOT NULL, text TEXT NOT NULL, vector BLOB NOT NULL, "
    "PRIMARY KEY (model, text)) WITHOUT ROWID"
)


def digest(text: str) -> str:
    """SHA-256 of a text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class EmbeddingStore:
    """Vectors in a file, with those that this process has used also in memory; without a `path`, in memory only.

    With `read_only`, the file stays as it is.
    """

    path: Path | None = None
    read_only: bool = False
    _known: dict[tuple[str, str], np.ndarray] = field(default_factory=dict, init=False)
    _broken: bool = field(default=False, init=False)

    def find(self, model: str, digests: Sequence[str]) -> dict[str, np.ndarray]:
        """The vectors (float32) of those digests that are in the store, by digest."""
        missing = [one for one in dict.fromkeys(digests) if (model, one) not in self._known]
        if missing and self.path is not None and self.path.exists():
            self._read(self.path, model, missing)
        return {one: self._known[model, one] for one in digests if (model, one) in self._known}

    def add(self, model: str, vectors: Mapping[str, np.ndarray]) -> None:
        """Keeps vectors by digest; a vector that is already in the file stays."""
        rows = {one: np.asarray(vector, dtype=np.float32) for one, vector in vectors.items()}
        self._known |= {(model, one): vector for one, vector in rows.items()}
        if self.path is None or self.read_only or self._broken or not rows:
            return
        try:
            with closing(open_sqlite(self.path, TABLE, private=True, busy_s=BUSY_S)) as connection, transaction(connection):
                values = [(model, one, vector.tobytes()) for one, vector in rows.items()]
                connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", values)
        except (sqlite3.Error, OSError) as error:
            self._warn(error)

    def _read(self, path: Path, model: str, digests: Sequence[str]) -> None:
        try:
            opened = open_untouched if self.read_only else open_existing_sqlite
            if not self.read_only:
                narrow_database(path)
            with closing(opened(path, busy_s=BUSY_S)) as connection:
                if not has_table(connection, "vectors"):
                    return
                for start in range(0, len(digests), MOST_VALUES):
                    part = digests[start : start + MOST_VALUES]
                    query = f"SELECT text, vector FROM vectors WHERE model=? AND text IN ({','.join('?' * len(part))})"  # noqa: S608
                    for one, blob in connection.execute(query, (model, *part)):
                        self._known[model, one] = np.frombuffer(blob, dtype=np.float32)
        except sqlite3.Error as error:
            self._warn(error)

    def _warn(self, error: BaseException) -> None:
        if not self._broken:
            log.warning("%s: %s; vectors are computed without it", self.path, first_line(error))
        self._broken = True


def open_embedding_store(folder: Path | None, *, read_only: bool = False) -> EmbeddingStore:
    """The store of a folder, whose file is made with the first vector; None keeps vectors in memory alone."""
    return EmbeddingStore(None if folder is None else folder / FILE, read_only)
