"""An Embedder: a sentence-transformers model behind a store, loaded only for new texts."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from synthsweep.curate.characteristics.embedding_store import FILE, EmbeddingStore, digest
from synthsweep.curate.characteristics.mean_encoder import load_mean_encoder
from synthsweep.errors import ModelError
from synthsweep.messages import first_line
from synthsweep.pretrained import content_of, pinned, resolve_path, vectors_of
from synthsweep.storage.paths import named_path

# The key that names an embedder, unless another one does.
KEY = "characteristics.embedder"


@dataclass(frozen=True)
class SentenceEmbedder:
    """`name_or_path` is the folder of a package (`package:NAME/model`), a folder, or a name of the hub.

    Messages name the `key` that the user set.
    """

    name_or_path: str
    store: EmbeddingStore = field(default_factory=EmbeddingStore)
    batch_size: int = 64
    key: str = KEY

    @cached_property
    def name(self) -> str:
        """The name of the model in the store, with its content as it is at the first call.

        Raises:
            ModelError: a folder does not exist.
        """
        _folder(self.name_or_path, self.key)
        content = content_of(self.name_or_path)
        return f"{self.name_or_path}@{content}" if content else self.name_or_path

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, dimensions) float32 rows of length 1; each text is embedded once, and then read from the store.

        Raises:
            ModelError: the model is not on this machine, or the store holds vectors of another model.
        """
        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        digests = [digest(text) for text in texts]
        known = self.store.find(self.name, digests)
        new = {one: text for one, text in zip(digests, texts, strict=True) if one not in known}
        made = dict(zip(new, self._encode(list(new.values())), strict=True)) if new else {}
        found = {**known, **made}
        self._require_one_width(list(found.values()))
        self.store.add(self.name, made)
        return np.stack([found[one] for one in digests])

    def _require_one_width(self, vectors: Sequence[np.ndarray]) -> None:
        # A name whose content is not known stays the same when its weights are replaced.
        widths = sorted({len(vector) for vector in vectors})
        if len(widths) > 1:
            raise ModelError(
                f"{self.key}={self.name_or_path}: vectors of one model have one width, got {widths}; "
                f"delete {self.store.path or FILE}, it is a cache"
            )

    def _encode(self, texts: list[str]) -> np.ndarray:
        return vectors_of(self.model(), texts, self.batch_size)

    def model(self) -> Any:
        """The sentence-transformers model, which is read once per process.

        Raises:
            ModelError: it is not on this machine.
        """
        return _model(self.name_or_path, self.name, os.environ.get("HF_HUB_OFFLINE") == "1", self.key)


def _folder(name_or_path: str, key: str) -> Path | None:
    """The folder of the model; None for a name of the hub."""
    place = resolve_path(name_or_path, key)
    folder = named_path(place)
    if folder.is_dir():
        return folder
    if place.startswith((".", "/", "~")):
        raise _not_here(name_or_path, key)
    return None


def _not_here(name_or_path: str, key: str) -> ModelError:
    return ModelError(f"{key}={name_or_path}: there is no such folder; name a sentence-transformers model that is here")


@lru_cache(maxsize=1)
def _model(name_or_path: str, identity: str, offline: bool, key: str) -> Any:
    """Loaded once per process and `identity`."""
    return _load(name_or_path, offline, key, _alone_or_whole)


def load_sentence_model(name_or_path: str, key: str = KEY) -> Any:
    """A sentence-transformers model that nobody else has, so that it may be trained further.

    Raises:
        ModelError: it is not on this machine.
    """
    return _load(name_or_path, os.environ.get("HF_HUB_OFFLINE") == "1", key, _whole)


def _alone_or_whole(place: str, **how: Any) -> Any:
    alone = load_mean_encoder(Path(place))
    return _whole(place, **how) if alone is None else alone


def _whole(place: str, **how: Any) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(place, **how)


def _load(name_or_path: str, offline: bool, key: str, load: Callable[..., Any]) -> Any:
    """Offline, a name of the hub must already be downloaded."""
    folder = _folder(name_or_path, key)
    if folder is None and offline and not _downloaded(name_or_path):
        raise _not_here(name_or_path, key)
    local = folder is not None
    try:
        with _without_bars(local):
            place, revision = (str(folder), None) if local else (name_or_path, pinned(name_or_path))
            return load(place, revision=revision, local_files_only=local or offline)
    except Exception as error:
        raise ModelError(
            f"{key}={name_or_path} cannot be loaded: {first_line(error)[:200]}; name a folder that holds a "
            f"sentence-transformers model{', or set characteristics=lexical' if key == KEY else ''}"
        ) from error


def _downloaded(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    # sentence-transformers completes a name without an owner.
    names = (name, f"sentence-transformers/{name}")[: 1 if "/" in name else 2]
    return any(isinstance(try_to_load_from_cache(one, "config.json"), str) for one in names)


@contextmanager
def _without_bars(local: bool) -> Iterator[None]:
    """Hides the progress bars of reading a local model; those of a download stay."""
    from transformers.utils import logging as transformers_logging

    bars = transformers_logging.is_progress_bar_enabled()
    if local:
        transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if bars:
            transformers_logging.enable_progress_bar()
