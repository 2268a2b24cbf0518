"""The versions and the code that made a run, as tags, so that it can be made again."""

import hashlib
import platform
import subprocess
from importlib import metadata
from pathlib import Path

PACKAGES = ("synthsweep", "torch", "transformers", "datasets", "scikit-learn", "mlflow", "optuna", "hydra-core")
VERSION = "version."
# MLflow's own tag.
COMMIT = "mlflow.source.git.commit"
DIRTY = "git.dirty"


def version_tags() -> dict[str, str]:
    """`version.torch` and the like, and Python's."""
    tags = {f"{VERSION}python": platform.python_version()}
    for package in PACKAGES:
        try:
            tags[f"{VERSION}{package}"] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return tags


def git_tags(folder: Path) -> dict[str, str]:
    """The commit of the folder, whether tracked files differ from it, and the digest of that difference.

    Empty where there is no git or no commit.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return {}
    difference = _git(folder, "diff", "HEAD", "--no-ext-diff", "--binary") or ""
    tags = {COMMIT: commit, DIRTY: str(bool(difference)).lower()}
    if difference:
        tags["git.diff_digest"] = hashlib.sha256(difference.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return tags


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            capture_output=True,
            check=True,
            timeout=10,
            encoding="utf-8",
            errors="surrogateescape",
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
