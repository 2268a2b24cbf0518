"""Paths as users name them: a name is never a pattern, an address or a chain of archives."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What libraries that take patterns and addresses read as neither.
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./")
# Where a temporary folder may be if the usual one has another name.
PLAIN_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - mkdtemp makes an unguessable folder of the owner's own in it


def named_path(text: str) -> Path:
    """The path that a text names; `~` is the home folder, unless something here has that very name."""
    if text.startswith("~") and not os.path.lexists(text):
        # Path.expanduser raises for a user that does not exist.
        return Path(os.path.expanduser(text))  # noqa: PTH111
    return Path(text)


@contextmanager
def plain_alias(file: Path) -> Iterator[Path]:
    """Another name of a file or folder, for libraries that read `*`, `?`, `[`, `::` or `%20` in its own as something else."""
    suffix = file.suffix if set(file.suffix) <= PLAIN else ""
    with tempfile.TemporaryDirectory(prefix="synthsweep-", dir=_plain_folder()) as folder:
        alias = Path(folder) / f"file{suffix}"
        # A link to a whole folder would be resolved to its own name again.
        inside = [path for path in file.rglob("*") if path.is_file()] if file.is_dir() else [file]
        for path in inside:
            link = alias / path.relative_to(file)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.absolute())
        yield alias


def _plain_folder() -> str:
    places = (tempfile.gettempdir(), *PLAIN_FOLDERS)
    return next((place for place in places if set(place) <= PLAIN and os.access(place, os.W_OK)), places[0])
