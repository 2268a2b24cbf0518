"""A BERT tokenizer without transformers, beside transformers itself."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from support.shipped_encoder import MINILM, changed_minilm
from synthsweep.config.keys.training import ModelConfig
from synthsweep.train.cache import TrainingCache
from synthsweep.train.encoder.bert_tokens import BertTokens, read_bert
from synthsweep.train.encoder.model import load
from synthsweep.train.encoder.reader import load_reader
from synthsweep.train.encoder.tokens import encode
from synthsweep.train.encoder.windows import windows_of

THEIRS = AutoTokenizer.from_pretrained(MINILM)
TEXT = st.one_of(st.text(max_size=60), st.text("aAbé 你[SEP]#.,\n\t’", max_size=60), st.just("word " * 700))


def alone() -> BertTokens:
    found = read_bert(MINILM, {})
    assert found is not None
    return found[0]


@given(texts=st.lists(TEXT, min_size=1, max_size=4), limit=st.sampled_from([None, 3, 8, 64]))
def test_tokens_are_those_of_transformers(texts: list[str], limit: int | None) -> None:
    """Any letters, whole and cut."""
    assert encode(texts, alone(), limit) == encode(texts, THEIRS, limit)


def test_windows_are_those_of_transformers() -> None:
    assert windows_of(alone(), 16) == windows_of(THEIRS, 16)


@pytest.mark.parametrize("sizes", [{}, {"max_position_embeddings": 40, "hidden_size": 32, "num_attention_heads": 2}], ids=str)
def test_a_sweep_reads_with_it_and_knows_the_limit(sizes: dict[str, int]) -> None:
    """The same as the whole encoder has."""

    config = ModelConfig(name="tiny", name_or_path=str(MINILM), random_sizes=sizes)
    reader = load_reader(config, TrainingCache())

    assert isinstance(reader.tokenizer, BertTokens)
    assert reader.limit == load(config, ["A"], dropout=None, max_length=16, seed=1).limit


def test_a_size_that_the_encoder_does_not_name_is_left_to_transformers() -> None:
    """It has defaults, and says which names are wrong."""
    assert read_bert(MINILM, {"no_such": 1}) is None


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("tokenizer_config.json", {"tokenizer_class": "RobertaTokenizer"}),
        ("tokenizer_config.json", {"do_lower_case": False}),
        ("tokenizer_config.json", {"strip_accents": False}),
        ("tokenizer_config.json", {"cls_token": "[START]"}),
        ("tokenizer_config.json", {"added_tokens_decoder": {}}),
        ("tokenizer.json", {"normalizer": None}),
        ("tokenizer.json", {"added_tokens": []}),
        ("config.json", {"model_type": "roberta"}),
    ],
    ids=str,
)
def test_what_transformers_would_build_otherwise_is_left_to_it(name: str, changed: dict[str, Any], tmp_path: Path) -> None:
    assert read_bert(changed_minilm(tmp_path / "model", name, changed), {}) is None


def test_a_folder_without_its_files_is_left_to_it(tmp_path: Path) -> None:
    assert read_bert(tmp_path, {}) is None
