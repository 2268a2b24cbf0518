"""What a study reads, kept with its run where `tracking.log_data` asks for it, and fetched from there by a machine that joins.

These are texts of patients, perhaps: nothing is kept unless the user of the study said so.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from synthsweep.config.keys.run import CONTENT
from synthsweep.errors import StudyError
from synthsweep.run.contents import file_digest
from synthsweep.storage.leases import Leases
from synthsweep.storage.paths import named_path
from synthsweep.storage.private import open_private
from synthsweep.track.reader import RunReader

# The folder of the study's run, and how the items begin under which the study notes what is there.
INPUTS, KEPT = "inputs", "input:"
REPLIES = f"{KEPT}replies"

# Gives the files that a function writes into a folder to the study's run; whether the store accepted them.
Keep = Callable[[Callable[[Path], None]], bool]


def keep_files(files: Mapping[str, Path], keep: Keep, leases: Leases) -> int:
    """Keeps files under their digests, unless they are kept already; returns how many were added."""
    there = leases.notes(KEPT)
    new = {digest: file for digest, file in files.items() if f"{KEPT}{digest}" not in there}

    def write(folder: Path) -> None:
        (folder / INPUTS).mkdir()
        for digest, file in new.items():
            # A store that is a folder keeps the rights of a file, too.
            with open_private(folder / INPUTS / digest, "xb") as copy, file.open("rb") as original:
                shutil.copyfileobj(original, copy)

    if not new or not keep(write):
        return 0
    for digest in new:
        leases.put(f"{KEPT}{digest}", True)
    return len(new)


def keep_replies(write_replies: Callable[[Path], int], keep: Keep, leases: Leases) -> int:
    """Keeps the texts of the study's LLMs, as `write_replies` writes them; returns how many, 0 where the same are kept."""
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
        file = Path(name) / "replies.jsonl"
        written, digest = write_replies(file), file_digest(file)
        if not written or leases.notes(REPLIES).get(REPLIES) == digest or not keep_files({digest: file}, keep, leases):
            return 0
    leases.put(REPLIES, digest)
    return written


def files_read(contents: Mapping[str, str]) -> dict[str, Path]:
    """The files that a study reads, by their digests: not models, nor what the package ships."""
    named = {digest: named_path(name.removeprefix(CONTENT)) for name, digest in contents.items() if name.startswith(CONTENT)}
    return {digest: path for digest, path in named.items() if path.is_file()}


def fetch_input(reader: RunReader, run_id: str, digest: str, target: Path) -> bool:
    """Writes an input of a study to a file, readable by its owner alone; False if the study keeps none.

    Raises:
        StudyError: what is kept is not what the study reads.
        TrackingError: the store does not answer.
    """
    source = reader.file_of(run_id, f"{INPUTS}/{digest}")
    if source is None:
        return False
    if file_digest(source) != digest:
        other = f"the copy that the study keeps has digest {file_digest(source)}, and the study read {digest}"
        raise StudyError(f"{target}: {other}: put the file there yourself")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    with open_private(part, "xb") as file, source.open("rb") as kept:
        shutil.copyfileobj(kept, file)
    part.replace(target)
    return True
