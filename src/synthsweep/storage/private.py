"""What holds texts is readable by its owner alone, from the moment that it is made; what an older version made is narrowed.

A file system without modes, or a file of somebody else, stays as it is.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

FILE_MODE, FOLDER_MODE = 0o600, 0o700
OTHERS = 0o077
# The files that SQLite keeps beside a database hold parts of it.
BESIDE = ("", "-wal", "-shm", "-journal")


def narrow(path: Path) -> None:
    """Takes the rights of everybody but the owner away from a file or folder, if it is there."""
    with suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & OTHERS:
            path.chmod(mode & ~OTHERS)


def narrow_folder(folder: Path) -> None:
    """The same for a folder of ours and the files in it."""
    narrow(folder)
    with suppress(OSError):
        for path in list(folder.iterdir()):
            narrow(path)


def narrow_database(path: Path) -> None:
    """The same for a SQLite file and those beside it."""
    for ending in BESIDE:
        narrow(path.with_name(f"{path.name}{ending}"))


def make_private_folder(folder: Path) -> None:
    """Makes a folder where it is missing; an existing one, which may be a user's own, keeps its mode.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)


def make_private_file(path: Path) -> None:
    """Makes an empty file where it is missing and can be made."""
    # Where it cannot be made, whoever opens it says so.
    with suppress(OSError):
        os.close(_opener(str(path), os.O_CREAT | os.O_EXCL | os.O_WRONLY))


@contextmanager
def open_private(path: Path, mode: str) -> Iterator[IO[bytes]]:
    """Opens a file in a binary mode; a new one is its owner's alone.

    Raises:
        OSError: it cannot be opened.
    """
    with open(path, mode, opener=_opener) as file:
        yield file


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)
