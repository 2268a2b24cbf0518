"""How often does a headline claim what is not there? Simulated studies of arms that do nothing, up to their sentences.

    python tests/benchmarks/compare_headlines.py [--studies 300] [--arms 8] [--seeds 6] [--texts 300]

All arms draw from one distribution: seven criteria, average precision is primary, each arm has texts of another LLM. The share
of the studies with at least one false claim, by the sentence as it is written, and by the intervals, as it was before:

    arms      an arm "raised" or "lowered" the macro average
    parts     ranking or operating point of macro recall or precision "changed significantly" in the first arm
    criteria  a criterion "stands out"
    pools     an LLM is "significantly better"
    within    with a true change of exactly the margin: an arm is called "no change beyond" it
"""

import argparse
import time
from collections import Counter
from dataclasses import replace

import numpy as np
from scipy.special import ndtr

from synthsweep.compare.grid import Cell, Contrast, Grid, Output, TestSet
from synthsweep.compare.report.headline.arms import macro_effects
from synthsweep.compare.report.headline.study import headline
from synthsweep.compare.result.comparison import Comparison, StudyProvenance
from synthsweep.compare.stats.effects import analyse
from synthsweep.compare.stats.equivalence import with_margin
from synthsweep.compare.stats.over_arms import over_arms, over_parts
from synthsweep.compare.stats.pools import pool_contrasts, pool_pairs

LABELS = tuple("ABCDEFG")
PREVALENCE = (0.3, 0.25, 0.2, 0.2, 0.15, 0.1, 0.1)
PRIMARY, BASE = "average_precision", "real"
CLAIMS = {
    "arms": (" raised ", " lowered "),
    "parts": ("up) changed s", "down) changed s"),
    "criteria": (") stand", " more stand"),
    "pools": ("Which LLM: llm",),
}
NOWHERE = StudyProvenance((), {}, (), "", 2000, 0, "")


def grid(arms: int, seeds: int, texts: int, rng: np.random.Generator) -> Grid:
    """Texts differ in difficulty, arms in what they make of texts by chance, seeds in level and separation."""
    shape = (texts, len(LABELS))
    truth = (rng.random(shape) < PREVALENCE).astype(int)
    test = TestSet(tuple(map(str, range(texts))), truth, np.arange(texts))
    hard, levels = 0.7 * rng.normal(size=shape), 0.15 * rng.normal(size=(seeds, 2, len(LABELS)))

    def cell(name: str) -> Cell:
        own = 0.4 * rng.normal(size=shape)
        outputs = []
        for level, separation in levels + 0.1 * rng.normal(size=levels.shape):
            latent = (1.7 + separation) * truth + level + hard + own + 0.6 * rng.normal(size=shape) - 1.4
            outputs.append(Output("", ndtr(latent), np.full(len(LABELS), 0.5)))
        written = name != BASE
        return Cell(name, {"llm": name} if written else {}, tuple(outputs), {"train/synthetic": 50.0 * written})

    cells = tuple(map(cell, (BASE, *(f"llm{number}" for number in range(arms)))))
    return Grid(LABELS, tuple(map(str, range(seeds))), (test,) * seeds, cells)


def answer(made: Grid, rng: np.random.Generator) -> Comparison:
    """What `compare` makes of a grid, without reading any run."""
    arms = [Contrast(cell.name, "effect", {cell.name: 1.0, BASE: -1.0}) for cell in made.cells[1:]]
    pools = pool_contrasts(made.cells)
    found = analyse(made, [*arms, *(one.contrast for one in pools)], primary=PRIMARY, rng=rng)
    names = {one.name for one in arms}
    return Comparison(
        studies=("null",),
        design="factorial",
        labels=LABELS,
        label_names={},
        positives=made.positives,
        test_texts=len(made.tests[0].ids),
        blocks=made.blocks,
        baseline=BASE,
        partners=dict.fromkeys(names, BASE),
        primary=PRIMARY,
        primary_stated=True,
        effects=over_arms([one for one in found.effects if one.contrast in names]),
        decompositions=over_parts(found.decompositions),
        pools=pool_pairs(pools, found.effects),
        headline=(),
        provenance=NOWHERE,
    )


def claimed(study: Comparison) -> set[str]:
    """The false claims of the sentences."""
    return {name for name, words in CLAIMS.items() if any(word in line for line in headline(study) for word in words)}


def by_intervals(study: Comparison) -> set[str]:
    """What uncorrected intervals claim."""
    macro = macro_effects(replace(study, effects=tuple(replace(one, p_arms=one.p, p_family=None) for one in study.effects)))
    clear = {"arms": any(one.interval and one.interval.excludes_zero for one in macro)}
    splits = [one for one in study.decompositions if (one.contrast, one.criterion) == (macro[0].contrast, "macro")]
    parts = [interval for one in splits for interval in (one.ranking_interval, one.operating_point_interval)]
    clear["parts"] = any(one is not None and one.excludes_zero for one in parts)
    pairs = [pair.effect(PRIMARY) for pair in study.pools]
    clear["pools"] = any(one is not None and one.interval is not None and one.interval.excludes_zero for one in pairs)
    return {name for name, found in clear.items() if found}


def is_wrongly_within(study: Comparison) -> bool:
    """Shifts the first arm so that its true change is the margin, 2 points."""
    effect = next(one for one in study.effects if (one.metric, one.criterion) == (PRIMARY, "macro"))
    if effect.tost_interval is None:
        return False
    shifted = replace(effect.tost_interval, low=effect.tost_interval.low + 0.02, high=effect.tost_interval.high + 0.02)
    return bool(with_margin([replace(effect, tost_interval=shifted)], 0.02)[0].equivalent)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in {"studies": 300, "arms": 8, "seeds": 6, "texts": 300}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    options, start = parser.parse_args(), time.perf_counter()
    now: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for number in range(options.studies):
        rng = np.random.default_rng([7, number])
        study = answer(grid(options.arms, options.seeds, options.texts, rng), rng)
        now.update(claimed(study))
        now.update({"within"} if is_wrongly_within(study) else ())
        before.update(by_intervals(study))
    error = (0.05 * 0.95 / options.studies) ** 0.5
    print(f"{options.studies} studies of {options.arms} null arms; Monte-Carlo error of 0.05: {error:.3f}")
    for name in (*CLAIMS, "within"):
        print(f"{name:9} sentence {now[name] / options.studies:.3f}   by intervals {before[name] / options.studies:.3f}")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
