"""Columns that list the labels of a text, in every form that people have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthsweep.corpus.label_forms.cells import MISSING, LabelCell
from synthsweep.corpus.label_forms.lists import list_form


def listed(*cells: object, ids: list[str] | None = None) -> list[LabelCell]:
    """What the cells of one column say."""
    form, _ = list_form(cells, ids=ids)
    return [form.read(cell) for cell in cells]


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("", []),
        (" ; ", []),
        ("A", ["A"]),
        ("A;B", ["A", "B"]),
        ("A, B", ["A", "B"]),
        ("A | B|", ["A", "B"]),
        ("two words;B", ["two words", "B"]),
        (["A", " B "], ["A", "B"]),
        ([3, 5], ["3", "5"]),
        ([3.0], ["3"]),
        (2, ["2"]),
        ([], []),
        ('["a", "b"]', ["a", "b"]),
        ("['a', 'b']", ["a", "b"]),
        ("[]", []),
        ({"a": 1, "b": 0, "c": True}, ["a", "c"]),
        ('{"a": 1, "b": 0}', ["a"]),
        ({"choices": ["a", "b"]}, ["a", "b"]),
        ({"choices": "a"}, ["a"]),
        ('{"choices":["a","b"]}', ["a", "b"]),
        ([{"result": [{"value": {"choices": ["a"]}}, {"value": {"text": ["x"]}}]}], ["a"]),
        ([("a", True), ("b", False)], ["a"]),
    ],
)
def test_a_cell_of_a_list_column_names_the_labels_of_a_text(cell: object, labels: list[str]) -> None:
    """Lists, objects, choices of Label Studio, or names with something between; an empty cell is a negative, not an error."""
    assert listed(cell) == [LabelCell(tuple(labels))]


@pytest.mark.parametrize("cell", [None, float("nan"), "NA", "n/a", "null"])
def test_a_cell_without_a_value_is_missing_and_no_empty_list(cell: object) -> None:
    """Nobody said that such a text has no label."""
    assert listed(cell) == [LabelCell(missing=True)]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("[a, b", "'[a, b' is not a list that can be read"),
        ("['a' 'b']", "is not a list that can be read"),
        ([None], "None is not the name of a label"),
        ([["a"]], "['a'] is not the name of a label"),
        ([0.3, 0.7], "0.3 is not the name of a label"),
        ({"a": 2}, "a is 2"),
        ({"taxonomy": [["a"]]}, "taxonomy is [['a']]"),
        ([{"name": "a"}], "is not an annotation with a result"),
        ([{"result": [{"value": "choices"}]}], "'choices' is not the value of a result"),
        ([{"result": [{"value": {"choices": "ab"}}]}], "is not the value of a result"),
        ([{"result": [5]}], "None is not the value of a result"),
        ([{"result": [{"value": {"labels": ["a"]}}]}], "its results hold labels, not choices"),
        ("{'a' 'b'}", "is not a list that can be read"),
        ([{"result": [{"value": {"choices": [label]}}]} for label in "ab"], "its annotations differ"),
    ],
)
def test_a_cell_that_is_no_list_of_labels_says_what_is_wrong(cell: object, rule: str) -> None:
    """It is never split into something that looks like labels."""
    (found,) = listed(cell)

    assert (found.labels, len(found.problems)) == ((), 1)
    assert rule in found.problems[0].rule


def test_one_mark_separates_the_names_of_a_column() -> None:
    """A comma in a cell of a column that has semicolons is part of a name, which a person must decide on."""
    first, second = listed("A;B", "joy, or hope")

    assert first == LabelCell(("A", "B"))
    assert [problem.key for problem in second.problems] == ["mark"]
    assert listed("A;B", "joy, or hope", ids=["A", "B", "joy, or hope"])[1] == LabelCell(("joy, or hope",))


@pytest.mark.parametrize("cells", [([1, 0], [0, 1]), ("[1,0]", "[0,1]"), ("1 0", "0 1"), ([1.0, 0.0], [0.0, 1.0])])
def test_a_vector_of_zeros_and_ones_is_read_by_the_names_of_its_places(cells: tuple[object, ...]) -> None:
    """As labels.ids names them in order."""
    assert listed(*cells, ids=["A", "B"]) == [LabelCell(("A",)), LabelCell(("B",))]


def test_a_key_that_an_object_lacks_is_unknown_where_others_say_0() -> None:
    """Where only what is 1 is written down, it is a negative."""
    assert listed({"a": 1, "b": 0}, {"a": 0}, {"a": 1, "b": None}) == [
        LabelCell(("a",)),
        LabelCell(unknown=("b",)),
        LabelCell(("a",), ("b",)),
    ]
    assert listed({"a": 1}, {"b": 1}, {}) == [LabelCell(("a",)), LabelCell(("b",)), LabelCell()]


@settings(deadline=None, max_examples=50)
@given(
    labels=st.lists(
        st.from_regex(r"[a-zA-Z_][\w\-.]{0,4}", fullmatch=True).filter(lambda name: name.lower() not in MISSING), max_size=5
    ),
    separator=st.sampled_from([";", ",", "|", " ; "]),
)
def test_labels_survive_being_written_into_a_cell(labels: list[str], separator: str) -> None:
    """Whichever of the three separators a file uses."""
    assert listed(separator.join(labels)) == [LabelCell(tuple(labels))]
