"""How files write labels, and which label set a run gets from them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.corpus.labels import as_label, as_labels, label_set
from synthsweep.corpus.load import SourceTable
from synthsweep.errors import ConfigError, DataError

FROM_DATA = LabelsConfig()


def csv(**keys: str) -> DataConfig:
    return DataConfig(kind="csv", path="notes.csv", **keys)


def table(**columns: list[object]) -> SourceTable:
    return SourceTable("notes.csv", columns, first_row=2)


@pytest.mark.parametrize("value", [1, "1", " 1 ", 1.0, "1.0", True, "true", "TRUE", "True"])
def test_one_is_one_however_a_file_writes_it(value: object) -> None:
    """Spreadsheets, pandas and JSON each have their own way."""
    assert as_label(value) == 1


@pytest.mark.parametrize("value", [0, "0", "0 ", 0.0, "0.0", False, "false", "FALSE"])
def test_zero_is_zero_however_a_file_writes_it(value: object) -> None:
    """Spreadsheets, pandas and JSON each have their own way."""
    assert as_label(value) == 0


@pytest.mark.parametrize("value", [None, "", "yes", "x", 2, -1, 0.5, "10", float("nan"), []])
def test_anything_else_is_no_label(value: object) -> None:
    """A missing value least of all: it is not a 0."""
    assert as_label(value) is None


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        (None, []),
        ("", []),
        (" ; ", []),
        ("A", ["A"]),
        ("A;B", ["A", "B"]),
        ("A, B", ["A", "B"]),
        ("A | B;", ["A", "B"]),
        ("two words;B", ["two words", "B"]),
        (["A", " B "], ["A", "B"]),
        ([3, 5], ["3", "5"]),
        ([], []),
    ],
)
def test_a_cell_of_a_list_column_is_a_list_or_names_with_something_between(cell: object, labels: list[str]) -> None:
    """An empty cell is a negative, not an error."""
    assert as_labels(cell) == labels


@settings(deadline=None, max_examples=50)
@given(
    labels=st.lists(st.from_regex(r"[\w\-.]{1,5}", fullmatch=True), max_size=5),
    separator=st.sampled_from([";", ",", "|", " ; "]),
)
def test_labels_survive_being_written_into_a_cell(labels: list[str], separator: str) -> None:
    """Whichever of the three separators a file uses."""
    assert as_labels(separator.join(labels)) == labels


def test_configured_labels_need_no_look_at_the_data() -> None:
    """They keep their order, names and descriptions, and the kind of text that a prompt asks for."""
    config = LabelsConfig("mine", ["B", "A"], {"B": "Beta"}, {"A": "alphas"}, "a note")

    found = label_set(config, csv(), {"all": table(text=["x"])})

    assert [str(criterion) for criterion in found.criteria] == ["Beta", "A: alphas"]
    assert (found.name, found.ids, found.text_kind) == ("mine", ("B", "A"), "a note")


def test_labels_from_data_are_the_columns_of_zeros_and_ones() -> None:
    """Neither the text nor a number that is no label, in the order of the columns."""
    tables = {"all": table(age=[3, 1], B=["0", "1"], text=["1", "0"], A=[True, False], note=["", "1"])}

    assert label_set(FROM_DATA, csv(), tables).ids == ("B", "A")


@pytest.mark.parametrize(("keys", "taken"), [({}, "id"), ({"id": "key"}, "key"), ({"group": "child"}, "child")])
def test_ids_and_groups_of_zeros_and_ones_are_no_labels(keys: dict[str, str], taken: str) -> None:
    """A file of two rows may number them 0 and 1."""
    tables = {"all": table(**{taken: ["0", "1"], "text": ["x", "y"], "A": ["0", "1"]})}

    assert label_set(FROM_DATA, csv(**keys), tables).ids == ("A",)


def test_a_column_that_is_mostly_0_and_1_is_a_label() -> None:
    """Its other values are then refused by their rows, instead of dropping the label without a word."""
    tables = {
        "train": table(text=["x", "y"], A=["1", "0"], B=["1", "2"], C=["1", "2"], age=["1", "7"]),
        "dev": table(text=["z"], A=["0"], B=["0"], age=["9"]),
    }

    assert label_set(FROM_DATA, csv(), tables).ids == ("A", "B")


def test_labels_of_a_list_column_are_gathered_from_every_file() -> None:
    """Sorted, so that the order of rows changes no run."""
    tables = {"train": table(text=["x", "y"], labels=["B;A", ""]), "test": table(text=["z"], labels=["C"])}

    assert label_set(FROM_DATA, csv(label_column="labels"), tables).ids == ("A", "B", "C")


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({}, r"columns \(text, score, tags\)"),
        ({"label_column": "tags"}, "column tags"),
    ],
)
def test_data_without_a_label_say_how_to_name_one(keys: dict[str, str], place: str) -> None:
    """The message shows what there is to choose from."""
    with pytest.raises(
        DataError, match=rf"labels=from_data found no label in the {place} of notes\.csv.*data\.label_column=NAME"
    ):
        label_set(FROM_DATA, csv(**keys), {"all": table(text=["x"], score=["7"], tags=[""])})


def test_a_label_column_that_is_not_there_is_named_with_those_that_are() -> None:
    """A typo there is no lack of labels."""
    with pytest.raises(DataError, match=r"^data\.label_column=tags: notes\.csv has no such column; it has text, score$"):
        label_set(FROM_DATA, csv(label_column="tags"), {"all": table(text=["x"], score=["7"])})


def test_a_column_of_two_words_is_pointed_at() -> None:
    """Yes and no are labels to a person."""
    columns = {"text": ["x", "y", "z"], "flaps": ["yes", "no", "yes"]}

    with pytest.raises(DataError, match=r"where flaps holds 'no' and 'yes' \(write 0 and 1\)"):
        label_set(FROM_DATA, csv(), {"all": table(**columns)})


def test_a_column_whose_name_no_metric_could_have_is_refused() -> None:
    """test/recall/macro is taken."""
    with pytest.raises(ConfigError, match="got 'macro': rename that column or label"):
        label_set(FROM_DATA, csv(), {"all": table(text=["x"], macro=["1"])})
