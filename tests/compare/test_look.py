"""A look at a study, from a real store on."""

import pytest

from support.kept_studies import CONTROL, Planted, keep_run, keep_study
from synthsweep.compare.comparison import compare_studies
from synthsweep.compare.look import take_look
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.roots import CompareConfig, CompareSettings
from synthsweep.errors import StudyError
from synthsweep.progress import silent
from synthsweep.study.design.seed_rule import Look, SeedRule
from synthsweep.track.choose import existing_reader
from synthsweep.track.writer import Tracker

RULE = SeedRule("half_width", 2.0, 2, 20)
ARM = Planted({"mix.ratio": "1"}, ranking=1.0)


def look(seeds: list[int]) -> Look:
    return take_look(RULE, ["dev/f1/macro"], existing_reader(TrackingConfig()), "mine", seeds, [])


@pytest.mark.slow
def test_a_look_finds_what_a_comparison_of_these_seeds_finds(tracker: Tracker) -> None:
    """In the stated metric's macro average; seeds that are there beside them do not count."""
    keep_study(tracker, "mine", [Planted(CONTROL), ARM], [1, 2, 3], objective="maximize dev/f1/macro")
    config = CompareConfig(study="mine", compare=CompareSettings(tfidf_baseline=False))
    expected = compare_studies(config, existing_reader(TrackingConfig()), silent, "").effect("ratio=1", "f1", "macro")

    three, two = look([1, 2, 3]), look([1, 2])

    assert expected is not None
    assert expected.interval is not None
    assert (three.metric, [arm.arm for arm in three.arms]) == ("f1", ["ratio=1"])
    assert three.arms[0].half_width == pytest.approx(50 * (expected.interval.high - expected.interval.low))
    assert three.arms[0].change == pytest.approx(100 * (expected.difference or 0))
    assert two.arms[0].half_width != pytest.approx(three.arms[0].half_width)


def test_a_look_at_a_store_that_lacks_runs_is_refused(tracker: Tracker) -> None:
    """By fewer seeds than it was asked for, the rule would decide otherwise."""
    keep_study(tracker, "mine", [Planted(CONTROL), ARM], [1, 2])
    keep_run(tracker, "mine", Planted(CONTROL, params={"trial": "0"}), 3, parent="")

    with pytest.raises(StudyError, match="the tracking store lacks runs of its 3 seeds"):
        look([1, 2, 3])
