"""A BERT under a mean, beside sentence-transformers itself."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from support.shipped_encoder import MINILM, changed_minilm
from synthsweep.curate.characteristics.mean_encoder import load_mean_encoder
from synthsweep.pretrained import vectors_of

# Of one length, empty, longer than the model reads, and in other scripts.
TEXTS = [
    "He lines up toy cars.",
    "",
    "x",
    "word " * 600,
    "Él dice «sí» — 你好",
    "The soup was served cold!!",
    *("a b c" for _ in range(9)),
]


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [2, 64])
def test_vectors_are_those_of_sentence_transformers_to_the_last_bit(batch_size: int) -> None:
    """Batches and padding are the same, and so is the cut at the model's own limit."""
    from sentence_transformers import SentenceTransformer

    alone, whole = load_mean_encoder(MINILM), SentenceTransformer(str(MINILM))
    found, expected = (vectors_of(model, TEXTS, batch_size) for model in (alone, whole))

    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}),
        ("1_Pooling/config.json", {"pooling_mode_mean_tokens": False, "pooling_mode_max_tokens": True}),
        ("config.json", {"architectures": ["RobertaModel"]}),
        ("sentence_bert_config.json", {"do_lower_case": True}),
        ("sentence_bert_config.json", {"processing_kwargs": {}}),
        ("config_sentence_transformers.json", {"prompts": {"query": "query: "}}),
        ("config_sentence_transformers.json", {"similarity_fn_name": "dot"}),
    ],
    ids=str,
)
def test_any_other_folder_is_left_to_sentence_transformers(name: str, changed: dict[str, object], tmp_path: Path) -> None:
    assert load_mean_encoder(changed_minilm(tmp_path / "model", name, changed)) is None


def test_other_modules_and_folders_without_any_are_left_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MINILM, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps([*modules, {**modules[-1], "type": "sentence_transformers.models.Dense"}]))

    assert load_mean_encoder(folder) is None
    assert load_mean_encoder(tmp_path) is None
