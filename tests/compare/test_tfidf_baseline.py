"""TF-IDF with logistic regression beside the baseline."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from support.builders import AB_CSV, run_config
from synthsweep.compare.result import TfidfBaseline
from synthsweep.compare.tfidf_baseline import tfidf_baseline, tfidf_score
from synthsweep.corpus.corpus import load_corpus
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


def test_the_tfidf_baseline_uses_the_texts_of_the_run() -> None:
    """At its seed: another one draws other training texts."""

    found = [tfidf_baseline(run_config(*CI, f"seed={seed}"), 0.3) for seed in (1, 2)]

    assert [pytest.approx(one.tfidf_ap) for one in found] == [tfidf_score(*parts(f"seed={seed}")) for seed in (1, 2)]
    assert found[0].tfidf_ap != found[1].tfidf_ap
    assert (found[0].baseline_ap, found[0].note) == (0.3, "")


def test_a_corpus_that_is_gone_gives_the_reason_instead_of_a_score() -> None:
    """The comparison goes on."""

    Path("notes.csv").write_text(AB_CSV)
    config = run_config("data=csv", "labels=from_data", "data.path=notes.csv", "tracking=none")
    Path("notes.csv").unlink()

    found = tfidf_baseline(config, 0.3)

    assert (found.tfidf_ap, found.baseline_ap) == (None, 0.3)
    assert found.note.startswith("the corpus cannot be read any more: ")
    assert "notes.csv" in found.note


def test_the_note_names_the_criteria_that_were_left_out() -> None:
    """One that no text of the test part carries."""

    rows = [f"{i},text number {i},{i % 2},{int(i < 40 and i % 5 == 0)}\n" for i in range(60)]
    Path("a.csv").write_text("id,text,A,B\n" + "".join(rows[:40]))
    Path("b.csv").write_text("id,text,A,B\n" + "".join(rows[40:]))

    found = tfidf_baseline(run_config("data=csv", "labels=from_data", "data.files.train=a.csv", "data.files.test=b.csv"), None)

    assert isinstance(found, TfidfBaseline)
    assert found.note == "without B: no positive in train or test"
    assert found.tfidf_ap is not None
