"""Leaks of three kinds, planted among 2,000 texts: what does the leak gate catch, and what does it take wrongly?

    python tests/benchmarks/planted_leaks.py [--show]

Of texts of the demo corpus's test part: 200 exact copies, 200 with one to three words exchanged, left out or put in (new words
are those of training texts), and 100 paraphrases (paraphrases.csv, written one by one). The 1,500 others are recorded replies
and training texts that the simulator recombined. Dev and test are what the gate keeps; `--show` prints five of the texts that
it takes wrongly, by the default and by the cosine that takes most, and the copies that it misses.
"""

import argparse
import csv
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.builders import run_config
from synthsweep.corpus.corpus import Corpus, load_corpus
from synthsweep.curate.characteristics.embedding_store import EmbeddingStore
from synthsweep.curate.characteristics.sentence_embedder import SentenceEmbedder
from synthsweep.curate.drop import Curated, curate
from synthsweep.curate.near import lexical_pairs
from synthsweep.examples import Example, text_key
from synthsweep.run.prepare import read_pool

EXACT, CHANGED, HONEST = 200, 200, 1500
KINDS = ("exact", "1 changed", "2 changed", "3 changed", "paraphrase", "recorded", "simulator")
HONEST_KINDS = KINDS[-2:]
SHOWN = 5
COSINES = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6)
PARAPHRASES = Path(__file__).with_name("paraphrases.csv")


@dataclass(frozen=True)
class Planted:
    """Texts with their kind; `ids` name the kind and the text of the test part."""

    texts: tuple[Example, ...]

    @property
    def sizes(self) -> Counter[str]:
        return Counter(kind_of(example.id) for example in self.texts)


def kind_of(ident: str) -> str:
    return ident.partition("/")[0]


def planted(corpus: Corpus) -> Planted:
    """The 2,000 texts, shuffled."""
    rng = random.Random(1)
    test = list(corpus.split.test)
    vocabulary = sorted({word for example in corpus.split.train for word in example.text.split()})
    texts = [Example(f"exact/{one.id}", one.text) for one in rng.sample(test, EXACT)]
    for number, one in enumerate(rng.sample(test, CHANGED)):
        count = 1 + number % 3
        texts.append(Example(f"{count} changed/{one.id}", changed(one.text, count, vocabulary, rng)))
    with PARAPHRASES.open(encoding="utf-8") as file:
        texts += [Example(f"paraphrase/{row['id']}", row["text"]) for row in csv.DictReader(file)]
    texts += honest(corpus, {text_key(one.text) for one in (*corpus.split.dev, *test)}, rng)
    rng.shuffle(texts)
    return Planted(tuple(texts))


def changed(text: str, count: int, vocabulary: Sequence[str], rng: random.Random) -> str:
    """As many words exchanged, left out or put in, each at a place of its own; a new word differs in more than case."""
    words: list[list[str]] = [[word] for word in text.split()]
    for place in rng.sample(range(len(words)), min(count, len(words))):
        old = words[place][0]
        new = next(word for word in iter(lambda: rng.choice(vocabulary), "") if text_key(word) != text_key(old))
        words[place] = rng.choice([[new], [], [old, new]])
    return " ".join(word for kept in words for word in kept)


def honest(corpus: Corpus, sealed: set[str], rng: random.Random) -> list[Example]:
    """Two thirds recorded replies, one third of the simulator's; none is a text of dev or test."""
    found = []
    for kind, share, overrides in (("recorded", 1000, ["llm=recorded"]), ("simulator", 500, ["llm=simulator"])):
        texts = []
        for prompt in ("plain", "attributed") if kind == "recorded" else ("plain",):
            pool, _ = read_pool(run_config(*overrides, f"prompt={prompt}", "data=demo", "generate.n=100"), corpus)
            texts += [one.text for one in pool.examples if text_key(one.text) not in sealed]
        found += [Example(f"{kind}/{number}", text) for number, text in enumerate(rng.sample(sorted(set(texts)), share))]
    return found


def line(name: str, taken: Counter[str], sizes: Counter[str], seconds: float) -> str:
    return f"{name:<28}" + "".join(f"{taken[kind]:>6} of {sizes[kind]:<5}" for kind in KINDS) + f"{seconds:>7.1f} s"


def by_shingles(texts: Planted, evaluated: Sequence[Example]) -> None:
    """What a common rule of deduplication takes, beside the gate: the Jaccard index of shingles alone."""
    own, others = ([one.text for one in examples] for examples in (texts.texts, evaluated))
    for threshold in (0.7, 0.5, 0.3):
        begun = time.perf_counter()
        taken = Counter(kind_of(texts.texts[index].id) for index in lexical_pairs(own, others, threshold))
        print(line(f"character 5-grams at {threshold}", taken, texts.sizes, time.perf_counter() - begun))


def show(curated: Curated, evaluated: Sequence[Example]) -> None:
    """Some false alarms, each with the text that it was taken for a copy of, and all the missed copies."""
    real = {one.id: one.text for one in evaluated}
    wrong = [one for one in curated.leaks if kind_of(one.example.id) in HONEST_KINDS]
    for one in wrong[:SHOWN]:
        print(f"    taken wrongly {one.example.id}: {one.example.text}\n        {one.like}: {real[one.like]}")
    for example in curated.kept:
        if kind_of(example.id) not in {*HONEST_KINDS, "paraphrase"}:
            print(f"    missed {example.id}: {example.text}\n        {real[example.id.partition('/')[2]]}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--show", action="store_true")
    shown = parser.parse_args().show
    config = run_config("data=demo")
    corpus = load_corpus(config.labels, config.data, subset_seed=1)
    pool, evaluated = planted(corpus), (*corpus.split.dev, *corpus.split.test)
    print(
        f"{len(pool.texts)} texts, gate of {len(evaluated)}\n{'taken as copies':<28}" + "".join(f"{kind:>15}" for kind in KINDS)
    )
    by_shingles(pool, evaluated)
    embedder = SentenceEmbedder(config.characteristics.embedder, EmbeddingStore())
    for cosine in (None, *COSINES):
        settings = run_config("curation=none", *([f"curation.leak_cosine={cosine}"] if cosine else [])).curation
        begun = time.perf_counter()
        curated = curate(
            pool.texts, train=(), evaluated=evaluated, config=settings, label_ids=corpus.labels.ids, embedder=embedder
        )
        taken = Counter(kind_of(one.example.id) for one in curated.leaks)
        name = f"the gate, leak_cosine={cosine}" if cosine else "the gate as it is"
        print(line(name, taken, pool.sizes, time.perf_counter() - begun))
        if shown and cosine in {None, min(COSINES)}:
            show(curated, evaluated)


if __name__ == "__main__":
    main()
