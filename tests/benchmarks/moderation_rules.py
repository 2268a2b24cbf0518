"""How should the seed variances of criteria be moderated? Rules compared on normal scores, whose truth is 0.

    python tests/benchmarks/moderation_rules.py [--studies 2000] [--seeds 3 5 10] [--criteria 7 28]

Four spreads over the criteria: all alike (x1), standard deviations up to 4 and 15 times apart in equal steps of their logarithm
(x4, x15), and one criterion 8 times as noisy as all others (one x8). For each rule: the share of 95 % intervals that hold the
truth, over all criteria and for the noisiest; and the mean width over that by Smyth (2004), in units of each spread.
"""

import argparse
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from scipy.special import fdtrc, stdtrit
from scipy.stats import f as f_distribution

from synthsweep.compare.stats.inference.moderation import UNUSUAL, prior_of

# The prior of a study's variances by Smyth, s0^2 and d0, its variances and their degrees -> s0^2, and d0 of each criterion.
Rule = Callable[[float, float, np.ndarray, float], tuple[float, np.ndarray]]
# Winsorised shares below and above, as limma has them.
TAILS = (0.05, 0.1)
PRIORS = np.geomspace(0.3, 400, 80)
SMYTH = "Smyth 2004"


def plain(level: float, most: float, variances: np.ndarray, degrees: float) -> tuple[float, np.ndarray]:
    return level, np.zeros_like(variances)


def smyth(level: float, most: float, variances: np.ndarray, degrees: float) -> tuple[float, np.ndarray]:
    return level, np.full_like(variances, most)


def pretest(level: float, most: float, variances: np.ndarray, degrees: float) -> tuple[float, np.ndarray]:
    """A criterion in the upper 5 % keeps its own variance, all others are moderated in full."""
    return level, np.where(fdtrc(degrees, most, variances / level) < 0.05, 0.0, most)


def by_tail(unusual: float) -> Rule:
    def rule(level: float, most: float, variances: np.ndarray, degrees: float) -> tuple[float, np.ndarray]:
        return level, most * np.minimum(fdtrc(degrees, most, variances / level) / unusual, 1.0)

    return rule


def phipson(level: float, most: float, variances: np.ndarray, degrees: float) -> tuple[float, np.ndarray]:
    """Phipson et al. (2016) in outline: winsorised moments of log s^2; d0 by the tail probability over that of the rank."""
    (means, widths), count, logs = winsorised(degrees), len(variances), np.log(variances)
    kept = np.clip(logs, *np.quantile(logs, (TAILS[0], 1 - TAILS[1])))
    robust = min(float(np.interp(-kept.var(ddof=1), -widths, PRIORS)), (count - 1) * degrees)
    at = float(np.exp(kept.mean() - np.interp(robust, PRIORS, means)))
    ranks = (count - np.argsort(np.argsort(variances)) - 0.5) / count
    return at, robust * np.minimum(fdtrc(degrees, robust, variances / at) / ranks, 1.0)


@cache
def winsorised(own: float) -> np.ndarray:
    """(2, priors) means and variances of the winsorised log F."""
    nodes, weights = np.polynomial.legendre.leggauss(128)
    shares = np.clip((nodes + 1) / 2, TAILS[0], 1 - TAILS[1])
    logs = np.log(f_distribution.ppf(shares[:, None], own, PRIORS[None]))
    means = weights @ logs / 2
    return np.stack([means, weights @ (logs - means) ** 2 / 2])


RULES: Mapping[str, Rule] = {
    "plain": plain,
    SMYTH: smyth,
    "pretest": pretest,
    "Phipson 2016": phipson,
    "tail 0.15": by_tail(0.15),
    f"package ({UNUSUAL:g})": by_tail(UNUSUAL),
    "tail 0.4": by_tail(0.4),
}


def spreads(criteria: int) -> Mapping[str, np.ndarray]:
    one = np.ones(criteria)
    one[-1] = 8.0
    return {"x1": np.ones(criteria), "x4": np.geomspace(1, 4, criteria), "x15": np.geomspace(1, 15, criteria), "one x8": one}


def line(criteria: int, seeds: int, name: str, studies: int) -> str:
    sizes, rng = spreads(criteria)[name], np.random.default_rng(1)
    values = rng.normal(size=(studies, seeds, criteria)) * sizes
    means, variances, own = values.mean(axis=1), values.var(axis=1, ddof=1), seeds - 1.0
    priors = [prior_of(one, np.full(criteria, own)) for one in variances]
    found = {}
    for name_of_rule, rule in RULES.items():
        given = [rule(*prior, one, own) for prior, one in zip(priors, variances, strict=True)]
        levels, lent = np.array([[one] for one, _ in given]), np.array([degrees for _, degrees in given])
        moderated = (lent * levels + own * variances) / (lent + own)
        half = stdtrit(own + lent, 0.975) * np.sqrt(moderated / seeds)
        holds = np.abs(means) <= half
        found[name_of_rule] = (holds.mean(), holds[:, -1].mean(), (half / sizes).mean())
    cells = [f"{mean:.3f} {noisiest:.3f} {width / found[SMYTH][2]:.2f}" for mean, noisiest, width in found.values()]
    return f"{criteria:3} criteria {seeds:2} seeds {name:6} " + "".join(f"{cell:>19}" for cell in cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[3, 5, 10])
    parser.add_argument("--criteria", type=int, nargs="+", default=[7, 28])
    given = parser.parse_args()
    print(" " * 28 + "".join(f"{name:>19}" for name in RULES))
    for criteria in given.criteria:
        for seeds in given.seeds:
            for name in spreads(criteria):
                print(line(criteria, seeds, name, given.studies), flush=True)


if __name__ == "__main__":
    main()
