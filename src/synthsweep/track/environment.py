"""Where and from what code a run was made: tags that say how to make it again."""

import hashlib
import platform
import subprocess
from importlib import metadata
from pathlib import Path

PACKAGES = ("synthsweep", "torch", "transformers", "datasets", "scikit-learn", "mlflow", "optuna", "hydra-core")


def version_tags() -> dict[str, str]:
    """`version.torch` and the like, and Python's."""
    tags = {"version.python": platform.python_version()}
    for package in PACKAGES:
        try:
            tags[f"version.{package}"] = metadata.version(package)
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
    tags = {"mlflow.source.git.commit": commit, "git.dirty": str(bool(difference)).lower()}
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
