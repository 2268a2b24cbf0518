"""How files write labels, and which label set a run gets from them."""

import pytest

from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.corpus.files.table import SourceTable
from synthsweep.corpus.label_forms.cells import LabelCell, as_label
from synthsweep.corpus.labels import label_set, read_labels
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


def test_configured_labels_need_no_look_at_the_data() -> None:
    """They keep their order, names and descriptions, and the kind of text that a prompt asks for."""
    config = LabelsConfig("mine", ["B", "A"], {"B": "Beta"}, {"A": "alphas"}, "a note")

    found = label_set(config, csv(), {"all": table(text=["x"])})

    assert [str(criterion) for criterion in found.criteria] == ["Beta", "A: alphas"]
    assert (found.name, found.ids, found.text_kind) == ("mine", ("B", "A"), "a note")


def test_labels_from_data_are_the_columns_of_zeros_and_ones() -> None:
    """Neither the text nor a number that is no label, in the order of the columns."""
    tables = {"all": table(age=[3, 1], B=["0", "1"], text=["1", "0"], A=[True, False], note=["x", "1"])}

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
        ({}, r"columns \(text, score, tags\) \(score: holds '7'; tags: empty\)"),
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


def test_columns_of_yes_and_no_are_labels_where_none_of_zeros_and_ones_is() -> None:
    """The note says which word means 1."""
    columns = {"text": ["x", "y", "z"], "flaps": ["Yes", "no", "yes"], "who": ["a", "b", "c"]}

    found = read_labels(FROM_DATA, csv(), {"all": table(**columns)})

    assert found.labels.ids == ("flaps",)
    assert found.notes == (
        "labels: 1 read as yes/no columns (yes is 1, no is 0): flaps",
        "columns not read as labels: who (holds 'a', 'b' and 1 more)",
    )
    assert [cell.labels for cell in found.cells(table(**columns))] == [("flaps",), (), ("flaps",)]


def test_a_column_of_yes_and_no_beside_zeros_and_ones_is_named_and_not_taken() -> None:
    """It may be a consent; labels.ids takes it."""
    tables = {"all": table(text=["x", "y"], A=["0", "1"], consent=["yes", "no"])}

    found = read_labels(FROM_DATA, csv(), tables)

    assert found.labels.ids == ("A",)
    assert found.warnings == (
        "column consent is not read as a label: 'no' and 'yes' beside columns of 0 and 1; if it is one, "
        "write 0 and 1, or name all labels with labels.ids=[A,B]",
    )
    both = read_labels(LabelsConfig(ids=["A", "consent"]), csv(), tables)
    assert [cell.labels for cell in both.cells(tables["all"])] == [("consent",), ("A",)]


@pytest.mark.parametrize("odd", [-1, "-1", 0.33, "0.33"])
def test_a_column_of_numbers_near_zero_and_one_is_named(odd: object) -> None:
    """Whoever wrote it may take it for a label."""
    tables = {"all": table(text=["x", "y", "z"], A=["0", "1", "1"], B=[odd, odd, 1])}

    (warning,) = read_labels(FROM_DATA, csv(), tables).warnings

    assert warning.startswith(f"column B is not read as a label: holds {odd!r}")


def test_a_column_with_blanks_stays_a_label() -> None:
    """However many of its cells are blank."""
    tables = {"all": table(text=["x", "y", "z"], A=["0", "1", "1"], B=["", "", "1"])}

    assert label_set(FROM_DATA, csv(), tables).ids == ("A", "B")


@pytest.mark.parametrize("cells", [["0", "1"], [True, False], [[0], [1]]])
def test_a_column_of_two_numbers_names_no_labels(cells: list[object]) -> None:
    """Labels called 0 and 1 would always exclude each other."""
    with pytest.raises(DataError, match=r"data\.label_column=y: notes\.csv holds only .*, which names no label: leave"):
        read_labels(FROM_DATA, csv(label_column="y"), {"all": table(text=["x", "z"], y=cells)})


def test_vectors_need_names() -> None:
    """Else their places would be labels."""
    with pytest.raises(DataError, match=r"holds vectors of 0 and 1, without names: .* labels\.ids=\[A,B\]"):
        read_labels(FROM_DATA, csv(label_column="y"), {"all": table(text=["x"], y=[[1, 0]])})


def test_one_class_per_text_is_read_from_one_column() -> None:
    """Of any of the usual names, or the only one there is; numbers are names."""
    for name, cells in {"label": [2, 0], "kind": ["a, b", "c"]}.items():
        found = read_labels(
            LabelsConfig(kind="single", ids=None if name == "label" else ["a, b", "c"][1:]),
            csv(),
            {"all": table(text=["x", "y"], **{name: cells})},
        )
        assert found.labels.kind == "single"
        assert [cell.labels for cell in found.cells(table(**{name: cells}))] == [(str(cell),) for cell in cells]


def test_numbered_classes_have_their_names() -> None:
    """As the data set declares them; -1 is no class."""
    numbered = SourceTable("notes", {"text": ["x", "y", "z"], "label": [1, 0, -1]}, classes={"label": ("calm", "angry")})

    found = read_labels(LabelsConfig(kind="single"), csv(), {"all": numbered})

    assert found.labels.ids == ("angry", "calm")
    assert found.cells(numbered) == [LabelCell(("angry",)), LabelCell(("calm",)), LabelCell(missing=True)]


def test_two_columns_that_may_hold_the_class_need_a_name() -> None:
    with pytest.raises(DataError, match=r"several columns that may hold the class \(site, rater\)"):
        read_labels(LabelsConfig(kind="single"), csv(), {"all": table(text=["x"], site=["a"], rater=["b"])})


@pytest.mark.parametrize("ids", [None, ["loud", "calm"]])
def test_one_class_per_text_is_read_from_a_column_of_0_and_1_for_each(ids: list[str] | None) -> None:
    """As one-hot files have it; a column of another kind beside them is no class."""

    rows = table(text=["x", "y", "z"], rater=["ann", "bo", "cy"], calm=["1", "0", "0"], loud=["0", "1", "1"])
    found = read_labels(LabelsConfig(kind="single", ids=ids), csv(), {"all": rows})

    assert (found.labels.kind, sorted(found.labels.ids)) == ("single", ["calm", "loud"])
    assert [set(cell.labels) for cell in found.cells(rows)] == [{"calm"}, {"loud"}, {"loud"}]


def test_a_usual_name_is_read_before_columns_of_0_and_1() -> None:
    rows = table(text=["x", "y"], label=["a", "b"], first=["0", "1"], second=["1", "0"])

    assert read_labels(LabelsConfig(kind="single"), csv(), {"all": rows}).labels.ids == ("a", "b")


def test_a_text_without_a_class_cannot_be_negative() -> None:
    """There is no class that it would be."""
    with pytest.raises(ConfigError, match=r"data\.missing_labels=negative needs labels\.kind=multi"):
        read_labels(LabelsConfig(kind="single"), csv(missing_labels="negative"), {"all": table(text=["x"], label=["a"])})


def test_a_column_whose_name_no_metric_could_have_is_refused() -> None:
    """test/recall/macro is taken."""
    with pytest.raises(ConfigError, match="got 'macro': rename the column or label"):
        label_set(FROM_DATA, csv(), {"all": table(text=["x"], macro=["1"])})
