"""A judge's verdicts on the whole pool, put right by a clinician's few."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from synthsweep.audit.stats.prediction_powered import PredictionPowered, prediction_powered_share

SEEDS = st.integers(0, 10_000)


def drawn(seed: int, texts: int = 60, pool: int = 900, accuracy: float = 0.9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth and the judge's verdict on some texts, and the judge's verdicts on the pool."""
    rng = np.random.default_rng(seed)
    truth, unread = (rng.random(count) < 0.8 for count in (texts, pool))
    judged, everywhere = (np.where(rng.random(len(true)) < accuracy, true, ~true) for true in (truth, unread))
    return truth.astype(float), judged.astype(float), everywhere.astype(float)


def bounds(found: PredictionPowered | None) -> tuple[float, float]:
    assert found is not None
    return found.low, found.high


def variance(weight: float, truth: np.ndarray, judged: np.ndarray, everywhere: np.ndarray) -> float:
    """Of rectifier and the judge's mean (Angelopoulos, Duchi and Zrnic 2023); the judge's spread is the pool's to say."""
    both, spread = float(np.cov(truth, judged, ddof=0)[0, 1]), float(np.var(everywhere))
    return (float(np.var(truth)) - 2 * weight * both + weight**2 * spread) / len(truth) + weight**2 * spread / len(everywhere)


@given(SEEDS, st.floats(0.5, 1))
def test_the_value_is_the_judges_mean_put_right(seed: int, accuracy: float) -> None:
    """By the mean difference on the texts that both have read, with the judge's weight."""
    truth, judged, everywhere = drawn(seed, accuracy=accuracy)
    found = prediction_powered_share(truth, judged, np.ones(60), everywhere)

    assert found is not None
    assert found.weight * everywhere.mean() + (truth - found.weight * judged).mean() == pytest.approx(found.value)
    assert (60, 900, pytest.approx(everywhere.mean())) == (found.texts, found.pool, found.judge)


@given(SEEDS, st.floats(0, 1), st.integers(100, 5000))
def test_the_weight_is_the_one_of_the_least_variance(seed: int, accuracy: float, pool: int) -> None:
    """Looked for on a grid over [0, 1]."""
    truth, judged, everywhere = drawn(seed, pool=pool, accuracy=accuracy)
    found = prediction_powered_share(truth, judged, np.ones(60), everywhere)
    grid = np.linspace(0, 1, 101)

    assert found is not None
    assert grid[np.argmin([variance(weight, truth, judged, everywhere) for weight in grid])] == pytest.approx(
        found.weight, abs=0.0051
    )


@given(SEEDS, st.floats(0.5, 0.99))
def test_the_interval_is_that_of_the_variance(seed: int, accuracy: float) -> None:
    """With Student's t, of the sample and two texts on which the two differ, once each way; cut off at 0 and 1."""
    truth, judged, everywhere = drawn(seed, accuracy=accuracy)
    found = prediction_powered_share(truth, judged, np.ones(60), everywhere)

    assert found is not None
    rest = np.append(truth, [1, 0]) - found.weight * np.append(judged, [0, 1])
    error = np.sqrt(np.var(rest, ddof=1) / 62 + found.weight**2 * np.var(everywhere) / 900)
    reach = t.ppf(0.975, 61) * error
    middle = rest.mean() + found.weight * everywhere.mean()
    assert [max(0, min(middle - reach, found.value)), min(1, middle + reach)] == pytest.approx([found.low, found.high])


@given(SEEDS, st.sampled_from([0.0, 1.0]))
def test_a_judge_that_says_one_thing_is_not_followed(seed: int, word: float) -> None:
    """The value is then the clinician's weighted mean, with its own interval."""
    truth, _, _ = drawn(seed)
    weights = np.random.default_rng(seed).uniform(1, 9, 60)
    found = prediction_powered_share(truth, np.full(60, word), weights, np.full(900, word))

    assert found is not None
    assert (0.0, pytest.approx(np.average(truth, weights=weights))) == (found.weight, found.value)


@given(SEEDS)
def test_a_judge_that_is_always_right_has_the_last_word(seed: int) -> None:
    """The value lies between the two means, at the judge's weight; of the same texts again both are one."""
    truth, _, everywhere = drawn(seed, texts=200, pool=50_000, accuracy=1)
    large = prediction_powered_share(truth, truth, np.ones(200), everywhere)
    same = prediction_powered_share(truth, truth, np.ones(200), truth)

    assert large is not None
    assert same is not None
    assert large.value == pytest.approx(large.weight * everywhere.mean() + (1 - large.weight) * truth.mean())
    assert large.weight > 0.4
    assert truth.mean() == pytest.approx(same.value)


def test_judge_and_clinician_of_one_mind_everywhere_give_the_judges_mean() -> None:
    """That nothing differed in twenty texts is no proof that nothing would: the interval says so."""
    ones = np.ones(20)
    found = prediction_powered_share(ones, ones, ones, np.ones(500))

    assert found is not None
    assert (found.value, found.high, found.judge) == (1.0, 1.0, pytest.approx(1))
    assert 0.8 < found.low < 0.95


@given(SEEDS, st.floats(0.1, 50))
def test_weights_are_relative(seed: int, times: float) -> None:
    """All of them doubled change nothing; a text of twice the weight pulls the value its way."""
    truth, judged, everywhere = drawn(seed)
    weights = np.random.default_rng(seed).uniform(1, 9, 60)
    one, other = (prediction_powered_share(truth, judged, by, everywhere) for by in (weights, times * weights))

    assert one is not None
    assert other is not None
    assert [one.value, one.low, one.high] == pytest.approx([other.value, other.low, other.high])


@given(SEEDS)
def test_texts_of_the_pool_stand_for_others_too(seed: int) -> None:
    """The judge's mean is weighted by what each stands for; a judge of one word is not followed then either."""
    truth, judged, everywhere = drawn(seed)
    weights = np.random.default_rng(seed).uniform(1, 9, 900)
    found = prediction_powered_share(truth, judged, np.ones(60), everywhere, weights)
    one_word = prediction_powered_share(truth, np.ones(60), np.ones(60), np.ones(900), weights)

    assert found is not None
    assert one_word is not None
    assert (pytest.approx(np.average(everywhere, weights=weights)), 0.0) == (found.judge, one_word.weight)


@given(SEEDS, st.integers(10, 40), st.floats(0, 1))
def test_everything_stays_in_range(seed: int, texts: int, accuracy: float) -> None:
    """Also for a judge that is wrong more often than right, which gets no weight below 0."""
    truth, judged, everywhere = drawn(seed, texts, 50, accuracy)
    found = prediction_powered_share(truth, judged, np.ones(texts), everywhere)

    assert found is not None
    assert 0 <= found.weight <= 1
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_fewer_than_ten_texts_say_nothing() -> None:
    ones = np.ones(9)

    assert prediction_powered_share(ones, ones, ones, np.ones(500)) is None
    assert prediction_powered_share(np.ones(10), np.ones(10), np.ones(10), np.ones(0)) is None
    assert prediction_powered_share(np.ones(10), np.ones(10), np.ones(10), np.ones(1)) is not None


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Over 2,000 drawn audits of 140 texts; and it is narrower than that of a judge who is not asked."""
    held, widths, alone = [], [], []
    for seed in range(2000):
        truth, judged, everywhere = drawn(seed, 140, 4200)
        found = prediction_powered_share(truth, judged, np.ones(140), everywhere)
        without = prediction_powered_share(truth, np.ones(140), np.ones(140), np.ones(4200))
        (low, high), (least, most) = bounds(found), bounds(without)
        held.append(low <= 0.8 <= high)
        widths.append(high - low)
        alone.append(most - least)

    assert 0.935 <= np.mean(held) <= 0.965
    assert np.mean(widths) < 0.8 * np.mean(alone)
