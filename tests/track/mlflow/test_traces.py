"""Feedback in a real MLflow store, read back as its pages read it."""

from mlflow.tracing.client import TracingClient

from synthsweep.track.mlflow.tracker import MlflowTracker
from synthsweep.track.writer import Feedback, JudgedExample, RunStart

JUDGED = (
    JudgedExample(
        "audit default",
        {"example": "synthetic/1", "criterion": "A1"},
        {"labels": ["A1"], "llm": "gpt-4"},
        (
            Feedback("Ann", {"verdict": "right", "seen": ["A1", "B2"]}, "two at once"),
            Feedback("Bo", {"verdict": "wrong", "seen": []}),
        ),
    ),
    JudgedExample("audit default", {"example": "synthetic/2", "criterion": "A2"}, {}, ()),
)


def test_each_example_is_a_trace_of_the_run_with_an_assessment_per_rater_and_name(tracker: MlflowTracker) -> None:
    """They are found by their run."""

    tracker.start(RunStart("audit default", {}, {}))
    tracker.log_feedback(JUDGED)
    experiment = tracker.client.get_run(tracker.run_id).info.experiment_id

    traces = TracingClient(tracker.uri).search_traces(locations=[experiment], run_id=tracker.run_id)

    first, second = sorted(traces, key=lambda trace: str(trace.data.spans[0].inputs))
    assert (first.data.spans[0].inputs, first.data.spans[0].outputs) == (JUDGED[0].shown, JUDGED[0].claimed)
    assert first.info.tags["mlflow.traceName"] == "audit default"
    given = {
        (one.source.source_type, one.source.source_id, one.name): (one.value, one.rationale) for one in first.info.assessments
    }
    assert given == {
        ("HUMAN", "Ann", "verdict"): ("right", "two at once"),
        ("HUMAN", "Ann", "seen"): (["A1", "B2"], "two at once"),
        ("HUMAN", "Bo", "verdict"): ("wrong", None),
        ("HUMAN", "Bo", "seen"): ([], None),
    }
    assert second.info.assessments == []
