"""The designs of simulated studies."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Layout = Literal["arm", "eight arms", "factors", "doses"]
SEVEN = (0.3, 0.25, 0.2, 0.2, 0.15, 0.1, 0.1)


@dataclass(frozen=True)
class Design:
    """Standard deviations are of the latent score, whose threshold is `cut`; `effect` is the planted separation.

    With `positives`, each criterion has exactly so many. With `draws`, as many draws of texts cross `seeds` initialisations;
    each has half of the variance of a seed. `seed_ratio` is the seed spread of the last criterion over that of the first.
    With `test_share`, each block re-splits one corpus of `texts` texts, and `trained` of a seed's variance comes from the
    texts that it trains on.
    """

    name: str
    seeds: int
    layout: Layout = "arm"
    texts: int = 300
    prevalence: tuple[float, ...] = SEVEN
    positives: int | None = None
    group_size: int = 1
    separation: float = 1.7
    cut: float = 1.4
    difficulty: float = 0.7
    arm_text: float = 0.4
    seed_level: float = 0.15
    seed_separation: float = 0.15
    noise: float = 0.6
    effect: float = 0.6
    draws: int = 0
    seed_ratio: float = 1.0
    test_share: float = 0.0
    trained: float = 0.0

    @property
    def criteria(self) -> tuple[str, ...]:
        return tuple(f"C{place}" for place in range(len(self.prevalence)))

    @property
    def seed_factors(self) -> np.ndarray:
        """(criteria,) by which the seed spreads of the criteria differ; their geometric mean is 1."""
        half = np.sqrt(self.seed_ratio)
        return np.geomspace(1 / half, half, len(self.prevalence))

    @property
    def text_spread(self) -> float:
        return float(np.sqrt(self.difficulty**2 + self.arm_text**2 + self.noise**2))


RARE = Design("", 6, texts=400, prevalence=(0.02,) * 7, positives=8, separation=2.0, cut=2.0, effect=1.0)
SEEDS = Design("", 6, arm_text=0.0, separation=1.5, cut=1.3, seed_level=0.3, seed_separation=0.3, noise=0.5)
TEXTS = Design("", 6, arm_text=0.9, seed_level=0.05, seed_separation=0.05, noise=0.3)
MANY = tuple(np.geomspace(0.3, 0.03, 28).tolist())
NEAR_TIES = {"arm_text": 0.1, "seed_level": 0.05, "seed_separation": 0.05, "noise": 0.1, "effect": 0.3}
SPLITS = Design("", 5, texts=600, test_share=0.25)
DESIGNS = (
    Design("common, 3 seeds", 3),
    Design("common, 5 seeds", 5),
    Design("common, 10 seeds", 10),
    Design("1,500 texts, 3 seeds", 3, texts=1500),
    Design("28 labels, 3 seeds", 3, prevalence=MANY),
    Design("28 labels, 1,500 texts, 5 seeds", 5, prevalence=MANY, texts=1500),
    replace(RARE, name="8 positives, 3 seeds", seeds=3),
    replace(RARE, name="8 positives, 5 seeds", seeds=5),
    replace(RARE, name="8 positives, 10 seeds", seeds=10),
    Design("groups of five, 5 seeds", 5, texts=400, group_size=5),
    Design("groups of five, 3 seeds, 1,500 texts", 3, texts=1500, group_size=5),
    Design("near ties, 5 seeds", 5, **NEAR_TIES),
    replace(RARE, name="near ties, 8 positives, 5 seeds", seeds=5, **NEAR_TIES),
    replace(SEEDS, name="seeds dominate, 3 seeds", seeds=3),
    replace(SEEDS, name="seeds dominate, 5 seeds", seeds=5),
    replace(SEEDS, name="seeds dominate, 10 seeds", seeds=10),
    replace(TEXTS, name="texts dominate, 3 seeds", seeds=3),
    replace(TEXTS, name="texts dominate, 5 seeds", seeds=5),
    Design("seed spread x 15, 3 seeds", 3, seed_ratio=15.0),
    Design("seed spread x 15, 5 seeds", 5, seed_ratio=15.0),
    Design("3 draws x 4 inits", 4, draws=3),
    replace(SEEDS, name="3 draws x 4 inits, seeds dominate", seeds=4, draws=3),
    Design("2 x 3 factors, 5 seeds", 5, layout="factors"),
    Design("2 x 3 factors, 3 seeds", 3, layout="factors"),
    Design("four doses, 5 seeds", 5, layout="doses"),
    Design("eight arms, 5 seeds", 5, layout="eight arms"),
    Design("eight arms, 3 seeds", 3, layout="eight arms"),
    Design("few predicted, 5 seeds", 5, cut=3.2, effect=0.3),
    Design("precision undefined in some seeds", 5, cut=3.9, effect=0.3),
    Design("near the ceiling, 5 seeds", 5, separation=2.5, seed_level=0.4, seed_separation=0.4),
    replace(SPLITS, name="re-splits, texts dominate", arm_text=0.9, seed_level=0.05, seed_separation=0.05, noise=0.3),
    replace(SPLITS, name="re-splits, seeds of initialisation"),
    replace(SPLITS, name="re-splits, half of a seed is its training texts", trained=0.5),
    replace(SPLITS, name="re-splits, training texts dominate", trained=0.9, arm_text=0.0, seed_level=0.3, seed_separation=0.3),
)
