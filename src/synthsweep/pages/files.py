"""Writes a file completely or not at all."""

from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file; if the disk is full or the process is killed, the old file stays as it was."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
