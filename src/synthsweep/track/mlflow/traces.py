"""People's feedback in MLflow: a trace per example, which its pages show below the run, with assessments per rater."""

import json
import secrets
import time
from collections.abc import Sequence
from typing import Any

import mlflow.entities as entities
from mlflow.entities.assessment import Assessment
from mlflow.tracing.client import TracingClient

from synthsweep.track.writer import Feedback, JudgedExample

# MLflow's own tags, by which its pages find the run and the name of a trace.
RUN, NAME = "mlflow.sourceRun", "mlflow.traceName"


def write_traces(uri: str, experiment: str, run_id: str, examples: Sequence[JudgedExample]) -> None:
    """Writes a trace for each example.

    Raises:
        MlflowException: the store rejects them.
    """
    # MLflow's fluent calls would write to the default store and wait for a background thread.
    client = TracingClient(uri)
    numbers = [secrets.token_hex(16) for _ in examples]
    for number, example in zip(numbers, examples, strict=True):
        client.start_trace(_trace(number, experiment, run_id, example))
    client.log_spans(experiment, [_span(number, example) for number, example in zip(numbers, examples, strict=True)])
    for number, example in zip(numbers, examples, strict=True):
        for feedback in example.feedback:
            for assessment in _assessments(feedback):
                client.log_assessment(f"tr-{number}", assessment)


def _trace(number: str, experiment: str, run_id: str, example: JudgedExample) -> entities.TraceInfo:
    return entities.TraceInfo(
        trace_id=f"tr-{number}",
        trace_location=entities.TraceLocation.from_experiment_id(experiment),
        request_time=int(time.time() * 1000),
        execution_duration=0,
        state=entities.TraceState.OK,
        request_preview=_json(example.shown),
        response_preview=_json(example.claimed),
        trace_metadata={RUN: run_id},
        tags={NAME: example.name},
    )


def _span(number: str, example: JudgedExample) -> entities.Span:
    now = time.time_ns()
    attributes = {
        "mlflow.traceRequestId": f"tr-{number}",
        "mlflow.spanType": "UNKNOWN",
        "mlflow.spanInputs": dict(example.shown),
        "mlflow.spanOutputs": dict(example.claimed),
    }
    return entities.Span.from_dict(
        {
            "name": example.name,
            "trace_id": f"tr-{number}",
            "span_id": secrets.token_hex(8),
            "parent_span_id": None,
            "start_time_unix_nano": now,
            "end_time_unix_nano": now,
            "status": {"code": "OK"},
            "events": [],
            "attributes": {name: _json(value) for name, value in attributes.items()},
        }
    )


def _assessments(feedback: Feedback) -> list[Assessment]:
    source = entities.AssessmentSource(entities.AssessmentSourceType.HUMAN, feedback.rater)
    return [
        entities.Feedback(name=name, value=value, source=source, rationale=feedback.note or None)
        for name, value in feedback.values.items()
    ]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
