"""Characteristics of synthetic texts: of each text, and of all of them together; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from synthsweep.config.keys.synthetic import EXAMPLE_CHARACTERISTICS
from synthsweep.curate.characteristics.label_counts import cardinality, cooccurrence, cooccurrence_gap, label_shares
from synthsweep.curate.characteristics.lexical import compression_ratio, distinct, mattr, type_token_ratio
from synthsweep.curate.characteristics.semantic import centroid_similarity, nearest, pair_means, self_similarity
from synthsweep.curate.characteristics.vendi import effective_number, spectrum
from synthsweep.curate.characteristics.words import words_of
from synthsweep.curate.near import lexical_pairs, semantic_pairs
from synthsweep.examples import Example

# Perplexity of each text, (texts,) float64; nan is undefined.
Perplexity = Callable[[Sequence[str]], np.ndarray]
Vectors = Callable[[Sequence[str]], np.ndarray]

ORDERS = (0.5, 1.0, 2.0, float("inf"))
# Two texts with at least these values count as copies: Jaccard index of character 5-grams, cosine of embeddings.
JACCARD, COSINE = 0.7, 0.9


@dataclass(frozen=True)
class Characteristics:
    """`texts` maps a characteristic to (texts,) float64, nan where undefined; `pool` holds those of all texts together.

    Names are those of the metrics without `synthetic/`; a characteristic that is undefined for the pool is left out.
    """

    texts: Mapping[str, np.ndarray] = field(default_factory=dict)
    pool: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class MeasuredTexts:
    """The parts of examples that are measured; `vectors` is (texts, dimensions), rows of length 1, None without an embedder."""

    texts: tuple[str, ...]
    labels: tuple[frozenset[str], ...]
    vectors: np.ndarray | None = None


def characterize(
    synthetic: Sequence[Example],
    train: Sequence[Example],
    evaluated: Sequence[Example],
    label_ids: Sequence[str],
    *,
    vectors: Vectors | None = None,
    perplexity: Perplexity | None = None,
) -> Characteristics:
    """Characteristics of `synthetic` in comparison with the real texts `train`; `evaluated` are the texts of dev and test.

    `vectors` embeds texts as (texts, dimensions) rows of length 1; without it, the characteristics that need it are left out.
    Labels other than `label_ids` do not count. Means are over the texts for which a characteristic is defined.
    """
    if not synthetic:
        return Characteristics()
    own, real, other = (_measured(examples, label_ids, vectors) for examples in (synthetic, train, evaluated))
    # Texts with a label that nobody decided on may carry more than are known.
    decided = [labels for labels, example in zip(real.labels, train, strict=True) if not example.unknown]
    found = lexical_texts(own.texts) | semantic_texts(own, real)
    if perplexity is not None:
        found["perplexity"] = perplexity(own.texts)
    pool = means(found) | lexical_pool(own.texts, other.texts) | label_pool(own, decided, label_ids) | semantic_pool(own, other)
    return Characteristics(
        {name: np.asarray(found[name], dtype=np.float64) for name in EXAMPLE_CHARACTERISTICS if name in found},
        {name: value for name, value in pool.items() if value is not None},
    )


def _measured(examples: Sequence[Example], label_ids: Sequence[str], vectors: Vectors | None) -> MeasuredTexts:
    texts = tuple(example.text for example in examples)
    labels = tuple(example.labels.intersection(label_ids) for example in examples)
    return MeasuredTexts(texts, labels, vectors(texts) if vectors is not None and texts else None)


def lexical_texts(texts: Sequence[str]) -> dict[str, np.ndarray]:
    """Per text: its length in words, and how varied its words are."""
    words = [words_of(text) for text in texts]
    return {
        "length": np.array([len(each) for each in words], dtype=np.float64),
        "type_token_ratio": np.array([type_token_ratio(each) for each in words]),
        "mattr": np.array([mattr(each) for each in words]),
    }


def semantic_texts(own: MeasuredTexts, real: MeasuredTexts) -> dict[str, np.ndarray]:
    """Per text: its cosine to the nearest real one, to the centroid of its class, and to the other texts (mean)."""
    if own.vectors is None:
        return {}
    theirs = own.vectors[:0] if real.vectors is None else real.vectors
    return {
        "nearest_real": nearest(own.vectors, theirs).cosines,
        "centroid": centroid_similarity(own.vectors, own.labels, theirs, real.labels),
        "self_similarity": self_similarity(own.vectors),
    }


def means(found: Mapping[str, np.ndarray]) -> dict[str, float | None]:
    """The mean of each characteristic over the texts that have it, and the standard deviation of the length in words."""
    defined = {name: values[~np.isnan(values)] for name, values in found.items()}
    lengths = defined["length"]
    return {
        **{name: float(values.mean()) if len(values) else None for name, values in defined.items()},
        "length_sd": float(lengths.std(ddof=1)) if len(lengths) > 1 else None,
    }


def lexical_pool(texts: Sequence[str], evaluated: Sequence[str]) -> dict[str, float | None]:
    """Over all texts: distinct n-grams, compression, and the shares with a near copy in the pool and in dev or test."""
    words = [words_of(text) for text in texts]
    return {
        **{f"distinct_{n}": distinct(words, n) for n in (1, 2, 3)},
        "compression_ratio": compression_ratio(texts),
        "near_duplicates_lexical": share(lexical_pairs(texts, None, JACCARD), texts) if len(texts) > 1 else None,
        "leak_share_lexical": share(lexical_pairs(texts, evaluated, JACCARD), texts) if evaluated else None,
    }


def semantic_pool(own: MeasuredTexts, other: MeasuredTexts) -> dict[str, float | None]:
    """Over all texts: self-similarity by class, Vendi scores, and near copies in meaning, in the pool and in dev or test."""
    if own.vectors is None:
        return {}
    pairs, shares = pair_means(own.vectors, own.labels), spectrum(own.vectors)
    alone = len(own.texts) < 2
    return {
        "self_similarity_within": pairs.within,
        "self_similarity_across": pairs.across,
        **{f"vendi_q{q:g}": effective_number(shares, q) for q in ORDERS},
        "near_duplicates_semantic": None if alone else share(semantic_pairs(own.vectors, None, COSINE), own.texts),
        "leak_share_semantic": (
            None if other.vectors is None else share(semantic_pairs(own.vectors, other.vectors, COSINE), own.texts)
        ),
    }


def label_pool(own: MeasuredTexts, real: Sequence[frozenset[str]], label_ids: Sequence[str]) -> dict[str, float | None]:
    """Over all texts: how many labels they carry, which ones, and the difference from the labels of `real` texts."""
    return {
        "label_cardinality": cardinality(own.labels),
        "label_cooccurrence": cooccurrence(own.labels),
        "label_cooccurrence_gap": cooccurrence_gap(own.labels, real),
        **{f"label_share/{label}": value for label, value in label_shares(own.labels, label_ids).items()},
    }


def share(pairs: Mapping[int, int], texts: Sequence[str]) -> float:
    """Share of `texts` that occur in a pair, in [0, 1]."""
    return len(pairs) / len(texts)
