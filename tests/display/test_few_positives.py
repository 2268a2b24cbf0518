"""The warning of labels with few positives."""

from support.builders import real
from synthsweep.corpus.split import Split
from synthsweep.display.few_positives import few_positives


def test_labels_with_few_positives_are_named_with_their_counts() -> None:
    """One line for test and dev; what has enough is not named, and training texts do not count."""
    many = tuple(real(f"m{number}", "A", "B") for number in range(10))
    split = Split(train=(), dev=(*many, real("d", "C")), test=many[:9])

    assert few_positives(split, ("A", "B", "C")) == (
        "few positives: test has 9 of A, 9 of B, 0 of C; dev has 1 of C. "
        "With fewer than 10, a score on test or a threshold from dev is mostly chance"
    )
    assert few_positives(Split(train=(), dev=many, test=many), ("A", "B")) == ""
