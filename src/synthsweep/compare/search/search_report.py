"""The comparison of a search: its trials, and its best trial on fresh seeds; a search has no effects."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace

from synthsweep.compare.read.background import demo, label_names, provenance
from synthsweep.compare.read.kept_config import read_config
from synthsweep.compare.read.runs import StudyRun, StudyRuns
from synthsweep.compare.report.headline.search import search_headline
from synthsweep.compare.result.comparison import Comparison
from synthsweep.compare.result.effects import ACCURACY, METRICS
from synthsweep.compare.result.search import Confirmation, SearchResult, SearchTrial
from synthsweep.compare.search.confirm import Selection, confirm, fresh_seeds
from synthsweep.compare.search.optuna_trials import read_search
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.roots import CompareConfig
from synthsweep.errors import StudyError
from synthsweep.examples import RESERVED_IDS
from synthsweep.progress import Progress, Stage
from synthsweep.storage.database import study_address
from synthsweep.study.optuna_storage import load_study, storage_errors
from synthsweep.track.choose import open_store
from synthsweep.track.reader import CONFIG, RunReader

SUPPORT = "test/support/"


def compare_search(
    config: CompareConfig, reader: RunReader, studies: StudyRuns, progress: Progress, command: str
) -> Comparison:
    """The trials of a search, its front, and, with `compare.confirm`, the best trial again on fresh seeds.

    Raises:
        StudyError: the user also asked for other studies or for effects, or the storage does not have the search.
    """
    _require_alone(config, studies)
    head = studies.heads[0]
    directions, objectives = zip(*(word.split(" ", 1) for word in head.objectives.split(", ")), strict=True)
    progress(Stage("reading the trials"))
    address = study_address(config.compare.storage, config.tracking.folder)
    with storage_errors(address):
        search = read_search(load_study(address, head.name), objectives, directions)
    best = next((trial for trial in search.trials if trial.front), None)
    runs = [run for run in studies.runs if best is not None and run.trial == best.number]
    search = replace(search, test_scores=_test_means(runs))
    if config.compare.confirm and best is not None and runs:
        progress(Stage(f"training trial {best.number} again with {config.compare.confirm} fresh seeds"))
        base = _kept_config(reader, runs[0])
        search = replace(search, confirmation=_confirmation(config, base, search, best, studies, progress))
    return _comparison(config, reader, studies, search, command)


def _require_alone(config: CompareConfig, studies: StudyRuns) -> None:
    name = studies.heads[0].name
    if len(studies.heads) > 1:
        raise StudyError(f"study={name} is a search, which is compared alone: its numbers are no effects; name one study")
    asked = next((key for key in ("baseline", "factors") if config.words(key)), None)
    if asked:
        raise StudyError(
            f"{asked} is for effects, and study={name} is a search, which has none: run what it found as a factorial study"
        )


def _test_means(runs: Sequence[StudyRun]) -> Mapping[str, float | None]:
    """The best trial's mean `METRIC/AVERAGE` on test over its replicates; None if it is undefined for one of them."""
    names = [f"{metric}/{average}" for metric in METRICS for average in ("macro", "micro")]
    # Only where each text has exactly one class.
    names += [ACCURACY] if runs and all(f"test/{ACCURACY}" in run.metrics for run in runs) else []
    values = {name: [run.metrics.get(f"test/{name}") for run in runs] for name in names}
    return {
        name: statistics.fmean(v for v in of_runs if v is not None) if of_runs and None not in of_runs else None
        for name, of_runs in values.items()
    }


def _confirmation(
    config: CompareConfig, base: RunConfig, search: SearchResult, best: SearchTrial, studies: StudyRuns, progress: Progress
) -> Confirmation:
    selected = best.values[0]
    assert selected is not None
    selection = Selection(best.number, search.objectives[0], selected)
    seeds = fresh_seeds([int(run.params["seed"]) for run in studies.runs], config.compare.confirm)
    return confirm(replace(base, tracking=config.tracking), seeds, selection, open_store(config.tracking), progress)


def _kept_config(reader: RunReader, run: StudyRun) -> RunConfig:
    path = reader.file_of(run.trained, CONFIG)
    if path is None:
        raise StudyError(f"compare.confirm: run {run.name} has no {CONFIG} among its artifacts, so it cannot be made again")
    return read_config(path)


def _comparison(config: CompareConfig, reader: RunReader, studies: StudyRuns, search: SearchResult, command: str) -> Comparison:
    first = studies.runs[0] if studies.runs else None
    scored = [name.removeprefix(SUPPORT) for name in (first.metrics if first else ()) if name.startswith(SUPPORT)]
    return Comparison(
        studies=(studies.heads[0].name,),
        design="search",
        kind="single" if first and f"test/{ACCURACY}" in first.metrics else "multi",
        labels=tuple(label for label in scored if label not in RESERVED_IDS),
        label_names=label_names(first) if first else {},
        test_texts=int(first.metrics.get("test/examples", 0)) if first else 0,
        blocks=tuple(dict.fromkeys(f"seed={run.params.get('seed', '')}" for run in studies.runs)),
        baseline="",
        primary=search.objectives[0].split("/")[1],
        primary_stated=True,
        excluded=studies.excluded,
        headline=search_headline(search),
        provenance=provenance(config, reader, studies, command),
        demo=demo(studies.runs),
        search=search,
    )
