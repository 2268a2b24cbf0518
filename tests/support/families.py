"""Pretrained encoders of several families, tiny and random, each in a folder as a user has it."""

from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoModel, BertTokenizer

from support.tiny_model import LABELS, separable
from synthsweep.config.keys.training import ModelConfig
from synthsweep.train.cache import TrainingCache
from synthsweep.train.encoder.model import Loaded, load

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted({word for text in separable(20).texts for word in text.split()})]
SMALL = {
    "vocab_size": len(WORDS), "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 16, "pad_token_id": 0,
}  # fmt: skip
SPECIAL = {"bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3}
FAMILIES: dict[str, Any] = {
    "Bert": SMALL,
    "Roberta": SMALL,
    "DistilBert": {"vocab_size": len(WORDS), "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 16},
    "Electra": {**SMALL, "embedding_size": 16},
    "ModernBert": {**SMALL, **SPECIAL},
    "XLNet": {"vocab_size": len(WORDS), "d_model": 16, "n_layer": 2, "n_head": 2, "d_inner": 16},
}


def folder_of(family: str, folder: Path, **sizes: int) -> Path:
    """A pretrained encoder as a user has it: weights, configuration and tokenizer in a folder."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        config = getattr(transformers, f"{family}Config")(**{**FAMILIES.get(family, SMALL), **sizes})
        AutoModel.from_config(config).save_pretrained(folder)
    BertTokenizer(vocab={word: index for index, word in enumerate(WORDS)}).save_pretrained(folder)
    return folder


def load_folder(folder: Path, *, dropout: float | None = None, cache: TrainingCache | None = None, **keys: Any) -> Loaded:
    config = ModelConfig(**{"name": "mine", "name_or_path": str(folder), "pooling": "mean", **keys})
    return load(config, LABELS, dropout=dropout, max_length=16, seed=1, cache=cache)
