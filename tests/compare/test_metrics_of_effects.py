"""Every metric that may be chosen gives every section its own numbers, or none."""

from dataclasses import replace
from pathlib import Path

import pytest

from support.kept_studies import CONTROL, Planted, Texts, keep_study
from synthsweep.compare.comparison import compare_studies
from synthsweep.compare.report.records import records
from synthsweep.compare.report.sections import sections
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import average_of, averaged
from synthsweep.compare.stats.power import macro_of
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.metrics import ACCURACY, COMPARED
from synthsweep.config.roots import CompareConfig, CompareSettings
from synthsweep.progress import silent
from synthsweep.track.choose import existing_reader
from synthsweep.track.writer import Tracker

DOSES = [Planted({"mix.ratio": dose, "llm": "better"}, ranking=float(dose)) for dose in ("0.5", "1", "2")]
ARMS = [Planted(CONTROL), *DOSES, Planted({"mix.ratio": "1", "llm": "worse"}, ranking=-1.0)]


def compared(metric: str) -> Comparison:
    settings = CompareSettings(tfidf_baseline=False, metric=metric, equivalence=1.0)
    config = CompareConfig(study="mine", compare=settings)
    return compare_studies(config, existing_reader(TrackingConfig()), silent, "synthsweep compare study=mine")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["multi", "single"])
def test_each_section_speaks_of_the_chosen_metric(tracker: Tracker, kind: str) -> None:
    """Sentences, tables and CSV files alike; accuracy where each text has one class."""
    keep_study(tracker, "mine", ARMS, (1, 2, 3), texts=Texts(count=120, kind=kind))
    for metric in (*COMPARED, *[ACCURACY] * (kind == "single")):
        answer = compared(metric)
        place, power = average_of(metric), macro_of(answer.power)
        told = answer.effect("ratio=2 llm=better", metric, place)

        assert told is not None
        assert told.difference is not None
        assert averaged(metric) in answer.verdict
        assert averaged(metric) in " ".join(answer.headline)
        assert (answer.primary, power.criterion if power else "") == (metric, place)
        _require_own_numbers(answer, metric)


def _require_own_numbers(answer: Comparison, metric: str) -> None:
    """Each number of a curve, a pair of pools and a row of power is that of an effect in the metric."""
    place = average_of(metric)
    curves = [curve for curve in answer.doses if (curve.metric, curve.criterion) == (metric, place)]
    rows = records(answer)
    shown = {section.ident: section for section in sections(answer)}
    power_rows = [row.criterion for row in answer.power]

    assert curves
    for point in (point for curve in curves for point in curve.points if point.dose):
        effect = answer.effect(point.effect.contrast, metric, place)
        assert effect is not None
        assert (point.effect.difference, point.effect.interval) == (effect.difference, effect.interval)
    assert all(pair.effect(metric) is not None for pair in answer.pools)
    assert sorted(power_rows) == sorted([*answer.labels, place])
    assert {row["metric"] for row in rows["effects"]} >= {metric}
    assert {"scores", "doses", "power", "metrics", "heat"} <= set(shown)
    assert shown["doses"].pictures[0].caption.startswith(f"Change in {averaged(metric).removeprefix('macro ')}")


def test_a_rise_of_an_error_is_no_gain(tmp_path: Path) -> None:
    """A Brier score that rises asks for no audit of what was gained; the sentences say which way is better."""
    from support import answers
    from synthsweep.compare.report.headline.study import headline
    from synthsweep.compare.report.next_steps import next_steps
    from synthsweep.compare.report.verdict import verdict

    better = answers.factorial()
    first = next(one for one in better.effects if one.is_gain and (one.metric, one.criterion) == (better.primary, "macro"))
    model = answers.of_arm(better, first.contrast)
    effects = tuple(replace(one, metric="brier") for one in model.effects if one.metric == model.primary)
    worse = replace(model, primary="brier", effects=effects)

    assert any("blind sample" in step for step in next_steps(model))
    assert not any("blind sample" in step for step in next_steps(worse))
    assert "A lower Brier score is better." in verdict(worse)
    assert "A lower Brier score is better." in headline(worse)
    assert "better." not in verdict(model)
