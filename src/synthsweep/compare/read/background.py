"""The background of a report: names of labels, package versions, commands, and TF-IDF on the baseline's texts."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np

from synthsweep.compare.grid import Grid
from synthsweep.compare.read.kept_config import KeptConfigs
from synthsweep.compare.read.runs import StudyRun, StudyRuns
from synthsweep.compare.result import METRICS, StudyProvenance, TfidfBaseline
from synthsweep.compare.tfidf_baseline import tfidf_baseline
from synthsweep.config.roots import CompareConfig
from synthsweep.errors import InputError
from synthsweep.messages import without_password
from synthsweep.track.environment import COMMIT, DIRTY, VERSION, version_tags
from synthsweep.track.reader import RunReader

# Each one reads the corpus again, and three seeds are enough to see that a baseline is undertrained.
TFIDF_BASELINES = 3


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
    """Scores TF-IDF on the texts of the baseline's first runs, next to the baseline's mean macro average precision.

    `table` is the result of `score_cells`: (cells, blocks, metrics, criteria and averages).
    """
    if not config.compare.tfidf_baseline:
        return None
    place = grid.index(baseline)
    scores = table[place, :, METRICS.index("average_precision"), len(grid.labels)]
    mean = float(np.nanmean(scores)) if not np.isnan(scores).all() else None
    baselines: list[TfidfBaseline] = []
    for found in kept.each(output.run_id for output in grid.cells[place].runs[:TFIDF_BASELINES]):
        if found is None:
            return TfidfBaseline(None, mean, "the baseline's configuration is not among its artifacts")
        try:
            with quiet():
                baselines.append(tfidf_baseline(found.config, mean))
        except InputError as error:
            return TfidfBaseline(None, mean, str(error))
        if baselines[-1].tfidf_ap is None:
            return baselines[-1]
    values = [one.tfidf_ap for one in baselines if one.tfidf_ap is not None]
    return TfidfBaseline(float(np.mean(values)), mean, f"mean of {len(values)} seeds" if len(values) > 1 else "")


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
