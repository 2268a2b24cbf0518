"""Finished studies: their runs, their effects, and what a comparison says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthsweep.api.frames import frame_of, level, metric_columns
from synthsweep.api.session import Folder, Overrides, composed, list_of_words, words_of_call
from synthsweep.config.commands import assign
from synthsweep.config.compose.grammar import word
from synthsweep.errors import StudyError

if TYPE_CHECKING:
    from pandas import DataFrame

    from synthsweep.compare.read.runs import StudyRuns
    from synthsweep.compare.result.comparison import Comparison
    from synthsweep.config.roots import CompareConfig

IDENTITY = ("run_id", "name", "study", "status", "reason", "trial", "seed", "reused_from")


@dataclass(frozen=True, eq=False)
class StudyAnswer:
    """What a study says; a notebook shows it as sentences and tables. Nothing is written before `write_report`."""

    comparison: "Comparison"
    config: "CompareConfig"

    @property
    def headline(self) -> tuple[str, ...]:
        """The sentences at the top of the report."""
        return self.comparison.headline

    @property
    def warnings(self) -> tuple[str, ...]:
        """What weakens the answer."""
        return self.comparison.warnings

    @property
    def effects(self) -> "DataFrame":
        """`tables["effects"]`: one row per arm, metric and criterion, with its change and 95 % interval in points.

        Raises:
            StudyError: the study is a search, which has no effects.
        """
        if "effects" not in self.tables:
            studies = " and ".join(self.comparison.studies)
            raise StudyError(f'study={studies} is a search, which has no effects: tables["trials"] has its trials')
        return self.tables["effects"]

    @cached_property
    def tables(self) -> Mapping[str, "DataFrame"]:
        """The CSV files of the report, by name: the same rows, columns and digits."""
        from synthsweep.compare.report.records import columns_of, records

        return {name: frame_of(rows, columns_of(rows)) for name, rows in records(self.comparison).items()}

    def write_report(self) -> Path:
        """Writes the page, its pictures and tables, as `synthsweep compare` does; returns the page."""
        from synthsweep.cli.compare import keep_report
        from synthsweep.display.screen import Screen

        with Screen() as screen:
            return keep_report(self.config, self.comparison, screen).page

    def __repr__(self) -> str:
        return "\n".join(self.headline)

    def _repr_html_(self) -> str:
        from synthsweep.compare.report.tables.effects import effects as by_criterion
        from synthsweep.compare.report.tables.effects import summary
        from synthsweep.pages.page import DEMO_NOTE, rendered

        shown = self.comparison
        values = {
            "headline": shown.headline,
            "summary": summary(shown) if shown.effects else None,
            "criteria": by_criterion(shown, shown.primary) if shown.effects else None,
            "warnings": [*shown.warnings, *([DEMO_NOTE] if shown.demo else [])],
        }
        return rendered("api", "answer.html.j2", values)


def compare(study: str | Sequence[str], *, overrides: Overrides = (), folder: Folder | None = None) -> StudyAnswer:
    """Compares the arms of one or several studies with their baseline, as `synthsweep compare study=NAME` does.

    Raises:
        StudyError: there is no such study, or nothing in it can be compared.
        TrackingError: the store does not answer.
    """
    from synthsweep.display.screen import Screen

    with composed("compare", _words(study, overrides, folder)) as node, Screen() as screen:
        from synthsweep.cli.compare import compute
        from synthsweep.config.compose.register import frozen
        from synthsweep.config.roots import CompareConfig

        config = frozen(node, CompareConfig)
        return StudyAnswer(compute(config, screen), config)


def effects(study: str | Sequence[str], *, overrides: Overrides = (), folder: Folder | None = None) -> "DataFrame":
    """The effects of `compare`: one row per arm, metric and criterion.

    `baseline` and `arm` are scores; `change_points`, `low_points` and `high_points` are the change and its 95 % interval.

    Raises:
        StudyError: there is no such study, it is a search, or nothing in it can be compared.
        TrackingError: the store does not answer.
    """
    return compare(study, overrides=overrides, folder=folder).effects


def runs(study: str | Sequence[str], *, overrides: Overrides = (), folder: Folder | None = None) -> "DataFrame":
    """Every run of one or several studies: one row each, with what the study varied and each metric as MLflow has it.

    A run that failed or did not finish has its `reason`, and no score. `reused_from` is the id of the run that was trained, if
    this one took its result.

    Raises:
        StudyError: there is no such study.
        TrackingError: the store does not answer.
    """
    with composed("compare", _words(study, overrides, folder)) as node:
        from synthsweep.compare.read.runs import read_studies
        from synthsweep.config.compose.register import frozen
        from synthsweep.config.roots import CompareConfig
        from synthsweep.track.choose import existing_reader

        config = frozen(node, CompareConfig)
        reader = existing_reader(config.tracking)
        found = {name: read_studies(reader, [name]) for name in config.words("study")}
        selected = read_studies(reader, (), config.compare.filter) if config.compare.filter else None
        return _runs_frame({**found, **({"": selected} if selected else {})})


def _words(study: str | Sequence[str], overrides: Overrides, folder: Folder | None) -> list[str]:
    studies = list_of_words("study", study, "'mine'")
    named = assign("study", study) if isinstance(study, str) else f"study=[{','.join(map(word, studies))}]"
    return [named, *words_of_call(overrides, folder)]


def _runs_frame(studies: "Mapping[str, StudyRuns]") -> "DataFrame":
    """The runs of studies by name; those that a filter adds come last, without a name."""
    from synthsweep.compare.read.assemble import added_texts
    from synthsweep.compare.read.cells import Described, assignments
    from synthsweep.track.reader import REUSED_FROM

    finished = list({run.run_id: run for found in studies.values() for run in found.runs}.values())
    factors = assignments([Described(run.study, run.params, run.assignment, added_texts(run.metrics)) for run in finished])
    rows: list[dict[str, Any]] = [
        {
            "run_id": run.run_id,
            "name": run.name,
            "study": run.study,
            "status": "FINISHED",
            "trial": run.trial,
            "seed": level(run.params["seed"]) if "seed" in run.params else None,
            "reused_from": run.tags.get(REUSED_FROM),
            **{name: level(value) for name, value in varied.items()},
            **run.metrics,
        }
        for run, varied in zip(finished, factors, strict=True)
    ]
    left_out = {
        run.run_id: {**vars(run), "study": name} for name, found in reversed([*studies.items()]) for run in found.excluded
    }
    rows += left_out.values()
    varied_keys = [name for one in factors for name in one if name not in IDENTITY]
    metrics = metric_columns(name for run in finished for name in run.metrics)
    return frame_of(rows, [*IDENTITY, *dict.fromkeys(varied_keys), *metrics])
