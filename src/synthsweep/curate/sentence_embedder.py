"""An Embedder: a sentence-transformers model behind a store, loaded only when a text is new."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
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
        found = self._model.encode(
            texts, batch_size=self.batch_size, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(found, dtype=np.float32)

    @cached_property
    def _model(self) -> Any:
        place = resolve_path(self.name_or_path, KEY)
        local = Path(place).expanduser().is_dir()
        if not local and (place.startswith((".", "/", "~")) or os.environ.get("HF_HUB_OFFLINE") == "1"):
            raise ModelError(
                f"{KEY}={self.name_or_path}: there is no such folder; name a sentence-transformers model that is here"
            )
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as transformers_logging

            transformers_logging.disable_progress_bar()
            return SentenceTransformer(str(Path(place).expanduser()) if local else place, local_files_only=local)
        except Exception as error:
            raise ModelError(
                f"{KEY}={self.name_or_path} cannot be loaded: {first_line(error)[:200]}; name a folder that holds a "
                "sentence-transformers model, or set characteristics=lexical"
            ) from error
