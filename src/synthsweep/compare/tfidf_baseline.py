"""TF-IDF with logistic regression: a baseline that scores lower is undertrained, so any added text would help it."""

from collections.abc import Sequence

import numpy as np

from synthsweep.compare.result import TfidfBaseline
from synthsweep.config.keys.run import RunConfig
from synthsweep.corpus.corpus import load_corpus
from synthsweep.errors import InputError
from synthsweep.examples import Example, label_matrix
from synthsweep.messages import first_line, listing
from synthsweep.words import words_in


def tfidf_score(
    train_texts: Sequence[str], train_truth: np.ndarray, test_texts: Sequence[str], test_truth: np.ndarray
) -> float | None:
    """Macro average precision on test; `train_truth` and `test_truth` are (examples, criteria), 0 or 1.

    Sublinear counts of words and word pairs, one balanced logistic regression per criterion. The mean is over the
    `learnable` criteria; None if there are none, or if no text contains a word.
    """
    # scikit-learn takes a second to import.
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import average_precision_score

    columns = learnable(train_truth, test_truth)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, tokenizer=_words, token_pattern=None)
    try:
        train = vectorizer.fit_transform(train_texts)
    except ValueError:
        return None
    test, scores = vectorizer.transform(test_texts), []
    for column in columns:
        model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(train, train_truth[:, column])
        scores.append(float(average_precision_score(test_truth[:, column], model.decision_function(test))))
    return float(np.mean(scores)) if scores else None


def _words(text: str) -> list[str]:
    # scikit-learn's own pattern takes words of two letters, too, but cuts them at the vowels of some scripts.
    return [word for word in words_in(text) if len(word) > 1]


def learnable(train_truth: np.ndarray, test_truth: np.ndarray) -> list[int]:
    """The indices of the criteria with positives and negatives in train, and a positive in test."""
    return [
        column
        for column in range(train_truth.shape[1])
        if 0 < train_truth[:, column].sum() < len(train_truth) and test_truth[:, column].any()
    ]


def tfidf_baseline(config: RunConfig, baseline_ap: float | None) -> TfidfBaseline:
    """TF-IDF on the real training texts of a run, with its seeds, next to the score of the study's baseline.

    Its score is None, with the reason as note, if the corpus cannot be read any more.
    """
    try:
        corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)
    except InputError as error:
        return TfidfBaseline(None, baseline_ap, f"the corpus cannot be read any more: {first_line(error)}")
    labels, split = corpus.labels.ids, corpus.split
    train, test = (_truth(part, labels) for part in (split.train, split.test))
    score = tfidf_score([one.text for one in split.train], train, [one.text for one in split.test], test)
    kept = {labels[column] for column in learnable(train, test)}
    lacking = [label for label in labels if label not in kept]
    note = f"without {listing(lacking, 6)}: no positive in train or test" if lacking else ""
    return TfidfBaseline(score, baseline_ap, note)


def _truth(examples: Sequence[Example], labels: Sequence[str]) -> np.ndarray:
    return np.array(label_matrix(examples, labels), dtype=np.int64)
