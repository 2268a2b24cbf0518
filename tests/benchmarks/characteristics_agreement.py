"""Characteristics of texts beside independent implementations and cases worked by hand: the largest differences.

    python tests/benchmarks/characteristics_agreement.py [--plot FILE.png]

Vectors are drawn (200 texts, 120 real ones, 48 dimensions), words come from the demo corpus. With `--plot` it draws how the
type-token ratio falls with the length of a text and the moving average does not: stretches of 10 to 400 words, cut from
the demo corpus as one text.
"""

import argparse
import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from nltk import ngrams
from scipy.stats import entropy
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestCentroid, NearestNeighbors

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.nltk_model import nltk_model
from synthsweep.corpus.load import DEMO
from synthsweep.curate.characteristics.lexical import WINDOW, compression_ratio, distinct, mattr, type_token_ratio
from synthsweep.curate.characteristics.perplexity import ngram_perplexity, predicted
from synthsweep.curate.characteristics.semantic import centroid_similarity, nearest, pair_means, self_similarity
from synthsweep.curate.characteristics.vendi import vendi_score
from synthsweep.curate.characteristics.words import words_of
from synthsweep.curate.near import lexical_pairs, semantic_pairs
from synthsweep.examples import text_key

TEXTS, REAL, DIMENSIONS = 200, 120, 48
ORDERS = (0.5, 1.0, 2.0, math.inf)
LENGTHS = (10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 400)
CUTS = 50

Row = tuple[str, str, float]


def demo_texts() -> list[str]:
    import csv

    with DEMO.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def unit_rows(rows: int, rng: np.random.Generator) -> np.ndarray:
    """Around a common direction, as embeddings of one domain lie."""
    drawn = rng.normal(size=(rows, DIMENSIONS)) + 0.5
    return np.asarray((drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32))


def labels_of(rows: int, rng: np.random.Generator) -> list[frozenset[str]]:
    return [frozenset(name for name in "ABC" if rng.random() < 0.4) for _ in range(rows)]


def word_rows(texts: Sequence[str]) -> Iterator[Row]:
    words = [words_of(text) for text in texts]
    yield "type-token ratio of `a b a c`", "by hand: 3/4", abs(type_token_ratio("a b a c".split()) - 3 / 4)
    yield "MATTR of `a b a a c`, window 2", "by hand: 7/8", abs(mattr("a b a a c".split(), 2) - 7 / 8)
    windows = (np.mean([len(set(part)) / WINDOW for part in ngrams(each, WINDOW)]) for each in words if len(each) >= WINDOW)
    found = (mattr(each) for each in words if len(each) >= WINDOW)
    yield "MATTR", "every window anew", worst(found, windows)
    yield "distinct-1 of `a b a`, `a b`", "by hand: 2/5", abs((distinct([["a", "b", "a"], ["a", "b"]], 1) or 0) - 2 / 5)
    for n in (1, 2, 3):
        grams = [gram for each in words for gram in ngrams(each, n)]
        yield f"distinct-{n}", "nltk.ngrams", abs((distinct(words, n) or 0) - len(set(grams)) / len(grams))
    yield "compression ratio (ratio - 1)", "gzip, less its frame", abs((compression_ratio(texts) or 0) / by_gzip(texts) - 1)


def by_gzip(texts: Sequence[str]) -> float:
    """The same compression in another frame: 18 bytes around it, where zlib has 6."""
    import gzip

    whole = "\n".join(texts).encode()
    return len(whole) / (len(gzip.compress(whole, 9)) - 12)


def perplexity_rows(texts: Sequence[str]) -> Iterator[Row]:
    half = len(texts) // 2
    for order in (1, 2, 3):
        model = nltk_model([words_of(text) for text in texts[:half]], order)
        theirs = (model.perplexity(list(predicted(words_of(text), order))) for text in texts[half:])
        ours = ngram_perplexity(texts[:half], order)(texts[half:])
        yield f"perplexity, order {order} (ratio - 1)", "nltk's perplexity", worst(ours, theirs, relative=True)
    single = (1 + 3 / 4) / 6
    by_hand = 1 / (1 / 2 + single / 2)
    yield "perplexity of `a b` after `a b`", "by hand: 1.548", abs(float(ngram_perplexity(["a b"], 2)(["a b"])[0]) - by_hand)


def nearness_rows(rng: np.random.Generator) -> Iterator[Row]:
    own, real = unit_rows(TEXTS, rng), unit_rows(REAL, rng)
    labels, real_labels = labels_of(TEXTS, rng), labels_of(REAL, rng)
    cosines = cosine_similarity(own.astype(float))
    distances, _ = NearestNeighbors(n_neighbors=1, metric="cosine").fit(real).kneighbors(own)
    yield "nearest real text", "scikit-learn NearestNeighbors", worst(nearest(own, real).cosines, 1 - distances[:, 0])
    others = (cosines.sum(axis=1) - 1) / (TEXTS - 1)
    yield "self-similarity", "scikit-learn cosine_similarity", worst(self_similarity(own), others)
    yield "centroid of own class", "scikit-learn NearestCentroid", centroids(own, real, rng)
    pairs: dict[bool, list[float]] = {True: [], False: []}
    for one, other in combinations(range(TEXTS), 2):
        pairs[bool(labels[one] & labels[other]) or not labels[one] | labels[other]].append(cosines[one, other])
    within, across = pair_means(own, labels)
    yield "self-similarity within classes", "numpy, every pair", abs((within or 0) - np.mean(pairs[True]))
    yield "self-similarity across classes", "numpy, every pair", abs((across or 0) - np.mean(pairs[False]))
    found = centroid_similarity(own, labels, real, real_labels)
    yield "centroid, several labels", "numpy, text by text", worst(found, by_label(own, labels, real, real_labels))


def centroids(own: np.ndarray, real: np.ndarray, rng: np.random.Generator) -> float:
    classes, real_classes = rng.integers(0, 3, len(own)), rng.integers(0, 3, len(real))
    means = NearestCentroid().fit(real.astype(float), real_classes).centroids_
    theirs = cosine_similarity(own.astype(float), means)[np.arange(len(own)), classes]
    single, real_single = ([frozenset(str(c)) for c in every] for every in (classes, real_classes))
    return worst(centroid_similarity(own, single, real, real_single), theirs)


def by_label(
    own: np.ndarray, labels: Sequence[frozenset[str]], real: np.ndarray, theirs: Sequence[frozenset[str]]
) -> list[float]:
    def centroid(label: str | None) -> np.ndarray:
        rows = [vector for vector, carried in zip(real, theirs, strict=True) if (label in carried if label else not carried)]
        return np.asarray(np.mean(rows, axis=0, dtype=float))

    def cosine(vector: np.ndarray, label: str | None) -> float:
        return float(cosine_similarity([vector.astype(float)], [centroid(label)])[0, 0])

    return [float(np.mean([cosine(v, label) for label in carried or [None]])) for v, carried in zip(own, labels, strict=True)]


def vendi_rows(rng: np.random.Generator) -> Iterator[Row]:
    for rows, what in ((TEXTS, "more texts than dimensions"), (DIMENSIONS // 2, "fewer")):
        vectors = unit_rows(rows, rng)
        values = np.linalg.eigvalsh(cosine_similarity(vectors.astype(float)) / rows)
        for q in ORDERS:
            relative = abs((vendi_score(vectors, q) or 0) / from_eigenvalues(values[values > 1e-12], q) - 1)
            yield f"Vendi, q = {q:g}, {what} (ratio - 1)", "SciPy, full kernel", relative
            package = by_package(vectors, q)
            if package is not None:
                yield "  the same", "vendi-score", abs((vendi_score(vectors, q) or 0) / package - 1)
    for q in ORDERS:
        yield f"Vendi, q = {q:g}, 7 orthogonal texts", "by hand: 7", abs((vendi_score(np.eye(7), q) or 0) - 7)
    whole = vectors
    near = max(abs((vendi_score(whole, 1) or 0) - (vendi_score(whole, 1 + step) or 0)) for step in (-1e-7, 1e-7))
    yield "Vendi, q = 1 beside its limits", "q = 1 +- 1e-7", near
    yield (
        "Vendi, q = inf beside its limit",
        "q = 1e6",
        abs((vendi_score(whole, math.inf) or 0) - (vendi_score(whole, 1e6) or 0)),
    )


def from_eigenvalues(values: np.ndarray, q: float) -> float:
    if q == 1:
        return math.exp(entropy(values))
    return float(1 / values.max() if math.isinf(q) else np.sum(values**q) ** (1 / (1 - q)))


def by_package(vectors: np.ndarray, q: float) -> float | None:
    """None where the package is not installed."""
    try:
        from vendi_score import vendi
    except ImportError:
        return None
    return float(vendi.score_dual(vectors.astype(float), q="inf" if math.isinf(q) else q, normalize=True))


def near_rows(texts: Sequence[str], rng: np.random.Generator) -> Iterator[Row]:
    """In how many texts the share differs."""
    changed = [*texts, *(text + " again" for text in texts[::3])]
    grams = [{key[at : at + 5] for at in range(max(1, len(key) - 4))} for key in map(text_key, changed)]
    found = {
        place
        for one, other in combinations(range(len(changed)), 2)
        if len(grams[one] & grams[other]) >= 0.7 * len(grams[one] | grams[other])
        for place in (one, other)
    }
    missed = set(lexical_pairs(changed, None, 0.7)) ^ found
    yield f"near copies, lexical (texts of {len(found)})", "every pair", float(len(missed))
    vectors = unit_rows(TEXTS, rng)
    cosines = cosine_similarity(vectors.astype(float)) - 2 * np.eye(TEXTS)
    near = set(np.flatnonzero(cosines.max(axis=1) >= 0.5).tolist())
    yield (
        f"near copies, semantic (texts of {len(near)})",
        "every pair",
        float(len(set(semantic_pairs(vectors, None, 0.5)) ^ near)),
    )


def worst(ours: Sequence[float] | np.ndarray | Iterator[float], theirs: object, *, relative: bool = False) -> float:
    one, other = np.array(list(ours)), np.array(list(theirs))  # type: ignore[call-overload]
    return float(np.nanmax(np.abs(one / other - 1 if relative else one - other)))


def rows() -> Iterator[Row]:
    rng, texts = np.random.default_rng(1), demo_texts()
    yield from word_rows(texts)
    yield from perplexity_rows(texts)
    yield from nearness_rows(rng)
    yield from vendi_rows(rng)
    yield from near_rows(texts[:600], rng)


def ratios(words: Sequence[str], measure: Callable[[Sequence[str]], float]) -> list[float]:
    """The mean over stretches that begin anywhere, by their length."""
    rng = random.Random(1)
    starts = [rng.randrange(len(words) - max(LENGTHS)) for _ in range(CUTS)]
    return [float(np.mean([measure(words[start : start + length]) for start in starts])) for length in LENGTHS]


def draw(file: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    words = [word for text in demo_texts() for word in words_of(text)]
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, measure in (("type-token ratio", type_token_ratio), (f"MATTR, window {WINDOW}", mattr)):
        values = ratios(words, measure)
        axes.plot(LENGTHS, values, marker="o", label=name)
        print(f"{name:<24}", *(f"{length}: {value:.3f}" for length, value in zip(LENGTHS, values, strict=True)))
    axes.set(
        xlabel="words of the text", ylabel="ratio", ylim=(0, 1), title="Length is no diversity: demo corpus, 50 cuts a point"
    )
    axes.legend()
    figure.savefig(file, dpi=120)
    plt.close(figure)


def main() -> None:
    """Prints a row a number."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    print(f"{'what':<56} {'reference':<30} {'largest difference':>18}")
    for what, reference, difference in rows():
        print(f"{what:<56} {reference:<30} {difference:>18.1e}")
    if options.plot:
        draw(options.plot)


if __name__ == "__main__":
    main()
