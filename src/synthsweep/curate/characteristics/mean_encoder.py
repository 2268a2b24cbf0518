"""A sentence encoder that is a BERT under a mean over tokens, read by transformers alone.

sentence-transformers takes a second to import. Texts go through in its order and batches, so that vectors are equal to its own
to the last bit. It reads whatever else a folder asks for.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

MODULES = ["Transformer", "Pooling", "Normalize"]
# Settings that ask for nothing, beside the one that is read.
PLAIN = {"max_seq_length", "do_lower_case"}
POOLING = "pooling_mode_"


@dataclass(frozen=True)
class MeanEncoder:
    """Has what is used of a sentence-transformers model; vectors have length 1 in any case."""

    network: Any
    tokenizer: Any
    max_length: int

    def encode(self, texts: Sequence[str], *, batch_size: int, **_unused: bool) -> np.ndarray:
        """(texts, dimensions) float32."""
        import torch

        # Longest first, as sentence-transformers: texts of a batch share its padding.
        order = np.argsort([-len(text) for text in texts])
        found: list[Any] = []
        with torch.inference_mode():
            for start in range(0, len(order), batch_size):
                batch = [texts[place] for place in order[start : start + batch_size]]
                found.extend(self._vectors(batch))
            return torch.stack([found[place] for place in np.argsort(order)]).numpy()

    def _vectors(self, batch: list[str]) -> Any:
        from torch.nn.functional import normalize

        read = self.tokenizer(batch, padding=True, truncation="longest_first", max_length=self.max_length, return_tensors="pt")
        states = self.network(**read).last_hidden_state
        mask = read["attention_mask"].unsqueeze(-1).to(states.dtype)
        # Its own module normalizes, and so does its call.
        return normalize(normalize((states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)))


def load_mean_encoder(folder: Path) -> MeanEncoder | None:
    """The encoder of a folder; None where sentence-transformers has to read it.

    Raises:
        Exception: whatever transformers raises of files that it cannot read.
    """
    try:
        limit = _limit_of(folder)
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return None
    if limit is None:
        return None
    import torch
    from transformers import AutoModel, AutoTokenizer

    # sentence-transformers would choose another device.
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        return None
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    network = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    return MeanEncoder(network, tokenizer, limit) if network.dtype == torch.float32 else None


def _limit_of(folder: Path) -> int | None:
    """The tokens that a text may have, if this is such an encoder."""
    modules, settings, sizes, own = (
        json.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("modules.json", "sentence_bert_config.json", "config.json", "config_sentence_transformers.json")
    )
    pooling = json.loads((folder / modules[1]["path"] / "config.json").read_text(encoding="utf-8"))
    chosen = {name for name, value in pooling.items() if name.startswith(POOLING) and value}
    prompts = any((own.get("prompts") or {}).values()) or own.get("default_prompt_name")
    plain = (
        [one["type"].rpartition(".")[2] for one in modules] == MODULES
        and modules[0]["path"] == ""
        and chosen == {f"{POOLING}mean_tokens"}
        and sizes["architectures"] == ["BertModel"]
        and settings.keys() <= PLAIN
        and not settings.get("do_lower_case")
        and not prompts
        and own.get("similarity_fn_name") in {None, "cosine"}
    )
    return int(settings["max_seq_length"]) if plain else None
