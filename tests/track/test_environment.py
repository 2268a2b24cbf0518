"""Tags that say which code made a run."""

import platform
import subprocess
from importlib import metadata
from pathlib import Path

from synthsweep.track.environment import git_tags, version_tags


def repository(folder: Path) -> str:
    """A repository with one commit; returns the commit."""
    for words in (
        ["init", "-q"],
        ["config", "user.email", "a@example.org"],
        ["config", "user.name", "A"],
        ["add", "."],
        ["commit", "-qm", "one"],
    ):
        if words[0] == "add":
            (folder / "file.txt").write_text("first\n")
        subprocess.run(["git", *words], cwd=folder, check=True)
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_a_clean_checkout_has_its_commit_and_no_difference(tmp_path: Path) -> None:
    commit = repository(tmp_path)

    assert git_tags(tmp_path) == {"mlflow.source.git.commit": commit, "git.dirty": "false"}


def test_the_digest_of_a_difference_changes_with_the_difference(tmp_path: Path) -> None:
    """Two states of a dirty checkout can be distinguished."""

    repository(tmp_path)
    (tmp_path / "file.txt").write_text("second\n")
    second = git_tags(tmp_path)
    (tmp_path / "file.txt").write_text("third\n")
    third = git_tags(tmp_path)

    assert (second["git.dirty"], third["git.dirty"]) == ("true", "true")
    assert second["git.diff_digest"] != third["git.diff_digest"]


def test_a_folder_without_git_has_no_tags(tmp_path: Path) -> None:
    """A run outside a repository is not an error."""

    assert git_tags(tmp_path) == {}


def test_versions_name_python_and_the_libraries_that_make_numbers() -> None:
    tags = version_tags()

    assert tags["version.python"] == platform.python_version()
    assert tags["version.torch"] == metadata.version("torch")
