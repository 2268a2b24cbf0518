"""What a comparison was asked: its studies, and what is not as it is by default; each question has its own report."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from synthsweep.config.roots import CompareConfig, CompareSettings
from synthsweep.config.rules import Acts, is_alias
from synthsweep.config.spelling import number_text, spelled
from synthsweep.messages import without_password
from synthsweep.pages.folder_name import folder_name, own_folder

# The report of the usual question in the run of its study, and the folder of those of all other questions.
USUAL, OTHERS = "report", "reports"


@dataclass(frozen=True)
class ReportQuestion:
    """`differs` maps keys to what they were set to, as `baseline` to `prompt=plain`; empty for the usual question."""

    studies: tuple[str, ...]
    differs: Mapping[str, str]

    @property
    def text(self) -> str:
        """`baseline prompt=plain, threshold 0.5`; empty for the usual question."""
        return ", ".join(f"{key} {value}" for key, value in self.differs.items())

    def folder(self, reports: Path) -> Path:
        """`STUDY` below the folder of all reports; for another question than the usual one, a folder below that."""
        study = own_folder(reports, *self.studies)
        return own_folder(study, *self._parts()) if self.differs else study

    @property
    def artifact_path(self) -> str:
        """Where a study's run in MLflow has this report."""
        if len(self.studies) == 1 and not self.differs:
            return USUAL
        own = [folder_name(*self.studies)] if len(self.studies) != 1 else []
        return "/".join([OTHERS, *own, *([folder_name(*self._parts())] if self.differs else [])])

    def _parts(self) -> Iterator[str]:
        return (f"{key}-{value}" for key, value in self.differs.items())


def question_of(config: CompareConfig) -> ReportQuestion:
    """The question of a configuration; two ways of writing the same one are the same question."""
    return ReportQuestion(tuple(dict.fromkeys(config.words("study"))), {**_words(config), **_settings(config.compare)})


def _words(config: CompareConfig) -> dict[str, str]:
    """The levels of the baseline as `KEY=LEVEL`, and the factors."""
    found = {"baseline": map(_level, config.words("baseline")), "factors": config.words("factors")}
    return {name: _joined(sorted(words)) for name, words in found.items() if config.words(name)}


def _joined(words: Sequence[str]) -> str:
    plain = not any("," in word or word.count("=") > 1 for word in words)
    return ",".join(words) if plain else json.dumps(words, ensure_ascii=False)


def _level(word: str) -> str:
    key, mark, value = word.partition("=") if ":" not in word.partition("=")[0] else word.partition(":")
    return f"{key}={spelled(key, value)}" if mark else word


def _settings(settings: CompareSettings) -> dict[str, str]:
    usual = CompareSettings()
    asking = [item.name for item in fields(settings) if not is_alias(item) and item.metadata.get("acts") != Acts.NEVER]
    given = {name: getattr(settings, name) for name in asking}
    return {name: _text(value) for name, value in given.items() if value != getattr(usual, name) and value not in ("", None)}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return number_text(value) if isinstance(value, (int, float)) else without_password(str(value))
