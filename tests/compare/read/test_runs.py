"""The runs of a study, as a real MLflow store has them."""

from pathlib import Path

import pytest

from support.kept_studies import CONTROL, Planted, keep_run, keep_study
from synthsweep.compare.read.runs import open_reader
from synthsweep.config.schema import TrackingConfig
from synthsweep.errors import StudyError, TrackingError
from synthsweep.track.writer import RunStart, Tracker

ARMS = [Planted(CONTROL), Planted({"mix.ratio": "1", "llm": "recorded"})]


def test_a_study_is_found_with_the_factors_of_its_trials(tracker: Tracker) -> None:
    """Its own run says how it was designed; runs of other studies are not its."""

    wanted = keep_study(tracker, "mine", ARMS, [1, 2])
    keep_study(tracker, "yours", ARMS[:1], [1])

    found = open_reader(TrackingConfig()).find(["mine"])

    assert wanted == [run.run_id for run in found.runs]
    assert [run.trial for run in found.runs] == [0, 0, 1, 1]
    assert [CONTROL, CONTROL, ARMS[1].assignment, ARMS[1].assignment] == [run.assignment for run in found.runs]
    assert [(head.name, head.design, head.objectives) for head in found.heads] == [
        ("mine", "factorial", "maximize dev/average_precision/macro")
    ]


def test_what_did_not_finish_is_left_out_with_its_reason(tracker: Tracker) -> None:
    """Failed, ended, still running: each says why."""

    keep_run(tracker, "mine", ARMS[0], 1)
    for status, reason in (("FAILED", "the loss is nan"), ("KILLED", ""), ("FAILED", "")):
        tracker.start(RunStart(status, {}, {"study": "mine"}))
        tracker.finish(status, reason)  # type: ignore[arg-type]
    tracker.start(RunStart("still", {}, {"study": "mine"}))

    found = open_reader(TrackingConfig()).find(["mine"])

    assert len(found.runs) == 1
    assert [(one.status, one.reason) for one in found.left] == [
        ("FAILED", "the loss is nan"), ("KILLED", "it was ended"), ("FAILED", "it failed"),
        ("RUNNING", "it is not finished yet"),
    ]  # fmt: skip


def test_single_runs_and_a_filter_add_to_a_study(tracker: Tracker) -> None:
    """A run that both find is one run; one of no multirun has no factors of a trial."""

    keep_study(tracker, "mine", ARMS[:1], [1])
    alone = keep_run(tracker, "other", ARMS[1], 1)

    found = open_reader(TrackingConfig()).find(["mine"], "tags.study != 'nothing'")

    assert (2, alone, None) == (len(found.runs), found.runs[1].run_id, found.runs[1].assignment)


def test_an_artifact_is_copied_and_a_missing_one_is_none(tracker: Tracker, tmp_path: Path) -> None:
    """The store's own file is not handed out."""

    run_id = keep_run(tracker, "mine", ARMS[0], 1)
    reader = open_reader(TrackingConfig())

    found = reader.file(run_id, "predictions.parquet", tmp_path)

    assert found is not None
    assert tmp_path in found.parents
    assert reader.file(run_id, "config.yaml", tmp_path) is None


def test_a_report_is_kept_with_the_run(tracker: Tracker, tmp_path: Path) -> None:
    """Below `report`, where MLflow's page of the run shows it."""

    run_id = keep_run(tracker, "mine", ARMS[0], 1)
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "report.html").write_text("hello")
    reader = open_reader(TrackingConfig())
    reader.keep(tmp_path / "page", [run_id])

    kept = reader.file(run_id, "report", tmp_path)

    assert kept is not None
    assert (kept / "report.html").read_text() == "hello"


@pytest.mark.parametrize(
    ("study", "said"),
    [
        ("mime", "study=mime: no run carries this name; did you mean study=mine?"),
        ("zzz", "study=zzz: no run carries this name; there are mine"),
        ('a"b', 'study=a"b: no run carries this name; there are mine'),
    ],
)
def test_an_unknown_study_names_those_that_there_are(tracker: Tracker, study: str, said: str) -> None:
    """The nearest one, or all."""

    keep_study(tracker, "mine", ARMS[:1], [1])

    with pytest.raises(StudyError) as error:
        open_reader(TrackingConfig()).find([study])

    assert said == str(error.value)


def test_without_a_store_there_is_nothing_to_compare_and_none_is_made() -> None:
    """Looking makes no file."""

    with pytest.raises(StudyError, match=r"tracking.folder=mlruns: there are no runs yet"):
        open_reader(TrackingConfig())

    assert list(Path().iterdir()) == []


def test_a_filter_that_mlflow_does_not_understand_is_told_in_one_line(tracker: Tracker) -> None:
    """With MLflow's own words."""

    keep_study(tracker, "mine", ARMS[:1], [1])

    with pytest.raises(TrackingError, match=r"tracking: MLflow at .* says: Invalid"):
        open_reader(TrackingConfig()).find([], "this is no filter")
