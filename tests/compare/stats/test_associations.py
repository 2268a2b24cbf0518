"""Characteristics of pools against what the pools did."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from synthsweep.compare.grid import Cell
from synthsweep.compare.result.effects import Effect
from synthsweep.compare.result.supplements import Association
from synthsweep.compare.stats.associations import OUTCOMES, associations, interval_of, spearman

AP = "average_precision"


def cell(pool: int, ratio: str = "1", facts: Mapping[str, float] | None = None, **assignment: str) -> Cell:
    """A cell that trained on texts of one pool; two underscores stand for the dot of a key."""
    named = {key.replace("__", "."): value for key, value in assignment.items()}
    return Cell(
        f"{pool} {ratio}", {"mix.ratio": ratio, "llm": str(pool), **named}, (), {"train/synthetic": 100.0, **(facts or {})}
    )


def effect(name: str, difference: float | None, metric: str = AP) -> Effect:
    return Effect(name, metric, "macro", None, None, difference, None, 6)


def effects_of(cells: Sequence[Cell], differences: Sequence[float | None]) -> list[Effect]:
    return [effect(one.name, value, metric) for metric in OUTCOMES for one, value in zip(cells, differences, strict=True)]


def found(table: Sequence[Association], characteristic: str, outcome: str = AP) -> Association:
    (one,) = (one for one in table if (one.characteristic, one.outcome) == (characteristic, outcome))
    return one


RNG = np.random.default_rng(1)
POOLS = 12
DISTINCT, LENGTH, NOISE = RNG.normal(size=POOLS), RNG.normal(size=POOLS), RNG.integers(0, 4, size=POOLS) / 10
GAINS = 0.5 * DISTINCT + LENGTH + RNG.normal(size=POOLS)
CELLS = [
    cell(
        i,
        facts={"synthetic/distinct": d, "synthetic/length": n, "synthetic/pool": 100.0 + i},
        llm__simulator__label_noise=str(e),
    )
    for i, (d, n, e) in enumerate(zip(DISTINCT, LENGTH, NOISE, strict=True))
]
TABLE = associations(CELLS, "real", effects_of(CELLS, GAINS.tolist()))


def test_the_correlation_is_spearmans() -> None:
    """As SciPy has it, ties included; the size of a pool is no characteristic."""

    names = {"synthetic/distinct": DISTINCT, "synthetic/length": LENGTH, "llm.simulator.label_noise": NOISE}
    assert list(dict.fromkeys(one.characteristic for one in TABLE)) == [*names]
    assert len(TABLE) == 4 * len(names)
    for name, values in names.items():
        expected = stats.spearmanr(values, GAINS).statistic
        assert found(TABLE, name).correlation == pytest.approx(expected)
    assert found(TABLE, "synthetic/length").pools == 12


def test_the_partial_correlation_holds_length_and_label_noise_fixed() -> None:
    """From the inverse of the matrix of rank correlations; a confounder is not held fixed for itself."""

    ranks = np.array([stats.rankdata(values) for values in (DISTINCT, GAINS, LENGTH, NOISE)])
    inverse = np.linalg.inv(np.corrcoef(ranks))
    expected = -inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1])

    one = found(TABLE, "synthetic/distinct")

    assert one.confounders == ("synthetic/length", "llm.simulator.label_noise")
    assert one.partial == pytest.approx(expected)
    assert found(TABLE, "synthetic/length").confounders == ("llm.simulator.label_noise",)


def test_intervals_lose_a_degree_for_each_confounder() -> None:
    """Fisher's z with the standard error of Bonett and Wright, written out."""

    one = found(TABLE, "synthetic/distinct")

    for value, interval, left in ((one.correlation, one.interval, 12 - 3), (one.partial, one.partial_interval, 12 - 2 - 3)):
        assert value is not None
        assert interval is not None
        reach = 1.959964 * np.sqrt((1 + value**2 / 2) / left)
        expected = np.tanh([np.arctanh(value) - reach, np.arctanh(value) + reach])
        assert [interval.low, interval.high] == pytest.approx(expected.tolist(), abs=1e-6)


def test_the_interval_covers_the_true_rank_correlation() -> None:
    """Of two thousand sets of 15 pools from a bivariate normal distribution, 93 to 97 % (true: 6/pi * arcsin(r/2))."""

    rng, correlation = np.random.default_rng(3), 0.5
    true = 6 / np.pi * np.arcsin(correlation / 2)
    covered = []
    for _ in range(2000):
        one, other = rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], size=15).T
        value = spearman(one, other)
        assert value is not None
        interval = interval_of(value, 15)
        assert interval is not None
        covered.append(interval.low <= true <= interval.high)

    assert 0.93 <= np.mean(covered) <= 0.97


@given(values=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=20))
def test_the_rank_correlation_is_scipys_wherever_both_vary(values: list[tuple[int, int]]) -> None:
    one, other = np.array(values, dtype=float).T

    correlation = spearman(one, other)

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        assert correlation is None
    else:
        assert correlation == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-9)


def test_fewer_than_eight_pools_are_refused() -> None:
    """However many cells used them: one row for each outcome, without a number."""

    cells = [cell(i, ratio, {"synthetic/distinct": DISTINCT[i]}) for i in range(7) for ratio in ("1", "2", "3")]

    table = associations(cells, "real", effects_of(cells, RNG.normal(size=21).tolist()))

    assert [one.outcome for one in table] == list(OUTCOMES)
    assert {one.refused for one in table} == {"7 pools: fewer than eight say nothing"}
    assert {(one.pools, one.correlation, one.partial) for one in table} == {(7, None, None)}


def test_a_pool_counts_once_by_its_mean_over_the_ratios() -> None:
    """Of the ratios that every pool was used with; the baseline is no pool."""

    pairs = [cell(i, ratio, {"synthetic/distinct": DISTINCT[i]}) for i in range(8) for ratio in ("1", "2")]
    cells = [cell(99, "0", {"train/synthetic": 0.0}), *pairs, cell(0, "4", {"synthetic/distinct": DISTINCT[0]})]
    gains = RNG.normal(size=16)

    table = associations(cells, "real", effects_of(cells, [0.0, *gains.tolist(), 100.0]))

    one = found(table, "synthetic/distinct")
    assert one.pools == 8
    assert one.correlation == pytest.approx(stats.spearmanr(DISTINCT[:8], gains.reshape(8, 2).mean(axis=1)).statistic)


def test_pools_that_were_never_used_alike_are_refused() -> None:
    """Each with a ratio of its own: the ratio would pass for the characteristic."""

    cells = [cell(i, str(i + 1), {"synthetic/distinct": DISTINCT[i]}) for i in range(9)]

    table = associations(cells, "real", effects_of(cells, GAINS[:9].tolist()))

    assert {one.refused for one in table} == {
        "9 pools, of which no setting (ratio, training) was used with each: their effects do not compare"
    }


def test_what_does_not_vary_is_refused() -> None:
    """A characteristic, or an outcome, that is the same everywhere; the others have their numbers."""

    cells = [cell(i, facts={"synthetic/leaks": 3.0, "synthetic/distinct": DISTINCT[i]}) for i in range(9)]
    effects = [*effects_of(cells, GAINS[:9].tolist())[:9], *(effect(one.name, 0.0, "recall") for one in cells)]

    table = associations(cells, "real", effects)

    assert found(table, "synthetic/leaks").refused == "synthetic/leaks is the same in all pools"
    assert found(table, "synthetic/distinct", "recall").refused == "recall is the same in all pools"
    assert found(table, "synthetic/distinct", "f1").refused == "0 pools: fewer than eight say nothing"
    assert found(table, "synthetic/distinct").correlation is not None


def test_a_characteristic_that_few_pools_have_is_refused() -> None:
    """Only those of the simulator know their diversity; a reason that no text of a pool was rejected for counts 0."""

    facts = [
        {"synthetic/distinct": DISTINCT[i], **({"synthetic/rejected/too_long": 2.0 + i} if i < 3 else {})} for i in range(9)
    ]
    cells = [cell(i, facts=facts[i], **({"llm__simulator__diversity": f"{i / 10}"} if i < 5 else {})) for i in range(9)]

    table = associations(cells, "real", effects_of(cells, GAINS[:9].tolist()))

    assert (
        found(table, "llm.simulator.diversity").pools, found(table, "llm.simulator.diversity").refused
    ) == (5, "5 pools: fewer than eight say nothing")  # fmt: skip
    expected = stats.spearmanr([2, 3, 4, 0, 0, 0, 0, 0, 0], GAINS[:9]).statistic
    assert found(table, "synthetic/rejected/too_long").correlation == pytest.approx(expected)


def test_a_perfect_correlation_has_no_interval() -> None:
    """Fisher's z is infinite there; and with no unit left there is none either."""

    assert interval_of(1.0, 12) is None
    assert interval_of(0.5, 8, held=5) is None
    assert interval_of(0.5, 8, held=4) is not None


def test_a_characteristic_that_its_confounders_explain_has_no_partial_correlation() -> None:
    """Twice the length is the length."""

    cells = [cell(i, facts={"synthetic/length": LENGTH[i], "synthetic/words": 2 * LENGTH[i]}) for i in range(9)]

    one = found(associations(cells, "real", effects_of(cells, GAINS[:9].tolist())), "synthetic/words")

    assert (one.partial, one.partial_interval) == (None, None)
    assert one.correlation is not None
