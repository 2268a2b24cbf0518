"""Words of real texts exchanged for what a masked language model predicts in their place.

Contextual augmentation (Kobayashi, 2018; with BERT: Wu and others, 2019), without their condition on the label: a new word
may contradict the label.
"""

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from synthsweep.config.keys.llm_parts import RewriterConfig
from synthsweep.errors import ConfigError, ModelError
from synthsweep.examples import Example
from synthsweep.generate.offline.rewriting import Rewriter, changes
from synthsweep.messages import first_line
from synthsweep.pretrained import content_of, pinned
from synthsweep.words import is_spelt

# A new word is drawn from this many candidates, by their probabilities.
TOP_K = 10
BATCH = 32
# The mark of a token that begins a word: in byte pairs, in SentencePiece.
WORD_STARTS = ("Ġ", "▁")
# A mark counts if at least this share of tokens begins with it: a WordPiece vocabulary holds it as a letter, too.
LEAST_STARTS = 0.1
CORE = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)


def masked_lm(examples: Sequence[Example], config: RewriterConfig) -> Rewriter:
    """A Completer that exchanges words by a masked language model, which is loaded with the first request.

    Raises:
        ConfigError: no model is named.
    """
    if not config.model:
        raise ConfigError(
            "llm.rewriter.model must name the masked language model of llm=masked_lm, got nothing: "
            "as llm.rewriter.model=bert-base-uncased, or a folder"
        )
    name = f"masked_lm-{Path(config.model).name}"
    return Rewriter(examples, partial(_rewritten, model=config.model, share=config.change), config.seed, name)


def _rewritten(
    texts: Sequence[Sequence[str]], kin: Sequence[Sequence[str]], rng: random.Random, *, model: str, share: float
) -> list[list[str]]:
    loaded = _loaded(model, content_of(model))
    written = []
    for start in range(0, len(texts), BATCH):
        written += loaded.exchanged(texts[start : start + BATCH], share, rng)
    return written


@dataclass(frozen=True)
class MaskedLm:
    """A model in eval mode, with its tokenizer."""

    network: Any
    tokenizer: Any

    def exchanged(self, texts: Sequence[Sequence[str]], share: float, rng: random.Random) -> list[list[str]]:
        """Each text with a share of its words exchanged for others, whole words for whole words."""
        places = [_drawn(words, share, rng) for words in texts]
        masked = [
            [_in_place(word, self.tokenizer.mask_token) if place in own else word for place, word in enumerate(words)]
            for words, own in zip(texts, places, strict=True)
        ]
        written = [list(words) for words in texts]
        for row, scores in enumerate(self._scores([" ".join(words) for words in masked])):
            # A word after the last token that the model reads has no scores, and stays.
            for place, own_scores in zip(places[row], scores, strict=False):
                written[row][place] = self._exchanged_word(texts[row][place], own_scores, rng)
        return written

    def _scores(self, texts: Sequence[str]) -> list[Any]:
        """For each text, (masks, whole words) of logits."""
        import torch

        limit = min(self.tokenizer.model_max_length, getattr(self.network.config, "max_position_embeddings", 512) - 2)
        read = self.tokenizer(list(texts), padding=True, truncation=True, max_length=limit, return_tensors="pt")
        with torch.inference_mode():
            logits = self.network(**read).logits[:, :, list(self._words)]
        masks = read["input_ids"] == self.tokenizer.mask_token_id
        return [logits[row][masks[row]] for row in range(len(texts))]

    def _exchanged_word(self, word: str, scores: Any, rng: random.Random) -> str:
        found = scores.topk(min(TOP_K + 1, len(scores)))
        known = list(self._words.values())
        core = _core(word)
        # The likeliest word is often the one that was there.
        others = [
            (known[index], score)
            for index, score in zip(found.indices.tolist(), found.values.softmax(dim=-1).tolist(), strict=True)
            if known[index].casefold() != core.casefold()
        ][:TOP_K]
        if not others:
            return word
        new = rng.choices([name for name, _ in others], [score for _, score in others])[0]
        return _in_place(word, new.capitalize() if core[:1].isupper() else new)

    @cached_property
    def _words(self) -> dict[int, str]:
        """The tokens that are whole words.

        Raises:
            ModelError: there are none.
        """
        tokens = self.tokenizer.convert_ids_to_tokens(list(range(self.network.config.vocab_size)))
        known = {index: token for index, token in enumerate(tokens) if token}
        least = LEAST_STARTS * len(known)
        start = next((mark for mark in WORD_STARTS if sum(t.startswith(mark) for t in known.values()) > least), "")
        own = {index: token.removeprefix(start) for index, token in known.items() if token.startswith(start)}
        # WordPiece marks the rest of a word by ##, so that it is not alphabetic.
        words = {index: word for index, word in own.items() if is_spelt(word)}
        if not words:
            raise ModelError(
                f"llm.rewriter.model={self.network.name_or_path}: none of its {len(known)} tokens is a word: "
                "take another masked language model"
            )
        return words


def _drawn(words: Sequence[str], share: float, rng: random.Random) -> list[int]:
    able = [place for place, word in enumerate(words) if _core(word)]
    return sorted(rng.sample(able, min(len(able), changes(words, share))))


def _core(word: str) -> str:
    """The word without the punctuation around it."""
    return _parts(word)[1]


def _in_place(word: str, new: str) -> str:
    before, _, after = _parts(word)
    return f"{before}{new}{after}"


def _parts(word: str) -> tuple[str, str, str]:
    found = CORE.fullmatch(word)
    return (found[1], found[2], found[3]) if found else ("", word, "")


@lru_cache(maxsize=1)
def _loaded(name_or_path: str, content: str) -> MaskedLm:
    """Loaded once per process, unless its `content` changed.

    Raises:
        ModelError: it is not on this machine, or cannot fill masks.
    """
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    with _quietly():
        try:
            place = {"pretrained_model_name_or_path": name_or_path, "revision": pinned(name_or_path)}
            tokenizer = AutoTokenizer.from_pretrained(**place)
            network, found = AutoModelForMaskedLM.from_pretrained(**place, output_loading_info=True)
        except Exception as error:
            # The hub client, safetensors and torch each have errors of their own.
            raise ModelError(
                f"llm.rewriter.model={name_or_path}: it cannot be loaded ({first_line(error).rstrip(':')}); give a folder with "
                "its files, or fetch it where there is a network: hf download NAME"
            ) from error
    if found["missing_keys"] or tokenizer.mask_token is None:
        # A randomly initialised head would fill masks with noise.
        raise ModelError(f"llm.rewriter.model={name_or_path}: it has no head that fills masks: take a masked language model")
    return MaskedLm(network.eval(), tokenizer)


@contextmanager
def _quietly() -> Iterator[None]:
    """Hides progress bars, and warnings of a missing head, which our own error reports."""
    from transformers.utils import logging

    before, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        if bars:
            logging.enable_progress_bar()
