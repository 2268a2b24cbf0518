"""The questions that `sweeps/` asks, read from the first comment of each file."""

from dataclasses import dataclass
from pathlib import Path

from synthsweep.config.compose.choices import first_comment
from synthsweep.config.compose.folders import own, shipped


@dataclass(frozen=True)
class Question:
    """A sweep's name and what it asks; `place` is the folder that holds it."""

    name: str
    text: str
    place: Path


def questions() -> list[Question]:
    """All questions, sorted by name; as in Hydra, a sweep of the current folder hides a shipped one of the same name."""
    found: dict[str, Question] = {}
    for folder in (shipped("sweeps"), own("sweeps")):
        for file in sorted(filter(Path.is_file, folder.glob("*.yaml"))) if folder else []:
            found[file.stem] = Question(file.stem, _question(file), file.parent)
    return [found[name] for name in sorted(found)]


def _question(file: Path) -> str:
    return first_comment(file) or "(its first comment says nothing)"
