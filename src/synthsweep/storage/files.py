"""Writes a file completely or not at all."""

from pathlib import Path

from synthsweep.storage.private import open_private


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file; if the disk is full or the process is killed, the old file stays as it was."""
    _write(path, content, private=False)


def write_private(path: Path, content: bytes) -> None:
    """The same for what holds texts: the file is its owner's alone."""
    _write(path, content, private=True)


def _write(path: Path, content: bytes, *, private: bool) -> None:
    part = path.with_name(path.name + ".part")
    try:
        if private:
            # One that a killed process left may be wider.
            part.unlink(missing_ok=True)
            with open_private(part, "xb") as file:
                file.write(content)
        else:
            part.write_bytes(content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
