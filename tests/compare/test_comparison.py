"""A whole comparison, from a real store on: planted effects are found, and no others."""

from pathlib import Path

import pytest

from support.kept_studies import CONTROL, LABELS, Planted, Texts, keep_run, keep_study
from synthsweep.compare.comparison import compare_studies
from synthsweep.compare.read.runs import read_studies
from synthsweep.compare.result.comparison import Comparison
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.roots import CompareConfig, CompareSettings
from synthsweep.errors import StudyError
from synthsweep.progress import silent
from synthsweep.track.choose import existing_reader
from synthsweep.track.writer import RunStart, Tracker

SEEDS = [1, 2, 3, 4, 5, 6]
BETTER = Planted({"mix.ratio": "1", "llm": "better"}, ranking=1.0)
SHIFTED = Planted({"mix.ratio": "1", "llm": "shifted"}, shift=1.0)
SAME = Planted({"mix.ratio": "1", "llm": "same"})


def compared(study: object = "mine", **keys: object) -> Comparison:
    settings = CompareSettings(resamples=300, tfidf_baseline=False, **keys.pop("compare", {}))  # type: ignore[arg-type]
    config = CompareConfig(study=study, compare=settings, **keys)
    return compare_studies(config, existing_reader(TrackingConfig()), silent, "synthsweep compare study=mine")


def change(answer: Comparison, arm: str, metric: str) -> tuple[float, bool]:
    """A macro difference, and whether its interval excludes 0."""
    found = answer.effect(f"ratio=1 llm={arm}", metric, "macro")
    assert found is not None
    assert found.difference is not None
    assert found.interval is not None
    return found.difference, found.interval.excludes_zero


def parts(answer: Comparison, arm: str, metric: str) -> tuple[float, float]:
    found = next(
        s for s in answer.decompositions if (s.contrast, s.metric, s.criterion) == (f"ratio=1 llm={arm}", metric, "macro")
    )
    assert found.ranking is not None
    assert found.operating_point is not None
    return found.ranking, found.operating_point


@pytest.mark.slow
def test_planted_effects_are_found_and_told_apart(tracker: Tracker) -> None:
    """Better ranking raises average precision; a shift moves recall against precision and ranks nothing better."""

    keep_study(tracker, "mine", [Planted(CONTROL), BETTER, SHIFTED, SAME], SEEDS)
    answer = compared()

    assert (answer.baseline, answer.primary, answer.primary_stated) == ("ratio=0", "average_precision", True)
    better, found = change(answer, "better", "average_precision")
    assert (better > 0.05, found) == (True, True)
    ranking, operating = parts(answer, "better", "precision")
    assert ranking > abs(operating)

    shifted, found = change(answer, "shifted", "average_precision")
    assert (abs(shifted) < 0.03, found) == (True, False)
    assert (change(answer, "shifted", "recall")[0] > 0.05, change(answer, "shifted", "precision")[0] < -0.05) == (True, True)
    for metric in ("recall", "precision"):
        ranking, operating = parts(answer, "shifted", metric)
        assert abs(operating) > 4 * abs(ranking)

    assert not any(change(answer, "same", metric)[1] for metric in ("average_precision", "recall", "precision"))


@pytest.mark.slow
def test_an_answer_says_what_it_rests_on(tracker: Tracker) -> None:
    """Texts, groups, seeds, levels, labels and commands, from the runs themselves."""

    keep_study(tracker, "mine", [Planted(CONTROL), BETTER, SAME], SEEDS[:3], texts=Texts(groups=30))
    answer = compared()

    assert (answer.test_texts, answer.test_groups, answer.grouped, answer.texts) == (300, 30, True, "shared")
    assert (answer.blocks, answer.labels) == (("seed=1", "seed=2", "seed=3"), LABELS)
    assert answer.factors == {"mix.ratio": ("0", "1"), "llm": ("better", "same")}
    assert answer.positives == dict(zip(LABELS, Texts().truth().sum(axis=0).tolist(), strict=True))
    assert answer.provenance.commands == ("synthsweep run -m study=mine", "synthsweep compare study=mine")
    assert [arm.arm for arm in answer.arms] == ["ratio=0", "ratio=1 llm=better", "ratio=1 llm=same"]
    assert any("3 seeds" in warning for warning in answer.warnings)
    assert {effect.contrast for effect in answer.main_effects} == {"llm: same − better"}


@pytest.mark.slow
def test_a_learning_curve_tells_what_synthetic_texts_are_worth(tracker: Tracker) -> None:
    """Where the number of real texts varies: an arm that ranks as well as twice the real texts is worth as many more."""
    for size, ranking in ((100, 0.0), (200, 1.0), (400, 2.0)):
        for ratio, more in (("0", 0.0), ("1", 1.0)):
            planted = Planted({"mix.ratio": ratio}, ranking=ranking + more, params={"data.train_size": str(size)})
            for seed in SEEDS[:3]:
                keep_run(tracker, "mine", planted, seed, train__real=float(size))
    answer = compared()
    first = next(one for one in answer.worth if one.real == 100)

    assert len(answer.worth) == 3
    assert first.equal == pytest.approx(200, rel=0.2)
    assert first.low is not None
    assert first.high is not None
    assert (first.low > 110, first.low < 200 < first.high) == (True, True)
    assert {one.criterion for one in answer.counts} == {*LABELS, "all criteria"}


def test_what_failed_is_named_and_the_rest_is_compared(tracker: Tracker) -> None:
    """The block that lacks it is left out."""

    keep_study(tracker, "mine", [Planted(CONTROL), SAME], SEEDS[:3])
    keep_run(tracker, "mine", Planted(CONTROL), 4, parent=_trial(0))
    tracker.start(RunStart("mine 4", {"seed": "4"}, {"study": "mine", "kind": "replicate"}))
    tracker.finish("FAILED", "the loss is nan")
    answer = compared()

    assert len(answer.blocks) == 3
    assert {one.reason for one in answer.excluded} == {"the loss is nan", "block seed=4 lacks ratio=1 llm=same"}


def _trial(number: int) -> str:
    reader = existing_reader(TrackingConfig())
    return next(run.tags["mlflow.parentRunId"] for run in read_studies(reader, ["mine"]).runs if run.trial == number)


def test_two_studies_that_differ_in_more_than_the_factors_are_warned_of(tracker: Tracker) -> None:
    """The difference is named, and the studies stay apart."""

    keep_study(tracker, "a", [Planted(CONTROL), SAME], SEEDS[:2])
    keep_study(tracker, "b", [Planted({"mix.ratio": "1", "llm": "same"}, params={"training.epochs": "9"})], SEEDS[:2])
    answer = compared(["a", "b"], baseline="mix.ratio:0")

    assert answer.studies == ("a", "b")
    assert any("studies a and b differ in more than the factors" in w and "training.epochs: 3, 9" in w for w in answer.warnings)


def test_factors_average_over_the_rest(tracker: Tracker) -> None:
    """One arm where there were two."""

    keep_study(tracker, "mine", [Planted(CONTROL), BETTER, SAME], SEEDS[:2])

    assert {effect.contrast for effect in compared(factors="mix.ratio").effects} == {"ratio=1"}


def test_the_metric_and_the_baseline_can_be_chosen(tracker: Tracker) -> None:
    """A metric that was not the objective was not stated before."""

    keep_study(tracker, "mine", [Planted(CONTROL), BETTER, SAME], SEEDS[:2])
    answer = compared(baseline="llm:same", compare={"metric": "recall"})

    assert (answer.primary, answer.primary_stated, answer.baseline) == ("recall", False, "ratio=1 llm=same")
    family = {effect.metric for effect in answer.effects if effect.p_family is not None}
    assert family == {"recall"}


@pytest.mark.parametrize(
    ("arms", "seeds", "said"),
    [
        ([SAME, BETTER], SEEDS[:2], "no run is without synthetic texts"),
        ([Planted(CONTROL), SAME], SEEDS[:1], "every configuration has one run"),
        ([Planted(CONTROL)], SEEDS[:2], "nothing can be held against baseline=real_only"),
    ],
)
def test_what_cannot_be_answered_is_one_line(tracker: Tracker, arms: list[Planted], seeds: list[int], said: str) -> None:
    """With the way out, and before anything is computed."""

    keep_study(tracker, "mine", arms, seeds)

    with pytest.raises(StudyError, match=said):
        compared()


def test_a_study_in_which_everything_failed_says_why(tracker: Tracker) -> None:
    """The first failure stands for all."""

    for _ in range(2):
        tracker.start(RunStart("bad", {}, {"study": "mine", "kind": "replicate"}))
        tracker.finish("FAILED", "no memory")

    with pytest.raises(StudyError, match="none of 2 runs finished: bad is FAILED: no memory"):
        compared()


def test_runs_that_are_judged_on_other_texts_are_refused(tracker: Tracker) -> None:
    """A difference of test sets is no effect."""

    keep_study(tracker, "mine", [Planted(CONTROL)], SEEDS[:2])
    keep_study(tracker, "more", [SAME], SEEDS[:2], texts=Texts(count=200))

    with pytest.raises(StudyError, match=r"\(300 test texts\) and .* \(200\) are judged on other texts"):
        compared(["mine", "more"])


@pytest.mark.slow
def test_sources_of_variance_are_told_apart_where_several_vary(tracker: Tracker) -> None:
    """Seeds that are varied as factors are blocks, not arms."""

    arms = [
        Planted({"mix.ratio": ratio, "seeds.init": init, "seeds.draw": draw}, params={"seeds.init": init, "seeds.draw": draw})
        for ratio in ("0", "1")
        for init in "12"
        for draw in "12"
    ]
    keep_study(tracker, "mine", arms, [1])
    answer = compared()

    assert [arm.arm for arm in answer.arms] == ["ratio=0", "ratio=1"]
    assert (len(answer.blocks), {one.source for one in answer.variances}) == (4, {"seeds.init", "seeds.draw", "rest"})


def test_nothing_is_written_by_comparing(tracker: Tracker, tmp_path: Path) -> None:
    """The report is written by who asked."""

    keep_study(tracker, "mine", [Planted(CONTROL), SAME], SEEDS[:2])
    before = sorted(path for path in tmp_path.rglob("*") if "mlflow.db" not in path.name)
    compared()

    assert sorted(path for path in tmp_path.rglob("*") if "mlflow.db" not in path.name) == before


@pytest.mark.slow
def test_a_study_of_classes_is_judged_by_accuracy(tracker: Tracker) -> None:
    """Where its objective was accuracy: in the sentences, in the family over arms, and in what could have been found."""
    texts = Texts(kind="single")
    goal = "maximize dev/accuracy/micro"
    keep_study(tracker, "mine", [Planted(CONTROL), BETTER], SEEDS[:3], texts=texts, objective=goal)
    answer = compared()
    found = answer.effect("ratio=1 llm=better", "accuracy", "micro")

    assert (answer.primary, answer.primary_stated) == ("accuracy", True)
    assert found is not None
    assert found.p_arms is not None
    assert "raised accuracy by" in answer.headline[0]
    assert [row.criterion for row in answer.power] == [*LABELS, "micro"]


def test_accuracy_is_refused_where_texts_carry_several_labels(tracker: Tracker) -> None:
    """One line with the way out."""
    keep_study(tracker, "mine", [Planted(CONTROL), BETTER], SEEDS[:2])

    with pytest.raises(StudyError, match=r"compare.metric=accuracy is for labels.kind=single.*take f1"):
        compared(compare={"metric": "accuracy"})
