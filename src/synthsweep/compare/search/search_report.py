"""The answer of a search: what it found, what that is worth on fresh seeds, and no effects."""

import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from synthsweep.compare.read.background import CONFIG, demo, label_names, provenance
from synthsweep.compare.read.runs import Found, Reader, StudyRun
from synthsweep.compare.report.headline import search_headline
from synthsweep.compare.result import METRICS, Comparison, Confirmation, SearchResult, SearchTrial
from synthsweep.compare.search.confirm import confirm, fresh_seeds, read_config
from synthsweep.compare.search.optuna_trials import search_answer
from synthsweep.config.roots import CompareConfig
from synthsweep.errors import StudyError
from synthsweep.progress import Advance, Progress, Stage
from synthsweep.storage.database import absolute_address
from synthsweep.study.optuna_storage import load_study, storage_errors
from synthsweep.track.choose import tracker_of

OPTUNA = "optuna.db"
THRESHOLD = "test/threshold/"


def answer_search(config: CompareConfig, reader: Reader, found: Found, progress: Progress, command: str) -> Comparison:
    """The trials of a search, its best ones, and, if asked for, the best one again on fresh seeds.

    Raises:
        StudyError: it stands beside other studies, effects are asked of it, or its storage does not know it.
    """
    _require_alone(config, found)
    head = found.heads[0]
    ways, names = zip(*(word.split() for word in head.objectives.split(", ")), strict=True)
    progress(Stage("reading the trials"))
    address = absolute_address(config.compare.storage or f"sqlite:///{config.tracking.folder}/{OPTUNA}")
    with storage_errors(address):
        search = search_answer(load_study(address, head.name), names, ways)
    best = next((trial for trial in search.trials if trial.front), None)
    runs = [run for run in found.runs if best is not None and run.trial == best.number]
    search = replace(search, test_scores=_test_means(runs))
    if config.compare.confirm and best is not None and runs:
        progress(Stage(f"training trial {best.number} again with {config.compare.confirm} fresh seeds"))
        search = replace(search, confirmation=_confirmed(config, reader, search, best, runs, found, progress))
    return _answer(config, reader, found, search, command)


def _require_alone(config: CompareConfig, found: Found) -> None:
    name = found.heads[0].name
    if len(found.heads) > 1:
        raise StudyError(f"study={name} is a search, which is compared alone: its numbers are no effects; name one study")
    asked = next((key for key in ("baseline", "factors") if config.words(key)), None)
    if asked:
        raise StudyError(
            f"{asked} is for effects, and study={name} is a search, which has none: run what it found as a factorial study"
        )


def _test_means(runs: Sequence[StudyRun]) -> Mapping[str, float | None]:
    """`METRIC/AVERAGE` on test of the best trial, over its replicates; a metric that is undefined in one of them is None."""
    names = [f"{metric}/{average}" for metric in METRICS for average in ("macro", "micro")]
    values = {name: [run.metrics.get(f"test/{name}") for run in runs] for name in names}
    return {
        name: statistics.fmean(v for v in found if v is not None) if found and None not in found else None
        for name, found in values.items()
    }


def _confirmed(
    config: CompareConfig, reader: Reader, search: SearchResult, best: SearchTrial, runs: Sequence[StudyRun], found: Found,
    progress: Progress,
) -> Confirmation:  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
        path = reader.file(runs[0].trained, CONFIG, Path(name))
        if path is None:
            raise StudyError(
                f"compare.confirm: run {runs[0].name} has no {CONFIG} among its artifacts, so it cannot be made again"
            )
        settings = read_config(path)
    settings = replace(settings, tracking=config.tracking)
    seeds = fresh_seeds([int(run.params["seed"]) for run in found.runs], config.compare.confirm)
    objective, selected = search.objectives[0], best.values[0]
    assert selected is not None
    return confirm(
        settings, seeds, trial=best.number, objective=objective, selected=selected, tracker=tracker_of(config.tracking),
        on_seed=lambda done, total, seed, value: progress(Advance(done, total)),
    )  # fmt: skip


def _answer(config: CompareConfig, reader: Reader, found: Found, search: SearchResult, command: str) -> Comparison:
    first = found.runs[0] if found.runs else None
    labels = tuple(name.removeprefix(THRESHOLD) for name in (first.metrics if first else ()) if name.startswith(THRESHOLD))
    return Comparison(
        studies=(found.heads[0].name,),
        design="search",
        labels=tuple(label for label in labels if label not in {"macro", "micro", "weighted", "undefined"}),
        label_names=label_names(first) if first else {},
        test_texts=int(first.metrics.get("test/examples", 0)) if first else 0,
        blocks=tuple(dict.fromkeys(f"seed={run.params.get('seed', '')}" for run in found.runs)),
        baseline="",
        primary=search.objectives[0].split("/")[1],
        primary_stated=True,
        excluded=found.left,
        headline=search_headline(search),
        provenance=provenance(config, reader, found, command),
        demo=demo(found.runs),
        search=search,
    )
