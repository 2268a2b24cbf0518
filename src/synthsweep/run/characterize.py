"""Measures synthetic texts with the encoder, the language model and the characteristics that a configuration names."""

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from synthsweep.config.keys.run import TrainingDataConfig
from synthsweep.curate.characteristics.measures import Characteristics, Perplexity, characterize
from synthsweep.curate.embedder import Embedder
from synthsweep.examples import Example, LabelSet
from synthsweep.pretrained import content_of

if TYPE_CHECKING:
    from synthsweep.curate.characteristics.sentence_embedder import SentenceEmbedder

# The key of the sentence encoder that measures meaning.
EMBEDDER = "characteristics.embedder"
# The values of select.by that compare meanings.
MEANINGS = ("nearest_real", "centroid", "self_similarity")


def open_embedder(
    config: TrainingDataConfig, *, read_only: bool = False, key: str = EMBEDDER, name: str = ""
) -> "SentenceEmbedder":
    """The sentence encoder of a configuration; its vectors are stored beside the runs, or not at all with tracking=none.

    With `read_only`, those that are stored are used, and none is added. Another `key` names an encoder that is not the one of
    the characteristics.
    """
    folder = None if config.tracking.kind == "none" else Path(config.tracking.folder)
    name = name or config.characteristics.embedder
    return _embedder(name, content_of(name), folder, read_only, key)


@cache
def _embedder(name_or_path: str, content: str, folder: Path | None, read_only: bool, key: str) -> "SentenceEmbedder":
    # One per process and content: its weights are read once, and only if a text is new.
    from synthsweep.curate.characteristics.embedding_store import open_embedding_store
    from synthsweep.curate.characteristics.sentence_embedder import SentenceEmbedder

    return SentenceEmbedder(name_or_path, open_embedding_store(folder, read_only=read_only), key=key)


def measure(
    config: TrainingDataConfig,
    synthetic: Sequence[Example],
    train: Sequence[Example],
    evaluated: Sequence[Example],
    labels: LabelSet,
    *,
    embedder: Embedder | None,
    only: str | None = None,
) -> Characteristics:
    """The configured characteristics of synthetic texts, some of which compare them with the real training texts.

    `only` names one characteristic to measure, whatever is configured; nothing is loaded that this one does not need.

    Raises:
        ModelError: the encoder or the language model is not here.
    """
    kind = config.characteristics.kind
    if (kind == "none" and only is None) or not synthetic:
        return Characteristics()
    embeds, predicts = (kind == "all", True) if only is None else (only in MEANINGS, only == "perplexity")
    vectors = (embedder or open_embedder(config)).embed if embeds else None
    perplexity = _perplexity(config, train) if predicts else None
    return characterize(synthetic, train, evaluated, labels.ids, vectors=vectors, perplexity=perplexity)


def _perplexity(config: TrainingDataConfig, train: Sequence[Example]) -> Perplexity:
    from synthsweep.curate.characteristics.perplexity import ngram_perplexity

    name = config.characteristics.perplexity
    return ngram_perplexity([example.text for example in train]) if name == "ngram" else _causal(name, content_of(name))


@lru_cache(maxsize=1)
def _causal(name: str, content: str) -> Perplexity:
    # Its weights are read once per process, unless they changed.
    from synthsweep.curate.characteristics.perplexity import causal_perplexity

    return causal_perplexity(name)
