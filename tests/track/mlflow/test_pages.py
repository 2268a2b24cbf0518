"""What MLflow's pages are given: tables with chosen columns, links, a description of the experiment."""

import base64
import json
import zlib
from typing import Any

from synthsweep.track.mlflow.pages import NOTE_LENGTH, linked, view_state
from synthsweep.track.mlflow.tracker import MlflowTracker
from synthsweep.track.views import study_view, training_view
from synthsweep.track.writer import RunStart, TableView


def state(view: TableView) -> dict[str, Any]:
    """A table as MLflow's page reads it."""
    packed = view_state(view).removeprefix("deflate;")
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return found


def test_the_table_of_training_runs_shows_scores_first() -> None:
    """Macro scores, what a run was trained on, then each criterion."""

    table = state(training_view(["A1", "B1"]))

    assert table["searchFilter"] == "tags.arm != ''"
    assert table["selectedColumns"] == table["columnOrder"] == [
        "metrics.`test/average_precision/macro`", "metrics.`test/f1/macro`", "metrics.`test/precision/macro`",
        "metrics.`test/recall/macro`", "params.`mix.ratio`", "params.`llm.name`", "params.`prompt.variant`", "params.`seed`",
        "metrics.`test/average_precision/A1`", "metrics.`test/average_precision/B1`",
    ]  # fmt: skip
    assert table["columnWidths"]["metrics.`test/f1/macro`"] > table["columnWidths"]["params.`seed`"]


def test_the_table_of_a_study_begins_with_its_factors() -> None:
    table = state(study_view("it's", ["mix.ratio", "seed", "training.epochs"], ["A1"]))

    assert table["columnOrder"][:4] == [
        "params.`mix.ratio`", "params.`seed`", "params.`training.epochs`", "metrics.`test/average_precision/macro`",
    ]  # fmt: skip
    assert (table["searchFilter"], table["orderByKey"]) == ("tags.study LIKE 'it_s' and tags.arm != ''", "params.`mix.ratio`")


def test_a_table_of_many_criteria_fits_into_a_tag() -> None:
    """MLflow allows 5,000 letters."""

    assert len(view_state(training_view([f"a criterion with a long name {number}" for number in range(60)]))) < 5000


def test_links_lead_to_runs_files_and_tables() -> None:
    """A description that is too long ends with a whole line."""

    text = "[a](run:12) [b](run:12/report/my report.html) [c](view:study-x) [d](https://example.org)"

    mode = "?workflowType=machine_learning"
    assert linked(text, "7") == (
        f"[a](#/experiments/7/runs/12{mode}) [b](#/experiments/7/runs/12/artifacts/report/my%20report.html{mode}) "
        "[c](#/experiments/7/runs?workflowType=machine_learning&viewStateShareKey=study-x) [d](https://example.org)"
    )
    assert linked("[a](run:12)\n" * 1000, "7").endswith(f"/runs/12{mode})")
    assert len(linked("[a](run:12)\n" * 1000, "7")) <= NOTE_LENGTH


def test_the_first_run_describes_the_experiment_and_offers_its_table(tracker: MlflowTracker) -> None:
    """A description that somebody wrote stays; the table follows the criteria of the latest run."""

    tracker.start(RunStart("one", {}, {}, views=(training_view(["A1"]),)))
    first = tags(tracker)
    tracker.client.set_experiment_tag("1", "mlflow.note.content", "Ours")
    tracker.start(RunStart("two", {}, {}, views=(training_view(["B1"]), study_view("../a 'b'", ["mix.ratio"], []))))
    second = tags(tracker)

    assert "(#/experiments/1/runs?workflowType=machine_learning&viewStateShareKey=runs)" in first["mlflow.note.content"]
    assert first["mlflow.sharedViewState.runs"] == view_state(training_view(["A1"]))
    assert second["mlflow.note.content"] == "Ours"
    assert second["mlflow.sharedViewState.runs"] == view_state(training_view(["B1"]))
    assert "mlflow.sharedViewState.study-.2e..2e..2f.a.20..27.b.27." in second


def tags(tracker: MlflowTracker) -> dict[str, str]:
    found: dict[str, str] = tracker.client.get_experiment("1").tags
    return found
