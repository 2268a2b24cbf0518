"""What a report advises."""

from dataclasses import replace

from support import answers
from synthsweep.compare.report.next_steps import next_steps
from synthsweep.compare.result.effects import Interval
from synthsweep.compare.result.supplements import TfidfBaseline

FULL = replace(answers.factorial(), tfidf_baseline=None)


def test_a_gain_is_tested_against_its_rival_and_judged_by_somebody() -> None:
    """What the study has already is not advised."""
    gain = tuple(replace(effect, difference=0.1, interval=Interval(0.05, 0.15), p_arms=0.01) for effect in FULL.effects)
    advised = next_steps(replace(FULL, effects=gain, factors={"mix": ("real_only", "augment")}))
    complete = {"mix": ("real_only", "augment", "duplicate_real"), "mix.ratio": ("1", "2")}

    assert [step.partition(":")[0] for step in advised[:1]] == ["Test the rival explanation"]
    assert [step.split()[0] for step in advised[1:]] == ["Have", "Ask"]
    assert [step.split()[0] for step in next_steps(replace(FULL, effects=gain, factors=complete))] == ["Have"]


def test_without_a_clear_effect_the_cause_of_wide_intervals_is_named() -> None:
    """More seeds where seeds vary, more test texts where those do."""
    unclear = tuple(replace(effect, interval=Interval(-0.1, 0.1), p_arms=None) for effect in FULL.effects)
    of_seeds = tuple(replace(one, seed_sd=0.2, text_sd=0.01) for one in FULL.power)
    of_texts = tuple(replace(one, seed_sd=0.001, text_sd=0.2) for one in FULL.power)
    doubled = f"replicates={2 * len(FULL.blocks)}"

    assert doubled in next_steps(replace(FULL, effects=unclear, power=of_seeds))[0]
    assert "label more test texts" in next_steps(replace(FULL, effects=unclear, power=of_texts))[0]


def test_a_baseline_below_tfidf_is_trained_longer_first() -> None:
    """Before that, no effect means anything."""
    below = TfidfBaseline(tfidf_ap=0.5, baseline_ap=0.4)

    assert next_steps(replace(FULL, tfidf_baseline=below))[0].startswith("First train the baseline longer")
    assert "First" not in next_steps(replace(FULL, tfidf_baseline=replace(below, baseline_ap=0.6)))[0]


def test_a_search_has_no_effects_to_follow() -> None:
    """Nor has a study in which nothing is defined."""
    assert next_steps(answers.search()) == next_steps(answers.undefined()) == ()
