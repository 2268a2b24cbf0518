"""The runs of studies in a real MLflow store: which are compared, and which are excluded."""

from pathlib import Path

import pytest

from support.kept_studies import CONTROL, Planted, keep_run, keep_study
from synthsweep.compare.read.runs import StudyRuns, read_studies
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import StudyError, TrackingError
from synthsweep.track.choose import existing_reader
from synthsweep.track.reader import FINAL_OF
from synthsweep.track.writer import RunStart, Status, Tracker

OUTCOMES: list[tuple[Status, str]] = [("FAILED", "the loss is nan"), ("KILLED", ""), ("FAILED", "")]
ARMS = [Planted(CONTROL), Planted({"mix.ratio": "1", "llm": "recorded"})]


def read(*studies: str, rule: str = "") -> StudyRuns:
    return read_studies(existing_reader(TrackingConfig()), studies, rule)


def test_a_study_is_read_with_the_factors_of_its_trials(tracker: Tracker) -> None:
    """Its own run says how it was designed; runs of other studies are not read."""

    kept = keep_study(tracker, "mine", ARMS, [1, 2])
    keep_study(tracker, "yours", ARMS[:1], [1])

    found = read("mine")

    assert [run.run_id for run in found.runs] == kept
    assert [run.trial for run in found.runs] == [0, 0, 1, 1]
    assert [run.assignment for run in found.runs] == [CONTROL, CONTROL, ARMS[1].assignment, ARMS[1].assignment]
    assert [(head.name, head.design, head.objectives) for head in found.heads] == [
        ("mine", "factorial", "maximize dev/average_precision/macro")
    ]


def test_an_unfinished_run_is_excluded_with_its_reason(tracker: Tracker) -> None:
    keep_run(tracker, "mine", ARMS[0], 1)
    for status, reason in OUTCOMES:
        tracker.start(RunStart(status, {}, {"study": "mine"}))
        tracker.finish(status, reason)
    tracker.start(RunStart("still", {}, {"study": "mine"}))

    found = read("mine")

    assert len(found.runs) == 1
    assert [(one.status, one.reason) for one in found.excluded] == [
        ("FAILED", "the loss is nan"), ("KILLED", "it was ended"), ("FAILED", "it failed"),
        ("RUNNING", "it is not finished yet"),
    ]  # fmt: skip


def test_single_runs_and_a_filter_add_to_a_study(tracker: Tracker) -> None:
    """A run that both select is read once; a run outside a multirun has no factors of a trial."""

    keep_study(tracker, "mine", ARMS[:1], [1])
    alone = keep_run(tracker, "other", ARMS[1], 1)

    found = read("mine", rule="tags.study != 'nothing'")

    assert len(found.runs) == 2
    assert (found.runs[1].run_id, found.runs[1].assignment) == (alone, None)


@pytest.mark.parametrize(
    ("study", "message"),
    [
        ("mime", "study=mime: no run carries this name; did you mean study=mine?"),
        ("zzz", "study=zzz: no run carries this name; there are mine"),
        ('a"b', 'study=a"b: no run carries this name; there are mine'),
    ],
)
def test_an_unknown_study_lists_the_known_ones(tracker: Tracker, study: str, message: str) -> None:
    """The most similar name, or all."""

    keep_study(tracker, "mine", ARMS[:1], [1])

    with pytest.raises(StudyError) as error:
        read(study)

    assert str(error.value) == message


def test_without_a_store_there_is_nothing_to_compare_and_none_is_made() -> None:
    with pytest.raises(StudyError, match=r"tracking.folder=mlruns: there are no runs yet"):
        existing_reader(TrackingConfig())

    assert list(Path().iterdir()) == []


def test_a_filter_that_mlflow_does_not_understand_is_one_line(tracker: Tracker) -> None:
    """It quotes MLflow."""

    keep_study(tracker, "mine", ARMS[:1], [1])

    with pytest.raises(TrackingError, match=r"tracking: MLflow at .* says: Invalid"):
        read(rule="this is no filter")


def test_a_run_that_was_trained_on_dev_is_excluded_with_its_reason(tracker: Tracker) -> None:
    """It is of no study, but a filter finds it, too."""
    keep_study(tracker, "mine", ARMS, [1])
    final = tracker.start(RunStart("final", {}, {"kind": "final", FINAL_OF: "0" * 32}))
    tracker.finish("FINISHED")

    found = read("mine", rule="attributes.status = 'FINISHED'")

    assert final not in {run.run_id for run in found.runs}
    assert [(run.run_id, run.reason) for run in found.excluded] == [
        (final, "it was trained on dev, too (synthsweep export final=true)")
    ]
