"""When a study has seeds enough."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from synthsweep.compare.result.effects import MACRO, Effect, Interval
from synthsweep.compare.stats.power import Spread, detectable
from synthsweep.compare.stats.seed_growth import look_at
from synthsweep.study.design.seed_rule import Look, SeedRule

AP = "average_precision"
WIDTH, DETECT = SeedRule("half_width", 2.0, 3, 20), SeedRule("detect", 3.0, 3, 20)


def effect(seeds: int, *, arm: str = "arm", change: float = 0.0, seed_sd: float = 2.0, text_sd: float = 0.5) -> Effect:
    """A change with these spreads, in points, and the interval and p value that go with them."""
    seed, text = seed_sd / 100 / math.sqrt(seeds), text_sd / 100
    half = math.hypot(stats.t.ppf(0.975, seeds - 1) * seed, stats.norm.ppf(0.975) * text)
    p = 2 * stats.t.sf(abs(change / 100) / math.hypot(seed, text), seeds - 1)
    interval = Interval(change / 100 - half, change / 100 + half)
    return Effect(arm, AP, MACRO, None, None, change / 100, interval, seeds, p=p, seed_variance=seed**2, text_variance=text**2)


def unknown(seeds: int, arm: str = "arm") -> Effect:
    return Effect(arm, AP, MACRO, None, None, None, None, seeds, undefined=seeds)


def course(rule: SeedRule, spreads: dict[str, float], arms: Sequence[str] = ("arm",), change: float = 0.0) -> list[Look]:
    """All looks at a study whose spreads are as they are estimated."""
    looks: list[Look] = []
    while not looks or not looks[-1].stops:
        seeds = looks[-1].following if looks else rule.least
        looks.append(look_at(rule, AP, [effect(seeds, arm=arm, change=change, **spreads) for arm in arms], seeds, looks))
    return looks


def test_seeds_are_added_until_two_looks_agree_that_the_interval_is_narrow_enough() -> None:
    """At each look, what the rule looks at is half the width of the interval."""

    looks = course(WIDTH, {"seed_sd": 1.5, "text_sd": 0.8})

    last = looks[-1]
    assert (last.reason, last.following) == ("reached", last.seeds)
    assert [look.arms[0].reached for look in looks] == [look.arms[0].half_width for look in looks]
    assert [(look.arms[0].half_width or 9) <= 2 for look in looks[-3:]] == [False, True, True]
    assert all(later.seeds == look.following for look, later in pairwise(looks))


def test_three_looks_must_agree_where_seeds_make_most_of_the_width() -> None:
    """A small spread of few seeds may be chance, which the texts' part is not."""

    looks = course(WIDTH, {"seed_sd": 1.5, "text_sd": 0.1})

    assert sum((look.arms[0].half_width or 9) <= 2 for look in looks) == 3


def test_a_study_stops_where_the_texts_alone_are_too_uncertain() -> None:
    """But not before more seeds would hardly narrow the interval."""

    last = course(WIDTH, {"seed_sd": 2.0, "text_sd": 1.5})[-1]

    arm = last.arms[0]
    assert last.reason == "texts"
    assert last.seeds < WIDTH.most
    assert arm.texts == pytest.approx(1.96 * 1.5, abs=0.01)
    assert (arm.at_most or 0) >= 0.9 * (arm.half_width or 0)


def test_a_study_stops_with_the_most_seeds() -> None:
    """Or before, where those that are left would hardly help."""

    most = course(SeedRule("half_width", 2.0, 3, 6), {"seed_sd": 9.0, "text_sd": 0.1})[-1]
    futile = course(WIDTH, {"seed_sd": 9.0, "text_sd": 0.1})[-1]

    assert (most.reason, most.seeds) == ("most", 6)
    assert (futile.reason, futile.seeds) == ("futile", 18)


def test_the_least_known_arm_decides_for_all() -> None:
    """All arms have the same seeds."""
    seeds = {"a": 0.5, "b": 9.0}

    look = look_at(WIDTH, AP, [effect(3, arm=arm, seed_sd=sd) for arm, sd in seeds.items()], 3, [])

    assert (look.reason, look.following) == ("", 5)
    assert [(arm.reached or 9) <= 2 for arm in look.arms] == [True, False]


def test_arms_without_an_interval_do_not_run_on_for_ever() -> None:
    """Beside a known arm they are not waited for; alone they end the study at the second look."""

    first = look_at(WIDTH, AP, [unknown(3)], 3, [])
    second = look_at(WIDTH, AP, [unknown(5)], 5, [first])
    beside = course(WIDTH, {"seed_sd": 0.5, "text_sd": 0.5})
    both = look_at(WIDTH, AP, [effect(5, seed_sd=0.5), unknown(5, "other")], 5, [beside[0]])

    assert (first.reason, first.following, second.reason) == ("", 5, "unknown")
    assert both.reason == "reached"


def test_a_change_that_is_plain_ends_a_study_early() -> None:
    """By a p value far below 5 %."""

    looks = course(DETECT, {"seed_sd": 3.0, "text_sd": 0.3}, change=12.0)

    arm = looks[-1].arms[0]
    assert (looks[-1].reason, arm.decided) == ("decided", "changed")
    assert looks[-1].seeds < DETECT.most
    assert (arm.p or 1) <= arm.level < 0.05


def test_without_a_change_a_study_ends_when_the_wanted_one_would_hardly_be_found() -> None:
    """That is no finding."""

    looks = course(DETECT, {"seed_sd": 3.0, "text_sd": 0.3})

    assert (looks[-1].reason, looks[-1].arms[0].decided) == ("decided", "small")
    assert len(looks) > 1


def test_what_would_be_found_is_what_compare_power_says() -> None:

    arm = look_at(DETECT, AP, [effect(6, change=1.0)], 6, []).arms[0]

    expected = 100 * (detectable(Spread(0.02, 0.005), 6) or 0)
    assert arm.reached == pytest.approx(expected, rel=1e-4)


def test_an_arm_that_was_found_stays_found() -> None:
    """The level of that look is spent, whatever later seeds say."""
    changes = {"a": 60, "b": 1}
    first = look_at(DETECT, AP, [effect(12, arm=arm, change=change) for arm, change in changes.items()], 12, [])

    second = look_at(DETECT, AP, [effect(14, arm=arm, change=1, seed_sd=9.0) for arm in changes], 14, [first])

    assert [arm.decided for arm in first.arms] == ["changed", ""]
    assert second.arms[0].decided == "changed"


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    rule=st.sampled_from([WIDTH, DETECT]),
    seed_sd=st.floats(0.0, 20.0),
    text_sd=st.floats(0.0, 5.0),
    change=st.floats(-20.0, 20.0),
    arms=st.integers(1, 2),
)
def test_every_study_stops(rule: SeedRule, seed_sd: float, text_sd: float, change: float, arms: int) -> None:
    """With at most as many seeds as may be, by looks with ever more seeds; each look comes back as it was kept."""
    spreads = {"seed_sd": max(seed_sd, 1e-3), "text_sd": text_sd}

    looks = course(rule, spreads, ["a", "b"][:arms], change)

    seeds = [look.seeds for look in looks]
    assert seeds == sorted(set(seeds))
    assert seeds[-1] <= rule.most
    assert [look.stops for look in looks] == [*([False] * (len(looks) - 1)), True]
