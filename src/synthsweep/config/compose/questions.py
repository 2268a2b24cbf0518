"""The questions that `sweeps/` asks, read from the first comment of each file."""

from dataclasses import dataclass
from pathlib import Path

from synthsweep.config.compose.choices import choice_files, first_comment


@dataclass(frozen=True)
class Question:
    """A sweep's name and what it asks; `place` is the folder that holds it."""

    name: str
    text: str
    place: Path


def questions() -> list[Question]:
    """All questions, sorted by name; as in Hydra, a sweep of the current folder hides a shipped one of the same name."""
    files = choice_files("sweeps")
    return [Question(name, _question(files[name]), files[name].parent) for name in sorted(files)]


def _question(file: Path) -> str:
    return first_comment(file) or "(its first comment says nothing)"
