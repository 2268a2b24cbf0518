"""TF-IDF with logistic regression beside the baseline."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from support.builders import run_config
from support.grids import grid_of, output, texts_of
from synthsweep.compare.result.supplements import TfidfBaseline
from synthsweep.compare.tfidf_baseline import TfidfFits, TfidfScores, beside_baseline, tfidf_score
from synthsweep.corpus.corpus import load_corpus
from synthsweep.errors import InputError
from synthsweep.examples import Example, label_matrix

CI = ("experiment=ci", "tracking=none")


def parts(*overrides: str) -> tuple[list[str], np.ndarray, list[str], np.ndarray]:
    """Texts and truth of train and test of a configuration."""
    config = run_config(*CI, *overrides)
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)

    def truth(examples: tuple[Example, ...]) -> np.ndarray:
        return np.array(label_matrix(examples, corpus.labels.ids))

    train, test = corpus.split.train, corpus.split.test
    return [one.text for one in train], truth(train), [one.text for one in test], truth(test)


def reference(train: list[str], truth: np.ndarray, test: list[str], expected: np.ndarray) -> float:
    """scikit-learn's own pipeline and macro average."""
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        OneVsRestClassifier(LogisticRegression(class_weight="balanced", max_iter=1000)),
    ).fit(train, truth)
    return float(average_precision_score(expected, model.decision_function(test), average="macro"))


def test_the_score_is_that_of_scikit_learns_one_vs_rest() -> None:
    """On the demo corpus, where it finds far more than the share of positives."""

    data = parts()

    score = tfidf_score(*data)

    assert score == pytest.approx(reference(*data))
    assert score is not None
    assert score > 2 * data[3].mean()


def test_criteria_that_nothing_can_be_said_of_are_left_out() -> None:
    """No positive in train, nothing but positives in train, no positive in test."""

    train, truth, test, expected = parts()
    all_of_them, none = np.ones_like(truth[:, :1]), np.zeros_like(truth[:, :1])
    ones, zeros = np.ones_like(expected[:, :1]), np.zeros_like(expected[:, :1])

    found = tfidf_score(
        train, np.hstack([truth, none, all_of_them, truth[:, :1]]), test, np.hstack([expected, ones, ones, zeros])
    )

    assert found == pytest.approx(tfidf_score(train, truth, test, expected))


def test_where_no_criterion_is_left_or_no_word_stands_there_is_no_score() -> None:
    """None, not 0."""

    assert tfidf_score(["a word", "another"], np.array([[0], [0]]), ["a word"], np.array([[1]])) is None
    assert tfidf_score(["!", "?"], np.array([[0], [1]]), ["!"], np.array([[1]])) is None


def test_tfidf_uses_the_texts_of_each_run_and_fits_each_training_set_once() -> None:
    """Another seed draws other training texts; the same ones are not fitted again."""
    fits = TfidfFits()
    found = [fits.scores_of(run_config(*CI, f"seed={seed}")) for seed in (1, 2, 1)]

    assert found[0] is found[2]
    assert (len(fits.fits), fits.decisions) == (2, 2 * parts("seed=1")[1].size)
    assert not np.array_equal(found[0].scores, found[1].scores)


def beside(found: list[TfidfScores | None], classifier: np.ndarray, truth: np.ndarray, kind: str = "multi") -> TfidfBaseline:
    """TF-IDF beside a classifier of these probabilities, the same with each seed, on texts in another order than theirs."""
    tests = replace(texts_of(truth), ids=tuple(f"t{row:03d}" for row in range(len(truth))))
    outputs = [replace(output(np.clip(classifier + shift, 0, 1)), kind=kind) for shift in (0.0, 0.001, 0.002)]
    made = grid_of((tests,) * 3, {"base": outputs})
    return beside_baseline(made, made.cells[0], found, "mean of 3 seeds")


def scores(values: np.ndarray, columns: tuple[int, ...]) -> TfidfScores:
    """With the texts in reverse order."""
    ids = tuple(f"t{row:03d}" for row in reversed(range(len(values))))
    return TfidfScores(("A", "B"), ids, values[::-1], columns)


def test_the_gap_is_that_of_the_same_texts_seeds_and_criteria_with_an_interval() -> None:
    """Scores are those of scikit-learn; a criterion that cannot be learnt is left out on both sides."""
    rng = np.random.default_rng(0)
    truth = (rng.random((120, 2)) < 0.3).astype(int)
    good, poor = (separation * truth + rng.normal(size=truth.shape) for separation in (3.0, 0.5))
    found = beside([scores(poor, (0,))] * 3, 1 / (1 + np.exp(-good)), truth)

    assert found.tfidf_ap == pytest.approx(average_precision_score(truth[:, 0], poor[:, 0]))
    assert found.baseline_ap == pytest.approx(average_precision_score(truth[:, 0], good[:, 0]), abs=0.01)
    assert found.gap is not None
    assert found.gap.interval is not None
    assert (found.seeds, found.is_beaten, found.gap.interval.low > 0) == (3, True, True)
    assert found.note == "mean of 3 seeds; without B: no positive in train or test"


def test_a_baseline_that_is_above_by_chance_does_not_beat_tfidf() -> None:
    """Its interval holds 0."""
    rng = np.random.default_rng(1)
    truth = (rng.random((60, 2)) < 0.3).astype(int)
    alike = [truth + rng.normal(size=truth.shape) for _ in range(2)]
    found = beside([scores(alike[0], (0, 1))] * 3, 1 / (1 + np.exp(-alike[1])), truth)

    assert found.gap is not None
    assert found.gap.interval is not None
    assert found.gap.interval.low < 0 < found.gap.interval.high
    assert not found.is_beaten


def test_classes_have_an_accuracy_as_well() -> None:
    """The share of texts whose class scores highest."""
    truth = np.eye(2, dtype=int)[np.arange(100) % 2]
    wrong = truth.copy()
    wrong[:10] = 1 - wrong[:10]
    found = beside([scores(wrong - 0.5, (0, 1))] * 3, 0.2 + 0.5 * truth, truth, kind="single")

    assert found.accuracies == (0.9, 1.0)


def test_other_test_texts_than_the_runs_had_are_refused() -> None:
    """A score on other texts is no baseline."""
    truth = np.ones((4, 2), dtype=int)
    found = TfidfScores(("A", "B"), ("t000", "t001", "t002", "other"), truth * 1.0, (0, 1))

    with pytest.raises(InputError, match="other test texts now"):
        beside([found] * 3, truth * 0.5, truth)


def test_where_nothing_can_be_learnt_there_is_no_score() -> None:
    """None, with the criteria; where no block has a score, too."""
    truth = np.ones((4, 2), dtype=int)

    assert beside([scores(truth * 1.0, ())] * 3, truth * 0.5, truth).tfidf_ap is None
    assert beside([None] * 3, truth * 0.5, truth).note == "mean of 3 seeds; without A, B: no positive in train or test"
