"""A file appears whole or not at all."""

from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """After a full disk or a kill the file is as it was before; nothing half-written has its name."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
