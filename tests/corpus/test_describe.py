"""The lines about real texts."""

from support.builders import real
from synthsweep.corpus.corpus import Corpus
from synthsweep.corpus.describe import corpus_lines, few_positives, texts_line
from synthsweep.corpus.split import Split
from synthsweep.examples import Criterion, LabelSet


def test_labels_with_few_positives_are_named_with_their_counts() -> None:
    """One line for test and dev; what has enough is not named, and training texts do not count."""
    many = tuple(real(f"m{number}", "A", "B") for number in range(10))
    split = Split(train=(), dev=(*many, real("d", "C")), test=many[:9])

    assert few_positives(split, ("A", "B", "C")) == (
        "few positives: test has 9 of A, 9 of B, 0 of C; dev has 1 of C. "
        "With fewer than 10, a score on test or a threshold from dev is mostly chance"
    )
    assert few_positives(Split(train=(), dev=many, test=many), ("A", "B")) == ""


def test_the_labels_that_were_read_are_named_with_their_positives() -> None:
    """Before anything is trained or paid for: a column that was not meant to be a label is seen there."""
    texts = tuple(real(f"m{number}", "A") for number in range(12))
    split = Split(train=texts, dev=texts[:11], test=texts[:10])

    labels = LabelSet("own", (Criterion("A"),))

    assert corpus_lines(Corpus(labels, split, notes=("labels: 1 read as 0/1 columns: A",))) == [
        "labels: 1 read as 0/1 columns: A",
        "train 12, dev 11, test 10 real texts; 1 label (positives in train, dev, test): A 12, 11, 10",
    ]
    assert "; and 4 more" in texts_line(split, tuple("ABCDEFGHIJKL"))
