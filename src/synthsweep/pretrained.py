"""Pretrained models by name (files of an installed package, folders, the hub), what they contain, and their vectors."""

import hashlib
import importlib.util
import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synthsweep.errors import ModelError

PACKAGE_PREFIX = "package:"
# Hexadecimal digits of a digest of files; a commit of the hub has more.
DIGITS = 16
COMMIT = re.compile("[0-9a-f]{40}")
# A file that changed this recently may change again without another time or size.
SETTLED_S = 2.0
# A hub that does not answer within this time is as good as none.
HUB_S = 10.0
# Loaders read folders inside one that has one of them: a model of sentence-transformers, also inside a saved classifier.
DEEP = ("modules.json", "encoder/modules.json")
# A model of the hub has at least one of them: the first for transformers, the second for sentence-transformers.
DESCRIPTIONS = ("config.json", "modules.json")

# Digests by path, device, inode, size and times: gigabytes are read once per process, as their weights are.
_digests: dict[tuple[object, ...], str] = {}
_commits: dict[tuple[str, str | None], str] = {}


def resolve_path(name_or_path: str, key: str = "model.name_or_path") -> str:
    """The folder that `package:MODULE/FOLDER` stands for; any other name unchanged. `key` is named in errors.

    Raises:
        ModelError: the package is not installed.
    """
    if not name_or_path.startswith(PACKAGE_PREFIX):
        return name_or_path
    module, _, folder = name_or_path.removeprefix(PACKAGE_PREFIX).partition("/")
    # find_spec does not import the package, which would load more than its weights.
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        # A submodule of a package that is not installed, or not a module name.
        spec = None
    if spec is None or not spec.submodule_search_locations:
        package = module.replace("_", "-")
        raise ModelError(f"{key}={name_or_path}: {package} is not installed: pip install {package}")
    return str(Path(spec.submodule_search_locations[0]) / folder)


def content_of(name_or_path: str, revision: str | None = None) -> str:
    """What a model contains: a digest of the files of a folder, a file or a package, or the commit of a name of the hub.

    The hub is asked once per process and name; if it does not answer, the commit is that of its local cache. Empty where
    it cannot be known: loading such a model says why.
    """
    try:
        place = resolve_path(name_or_path)
        path = Path(os.path.expanduser(place))  # noqa: PTH111 - Path's own raises for a user that does not exist
        if path.is_dir():
            files = {str(file.relative_to(path)): digest_of_file(file) for file in sorted(_files_read(path))}
            return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:DIGITS]
        if path.is_file():
            return digest_of_file(path)[:DIGITS]
    except (ModelError, OSError, ValueError):
        return ""
    return _commit_of(place, revision)


def pinned(name_or_path: str, revision: str | None = None) -> str | None:
    """The revision with which to load a model: the commit that `content_of` gives, once it is in the hub's local cache.

    Fetched by its commit, a model would not be found by its name where there is no network.
    """
    content = content_of(name_or_path, revision)
    fetched = COMMIT.fullmatch(content) and _cached_commit(name_or_path, revision) == content
    return content if fetched else revision


def _files_read(folder: Path) -> Iterator[Path]:
    """The files of a model's folder that a loader may read.

    Only sentence-transformers reads folders inside it. Model cards, and what a download leaves in hidden folders, are not
    read; nor are the checkpoints and logs of a training, which may go on beside a finished model.
    """
    deep = any((folder / name).is_file() for name in DEEP)
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if deep and not name.startswith(".")]
        found = (Path(place) / name for name in names if not name.startswith(".") and not name.endswith(".md"))
        yield from (path for path in found if path.is_file())


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits; an unchanged file is read once per process.

    Raises:
        OSError: it cannot be read.
    """
    stat = path.stat()
    identity = (str(path), stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    if identity not in _digests:
        settled = time.time() - max(stat.st_mtime, stat.st_ctime) > SETTLED_S
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if not settled:
            return found
        _digests[identity] = found
    return _digests[identity]


def _commit_of(name: str, revision: str | None) -> str:
    """The commit of a hub's model; empty if neither the hub nor its local cache says."""
    if revision and COMMIT.fullmatch(revision):
        return revision
    known, cached = _commits.get((name, revision), ""), _cached_commit(name, revision)
    # Another one in the cache was fetched after the hub was asked.
    if not known or cached not in {"", known}:
        known = next(filter(None, (hub_commit(one, revision) for one in _full_names(name))), cached)
        _commits[name, revision] = known
    return known


def _full_names(name: str) -> tuple[str, ...]:
    # sentence-transformers completes a name without an owner.
    return (name,) if "/" in name else (name, f"sentence-transformers/{name}")


def hub_commit(name: str, revision: str | None, kind: str = "model") -> str:
    """The commit of a repository of the hub, a model or a dataset; empty where the hub does not say."""
    from huggingface_hub import HfApi

    try:
        return HfApi().repo_info(name, revision=revision, repo_type=kind, timeout=HUB_S).sha or ""
    except Exception:
        # The hub's client raises errors of its own, of its network library and of names that it refuses: loading says why.
        return ""


def _cached_commit(name: str, revision: str | None) -> str:
    """The commit that the folder of the cached files is named after."""
    from huggingface_hub import try_to_load_from_cache

    try:
        places = [try_to_load_from_cache(one, file, revision=revision) for one in _full_names(name) for file in DESCRIPTIONS]
    except ValueError:
        # It cannot be a name of the hub.
        return ""
    return next((Path(place).parent.name for place in places if isinstance(place, str)), "")


def vectors_of(model: Any, texts: Sequence[str], batch_size: int = 64) -> np.ndarray:
    """(texts, dimensions) float32 rows of length 1, by a sentence-transformers model that is loaded already."""
    found = model.encode(
        list(texts), batch_size=batch_size, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
    )
    return np.asarray(found, dtype=np.float32)
