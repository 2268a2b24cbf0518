"""What characteristics cost: seconds and peak memory of each, and of all together, by the number of texts.

    python tests/benchmarks/characteristics_scale.py [--size 10000] [--embed]

`--size` synthetic texts beside as many real ones, half of it, and double. Each size has a process of its own, so that its peak
memory is its own. Texts are sentences of the demo corpus put together anew (seeded). Vectors are random ones of length 1 with
384 dimensions, unless `--embed` asks for those of the configured sentence encoder. With `--once`, for that size alone.
"""

import argparse
import csv
import json
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from synthsweep.config.keys.synthetic import CharacteristicsConfig
from synthsweep.corpus.load import DEMO
from synthsweep.curate.characteristics.lexical import compression_ratio, distinct
from synthsweep.curate.characteristics.measures import COSINE, JACCARD, ORDERS, characterize, lexical_texts
from synthsweep.curate.characteristics.perplexity import ngram_perplexity
from synthsweep.curate.characteristics.semantic import centroid_similarity, nearest, pair_means, self_similarity
from synthsweep.curate.characteristics.vendi import vendi_score
from synthsweep.curate.characteristics.words import words_of
from synthsweep.curate.near import lexical_pairs, semantic_pairs
from synthsweep.examples import Example

DIMENSIONS = 384
LABELS = ("A1", "A2", "A3", "B1", "B2", "B3", "B4")
WORDS = 20


def made(count: int, source: str, rng: random.Random) -> list[Example]:
    """Texts of about 20 words: halves of sentences of the demo corpus, joined at random."""
    with DEMO.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    halves = [half for row in rows for half in re.split(r"(?<=[.,;]) ", row["text"]) if half]

    def one(index: int) -> Example:
        parts: list[str] = []
        while len(" ".join(parts).split()) < WORDS:
            parts.append(rng.choice(halves))
        labels = frozenset(label for label in LABELS if rng.random() < 0.2)
        return Example(f"{source}{index}", " ".join(parts), labels)

    return [one(index) for index in range(count)]


def drawn(texts: Sequence[str]) -> np.ndarray:
    """Random rows of length 1: no pair of texts is near another."""
    rows = np.random.default_rng(len(texts)).normal(size=(len(texts), DIMENSIONS)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def encoder() -> Callable[[Sequence[str]], np.ndarray]:
    """The sentence encoder that the configuration names, each text asked once."""
    import importlib.util
    from pathlib import Path

    from sentence_transformers import SentenceTransformer

    package, _, folder = CharacteristicsConfig().embedder.removeprefix("package:").partition("/")
    found = importlib.util.find_spec(package)
    model = SentenceTransformer(str(Path((found.submodule_search_locations or [""])[0]) / folder), device="cpu")  # type: ignore[union-attr]
    return lambda texts: np.asarray(model.encode(list(texts), normalize_embeddings=True, batch_size=64))


def kept(vectors: Callable[[Sequence[str]], np.ndarray]) -> Callable[[Sequence[str]], np.ndarray]:
    """Each list of texts is embedded once."""
    cache: dict[tuple[str, ...], np.ndarray] = {}

    def lookup(texts: Sequence[str]) -> np.ndarray:
        key = tuple(texts)
        if key not in cache:
            cache[key] = vectors(key)
        return cache[key]

    return lookup


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def steps(size: int, embed: bool) -> dict[str, Callable[[], object]]:
    """What is timed, in order; vectors of later steps come from the first."""
    rng = random.Random(1)
    own, real = made(size, "s", rng), made(size, "r", rng)
    evaluated = made(size // 5, "t", rng)
    texts, real_texts, other = ([example.text for example in part] for part in (own, real, evaluated))
    labels, real_labels = ([example.labels for example in part] for part in (own, real))
    vectors = kept(encoder() if embed else drawn)
    words = [words_of(text) for text in texts]
    return {
        "embeddings": lambda: [vectors(part) for part in (texts, real_texts, other)],
        "length, TTR, MATTR": lambda: lexical_texts(texts),
        "perplexity, n-gram": lambda: ngram_perplexity(real_texts)(texts),
        "distinct 1 to 3": lambda: [distinct(words, n) for n in (1, 2, 3)],
        "compression ratio": lambda: compression_ratio(texts),
        "nearest real text": lambda: nearest(vectors(texts), vectors(real_texts)),
        "centroid": lambda: centroid_similarity(vectors(texts), labels, vectors(real_texts), real_labels),
        "self-similarity": lambda: self_similarity(vectors(texts)),
        "self-similarity by class": lambda: pair_means(vectors(texts), labels),
        "Vendi, four orders": lambda: [vendi_score(vectors(texts), q) for q in ORDERS],
        "near duplicates, lexical": lambda: lexical_pairs(texts, None, JACCARD),
        "near duplicates, semantic": lambda: semantic_pairs(vectors(texts), None, COSINE),
        "leak share, lexical": lambda: lexical_pairs(texts, other, JACCARD),
        "leak share, semantic": lambda: semantic_pairs(vectors(texts), vectors(other), COSINE),
        "all by characterize": lambda: characterize(
            own, real, evaluated, LABELS, vectors=vectors, perplexity=ngram_perplexity(real_texts)
        ),
    }


def measure(size: int, embed: bool) -> dict[str, tuple[float, float]]:
    """Seconds of each step, and the peak of the process after it in MiB."""
    # What is loaded once is no cost of a text.
    characterize(made(5, "s", random.Random(2)), made(5, "r", random.Random(3)), [], LABELS, perplexity=ngram_perplexity(["a"]))
    tasks, found = steps(size, embed), {"before": (0.0, peak_mib())}
    for name, act in tasks.items():
        start = time.perf_counter()
        act()
        found[name] = (time.perf_counter() - start, peak_mib())
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--embed", action="store_true")
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    if options.once:
        return print(json.dumps(measure(options.size, options.embed)))
    sizes = [options.size // 2, options.size, 2 * options.size]
    columns = []
    for size in sizes:
        command = [sys.executable, __file__, "--once", "--size", str(size), *(["--embed"] if options.embed else [])]
        columns.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
    print(f"{'seconds, and peak so far in MiB':<34}" + "".join(f"{size:>9} texts   " for size in sizes) + " growth of seconds")
    for name in columns[0]:
        cells = "".join(f"{column[name][0]:8.2f} {column[name][1]:8.0f} " for column in columns)
        growth = [b[name][0] / a[name][0] for a, b in pairwise(columns) if a[name][0] > 0.05]
        print(f"{name:<34}{cells}  " + " ".join(f"{ratio:5.1f}x" for ratio in growth))
    return None


if __name__ == "__main__":
    main()
