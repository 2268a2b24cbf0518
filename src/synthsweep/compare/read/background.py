"""What stands beside the numbers: names of the labels, versions and commands, and TF-IDF on the baseline's own texts."""

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from synthsweep.compare.grid import Grid
from synthsweep.compare.read.runs import Found, Reader, StudyRun
from synthsweep.compare.result import METRICS, StudyProvenance, TfidfBaseline
from synthsweep.compare.search.confirm import read_config
from synthsweep.compare.tfidf_baseline import tfidf_baseline
from synthsweep.config.roots import CompareConfig
from synthsweep.errors import InputError, without_password
from synthsweep.track.environment import version_tags

CONFIG = "config.yaml"
VERSION = "version."
COMMIT = "mlflow.source.git.commit"
# Each reads the corpus anew; the mean of three seeds says whether a baseline is undertrained.
TFIDF_BASELINES = 3


def label_names(run: StudyRun) -> dict[str, str]:
    """Label id to what its configuration calls it; empty where it has no name."""
    prefix = "labels.names."
    return {key.removeprefix(prefix): value for key, value in run.params.items() if key.startswith(prefix)}


def demo(runs: Sequence[StudyRun]) -> bool:
    """Whether any of them read the demo corpus, which no clinician labelled."""
    return any(run.params.get("data.kind") == "demo" for run in runs)


def provenance(config: CompareConfig, reader: Reader, found: Found, command: str) -> StudyProvenance:
    """How the runs and this comparison are made again; several versions of one package stand side by side."""
    versions: dict[str, dict[str, None]] = {}
    tags = [run.tags for run in found.runs] or [version_tags()]
    for key, value in (item for one in tags for item in one.items() if item[0].startswith(VERSION)):
        versions.setdefault(key.removeprefix(VERSION), {})[value] = None
    commits = dict.fromkeys(_commit(one) for one in tags if COMMIT in one)
    commands = dict.fromkeys(head.command for head in found.heads if head.command)
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
    config: CompareConfig, reader: Reader, grid: Grid, baseline: str, table: np.ndarray
) -> TfidfBaseline | None:
    """TF-IDF on the texts of the baseline's first runs, beside the baseline's mean macro average precision.

    `table` is `score_cells`' (cells, blocks, metrics, criteria and averages).
    """
    if not config.compare.tfidf_baseline:
        return None
    place = grid.index(baseline)
    scores = table[place, :, METRICS.index("average_precision"), len(grid.labels)]
    mean = float(np.nanmean(scores)) if not np.isnan(scores).all() else None
    found: list[TfidfBaseline] = []
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
        for output in grid.cells[place].outputs[:TFIDF_BASELINES]:
            path = reader.file(output.run_id, CONFIG, Path(name))
            if path is None:
                return TfidfBaseline(None, mean, "the baseline's configuration is not among its artifacts")
            try:
                with _quiet():
                    found.append(tfidf_baseline(read_config(path), mean))
            except InputError as error:
                return TfidfBaseline(None, mean, str(error))
            if found[-1].tfidf_ap is None:
                return found[-1]
    values = [one.tfidf_ap for one in found if one.tfidf_ap is not None]
    return TfidfBaseline(float(np.mean(values)), mean, f"mean of {len(values)} seeds" if len(values) > 1 else "")


@contextmanager
def _quiet() -> Iterator[None]:
    # What the corpus has to say was said by the runs.
    log = logging.getLogger("synthsweep")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _commit(tags: Mapping[str, str]) -> str:
    return f"{tags[COMMIT]}{' with changes' if tags.get('git.dirty') == 'true' else ''}"
