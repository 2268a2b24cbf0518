"""An Embedder: a sentence-transformers model behind a store, loaded only when a text is new."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from synthsweep.curate.embedding_store import EmbeddingStore, digest
from synthsweep.errors import ModelError, first_line
from synthsweep.package_files import resolve_path

KEY = "characteristics.embedder"


@dataclass(frozen=True)
class SentenceEmbedder:
    """`name_or_path` is a package's folder (`package:NAME/model`), a folder, or a name of the hub."""

    name_or_path: str
    store: EmbeddingStore = field(default_factory=EmbeddingStore)
    batch_size: int = 64

    @property
    def name(self) -> str:
        return self.name_or_path

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """(texts, dimensions) float32 rows of length 1; a text is embedded once, whoever asks again.

        Raises:
            ModelError: the model is not here.
        """
        digests = [digest(text) for text in texts]
        known = self.store.find(self.name, digests)
        new = {one: text for one, text in zip(digests, texts, strict=True) if one not in known}
        if new:
            made = self._encode(list(new.values()))
            self.store.add(self.name, dict(zip(new, made, strict=True)))
            known = {**known, **dict(zip(new, made, strict=True))}
        return np.stack([known[one] for one in digests]) if digests else np.empty((0, 0), dtype=np.float32)

    def _encode(self, texts: list[str]) -> np.ndarray:
        model = _model(self.name_or_path, os.environ.get("HF_HUB_OFFLINE") == "1")
        found = model.encode(
            texts, batch_size=self.batch_size, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(found, dtype=np.float32)


@lru_cache(maxsize=1)
def _model(name_or_path: str, offline: bool) -> Any:
    """Read once a process, whatever store stands before it; offline a name is looked up among the downloads alone."""
    place = resolve_path(name_or_path, KEY)
    local = Path(place).expanduser().is_dir()
    if not local and (place.startswith((".", "/", "~")) or (offline and not _downloaded(place))):
        raise ModelError(f"{KEY}={name_or_path}: there is no such folder; name a sentence-transformers model that is here")
    try:
        from sentence_transformers import SentenceTransformer

        with _without_bars(local):
            return SentenceTransformer(str(Path(place).expanduser()) if local else place, local_files_only=local or offline)
    except Exception as error:
        raise ModelError(
            f"{KEY}={name_or_path} cannot be loaded: {first_line(error)[:200]}; name a folder that holds a "
            "sentence-transformers model, or set characteristics=lexical"
        ) from error


def _downloaded(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    # sentence-transformers completes a name without an owner.
    names = (name, f"sentence-transformers/{name}")[: 1 if "/" in name else 2]
    return any(isinstance(try_to_load_from_cache(one, "config.json"), str) for one in names)


@contextmanager
def _without_bars(local: bool) -> Iterator[None]:
    """A download is worth a bar, the reading of a file is not."""
    from transformers.utils import logging as transformers_logging

    bars = transformers_logging.is_progress_bar_enabled()
    if local:
        transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if bars:
            transformers_logging.enable_progress_bar()
