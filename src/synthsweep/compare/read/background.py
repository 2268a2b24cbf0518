"""The background of a report: names of labels, package versions, commands, and TF-IDF on the baseline's texts."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from synthsweep.compare.grid import Cell, Grid
from synthsweep.compare.read.kept_config import KeptConfigs
from synthsweep.compare.read.runs import StudyRun, StudyRuns
from synthsweep.compare.result.comparison import StudyProvenance
from synthsweep.compare.result.effects import METRICS
from synthsweep.compare.result.supplements import TfidfBaseline
from synthsweep.compare.tfidf_baseline import TfidfFits, beside_baseline
from synthsweep.config.roots import CompareConfig
from synthsweep.errors import InputError
from synthsweep.messages import first_line, without_password
from synthsweep.track.environment import COMMIT, DIRTY, VERSION, version_tags
from synthsweep.track.reader import RunReader

# TF-IDF is fitted for these many seeds at least, and for more until it has been fitted to so many labels.
FEWEST_SEEDS, MOST_DECISIONS = 3, 500_000


def label_names(run: StudyRun) -> dict[str, str]:
    """The configured name of each label id; labels without a name are missing."""
    prefix = "labels.names."
    return {key.removeprefix(prefix): value for key, value in run.params.items() if key.startswith(prefix)}


def demo(runs: Sequence[StudyRun]) -> bool:
    """Whether any run read the demo corpus, which no clinician labelled."""
    return any(run.params.get("data.kind") == "demo" for run in runs)


def provenance(config: CompareConfig, reader: RunReader, studies: StudyRuns, command: str) -> StudyProvenance:
    """What is needed to repeat the runs and this comparison; a package that changed is listed with all its versions."""
    versions: dict[str, dict[str, None]] = {}
    tags = [run.tags for run in studies.runs] or [version_tags()]
    for key, value in (item for one in tags for item in one.items() if item[0].startswith(VERSION)):
        versions.setdefault(key.removeprefix(VERSION), {})[value] = None
    commits = dict.fromkeys(_commit(one) for one in tags if COMMIT in one)
    commands = dict.fromkeys(head.command for head in studies.heads if head.command)
    return StudyProvenance(
        commands=(*commands, command),
        versions={package: ", ".join(values) for package, values in sorted(versions.items())},
        commits=tuple(commits),
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        resamples=config.compare.resamples,
        seed=config.compare.seed,
        tracking=without_password(reader.uri) if config.tracking.kind == "server" else f"{config.tracking.folder}/",
    )


def tfidf_baseline_of(
    config: CompareConfig, kept: KeptConfigs, grid: Grid, baseline: str, table: np.ndarray
) -> TfidfBaseline | None:
    """Scores TF-IDF on the texts of the baseline's runs, seed by seed, next to the baseline's macro average precision.

    `table` is the result of `score_cells`: (cells, blocks, metrics, criteria and averages).
    """
    if not config.compare.tfidf_baseline:
        return None
    place = grid.index(baseline)
    scores = table[place, :, METRICS.index("average_precision"), len(grid.labels)]
    mean = float(np.nanmean(scores)) if not np.isnan(scores).all() else None
    fits, found = TfidfFits(), {}
    try:
        with quiet():
            for number in _affordable(grid.cells[place], fits):
                config_of_run = kept.of(grid.cells[place].outputs[number].run_id)
                if config_of_run is None:
                    return TfidfBaseline(None, mean, "the baseline's configuration is not among its artifacts")
                found[number] = fits.scores_of(config_of_run.config)
        of_blocks = [found.get(number) for number in range(len(grid.blocks))]
        beside = beside_baseline(grid, grid.cells[place], of_blocks, _how_many(len(found), len(grid.cells[place].runs)))
    except InputError as error:
        return TfidfBaseline(None, mean, f"the corpus cannot be read any more: {first_line(error)}")
    return replace(beside, baseline_ap=mean) if beside.baseline_ap is None else beside


def _affordable(cell: Cell, fits: TfidfFits) -> Iterator[int]:
    """The blocks of a cell, as long as fitting TF-IDF takes seconds: a large training set per seed takes minutes."""
    for count, number in enumerate(number for number, output in enumerate(cell.outputs) if output.present):
        if count >= FEWEST_SEEDS and fits.decisions > MOST_DECISIONS:
            return
        yield number


def _how_many(seeds: int, every: int) -> str:
    if seeds < every:
        return f"mean of the first {seeds} of {every} seeds, since more would take minutes"
    return f"mean of {seeds} seeds" if seeds > 1 else ""


@contextmanager
def quiet() -> Iterator[None]:
    """Hides warnings that the runs have already logged about their corpus and configuration."""
    log = logging.getLogger("synthsweep")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _commit(tags: Mapping[str, str]) -> str:
    return f"{tags[COMMIT]}{' with changes' if tags.get(DIRTY) == 'true' else ''}"
