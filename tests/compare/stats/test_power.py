"""What a design can find."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from synthsweep.compare.grid import Grid, TestSet
from synthsweep.compare.result.effects import Effect
from synthsweep.compare.stats.power import (
    Spread,
    assumed_spreads,
    detectable,
    detectable_of,
    pilot_spreads,
    power_of,
    power_of_study,
    power_table,
    seeds_needed,
    text_sd_from_positives,
)

AP = "average_precision"


@pytest.mark.parametrize(("seeds", "effect", "comparisons"), [(3, 0.05, 1), (6, 0.03, 1), (6, 0.05, 28), (40, 0.01, 4)])
def test_with_seeds_alone_power_is_that_of_a_paired_t_test(seeds: int, effect: float, comparisons: int) -> None:
    """SciPy's noncentral t distribution, written out by hand."""

    bound = stats.t.ppf(1 - 0.05 / comparisons / 2, seeds - 1)
    shift = effect / (0.03 / math.sqrt(seeds))
    expected = stats.nct.sf(bound, seeds - 1, shift) + stats.nct.cdf(-bound, seeds - 1, shift)

    assert power_of(effect, Spread(0.03, 0.0), seeds, comparisons=comparisons) == pytest.approx(expected, abs=1e-9)


def test_with_texts_alone_power_is_that_of_a_normal_test() -> None:
    """Where their deviation is known without error."""

    expected = stats.norm.sf(1.959964 - 2) + stats.norm.cdf(-1.959964 - 2)

    assert power_of(0.02, Spread(0.0, 0.01), 6) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("spread", "seeds"),
    [
        (Spread(0.03, 0.0), 4),
        (Spread(0.03, 0.01, 30.0), 6),
        (Spread(0.02, 0.02, 20.0), 6),
        (Spread(0.03, 0.01, 10.0), 3),
        (Spread(0.02, 0.02, 60.0, seed_degrees=5.0), 3),
    ],
)
def test_the_claimed_power_is_how_often_an_interval_excludes_zero(spread: Spread, seeds: int) -> None:
    """Of a hundred thousand studies with normal differences and chi-squared variances, each weighed by its own t."""

    rng, studies, effect = np.random.default_rng(1), 100_000, 0.05
    degrees = np.array([spread.seed_degrees * (seeds - 1), spread.draws - 1 if math.isfinite(spread.draws) else 1e5])
    variances = np.array([spread.seed_sd**2 / seeds, spread.text_sd**2])
    estimated = variances * rng.chisquare(degrees, size=(studies, 2)) / degrees
    half = np.sqrt(estimated @ stats.t.ppf(0.975, degrees) ** 2)
    found = np.abs(rng.normal(effect, math.sqrt(variances.sum()), size=studies)) > half

    assert power_of(effect, spread, seeds) == pytest.approx(found.mean(), abs=0.005)


def test_with_no_effect_the_chance_is_at_most_the_level() -> None:
    """At Bonferroni's level of the family; exactly so where one variance is alone."""

    both, seeds = Spread(0.03, 0.02, 30.0), Spread(0.03, 0.0)

    for comparisons in (1, 28):
        assert 0 < (power_of(0.0, both, 6, comparisons=comparisons) or 0) < 0.05 / comparisons
        assert pytest.approx(power_of(0.0, seeds, 6, comparisons=comparisons)) == 0.05 / comparisons


def test_criteria_that_share_their_spread_find_more_with_few_seeds() -> None:
    """Seven criteria know the seeds' variance together; the macro average has its own alone."""

    found = assumed_spreads(dict.fromkeys("ABCDEFG", 6000), seed_sd=0.03)

    assert (found["A"].seed_degrees, found["macro"].seed_degrees) == (7.0, 1.0)
    assert detectable(found["A"], 3) < 0.7 * detectable(Spread(0.03, found["A"].text_sd, 6000.0), 3)  # type: ignore[operator]


@given(
    seed_sd=st.floats(0.005, 0.05), text_sd=st.floats(0, 0.05), draws=st.integers(10, 500), seeds=st.integers(3, 40),
    comparisons=st.integers(1, 30),
)  # fmt: skip
def test_the_detectable_difference_has_the_stated_power(
    seed_sd: float, text_sd: float, draws: int, seeds: int, comparisons: int
) -> None:
    """Where there is one below 1; where there is none, a difference of 1 has less."""

    spread = Spread(seed_sd, text_sd, float(draws))

    found = detectable(spread, seeds, comparisons=comparisons)

    whole = power_of(1.0, spread, seeds, comparisons=comparisons)
    if found is None:
        assert whole is not None
        assert whole < 0.8
    else:
        assert power_of(found, spread, seeds, comparisons=comparisons) == pytest.approx(0.8, abs=1e-3)


def test_more_seeds_more_texts_and_a_smaller_family_find_smaller_differences() -> None:
    """Each of the three by itself."""

    def least(seeds: int = 6, text_sd: float = 0.02, comparisons: int = 7) -> float:
        return detectable(Spread(0.03, text_sd, 50.0), seeds, comparisons=comparisons) or math.inf

    assert least(seeds=12) < least() < least(seeds=4)
    assert least(text_sd=0.01) < least() < least(comparisons=28)


@pytest.mark.parametrize("spread", [Spread(0.03, 0.0), Spread(0.0, 0.0), Spread(0.03, 0.01, 1.0)])
def test_where_the_error_cannot_be_estimated_nothing_is_said(spread: Spread) -> None:
    """One seed, no spread at all, one text with a positive."""

    seeds = 6 if spread.draws == 1 or not spread.seed_sd else 1

    assert (power_of(0.05, spread, seeds), detectable(spread, seeds)) == (None, None)


def test_the_seeds_needed_are_the_fewest_that_suffice() -> None:
    """One fewer has less power than wanted; a count from a textbook for a standardised difference of a half: 34 pairs."""

    spread = Spread(0.03, 0.01, 100.0)

    found = seeds_needed(0.04, spread)

    assert found is not None
    assert (power_of(0.04, spread, found) or 0) >= 0.8 > (power_of(0.04, spread, found - 1) or 0)
    assert seeds_needed(0.5, Spread(1.0, 0.0)) == 34


def test_where_the_texts_alone_forbid_it_no_number_of_seeds_is_enough() -> None:
    """A difference of one deviation of the texts, or less."""

    assert seeds_needed(0.02, Spread(0.001, 0.02)) is None
    assert seeds_needed(0.02, Spread(5.0, 0.0)) is None


def test_the_texts_deviation_is_that_of_two_recalls_on_the_same_positives() -> None:
    """A simulation of correlated hits: each classifier finds 0.7 of 40 positives, correlated by 0.6."""

    rng, draws, positives = np.random.default_rng(2), 40_000, 40
    common = rng.random((draws, positives)) < 0.6
    shared = rng.random((draws, positives)) < 0.7
    one, other = (np.where(common, shared, rng.random((draws, positives)) < 0.7).mean(axis=1) for _ in range(2))

    assert text_sd_from_positives(positives) == pytest.approx(float(np.std(one - other)), rel=0.02)
    assert text_sd_from_positives(0) is None


def test_assumptions_give_a_row_for_each_criterion_with_positives_and_for_their_mean() -> None:
    """Of independent criteria, the mean's variance is the mean of variances over their number."""

    found = assumed_spreads({"A": 50, "B": 20, "C": 0}, seed_sd=0.03)

    a, b = found["A"].text_sd, found["B"].text_sd
    assert list(found) == ["A", "B", "macro"]
    assert (a, found["A"].draws, found["A"].seed_sd) == (text_sd_from_positives(50), 50.0, 0.03)
    assert found["macro"].text_sd == pytest.approx(math.sqrt((a**2 + b**2) / 4))
    assert found["A"].basis == "assumed: seeds 3 points, 0.7 of positives found, agreement 0.6"
    assert assumed_spreads({"C": 0}, seed_sd=0.03) == {}


def effect(criterion: str, seed_variance: float | None, text_variance: float | None, **more: Any) -> Effect:
    given: dict[str, Any] = {"contrast": "arm", "metric": AP, "pairs": 6, **more}
    return Effect(
        criterion=criterion, baseline=None, arm=None, difference=0.0, interval=None,
        seed_variance=seed_variance, text_variance=text_variance, **given,
    )  # fmt: skip


def test_a_pilots_spreads_are_means_over_arms_scaled_to_the_new_texts() -> None:
    """Variance between seeds is pairs times the mean's; twice the positives halve the texts' variance."""

    effects = [
        effect("A", 0.0001, 0.0004),
        effect("A", 0.0003, 0.0002, contrast="other"),
        effect("A", 9.0, 9.0, metric="recall"),
        effect("A", None, None, contrast="undefined"),
        effect("B", 0.0001, 0.0001),
    ]

    found = pilot_spreads(effects, AP, {"A": 20, "B": 10}, {"A": 40, "B": 0})

    assert list(found) == ["A"]
    assert (pytest.approx(found["A"].seed_sd ** 2), pytest.approx(found["A"].text_sd ** 2)) == (0.0012, 0.00015)
    assert found["A"].draws == 40
    assert pytest.approx(pilot_spreads(effects, AP, {"A": 20, "B": 10})["A"].text_sd ** 2) == 0.0003


def test_a_pilots_macro_average_goes_with_the_mean_of_one_over_the_positives() -> None:
    """Twice the positives in every criterion halve its texts' variance; a criterion that is rare in both changes it least."""

    effects = [effect("macro", 0.0001, 0.0004)]

    doubled = pilot_spreads(effects, AP, {"A": 20, "B": 10}, {"A": 40, "B": 20})
    common = pilot_spreads(effects, AP, {"A": 1000, "B": 10}, {"A": 2000, "B": 10})

    assert pytest.approx(doubled["macro"].text_sd ** 2) == 0.0002
    assert pytest.approx(common["macro"].text_sd ** 2, rel=0.01) == 0.0004


def test_a_table_tests_criteria_in_their_family_and_the_average_alone() -> None:
    """The row of a criterion at Bonferroni's level; wanted differences with the seeds that they take."""

    spread = Spread(0.03, 0.01, 50.0, "as assumed")

    rows = power_table({"A": spread, "macro": spread}, {"A": 50, "B": 20}, 6, comparisons=28, wanted=0.05, power=0.9)

    a, macro = rows
    assert (
        a.detectable,
        macro.detectable,
    ) == (detectable(spread, 6, comparisons=28, power=0.9), detectable(spread, 6, power=0.9))
    needed = (seeds_needed(0.05, spread, comparisons=28, power=0.9), seeds_needed(0.05, spread, power=0.9))
    assert (a.seeds_needed, macro.seeds_needed) == needed
    assert (
        a.criterion, a.positives, a.seeds, a.seed_sd, a.text_sd, a.wanted, a.basis
    ) == ("A", 50, 6, 0.03, 0.01, 0.05, "as assumed")  # fmt: skip
    assert (macro.criterion, macro.positives) == ("macro", 70)


def grid(texts: Any = "shared") -> Grid:
    truth = np.zeros((60, 2), dtype=int)
    truth[:30, 0], truth[20:40, 1] = 1, 1
    test = TestSet(tuple(map(str, range(60))), truth, np.arange(60))
    return Grid(("A", "B"), tuple(map(str, range(6))), (test,) * 6, (), texts)


def test_a_finished_study_is_judged_by_its_own_variances() -> None:
    """With the positives on test as draws, and the family as it was tested."""

    effects = [
        effect("A", 0.0001, 0.0004, p_family=1.0),
        effect("B", 0.0002, 0.0001, p_family=1.0),
        effect("macro", 0.0001, 0.0001),
    ]

    a, b, macro = power_of_study(effects, grid(), AP)

    expected = detectable(Spread(math.sqrt(0.0006), math.sqrt(0.0004), 30.0), 6, comparisons=2)
    assert (a.positives, b.positives, macro.positives) == (30, 20, 50)
    assert a.detectable == pytest.approx(expected)
    assert macro.detectable is not None
    assert b.detectable is not None


def test_with_texts_of_their_own_seeds_and_texts_are_one_spread() -> None:
    """Degrees of freedom are those of the seeds."""

    (row,) = power_of_study([effect("A", 0.0001, 0.0002)], grid("overlapping"), AP)

    assert row.detectable == pytest.approx(detectable(Spread(math.sqrt(0.0018), 0.0), 6))


@pytest.mark.parametrize("texts", ["shared", "overlapping"])
def test_of_a_single_arm_its_own_size_is_that_of_the_table(texts: str) -> None:
    """With one spread and one level there is one number; of several arms, the table has a size between theirs."""

    one, other = effect("macro", 0.0001, 0.0004, p=0.5), effect("macro", 0.0003, 0.0004, p=0.5, contrast="other")
    (alone,) = power_of_study([one], grid(texts), AP)
    (both,) = power_of_study([one, other], grid(texts), AP)
    own = [detectable_of(each, both, comparisons=2) for each in (one, other)]

    assert detectable_of(one, alone) == pytest.approx(alone.detectable)
    assert (own[0] or 1) < (both.detectable or 0) < (own[1] or 0)


def test_accuracy_is_of_all_texts() -> None:
    """Each is a positive of one class; more of them make the spread of the texts smaller, as of any share."""

    positives, more = {"A": 30, "B": 70}, {"A": 60, "B": 140}
    assumed = assumed_spreads(positives, seed_sd=0.02, metric="accuracy")
    effects = [effect("micro", 0.0001, 0.0004, metric="accuracy"), effect("A", 0.0001, 0.0004, metric="accuracy")]
    pilot = pilot_spreads(effects, "accuracy", positives, more)

    assert set(assumed) == {"A", "B", "micro"}
    assert (assumed["micro"].text_sd, assumed["micro"].draws) == (text_sd_from_positives(100), 100)
    assert (pilot["micro"].text_sd, pilot["micro"].draws) == (pytest.approx(math.sqrt(0.0002)), 200)
    assert pilot["micro"].basis == "spreads of the pilot's accuracy"


def test_the_stated_power_is_that_of_the_table() -> None:
    """Four times in five by default; what else is asked for, in words and in size."""

    spreads = {"macro": Spread(0.03, 0.01, 50.0)}
    usual, higher = (power_table(spreads, {}, 6, comparisons=1, power=power)[0] for power in (0.8, 0.9))

    assert (usual.chance, higher.chance) == ("four times in five", "90 times in 100")
    assert (usual.detectable or 1) < (higher.detectable or 0)
