"""A folder that is written whole or not at all, and never in the place of somebody else's files."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synthsweep.errors import ConfigError
from synthsweep.messages import first_line, listing
from synthsweep.pretrained import digest_of_file
from synthsweep.storage.paths import named_path
from synthsweep.train.linear.features import ENCODER_FOLDER
from synthsweep.train.linear.head import REGRESSION_FILE
from synthsweep.train.linear.tfidf import WORDS_FILE
from synthsweep.train.saved.card import CARD_FILE, ONNX_FILE

ANOTHER = "give another folder"
# What an export, of whatever format, writes; an earlier one holds nothing else.
OURS = frozenset({
    CARD_FILE, "MLmodel", "README.md", "conda.yaml", "config.json", ENCODER_FOLDER, "input_example.json", ONNX_FILE,
    "model.safetensors", REGRESSION_FILE, WORDS_FILE,
    "pooled_encoder.py", "python_env.yaml", "requirements.txt", "serving_input_example.json", "special_tokens_map.json",
    "tokenizer.json", "tokenizer_config.json", "vocab.txt",
})  # fmt: skip
# What whoever loads a classifier leaves in its folder: Python, and MLflow where it is asked for a registered model.
LEFT = ("__pycache__", "registered_model_meta")


@dataclass(frozen=True)
class WrittenFolder:
    """The folder as it was named, the bytes in it, and whether all of it was there before."""

    name: str
    size: int
    before: bool = False


def require_free(name: str, source: Path | None = None) -> None:
    """Refuses a folder that no export is written to, before anything is computed; `source` is that of the classifier.

    Raises:
        ConfigError: it holds other things, is a file, or lies in `source`.
    """
    target = named_path(name).resolve()
    if source is not None and source.resolve() in target.parents:
        raise ConfigError(f"path={name} lies in the folder of the classifier itself: {ANOTHER}")
    if target.exists() and not target.is_dir():
        raise ConfigError(f"path={name} is a file, and a folder is written: {ANOTHER}")
    there = _names(target)
    if there and CARD_FILE not in there:
        raise _other_things(name, there)


def write_folder(name: str, fill: Callable[[Path], None], *, force: bool) -> WrittenFolder:
    """Lets `fill` write into a new folder, which then gets this name; the same content is not written again.

    Raises:
        ConfigError: the folder holds another export and `force` is false, or more than one, or it cannot be written.
    """
    target = named_path(name).resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside it, so that the last step is a renaming on one disk.
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as place:
            made = Path(place) / "new"
            made.mkdir()
            fill(made)
            size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
            if _content(made) == _content(target):
                return WrittenFolder(name, size, before=True)
            _require_replaceable(name, target, made, force=force)
            _put(made, target, aside=Path(place) / "old")
    except OSError as error:
        raise ConfigError(f"path={name}: the folder cannot be written ({first_line(error)}): {ANOTHER}") from error
    return WrittenFolder(name, size)


def _require_replaceable(name: str, target: Path, made: Path, *, force: bool) -> None:
    there = _names(target)
    others = [one for one in there if one not in OURS and one not in _names(made)]
    if others:
        raise _other_things(name, others)
    if there and not force:
        raise ConfigError(f"path={name} holds another export: {ANOTHER}, or force=true to replace it")


def _put(made: Path, target: Path, *, aside: Path) -> None:
    """Gives a folder its name; an empty one gives way, and another comes back if that fails."""
    if not _names(target):
        made.rename(target)
        return
    target.rename(aside)
    try:
        made.rename(target)
    except OSError:
        aside.rename(target)
        raise


def copy_into(source: Path) -> Callable[[Path], None]:
    """Fills a folder with the files of another one."""

    def fill(folder: Path) -> None:
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT))

    return fill


def _other_things(name: str, there: list[str]) -> ConfigError:
    return ConfigError(f"path={name} holds other things ({listing(there[:3])}): {ANOTHER}, or an empty one")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def _content(folder: Path) -> dict[str, str]:
    """The digest of each file by its name; empty where there is no folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest_of_file(path) for path in files}
