"""TF-IDF with logistic regression: a baseline that does not beat it is undertrained, so any added text would help it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from cachetools import LRUCache

from synthsweep.compare.grid import Cell, Contrast, Grid, Output
from synthsweep.compare.result.effects import MACRO, Effect
from synthsweep.compare.result.supplements import TfidfBaseline
from synthsweep.compare.stats.effects import analyse
from synthsweep.compare.stats.possible import possible
from synthsweep.config.keys.run import RunConfig
from synthsweep.corpus.corpus import CorpusCache, load_corpus
from synthsweep.errors import InputError
from synthsweep.examples import UNKNOWN, Example, label_matrix
from synthsweep.messages import listing
from synthsweep.train.linear.regression import fit_regressions
from synthsweep.train.linear.tfidf import fit_tfidf

METRIC = "average_precision"
NAME = "TF-IDF"


@dataclass(frozen=True)
class TfidfScores:
    """What TF-IDF says of the test texts of one run: `scores` is (texts, criteria), NaN where a criterion was not learnt.

    `columns` are the `learnable` criteria.
    """

    labels: tuple[str, ...]
    ids: tuple[str, ...]
    scores: np.ndarray
    columns: tuple[int, ...]


@dataclass
class TfidfFits:
    """Fits TF-IDF once for each training set, and reads each corpus once; `decisions` counts the labels it was fitted to."""

    corpora: CorpusCache = field(default_factory=lambda: LRUCache(4))
    fits: dict[bytes, TfidfScores] = field(default_factory=dict)
    decisions: int = 0

    def scores_of(self, config: RunConfig) -> TfidfScores:
        """TF-IDF on the real training texts of a run, with its seeds.

        Raises:
            InputError: the corpus cannot be read any more.
        """
        corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset, cache=self.corpora)
        labels, split = corpus.labels.ids, corpus.split
        train, test = (np.array(label_matrix(part, labels), dtype=np.int64) for part in (split.train, split.test))
        place = _digest(split.train, train, split.test)
        if place not in self.fits:
            columns = tuple(learnable(train, test))
            scores = tfidf_matrix(_texts(split.train), train, _texts(split.test), corpus.labels.kind)
            ids = tuple(one.id for one in split.test)
            self.fits[place] = TfidfScores(tuple(labels), ids, scores, columns if scores.size else ())
            self.decisions += train.size
        return self.fits[place]


def tfidf_score(
    train_texts: Sequence[str],
    train_truth: np.ndarray,
    test_texts: Sequence[str],
    test_truth: np.ndarray,
    kind: str = "multi",
) -> float | None:
    """Macro average precision on test; `train_truth` and `test_truth` are (examples, criteria): 0, 1 or UNKNOWN.

    The mean is over the `learnable` criteria; None if there are none, or if no text contains a word.
    """
    # scikit-learn takes a second to import.
    from sklearn.metrics import average_precision_score

    columns, scored = learnable(train_truth, test_truth), tfidf_matrix(train_texts, train_truth, test_texts, kind)
    if not columns or not scored.size:
        return None
    known = test_truth != UNKNOWN
    values = [float(average_precision_score(test_truth[known[:, c], c], scored[known[:, c], c])) for c in columns]
    return float(np.mean(values))


def tfidf_matrix(train_texts: Sequence[str], train_truth: np.ndarray, test_texts: Sequence[str], kind: str) -> np.ndarray:
    """(test texts, criteria) scores, NaN where the training texts lack a class; empty if no text contains a word.

    The classifier is that of `model=tfidf`. Where each text carries exactly one label (`kind` is single), scores are
    probabilities.
    """
    features = fit_tfidf(train_texts)
    if features is None:
        return np.empty((0, train_truth.shape[1]))
    fitted = fit_regressions(features.rows(train_texts), train_truth, kind)
    scores = fitted.scores(features.rows(test_texts))
    return np.exp(scores) if kind == "single" else scores


def learnable(train_truth: np.ndarray, test_truth: np.ndarray) -> list[int]:
    """The indices of the criteria with positives and negatives in train, and a positive in test."""
    return [
        column
        for column in range(train_truth.shape[1])
        if {0, 1} <= set(train_truth[:, column].tolist()) and (test_truth[:, column] == 1).any()
    ]


def beside_baseline(grid: Grid, cell: Cell, found: Sequence[TfidfScores | None], note: str = "") -> TfidfBaseline:
    """TF-IDF against a cell of the grid, on the same texts and seeds; `found` has one per block, None where there is none.

    The criteria are those that TF-IDF could learn with every seed. The gap has an interval as any effect has.
    """
    known = [one for one in found if one is not None]
    columns = sorted(set.intersection(*(set(one.columns) for one in known))) if known else []
    lacking = [label for place, label in enumerate(grid.labels) if place not in columns]
    notes = [note, f"without {listing(lacking, 6)}: no positive in train or test" if lacking else ""]
    if not columns:
        return TfidfBaseline(None, None, "; ".join(filter(None, notes)))
    aligned = [None if one is None else _aligned(one, test.ids) for one, test in zip(found, grid.tests, strict=True)]
    outputs = tuple(_output(scores, own) for scores, own in zip(aligned, cell.outputs, strict=True))
    gap = _gap(_with_columns(grid, (cell, Cell(NAME, {}, outputs, {})), columns), cell.name)
    accuracies = (_accuracy(grid, outputs, outputs), _accuracy(grid, cell.outputs, outputs)) if grid.kind == "single" else None
    scores = (gap.baseline, gap.arm, "; ".join(filter(None, notes)))
    return TfidfBaseline(*scores, seeds=gap.pairs, gap=gap, accuracies=accuracies or (None, None))


def _aligned(found: TfidfScores, ids: Sequence[str]) -> np.ndarray:
    """The rows of a test set, in its order; NaN is the lowest score.

    Raises:
        InputError: the corpus has other test texts now.
    """
    places = {ident: row for row, ident in enumerate(found.ids)}
    if len(places) != len(ids) or not places.keys() >= set(ids):
        raise InputError("the corpus has other test texts now")
    rows = found.scores[[places[ident] for ident in ids]]
    return np.where(np.isnan(rows), -np.inf, rows)


def _output(scores: np.ndarray | None, beside: Output) -> Output:
    """Scores as probabilities: only their order counts, and which is the highest."""
    from scipy.special import expit

    if scores is None or not beside.present:
        return replace(beside, probabilities=np.full(beside.probabilities.shape, np.nan), present=False)
    return replace(beside, run_id="", probabilities=expit(scores))


def _with_columns(grid: Grid, cells: tuple[Cell, Cell], columns: Sequence[int]) -> Grid:
    """The grid of two cells and some criteria; blocks that share a test set still do."""
    tests = {id(test): replace(test, truth=test.truth[:, columns], subgroups={}) for test in grid.tests}

    def cut(output: Output) -> Output:
        return replace(output, probabilities=output.probabilities[:, columns], thresholds=output.thresholds[columns])

    return replace(
        grid,
        labels=tuple(grid.labels[column] for column in columns),
        tests=tuple(tests[id(test)] for test in grid.tests),
        cells=tuple(replace(cell, outputs=tuple(map(cut, cell.outputs))) for cell in cells),
    )


def _gap(grid: Grid, name: str) -> Effect:
    contrasts = [Contrast(name, "main", {name: 1.0, NAME: -1.0})]
    effects = possible(analyse(grid, contrasts, primary=METRIC, rng=np.random.default_rng(0)).effects, contrasts)
    return next(one for one in effects if (one.metric, one.criterion) == (METRIC, MACRO))


def _accuracy(grid: Grid, outputs: Sequence[Output], among: Sequence[Output]) -> float | None:
    """The share of texts with a class that get it, on the blocks that `among` has."""
    hits = [
        float((output.probabilities.argmax(axis=1) == test.truth.argmax(axis=1))[(test.truth == 1).any(axis=1)].mean())
        for output, other, test in zip(outputs, among, grid.tests, strict=True)
        if output.present and other.present
    ]
    return float(np.mean(hits)) if hits else None


def _texts(examples: Sequence[Example]) -> list[str]:
    return [one.text for one in examples]


def _digest(train: Sequence[Example], truth: np.ndarray, test: Sequence[Example]) -> bytes:
    texts = "\0".join([*(f"{one.id}\0{one.text}" for one in train), "", *(f"{one.id}\0{one.text}" for one in test)])
    return hashlib.sha256(texts.encode(errors="surrogatepass") + truth.tobytes()).digest()
