"""TF-IDF with logistic regression: a baseline that scores lower is undertrained, so any added text would help it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from synthsweep.compare.result import TfidfBaseline
from synthsweep.config.keys.run import RunConfig
from synthsweep.corpus.corpus import load_corpus
from synthsweep.errors import InputError
from synthsweep.examples import UNKNOWN, Example, label_matrix
from synthsweep.messages import first_line, listing
from synthsweep.words import words_in


def tfidf_score(
    train_texts: Sequence[str],
    train_truth: np.ndarray,
    test_texts: Sequence[str],
    test_truth: np.ndarray,
    kind: str = "multi",
) -> float | None:
    """Macro average precision on test; `train_truth` and `test_truth` are (examples, criteria): 0, 1 or UNKNOWN.

    Sublinear counts of words and word pairs, one balanced logistic regression per criterion, from the texts that somebody
    decided on; one multinomial regression where each text carries exactly one label (`kind` is single). The mean is over the
    `learnable` criteria; None if there are none, or if no text contains a word.
    """
    # scikit-learn takes a second to import.
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics import average_precision_score

    columns = learnable(train_truth, test_truth)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, tokenizer=_words, token_pattern=None)
    try:
        train = vectorizer.fit_transform(train_texts)
    except ValueError:
        return None
    if not columns:
        return None
    scored = (_class_scores if kind == "single" else _criterion_scores)(train, train_truth, vectorizer.transform(test_texts))
    known = test_truth != UNKNOWN
    values = [float(average_precision_score(test_truth[known[:, c], c], scored[known[:, c], c])) for c in columns]
    return float(np.mean(values))


def _criterion_scores(train: Any, truth: np.ndarray, test: Any) -> np.ndarray:
    """(test texts, criteria) scores, each criterion by a model of its own; nan where the training texts lack a class."""
    scores = np.full((test.shape[0], truth.shape[1]), np.nan)
    for column in range(truth.shape[1]):
        known = truth[:, column] != UNKNOWN
        if len(np.unique(truth[known, column])) > 1:
            scores[:, column] = _logistic().fit(train[known], truth[known, column]).decision_function(test)
    return scores


def _class_scores(train: Any, truth: np.ndarray, test: Any) -> np.ndarray:
    """(test texts, classes) probabilities of one multinomial model; nan for classes without a training text."""
    known = (truth == 1).any(axis=1)
    scores = np.full((test.shape[0], truth.shape[1]), np.nan)
    model = _logistic().fit(train[known], truth[known].argmax(axis=1))
    scores[:, model.classes_] = model.predict_proba(test)
    return scores


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(class_weight="balanced", max_iter=1000)


def _words(text: str) -> list[str]:
    # scikit-learn's own pattern takes words of two letters, too, but cuts them at the vowels of some scripts.
    return [word for word in words_in(text) if len(word) > 1]


def learnable(train_truth: np.ndarray, test_truth: np.ndarray) -> list[int]:
    """The indices of the criteria with positives and negatives in train, and a positive in test."""
    return [
        column
        for column in range(train_truth.shape[1])
        if {0, 1} <= set(train_truth[:, column].tolist()) and (test_truth[:, column] == 1).any()
    ]


def tfidf_baseline(config: RunConfig, baseline_ap: float | None) -> TfidfBaseline:
    """TF-IDF on the real training texts of a run, with its seeds, next to the score of the study's baseline.

    Its score is None, with the reason as note, if the corpus cannot be read any more.
    """
    try:
        corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)
    except InputError as error:
        return TfidfBaseline(None, baseline_ap, f"the corpus cannot be read any more: {first_line(error)}")
    labels, kind, split = corpus.labels.ids, corpus.labels.kind, corpus.split
    train, test = (_truth(part, labels) for part in (split.train, split.test))
    score = tfidf_score([one.text for one in split.train], train, [one.text for one in split.test], test, kind)
    kept = {labels[column] for column in learnable(train, test)}
    lacking = [label for label in labels if label not in kept]
    note = f"without {listing(lacking, 6)}: no positive in train or test" if lacking else ""
    return TfidfBaseline(score, baseline_ap, note)


def _truth(examples: Sequence[Example], labels: Sequence[str]) -> np.ndarray:
    return np.array(label_matrix(examples, labels), dtype=np.int64)
