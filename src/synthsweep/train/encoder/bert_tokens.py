"""A BERT tokenizer read from its files alone: a sweep that only counts tokens imports neither transformers nor torch for it.

transformers builds a BertTokenizer from the vocabulary and its settings. Where `tokenizer.json` says just the same, the package
tokenizers, which both use, gives the same tokens; of any other tokenizer, transformers is asked.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from synthsweep.config.keys.training import MAX_LENGTH
from synthsweep.train.encoder.limits import length_limit, network_counts

NAMES = ("BertTokenizer", "BertTokenizerFast")
SPECIAL = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
# What transformers builds, whatever the settings.
WORD_PIECE = {"type": "WordPiece", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100}


@dataclass(frozen=True)
class BertTokens:
    """Called as a tokenizer of transformers is, for the ids of texts without padding."""

    tokenizer: Any
    model_max_length: int

    def __call__(
        self,
        texts: str | Sequence[str],
        *,
        truncation: bool = False,
        max_length: int = MAX_LENGTH,
        add_special_tokens: bool = True,
        verbose: bool = False,
    ) -> dict[str, Any]:
        if truncation:
            self.tokenizer.enable_truncation(max_length)
        else:
            self.tokenizer.no_truncation()
        several = [texts] if isinstance(texts, str) else list(texts)
        ids = [one.ids for one in self.tokenizer.encode_batch(several, add_special_tokens=add_special_tokens)]
        return {"input_ids": ids[0] if isinstance(texts, str) else ids}


def read_bert(folder: Path, random_sizes: dict[str, int]) -> tuple[BertTokens, int] | None:
    """The tokenizer of an encoder's folder, and the largest training.max_length; None where transformers has to say."""
    try:
        sizes, settings, built = (
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("config.json", "tokenizer_config.json", "tokenizer.json")
        )
        named = {"model_type", "max_position_embeddings", *random_sizes} <= sizes.keys() and "model_max_length" in settings
        if not named or not _is_plain(settings, built):
            return None
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        # transformers says what is wrong with them.
        return None
    known = SimpleNamespace(**{**sizes, **random_sizes})
    if network_counts(known):
        return None
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokens = BertTokens(tokenizer, settings["model_max_length"])
    return tokens, length_limit(known, tokens)


def _is_plain(settings: dict[str, Any], built: dict[str, Any]) -> bool:
    """Whether transformers would build from the settings what `tokenizer.json` holds."""
    special = [settings.get(name, f"[{name.partition('_')[0].upper()}]") for name in SPECIAL]
    normalizer = {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": settings.get("tokenize_chinese_chars", True),
        "strip_accents": settings.get("strip_accents"),
        "lowercase": settings.get("do_lower_case", True),
    }
    added = {one["content"] for one in built["added_tokens"] if one["special"] and not one["normalized"]}
    cls, sep = special[2:4]
    template = [
        {"SpecialToken": {"id": cls, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": sep, "type_id": 0}},
    ]  # fmt: skip
    return (
        settings.get("tokenizer_class") in NAMES
        and not {"added_tokens_decoder", "additional_special_tokens"} & settings.keys()
        and built["normalizer"] == normalizer
        and built["pre_tokenizer"] == {"type": "BertPreTokenizer"}
        and built["post_processor"]["single"] == template
        and WORD_PIECE.items() <= built["model"].items()
        and built["model"]["unk_token"] == special[1]
        and added == set(special)
        and len(built["added_tokens"]) == len(special)
    )
