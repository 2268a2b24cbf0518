"""Builds a grid of complete blocks from scored runs, and excludes runs that do not fit, with a reason; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from synthsweep.compare.grid import Cell, Grid, Output, Texts
from synthsweep.compare.grid import TestSet as Tests
from synthsweep.compare.read.cells import cell_name
from synthsweep.compare.result.supplements import ExcludedRun
from synthsweep.errors import StudyError
from synthsweep.evaluate.predictions import Predictions
from synthsweep.messages import listing
from synthsweep.train.lengths import LONGEST, is_length

# Metrics that describe a run and are not scores.
FACTS = ("train/", "synthetic/", "cost/", "time/", "data/")
SYNTHETIC = "train/synthetic"
ADDED = "train/added"


def added_texts(facts: Mapping[str, float]) -> float:
    """The number of texts, synthetic or real, that a run adds to its real training set or replaces it with; 0 for a control."""
    return facts.get(ADDED, facts.get(SYNTHETIC, 0.0))


@dataclass(frozen=True)
class ScoredRun:
    """A run with its test predictions; `trained` is the id of the run that holds the files.

    `thresholds` is (criteria,); `notes` says for which criteria they could not be chosen as asked.
    `further` holds the predictions of more test sets, by name.
    """

    run_id: str
    trained: str
    name: str
    assignment: Mapping[str, str]
    block: str
    metrics: Mapping[str, float]
    test: Predictions
    thresholds: np.ndarray
    notes: tuple[str, ...] = ()
    further: Mapping[str, Predictions] = field(default_factory=dict)

    @property
    def cell(self) -> str:
        return cell_name(self.assignment)


@dataclass(frozen=True)
class Assembled:
    """The grid, and the runs that do not fit into it."""

    grid: Grid
    excluded: tuple[ExcludedRun, ...]


def assemble(runs: Sequence[ScoredRun]) -> Assembled:
    """Builds the grid of the blocks that two cells share at least; cells with fewer than two of them are left out.

    Raises:
        StudyError: labels or test texts differ between runs that must share them, or no two cells share two blocks.
    """
    _require_same_labels(runs)
    by_place = {(run.cell, run.block): run for run in runs}
    all_cells = list(dict.fromkeys(run.cell for run in runs))
    blocks = sorted(dict.fromkeys(run.block for run in runs), key=_natural)
    cells, kept = _comparable(by_place, all_cells, blocks)
    _require_replicates(kept, blocks, all_cells, by_place)
    excluded = tuple(
        ExcludedRun(run.run_id, run.name, "FINISHED", _why_excluded(run, by_place, cells))
        for run in runs
        if run.cell not in cells or run.block not in kept
    )
    tests = _test_sets([[by_place[cell, block] for cell in cells if (cell, block) in by_place] for block in kept])
    made = tuple(_cell(cell, [by_place.get((cell, block)) for block in kept], tests) for cell in cells)
    texts = _relation(tests)
    share = _test_share(made, tests) if texts == "overlapping" else 0.0
    return Assembled(Grid(runs[0].test.label_ids, tuple(kept), tests, made, texts, share), excluded)


def _comparable(
    by_place: Mapping[tuple[str, str], ScoredRun], cells: Sequence[str], blocks: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The cells that have two of the blocks that two cells share, and these blocks."""
    together = min(2, len(cells))
    while True:
        shared = [block for block in blocks if sum((cell, block) in by_place for cell in cells) >= together]
        kept = [cell for cell in cells if sum((cell, block) in by_place for block in shared) > 1]
        if len(kept) == len(cells):
            return kept, shared
        cells = kept


def _why_excluded(run: ScoredRun, by_place: Mapping[tuple[str, str], ScoredRun], cells: Sequence[str]) -> str:
    if run.cell not in cells:
        return f"{run.cell} has too few finished runs to be compared"
    return f"block {run.block} lacks {listing(_missing_cells(by_place, cells, run.block), 3)}"


def _missing_cells(by_place: Mapping[tuple[str, str], ScoredRun], cells: Sequence[str], block: str) -> list[str]:
    return [cell for cell in cells if (cell, block) not in by_place]


def _require_same_labels(runs: Sequence[ScoredRun]) -> None:
    first = runs[0]
    for run in runs:
        if run.test.label_ids != first.test.label_ids:
            raise StudyError(
                f"runs {first.name} and {run.name} have other labels ({', '.join(first.test.label_ids)} and "
                f"{', '.join(run.test.label_ids)}): compare runs of one label set"
            )
        if run.test.kind != first.test.kind:
            raise StudyError(
                f"runs {first.name} and {run.name} have labels.kind={first.test.kind} and labels.kind={run.test.kind}: "
                "compare runs of one kind"
            )


def _require_replicates(
    complete: Sequence[str], blocks: Sequence[str], cells: Sequence[str], by_place: Mapping[tuple[str, str], ScoredRun]
) -> None:
    if len(complete) > 1:
        return
    if len(blocks) == 1:
        raise StudyError(
            f"every configuration has one run ({blocks[0]}): an effect needs replicates; run the study with replicates=6 "
            "under another study=NAME (finished runs are reused)"
        )
    missing = Counter(cell for block in blocks for cell in _missing_cells(by_place, cells, block))
    most = ", ".join(f"{cell} lacks {count} of {len(blocks)}" for cell, count in missing.most_common(2))
    raise StudyError(f"fewer than two blocks are complete ({most}): the study's command goes on with what is missing")


def _test_sets(rows: Sequence[Sequence[ScoredRun]]) -> tuple[Tests, ...]:
    """One test set per block; blocks with the same texts share one object."""
    known: dict[tuple[str, ...], Tests] = {}
    of_blocks: list[Tests] = []
    # Of runs that share their texts, these are sorted once.
    once = {_texts_of(run.test): run.test for row in rows for run in row}
    ordered = {texts: _sorted(test) for texts, test in once.items()}
    for row in rows:
        of_runs = [ordered[_texts_of(run.test)] for run in row]
        _require_same_texts(row, of_runs)
        first = replace(of_runs[0], subgroups=_shared_subgroups(of_runs))
        of_blocks.append(known.setdefault(first.ids, first))
        if not np.array_equal(of_blocks[-1].truth, of_runs[0].truth):
            raise StudyError(f"{row[0].name}: its test texts carry other labels than those of another seed: compare one corpus")
    return tuple(of_blocks)


def _require_same_texts(row: Sequence[ScoredRun], tests: Sequence[Tests]) -> None:
    for run, test in zip(row, tests, strict=True):
        if test is not tests[0] and (test.ids != tests[0].ids or not np.array_equal(test.truth, tests[0].truth)):
            what = "other labels" if test.ids == tests[0].ids else "other texts"
            raise StudyError(
                f"runs {row[0].name} ({len(tests[0].ids)} test texts) and {run.name} ({len(test.ids)}) are judged on {what}: "
                "compare runs with the same data, data.split_seed and data.test_size"
            )


def _texts_of(test: Predictions) -> tuple[int, ...]:
    """The same for predictions that share their texts, as objects (see `SharedTexts`)."""
    return tuple(map(id, (test.ids, test.groups, test.truth, test.subgroups)))


@lru_cache(maxsize=8)
def _order(ids: tuple[str, ...]) -> np.ndarray:
    return np.argsort(np.array(ids))


def _sorted(test: Predictions) -> Tests:
    order = _order(test.ids)
    names: dict[str, int] = {}
    groups = [
        names.setdefault(f"id {test.ids[row]}" if test.groups[row] is None else f"group {test.groups[row]}", len(names))
        for row in order
    ]
    subgroups = {column: tuple(values[row] for row in order) for column, values in test.subgroups.items()}
    return Tests(tuple(test.ids[row] for row in order), test.truth[order], np.array(groups), subgroups)


def _shared_subgroups(tests: Sequence[Tests]) -> dict[str, tuple[str, ...]]:
    """The columns with the values of each text; a run of an earlier version has none.

    Raises:
        StudyError: two runs differ in the values of the same texts.
    """
    columns = {column for test in tests for column in test.subgroups}
    known = {column: {test.subgroups[column] for test in tests if column in test.subgroups} for column in sorted(columns)}
    differing = [column for column, values in known.items() if len(values) > 1]
    if differing:
        raise StudyError(f"data.subgroup={differing[0]}: runs differ in its values of the same test texts: compare one corpus")
    return {column: next(iter(values)) for column, values in known.items()}


def _cell(name: str, runs: Sequence[ScoredRun | None], tests: Sequence[Tests]) -> Cell:
    there = [run for run in runs if run is not None]
    absent = Output("", np.empty(0), np.full_like(there[0].thresholds, np.nan), there[0].test.kind, present=False)
    outputs = tuple(
        replace(absent, probabilities=np.full(test.truth.shape, np.nan)) if run is None else _output(run)
        for run, test in zip(runs, tests, strict=True)
    )
    return Cell(name, there[0].assignment, outputs, _facts(there))


def _output(run: ScoredRun) -> Output:
    return Output(run.trained, run.test.probabilities[_order(run.test.ids)], run.thresholds, run.test.kind)


def _facts(runs: Iterable[ScoredRun]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for run in runs:
        for key, value in run.metrics.items():
            if key.startswith(FACTS) or is_length(key):
                values.setdefault(key, []).append(value)
    # A limit that cuts no text of one run may cut those of another.
    return {key: max(of_key) if key.endswith(LONGEST) else float(np.mean(of_key)) for key, of_key in values.items()}


def _relation(tests: Sequence[Tests]) -> Texts:
    if all(test is tests[0] for test in tests):
        return "shared"
    seen: set[str] = set()
    for test in tests:
        if not seen.isdisjoint(test.ids):
            return "overlapping"
        seen |= set(test.ids)
    return "disjoint"


def _test_share(cells: Sequence[Cell], tests: Sequence[Tests]) -> float:
    train = float(np.mean([cell.facts.get("train/real", 0.0) for cell in cells]))
    # Without real training texts, the usual 1/4 of Nadeau and Bengio, where test is a fifth of all texts.
    return float(np.mean([len(test.ids) for test in tests])) / train if train else 0.25


def _natural(block: str) -> list[tuple[int, float, str]]:
    """A sort key that puts seed=10 after seed=2."""
    words = block.replace("=", " ").split()
    return [(0, float(word), "") if word.isdigit() else (1, 0.0, word) for word in words]
