"""Variance shares beside statsmodels' analysis of variance."""

from itertools import product

import numpy as np
import pandas
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from synthsweep.compare.result.supplements import VarianceShare
from synthsweep.compare.stats.variance import variance_shares


def crossed(*sizes: int, replicates: int = 1) -> dict[str, list[str]]:
    """Factors a, b, ... with these levels, each combination as often as there are replicates."""
    rows = list(product(*(range(size) for size in sizes))) * replicates
    return {name: [f"{name}{row[place]}" for row in rows] for place, name in enumerate("abc"[: len(sizes)])}


def shares(values: np.ndarray, levels: dict[str, list[str]]) -> dict[str, VarianceShare]:
    return {share.source: share for share in variance_shares(values, levels, metric="f1", criterion="A")}


def test_two_crossed_factors_are_those_of_the_mean_squares() -> None:
    """E[MS a] = rest + n/levels x variance of a, with statsmodels' mean squares."""

    rng, levels = np.random.default_rng(0), crossed(4, 5, replicates=2)
    effects = {name: dict(zip(sorted(set(found)), rng.normal(0, 2, 5), strict=False)) for name, found in levels.items()}
    values = rng.normal(size=40) + [effects["a"][a] + effects["b"][b] for a, b in zip(levels["a"], levels["b"], strict=True)]
    table = anova_lm(ols("values ~ C(a) + C(b)", pandas.DataFrame(levels | {"values": values})).fit())
    mean_squares = table["mean_sq"]

    found = shares(values, levels)

    rest = mean_squares["Residual"]
    expected = {"a": (mean_squares["C(a)"] - rest) / 10, "b": (mean_squares["C(b)"] - rest) / 8, "rest": rest}
    assert {source: share.variance for source, share in found.items()} == pytest.approx(expected)
    assert {source: share.levels for source, share in found.items()} == {"a": 4, "b": 5, "rest": 32}
    assert sum(share.share or 0 for share in found.values()) == pytest.approx(1)


def test_a_worked_example() -> None:
    """Means of a 1 and 5 (MS 16), of b 2 and 4 (MS 4), and a rest of 0: by hand."""

    found = shares(np.array([0.0, 2.0, 4.0, 6.0]), crossed(2, 2))

    assert pytest.approx({source: share.variance for source, share in found.items()}) == {"a": 8.0, "b": 2.0, "rest": 0.0}
    assert found["a"].share == pytest.approx(0.8)


def test_three_factors_recover_what_was_put_in() -> None:
    """Mean shares of 300 layouts of six levels each, with variances 4, 1, 0 and 1."""

    rng, levels = np.random.default_rng(1), crossed(6, 6, 6)
    places = {name: np.unique(found, return_inverse=True)[1] for name, found in levels.items()}
    spreads = {"a": 2.0, "b": 1.0, "c": 0.0}

    def once() -> list[float]:
        values = rng.normal(size=216) + sum(spreads[name] * rng.normal(size=6)[places[name]] for name in "abc")
        return [share.variance for share in shares(values, levels).values()]

    np.testing.assert_allclose(np.mean([once() for _ in range(300)], axis=0), [4, 1, 0, 1], atol=0.45)


def test_a_negative_estimate_is_zero() -> None:
    """Levels that agree better than chance would let them."""

    found = shares(np.array([0.0, 1.0, 1.0, 0.0]), crossed(2, 2))

    assert (found["a"].variance, found["b"].variance, found["rest"].share) == (0.0, 0.0, 1.0)


def test_a_score_that_never_varies_has_no_shares() -> None:
    """Its variances are 0, and what part of 0 they are is undefined."""

    assert [share.share for share in shares(np.full(4, 0.5), crossed(2, 2)).values()] == [None] * 3


def test_a_factor_with_one_level_is_left_out() -> None:
    """It varies nothing."""

    assert set(shares(np.arange(4.0), crossed(2, 2) | {"seed": ["1"] * 4})) == {"a", "b", "rest"}


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        ([0.1, 0.2, 0.3], {"a": ["0", "0", "1"], "b": ["0", "1", "0"]}),
        ([0.1, 0.2, 0.3], {"a": ["0", "0", "1"]}),
        ([0.1, 0.2, 0.3], {"a": ["0", "1", "2"], "b": ["0", "1", "2"]}),
        ([0.1, 0.2, 0.3], {"a": ["0", "1", "2"]}),
        ([0.1, 0.2, np.nan, 0.4], crossed(2, 2)),
        ([0.1, 0.2], {"a": ["0", "0"]}),
    ],
    ids=["a combination missing", "unequal counts", "one follows the other", "nothing left", "undefined", "nothing varied"],
)
def test_what_cannot_be_taken_apart_is_refused(values: list[float], levels: dict[str, list[str]]) -> None:
    """No number rather than a wrong one."""

    assert variance_shares(np.array(values), levels, metric="f1", criterion="A") == ()
