"""Whether what a study reads is here: files by their digest, before anything of it is composed; fetched where it keeps them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthsweep.config.keys.run import CONTENT, TrackingConfig
from synthsweep.corpus.corpus import SUFFIXES
from synthsweep.errors import StudyError
from synthsweep.run.contents import file_digest
from synthsweep.storage.claim_rows import read_claims
from synthsweep.storage.database import open_engine, study_names
from synthsweep.storage.paths import named_path
from synthsweep.study.optuna_storage import DEFINITION, load_study, quiet_optuna, storage_errors
from synthsweep.study.results.run_tree import STUDY_RUN
from synthsweep.study.shared.begun import Begun, read_begun
from synthsweep.study.shared.kept_inputs import fetch_input
from synthsweep.study.shared.state import require_known
from synthsweep.track.choose import existing_reader


@dataclass(frozen=True)
class JoinedStudy:
    """What a study keeps: the command that began it, and the digest of each file and model that it reads, by its name."""

    begun: Begun
    contents: Mapping[str, str]
    run_id: str = ""


def read_joined(address: str, shown: str, name: str) -> JoinedStudy:
    """What the storage has of a study that a machine wants to join.

    Raises:
        StudyError: there is no study of this name, or it was begun by a version that kept no command.
        StorageError: the database does not answer.
    """
    quiet_optuna()
    names = study_names(address)
    require_known(address, shown, name, names)
    with storage_errors(address):
        kept: Mapping[str, Any] = load_study(address, name).user_attrs
    begun = read_begun(kept)
    if begun is None:
        raise StudyError(
            f"study={name} was begun by an earlier version, which kept no command: "
            "give its run -m command here, or once more there"
        )
    fixed = json.loads(kept[DEFINITION])["fixed"]
    contents = {key.removeprefix(CONTENT): value for key, value in fixed.items() if key.startswith(CONTENT)}
    return JoinedStudy(begun, contents, study_note(address, name, STUDY_RUN))


def study_note(address: str, study: str, item: str) -> str:
    """What a study notes under an item, as the id of its run; empty where it notes nothing."""
    engine = open_engine(address)
    try:
        rows = read_claims(engine, study, lambda found: found == item)
    finally:
        engine.dispose()
    note = next((row.note for row in rows if row.item == item), None)
    return note if isinstance(note, str) else ""


def fetch_inputs(name: str, joined: JoinedStudy, tracking: TrackingConfig) -> Iterator[str]:
    """Fetches the files that are not here and that the study keeps; a line for each.

    Raises:
        StudyError: what it keeps is another file.
        TrackingError: the store does not answer.
    """
    missing = {text: digest for text, digest in joined.contents.items() if _is_missing(named_path(text)) and _is_below(text)}
    if not missing or not joined.run_id or tracking.kind == "none":
        return
    try:
        reader = existing_reader(tracking)
    except StudyError:
        return
    for text, digest in missing.items():
        if fetch_input(reader, joined.run_id, digest, named_path(text)):
            yield f"{text} is fetched from the study's run (digest {digest})"


def _is_below(text: str) -> bool:
    """Whether a file lies in the current folder: into no other one is anything written."""
    return named_path(text).resolve().is_relative_to(Path.cwd().resolve())


def _is_missing(file: Path) -> bool:
    return not file.exists() and file.suffix.lower() in SUFFIXES


def require_inputs(name: str, joined: JoinedStudy) -> None:
    """Raises StudyError for the first file of the study that is not here, or is another one here."""
    begun = joined.begun
    for text, digest in joined.contents.items():
        file = named_path(text)
        there = f"{begun.host}:{text if file.is_absolute() else Path(begun.folder) / text}"
        if file.is_file() and file_digest(file) != digest:
            raise StudyError(
                f"study={name} reads {text} (digest {digest}), and the file here is another one ({file_digest(file)}): "
                f"put {there} in its place"
            )
        if _is_missing(file):
            raise StudyError(
                f"study={name} reads {text} (digest {digest}), which is not here, and the study keeps no copy that may be put "
                f"there (its own command with tracking.log_data=true keeps files below its folder): copy {there} to "
                f"{file.absolute()}"
            )
