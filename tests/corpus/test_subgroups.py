"""The values of a column by which test is scored too."""

import logging
from typing import Any

import pytest

from support.builders import AB
from synthsweep.config.keys.texts import DataConfig, FilesConfig
from synthsweep.corpus.load import SourceTable
from synthsweep.corpus.subgroups import MOST_VALUES, subgroups_of
from synthsweep.errors import DataError


def values(cells: list[Any], *, column: str = "sex", **keys: Any) -> list[str]:
    table = SourceTable("notes.csv", {"text": ["t"] * len(cells), "sex": cells, "A": ["0"] * len(cells)}, first_row=2)
    found = subgroups_of(table, DataConfig(kind="csv", path="notes.csv", subgroup=column, **keys), AB, "all")
    return [dict(pairs)[column] for pairs in found]


def test_a_value_is_taken_as_it_is_written() -> None:
    """Case and kind stay: f and F are two groups, which somebody may have to mend."""
    assert values(["f", "F", " f ", 1, 1.0, True, "NA", "f"]) == ["f", "F", "f", "1", "1.0", "True", "NA", "f"]


def test_gaps_count_as_missing_and_are_said(caplog: pytest.LogCaptureFixture) -> None:
    """With those that say so themselves."""
    with caplog.at_level(logging.WARNING):
        assert values(["f", "", None, float("nan"), "missing", "f"]) == ["f", *["missing"] * 4, "f"]

    assert "3 texts without a value of notes.csv count as 'missing', as 1 text that say so do" in caplog.text


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([str(row) for row in range(2 * MOST_VALUES)] * 2, "has 40 values in it, at most 20: it may be an identifier"),
        (["c1", "c2", "c3"], "has 3 values in it, each on one text"),
        (["f", ["m"], {"a": 1}], "row 3, 4: sex must be one value"),
    ],
)
def test_a_column_that_holds_no_groups_is_refused(cells: list[Any], said: str) -> None:
    """An identifier of a child would stand in the names of metrics."""
    with pytest.raises(DataError, match=said):
        values(cells)


def test_a_column_that_is_missing_or_a_label_is_refused() -> None:
    """With the name of the key."""
    with pytest.raises(DataError, match=r"data\.subgroup=site: notes\.csv has no such column"):
        values(["f", "f"], column="site")
    with pytest.raises(DataError, match=r"data\.subgroup=A: this column is a label"):
        values(["f", "f"], column="A")


def test_groups_as_subgroups_are_said_to_stand_in_names(caplog: pytest.LogCaptureFixture) -> None:
    """A few clinics are groups and subgroups at once; a few children are, too, and then somebody should know."""
    assert values(["c1", "c1", "c2", "c2"], group="sex") == ["c1", "c1", "c2", "c2"]

    assert "data.subgroup=sex is data.group, too: its values, as c1, c2, stand in the names of metrics" in caplog.text


def test_a_training_file_needs_no_column_where_test_has_a_file_of_its_own() -> None:
    """Its texts are never scored."""
    table = SourceTable("train.csv", {"text": ["t"]})
    data = DataConfig(kind="csv", files=FilesConfig(train="train.csv", test="test.csv"), subgroup="sex")

    assert subgroups_of(table, data, AB, "train") == [()]
    with pytest.raises(DataError, match="no such column"):
        subgroups_of(table, data, AB, "test")
