"""The files of runs that lie elsewhere are fetched once."""

from pathlib import Path

from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from synthsweep.track.mlflow.run_files import FetchedFiles


def test_a_file_is_fetched_once_and_goes_with_its_reader(tmp_path: Path) -> None:
    """The second question asks nobody; a missing file is none."""

    there = tmp_path / "there"
    there.mkdir()
    (there / "config.yaml").write_text("seed: 1")
    fetched = FetchedFiles()
    first = fetched.file("run", "config.yaml", get_artifact_repository(there.as_uri()))
    (there / "config.yaml").unlink()

    again = fetched.file("run", "config.yaml", get_artifact_repository(there.as_uri()))
    missing = fetched.file("run", "predictions.parquet", get_artifact_repository(there.as_uri()))

    assert first is not None
    assert (again, first.read_text(), missing) == (first, "seed: 1", None)
    assert there not in first.parents
    del fetched
    assert not first.exists()


def test_a_file_in_a_folder_of_a_run_is_fetched_alone(tmp_path: Path) -> None:
    """Its neighbours may be large."""
    there = tmp_path / "there"
    (there / "inputs").mkdir(parents=True)
    (there / "inputs" / "one").write_text("wanted")
    (there / "inputs" / "other").write_text("not wanted")
    fetched = FetchedFiles()
    repository = get_artifact_repository(there.as_uri())

    found = fetched.file("run", "inputs/one", repository)

    assert found is not None
    assert (found.read_text(), found.parent.name, [file.name for file in found.parent.iterdir()]) == (
        "wanted",
        "inputs",
        ["one"],
    )
    assert fetched.file("run", "inputs/none", repository) is None
    assert fetched.file("run", "nowhere/one", repository) is None
