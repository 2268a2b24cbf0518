"""The groups of a verb and their choices, read from the files of conf/ and sweeps/ without Hydra."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from synthsweep.config.compose.folders import own, shipped
from synthsweep.config.verbs import Verb

# A sentence ends before a word with a capital letter.
SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
# `llm@judge` takes the choices of `llm`.
PACKAGE = "@"


@dataclass(frozen=True)
class GroupChoice:
    """A choice of a group; `meaning` is the first sentence of its file's first comment."""

    name: str
    meaning: str


@dataclass(frozen=True)
class GroupEntry:
    """A group as the command line names it (`llm`, `llm@judge`), the choice that is taken without one, and all choices."""

    name: str
    default: str | None
    choices: tuple[GroupChoice, ...]


def describe_groups(verb: Verb, folders: Sequence[Path] = ()) -> tuple[GroupEntry, ...]:
    """The groups in the defaults list of a verb; `folders` hold choices beside those of conf/."""
    # Completion asks for choices alone, and must be quick.
    import yaml

    file = next(place / f"{verb.name}.yaml" for place in _places("conf", folders) if (place / f"{verb.name}.yaml").is_file())
    listed = yaml.safe_load(file.read_text(encoding="utf-8"))["defaults"]
    pairs = [pair for entry in listed if isinstance(entry, dict) for pair in entry.items()]
    # `override hydra/...` and `optional local` are no choices of the experiment.
    return tuple(
        GroupEntry(name, default, choices_of(name, folders))
        for name, default in pairs
        if " " not in name and name not in verb.idle and f"{name}.kind" not in verb.idle
    )


def choices_of(group: str, folders: Sequence[Path] = ()) -> tuple[GroupChoice, ...]:
    """All choices of a group, sorted by name."""
    files = choice_files(group, folders)
    return tuple(GroupChoice(name, SENTENCE_END.split(first_comment(files[name]))[0].rstrip(".")) for name in sorted(files))


def choice_files(group: str, folders: Sequence[Path] = ()) -> dict[str, Path]:
    """The file of each choice of a group, `folder/name` for one in a folder of its own.

    As in Hydra, a file of the current folder hides a shipped one of the same name.
    """
    name = group.partition(PACKAGE)[0]
    holders = _places("sweeps", ()) if name == "sweeps" else [place / name for place in _places("conf", folders)]
    files = ((holder, file) for holder in reversed(holders) for file in holder.rglob("*.yaml") if file.is_file())
    return {file.relative_to(holder).with_suffix("").as_posix(): file for holder, file in files}


def first_comment(file: Path) -> str:
    """The comment at the top of a YAML file, on one line, and empty if there is none; mistakes of the file do not matter."""
    lines: list[str] = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# @package"):
            lines.append(line.removeprefix("#").strip())
    return " ".join(lines)


def _places(name: str, folders: Sequence[Path]) -> list[Path]:
    """Folders with the choices, the one that hides the others first."""
    return [place for place in (own(name), *folders, shipped(name)) if place]
