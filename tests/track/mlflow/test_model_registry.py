"""Saved classifiers in MLflow's registry of a real store: one version per run, one alias."""

from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import StudyError
from synthsweep.track.choose import registry_of
from synthsweep.track.mlflow.reader import open_reader
from synthsweep.track.reader import MODEL
from synthsweep.track.writer import RegisteredModel, RunStart, Tracker

NAME = "notes of a child, v1"


def run_with_model(tracker: Tracker, name: str) -> str:
    run_id = tracker.start(RunStart(name, {}, {"arm": "augment"}))
    folder = Path("files") / MODEL
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "MLmodel").write_text("flavors: {}\n")
    tracker.log_files(Path("files"))
    tracker.finish("FINISHED")
    return run_id


def register(run_id: str, alias: str = "champion", name: str = NAME) -> RegisteredModel:
    return registry_of(TrackingConfig()).register(name, run_id, alias, {"study": "mine"})


def client() -> MlflowClient:
    return open_reader(TrackingConfig()).client


def test_a_run_is_one_version_and_the_alias_moves_with_what_is_registered(tracker: Tracker) -> None:
    """The second time says so; another run is another version, and takes the alias; the first can take it back."""
    one, two = run_with_model(tracker, "one"), run_with_model(tracker, "two")
    found = [register(run) for run in (one, one, two, one)]

    assert [(model.version, model.new, model.before) for model in found] == [
        ("1", True, ""),
        ("1", False, "1"),
        ("2", True, "1"),
        ("1", False, "2"),
    ]
    version = client().get_model_version_by_alias(NAME, "champion")
    assert (version.run_id, version.tags, found[0].address) == (one, {"study": "mine"}, f"models:/{NAME}@champion")
    assert Path(version.source.removeprefix("file://")).name == MODEL


def test_aliases_do_not_disturb_one_another(tracker: Tracker) -> None:
    one, two = run_with_model(tracker, "one"), run_with_model(tracker, "two")
    register(one)
    register(two, "challenger")

    assert {alias: str(version) for alias, version in client().get_registered_model(NAME).aliases.items()} == {
        "champion": "1",
        "challenger": "2",
    }


def test_the_name_of_a_prompt_is_refused(tracker: Tracker) -> None:
    """MLflow keeps both under the same names."""
    one = run_with_model(tracker, "one")
    client().register_prompt("synthsweep.plain", "Write a text.")

    with pytest.raises(StudyError, match=r"^register=synthsweep\.plain: a prompt in MLflow's registry has this name"):
        register(one, name="synthsweep.plain")
