"""Prompts in the registry of a real MLflow store on SQLite."""

import json

import pytest

from synthsweep.errors import TrackingError
from synthsweep.examples import digest_of
from synthsweep.track.mlflow.prompts import EXPERIMENTS, PromptRegistry
from synthsweep.track.mlflow.tracker import LINKED_PROMPTS, MlflowTracker
from synthsweep.track.writer import PromptRecord, RunStart


def prompt(wording: str, name: str = "synthsweep.plain") -> PromptRecord:
    messages = (("system", "Be {{ persona }}."), ("user", wording))
    return PromptRecord(name, messages, digest_of(messages))


def started(tracker: MlflowTracker, record: PromptRecord | None) -> list[tuple[str, str]]:
    """The prompts that a new run is linked with."""
    run = tracker.client.get_run(tracker.start(RunStart("run", {}, {}, prompt=record)))
    tracker.finish("FINISHED")
    return [(one["name"], one["version"]) for one in json.loads(run.data.tags.get(LINKED_PROMPTS, "[]"))]


def test_a_run_names_the_version_of_its_prompt(tracker: MlflowTracker) -> None:
    """MLflow's pages read the tag; a run without an LLM has no prompt."""

    assert LINKED_PROMPTS == "mlflow.linkedPrompts"
    assert started(tracker, prompt("Write {{ n }} texts.")) == [("synthsweep.plain", "1")]
    assert started(tracker, None) == []


def test_a_wording_has_one_version(tracker: MlflowTracker) -> None:
    """A changed wording gets the next version; the first wording finds its version again, in another process too."""

    first, second = prompt("Write {{ n }} texts."), prompt("Write {{ n }} short texts.")
    versions = [started(tracker, one)[0][1] for one in (first, first, second, first)]
    elsewhere = PromptRegistry(tracker.client)

    assert versions == ["1", "1", "2", "1"]
    assert [elsewhere.version(one, "1") for one in (second, first)] == ["2", "1"]
    assert len(tracker.client.search_prompt_versions("synthsweep.plain")) == 2


def test_a_version_holds_the_chat_and_its_digest(tracker: MlflowTracker) -> None:
    """The template keeps its fields, as it was configured."""

    record = prompt("Write {{ n }} texts.\n\nNo numbers: 50 % {odd}.")
    started(tracker, record)

    kept = tracker.client.get_prompt_version("synthsweep.plain", "1")

    assert tuple((message["role"], message["content"]) for message in kept.template) == record.messages
    assert kept.tags["digest"] == record.digest


def test_prompts_of_two_names_do_not_share_versions(tracker: MlflowTracker) -> None:
    assert started(tracker, prompt("Write.")) == [("synthsweep.plain", "1")]
    assert started(tracker, prompt("Write.", "synthsweep.other")) == [("synthsweep.other", "1")]


def test_a_prompt_is_shown_below_each_experiment_that_uses_it(tracker: MlflowTracker) -> None:
    """MLflow itself adds its default experiment."""

    registry = PromptRegistry(tracker.client)
    for experiment in ("1", "2", "1"):
        registry.version(prompt("Write."), experiment)
        PromptRegistry(tracker.client).version(prompt("Write."), experiment)

    assert tracker.client.get_prompt("synthsweep.plain").tags[EXPERIMENTS] == ",0,1,2,"


def test_a_name_that_mlflow_refuses_is_one_line(tracker: MlflowTracker) -> None:
    with pytest.raises(TrackingError) as caught:
        started(tracker, prompt("Write.", "synthsweep/plain"))
    assert "\n" not in str(caught.value)
