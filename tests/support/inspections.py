"""An inspection of a made-up pool, as a survey would find it."""

from dataclasses import replace

import numpy as np

from synthsweep.inspect.inspection import Curation, InspectedTexts, Inspection, Loss, Map, Outlier, Shown, Word

CRITERIA = ("A1", "A2", "B1")
NAMES = {"A1": "Social-emotional reciprocity", "A2": "Nonverbal communication", "B1": ""}
POOL = {
    "length": 14.0, "length_sd": 5.2, "distinct_2": 0.91, "compression_ratio": 2.8, "near_duplicates_lexical": 0.021,
    "near_duplicates_semantic": 0.11, "leak_share_lexical": 0.0, "leak_share_semantic": 0.0, "vendi_q1": 21.5,
    "label_cardinality": 1.0,
}  # fmt: skip


def labels(count: int, shares: tuple[float, ...], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.random((count, len(shares))) < np.array(shares)).astype(np.int64)


def texts(count: int, words: float, near: float, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    perplexity = rng.lognormal(5, 0.8, count)
    perplexity[:2] = np.nan
    return {
        "length": rng.poisson(words, count).astype(float),
        "mattr": np.clip(rng.normal(0.95, 0.03, count), 0.5, 1),
        "perplexity": perplexity,
        "nearest_real": np.clip(rng.normal(near, 0.1, count), -1, 1),
    }


def full() -> Inspection:
    """Every part of the page has something to show; the pool is shorter and less diverse than the 120 real texts."""
    rng = np.random.default_rng(1)
    real = InspectedTexts(
        labels(120, (0.4, 0.2, 0.3), 2), texts(120, 20, 0.62, 3), POOL | {"vendi_q1": 40.0}, POOL | {"vendi_q1": 38.0}
    )
    synthetic = InspectedTexts(labels(90, (0.4, 0.3, 0.0), 4), texts(90, 14, 0.55, 5), POOL, POOL)
    near = Shown("c1-03", "He lined up the cars along the rug.", ("B1",))
    strange = tuple(
        Outlier(name, value, Shown(f"s{place}", f"A strange text, number {place}.", ("A1",)), near, 0.21)
        for name, value in (("nearest_real", 0.21), ("perplexity", 2345.0))
        for place in range(3)
    )
    return Inspection(
        pool="recorded/plain",
        data="demo",
        criteria=CRITERIA,
        names=NAMES,
        real=real,
        synthetic=synthetic,
        even=90,
        curation=Curation(
            100,
            {"duplicates": 7, "leaks": 3},
            3,
            (Loss("s7", "duplicates", "s1", "He waved.", "He waved!"), Loss("s8", "leaks", "t4")),
            {"refusal": 2},
        ),
        outliers=strange,
        words=(Word("furthermore", 8.1, 40, 0), Word("approx", -5.2, 0, 33)),
        map=Map(
            rng.normal(size=(210, 2)), np.arange(210) >= 120, np.vstack([real.labels, synthetic.labels]).astype(bool), "t-SNE"
        ),
        settings=(("LLM", "recorded"), ("Seed", "1")),
        command="synthsweep inspect prompt=plain",
        following="synthsweep run prompt=plain",
        demo=True,
    )


def bare() -> Inspection:
    """Without embeddings and perplexity, with one text on either side, and nothing dropped."""
    one = InspectedTexts(
        np.zeros((1, 3), dtype=np.int64), {"length": np.array([3.0])}, {"distinct_1": 1.0}, {"distinct_1": 1.0}
    )
    return replace(full(), real=one, synthetic=one, even=1, curation=Curation(1), outliers=(), words=(), map=None, demo=False)


def unmeasured() -> Inspection:
    """With characteristics=none."""
    side = InspectedTexts(np.eye(3, dtype=np.int64))
    return replace(bare(), real=side, synthetic=side, curation=Curation(3))
