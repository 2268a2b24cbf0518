"""A file appears whole or not at all."""

from pathlib import Path


def place(path: Path, content: bytes) -> None:
    """Under a full disk or a kill the file stays as it was; nothing half-written has its name."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
