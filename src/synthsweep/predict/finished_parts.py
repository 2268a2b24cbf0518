"""What a command has predicted so far: a folder beside the file that it writes, with a file per part.

A killed command loses the part that it was at; the same command goes on behind the last whole one.
"""

import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from synthsweep.errors import DataError
from synthsweep.messages import first_line
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
            DataError: the folder cannot be made, another process writes there, or the parts answer another question.
        """
        with self._opened_lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise DataError(
                    f"{self.folder}: another command is writing there: wait for it, or give another out=FILE"
                ) from error
            if force:
                self._clear()
            self._require_question()
            try:
                yield self._count()
            finally:
                if self._is_empty():
                    self.remove()

    @contextmanager
    def _opened_lock(self) -> Iterator[IO[bytes]]:
        with ExitStack() as stack:
            try:
                make_private_folder(self.folder)
                lock = stack.enter_context(open_private(self.folder / LOCK, "ab"))
            except OSError as error:
                raise DataError(
                    f"{self.folder}: this folder, for finished parts, cannot be made ({error.strerror or error}): "
                    "give another out=FILE"
                ) from error
            yield lock

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

    def _is_empty(self) -> bool:
        """Whether it is there, without a part, or anything else that is not its own."""
        return self.folder.is_dir() and {path.name for path in self.folder.iterdir()} <= {QUESTION, LOCK}

    def _require_question(self) -> None:
        file = self.folder / QUESTION
        if not file.exists():
            write_private(file, json.dumps(self.question, indent=2).encode())
            return
        try:
            before = dict(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise DataError(
                f"{file}: it cannot be read ({first_line(error)}): give another out=FILE, or force=true to begin anew"
            ) from error
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
