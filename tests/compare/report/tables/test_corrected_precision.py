"""The table of average precision on a test set of this size, and corrected for it."""

from dataclasses import replace

from support import answers
from synthsweep.compare.report.tables.corrected_precision import corrected_precision
from synthsweep.compare.result.effects import Effect

RAW = Effect("arm", "average_precision", "A", 0.4, 0.5, 0.1, None, 6)
CORRECTED = replace(RAW, corrected_baseline=0.37, corrected_arm=0.48, corrected_difference=0.11)
ONE = replace(answers.EMPTY, labels=("A",), positives={"A": 9}, effects=(CORRECTED,))


def test_corrected_values_stand_beside_raw_ones() -> None:
    """The caption says what the raw ones are about."""

    found = corrected_precision(ONE)

    assert found is not None
    assert found.caption == "Average precision on a test set of this size (10 texts), and corrected for its size"
    assert found.rows == (("arm",), ("A", "9", "0.400", "0.370", "0.500", "0.480", "+10.0", "+11.0"))
    assert len(found.notes) == 1


def test_what_is_not_corrected_is_named() -> None:
    """A criterion with one positive; with groups, those with many; without any corrected value there is no table."""

    single = replace(RAW, criterion="B")
    found = corrected_precision(replace(ONE, grouped=True, effects=(CORRECTED, single)))

    assert found is not None
    assert any("more than 30 groups" in note for note in found.notes)
    assert "Not corrected, and not in the corrected macro, since a single positive cannot be left out: B." in found.notes
    assert corrected_precision(replace(ONE, effects=(single,))) is None
