"""What a command has predicted so far: a folder beside the file that it writes, with a file per part.

A killed command loses the part that it was at; the same command goes on behind the last whole one.
"""

import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthsweep.errors import DataError
from synthsweep.storage.files import write_private
from synthsweep.storage.parquet import read_table
from synthsweep.storage.private import make_private_folder, open_private

if TYPE_CHECKING:
    import pyarrow as pa

QUESTION, LOCK = "question.json", "lock"


@dataclass(frozen=True)
class FinishedParts:
    """The parts of one command; `question` is all that its predictions depend on."""

    folder: Path
    question: Mapping[str, Any]

    @contextmanager
    def held(self, *, force: bool) -> Iterator[int]:
        """Makes the folder this process's own; gives the number of parts that an earlier command has finished.

        Raises:
            DataError: another process writes there, or the parts answer another question.
        """
        make_private_folder(self.folder)
        with open_private(self.folder / LOCK, "ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise DataError(
                    f"{self.folder}: another command is writing there: wait for it, or give another out=FILE"
                ) from error
            if force:
                self._clear()
            self._require_question()
            yield self._count()

    def put(self, number: int, table: "pa.Table") -> None:
        """Keeps a part, whole or not at all."""
        import pyarrow as pa
        from pyarrow import parquet

        sink = pa.BufferOutputStream()
        parquet.write_table(table, sink)
        write_private(self._path(number), sink.getvalue().to_pybytes())

    def tables(self) -> "Iterator[pa.Table]":
        """All parts, in order."""
        for number in range(self._count()):
            yield read_table(self._path(number))

    def remove(self) -> None:
        """Removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08d}.parquet"

    def _count(self) -> int:
        number = 0
        while self._path(number).exists():
            number += 1
        return number

    def _require_question(self) -> None:
        file = self.folder / QUESTION
        if not file.exists():
            write_private(file, json.dumps(self.question, indent=2).encode())
            return
        before = json.loads(file.read_text(encoding="utf-8"))
        changed = [key for key in self.question if before.get(key) != self.question[key]]
        if changed:
            raise DataError(
                f"{self.folder} holds predictions of an unfinished command with another {', '.join(changed)}: "
                "give that command again to finish it, another out=FILE, or force=true to begin anew"
            )

    def _clear(self) -> None:
        for path in self.folder.iterdir():
            if path.name != LOCK:
                path.unlink()
