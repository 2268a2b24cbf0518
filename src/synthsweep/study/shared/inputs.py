"""Whether what a study reads is here: files by their digest, before anything of it is composed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthsweep.config.keys.run import CONTENT
from synthsweep.corpus.corpus import SUFFIXES
from synthsweep.errors import StudyError
from synthsweep.run.contents import file_digest
from synthsweep.storage.database import study_names
from synthsweep.storage.paths import named_path
from synthsweep.study.optuna_storage import DEFINITION, load_study, quiet_optuna, storage_errors
from synthsweep.study.shared.begun import Begun, read_begun
from synthsweep.study.shared.state import require_known


@dataclass(frozen=True)
class JoinedStudy:
    """What a study keeps: the command that began it, and the digest of each file and model that it reads, by its name."""

    begun: Begun
    contents: Mapping[str, str]


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
    return JoinedStudy(begun, {key.removeprefix(CONTENT): value for key, value in fixed.items() if key.startswith(CONTENT)})


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
        if not file.exists() and file.suffix.lower() in SUFFIXES:
            raise StudyError(
                f"study={name} reads {text} (digest {digest}), which is not here: copy {there} to {file.absolute()}"
            )
