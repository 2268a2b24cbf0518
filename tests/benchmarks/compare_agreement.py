"""The numbers of `synthsweep compare` beside those of libraries that know nothing of it: the largest differences.

    python tests/benchmarks/compare_agreement.py

On drawn grids (300 texts, 7 criteria, 6 seeds, probabilities with ties): scores beside scikit-learn, the joint sign-flip
beside SciPy's permutation test, Holm and the false discovery rate beside statsmodels, intervals of nested texts beside
SciPy's paired t test, text variances beside SciPy's bootstrap, power beside statsmodels, rank correlations beside SciPy.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, precision_score, recall_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.grids import against, grid_of, output, texts_of
from synthsweep.compare.grid import Grid, TestSet, Texts
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.stats.associations import spearman
from synthsweep.compare.stats.effects import analyse
from synthsweep.compare.stats.inference.multiplicity import false_discovery, holm
from synthsweep.compare.stats.inference.sign_flip import sign_flip
from synthsweep.compare.stats.power import Spread, power_of
from synthsweep.compare.stats.scores.observed import score_cells

SEEDS, TEXTS, CRITERIA = 6, 300, 7
RESAMPLES = 20_000


def drawn(rng: np.random.Generator, texts: Texts = "shared") -> Grid:
    """A baseline, and an arm that ranks a little better."""
    shared = tests_of(rng)
    tests = [shared if texts == "shared" else tests_of(rng) for _ in range(SEEDS)]

    # What an arm makes of a text is the same with all seeds, or texts would have no variance of their own.
    own = {name: rng.normal(size=(TEXTS, CRITERIA)) for name in ("base", "arm")}

    def run(name: str, separation: float, test: TestSet):  # type: ignore[no-untyped-def]
        latent = own[name] + 0.5 * rng.normal(size=test.truth.shape) + separation * (test.truth - 0.5)
        return output(np.round(1 / (1 + np.exp(-latent)), 2))

    cells = {name: [run(name, value, test) for test in tests] for name, value in (("base", 1.5), ("arm", 2.0))}
    return grid_of(tests, cells, texts)


def tests_of(rng: np.random.Generator) -> TestSet:
    return texts_of((rng.random((TEXTS, CRITERIA)) < 0.2).astype(int))


def reference(truth: np.ndarray, probabilities: np.ndarray) -> list[float]:
    """One criterion's scores by scikit-learn, in the order of METRICS."""
    decided = probabilities >= 0.5
    scores = (precision_score(truth, decided), recall_score(truth, decided), f1_score(truth, decided))
    return [*scores, average_precision_score(truth, probabilities), brier_score_loss(truth, probabilities)]


def scores(grid: Grid) -> float:
    ours = score_cells(grid)
    return max(
        float(np.abs(ours[c, s, :, k] - reference(test.truth[:, k], cell.outputs[s].probabilities[:, k])).max())
        for c, cell in enumerate(grid.cells)
        for s, test in enumerate(grid.tests)
        for k in range(CRITERIA)
    )


def weighted(rng: np.random.Generator) -> float:
    """Average precision under the weights of a resample."""
    from synthsweep.compare.stats.scores.kernel import base_counts, scorer

    grid, place = drawn(rng), METRICS.index("average_precision")
    test, run = grid.tests[0], grid.cells[0].outputs[0]
    weights = rng.multinomial(TEXTS, np.full(TEXTS, 1 / TEXTS), size=50).T.astype(float)
    ours = scorer(run, test).scores(base_counts(test) @ weights, weights)[place, :CRITERIA]
    theirs = [
        [average_precision_score(test.truth[:, k], run.probabilities[:, k], sample_weight=w) for w in weights.T]
        for k in range(CRITERIA)
    ]
    return float(np.abs(ours - theirs).max())


def flips(rng: np.random.Generator) -> float:
    differences = rng.normal(0.5, 1, size=SEEDS)
    kept = {"permutation_type": "samples", "n_resamples": np.inf, "alternative": "two-sided"}
    theirs = stats.permutation_test((differences,), np.mean, **kept).pvalue
    return abs(float(sign_flip(differences[:, None], rng)[0]) - theirs)


def nested(grid: Grid) -> float:
    """Interval and p of disjoint test sets: the paired t test over seeds."""
    ours = analyse(grid, against("base", "arm"), primary="f1", rng=np.random.default_rng(1))
    table, worst = score_cells(grid), 0.0
    for effect in ours.effects:
        if effect.criterion in grid.labels and effect.interval is not None:
            m, k = METRICS.index(effect.metric), grid.labels.index(effect.criterion)
            found = stats.ttest_rel(table[1, :, m, k], table[0, :, m, k])
            interval = found.confidence_interval(0.95)
            told = (effect.interval.low, effect.interval.high, effect.p or 0.0)
            worst = max(worst, *np.abs(np.subtract(told, (interval.low, interval.high, found.pvalue))))
    return worst


def bootstrap(grid: Grid, rng: np.random.Generator) -> float:
    """Standard error of a Brier difference by new texts, averaged over seeds: the ratio to SciPy's, less 1."""
    test, k = grid.tests[0], 0
    ours = analyse(grid, against("base", "arm"), primary="f1", rng=rng)
    effect = next(e for e in ours.effects if (e.metric, e.criterion) == ("brier", grid.labels[k]))
    errors = np.array([[(run.probabilities[:, k] - test.truth[:, k]) ** 2 for run in cell.outputs] for cell in grid.cells])
    differences = errors[1] - errors[0]
    kept = {"n_resamples": RESAMPLES, "method": "percentile", "random_state": rng}
    whole = stats.bootstrap((differences.mean(axis=0),), np.mean, **kept).standard_error ** 2
    single = np.mean([stats.bootstrap((one,), np.mean, **kept).standard_error ** 2 for one in differences])
    texts = (SEEDS * whole - single) / (SEEDS - 1) * TEXTS / (TEXTS - 1)
    return abs((effect.text_variance or 0.0) / texts - 1)


def power() -> float:
    theirs = TTestPower().power(effect_size=0.8, nobs=SEEDS, alpha=0.05)
    return abs((power_of(0.8, Spread(1.0, 0.0), SEEDS) or 0.0) - theirs)


def correlation(rng: np.random.Generator) -> float:
    one, other = rng.normal(size=(2, 12))
    return abs((spearman(one, other) or 0.0) - stats.spearmanr(one, other).statistic)


def rows() -> Iterator[tuple[str, str, float]]:
    rng = np.random.default_rng(1)
    p = rng.random(35) ** 2
    yield "P, R, F1, AP, Brier of a run", "scikit-learn", scores(drawn(rng))
    yield "weighted AP", "scikit-learn", weighted(rng)
    yield "sign-flip, one hypothesis", "scipy.stats.permutation_test", max(flips(rng) for _ in range(20))
    yield "Holm", "statsmodels multipletests", float(np.abs(holm(p) - multipletests(p, method="holm")[1]).max())
    yield (
        "false discovery rate",
        "statsmodels multipletests",
        float(np.abs(false_discovery(p) - multipletests(p, method="fdr_bh")[1]).max()),
    )
    yield "interval and p, disjoint texts", "scipy.stats.ttest_rel", nested(drawn(rng, "disjoint"))
    yield f"text variance, {RESAMPLES} resamples (ratio - 1)", "scipy.stats.bootstrap", bootstrap(drawn(rng), rng)
    yield "power of a t test", "statsmodels TTestPower", power()
    yield "Spearman's correlation", "scipy.stats.spearmanr", max(correlation(rng) for _ in range(20))


def main() -> None:
    """Prints a row a number."""
    print(f"{'number':<50} {'beside':<30} {'largest difference':>18}")
    for number, beside, difference in rows():
        print(f"{number:<50} {beside:<30} {difference:>18.1e}")


if __name__ == "__main__":
    main()
