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
