"""TF-IDF as it is kept: the same words, with the same weights."""

from pathlib import Path

import numpy as np

from synthsweep.train.linear.tfidf import fit_tfidf, read_tfidf

TEXTS = ["He lines up the cars, the red cars.", "Er mag „rote“ Autos; ça va.", "कार देखता है", "lines lines lines"]


def test_what_was_written_gives_the_same_rows(tmp_path: Path) -> None:
    """Of texts that it was fitted to and of others, in any script."""
    fitted = fit_tfidf(TEXTS)
    assert fitted is not None
    fitted.write(tmp_path)
    others = [*TEXTS, "", "no such words", "the cars"]

    np.testing.assert_array_equal(read_tfidf(tmp_path).rows(others).toarray(), fitted.rows(others).toarray())
    assert read_tfidf(tmp_path).count == fitted.count > 10


def test_texts_without_words_give_no_features() -> None:
    assert fit_tfidf(["a", "!?", ""]) is None
