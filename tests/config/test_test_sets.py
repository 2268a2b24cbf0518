"""How several test sets are named."""

import pytest

from support.builders import run_config
from synthsweep.config.keys.texts import DataConfig, FilesConfig
from synthsweep.config.test_sets import is_test, named_test_sets
from synthsweep.errors import ConfigError


@pytest.mark.parametrize(
    ("given", "sets"),
    [
        ("a.csv", {"test": "a.csv"}),
        (["a.csv"], {"test": "a.csv"}),
        (["x/a.csv", "b.csv"], {"test": "x/a.csv", "test_b": "b.csv"}),
        ({"north": "a.csv", "south-1": "b.csv"}, {"test": "a.csv", "test_south-1": "b.csv"}),
        ({1: "a.csv", 2: "b.csv"}, {"test": "a.csv", "test_2": "b.csv"}),
        ("my texts (1).csv", {"test": "my texts (1).csv"}),
    ],
)
def test_the_first_is_test_and_the_others_have_names(given: object, sets: dict[str, str]) -> None:
    """One file is what it was before there were several."""
    assert named_test_sets(given) == sets
    assert FilesConfig(train="t.csv", test=given).test_sets == sets


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "at least one file"),
        (["x/a.csv", "y/a.csv"], "two test sets are called a"),
        (["a.csv", "A.csv"], "two test sets are called A"),
        ({"a": "t.csv", "b": "t.csv"}, "t.csv is named twice"),
        (["a.csv", "my texts.csv"], "'my texts' cannot be part of a metric's name"),
        ({"a/b": "a.csv", "c": "b.csv"}, "'a/b' cannot be part"),
        (["a.csv", None], "got None in it"),
        ([["a.csv"], "b.csv"], "in it"),
        ({"a": {"b": "c.csv"}}, "in it"),
        (True, "got True in it"),
    ],
)
def test_what_cannot_be_named_is_refused(given: object, said: str) -> None:
    """In one line with the way out."""
    with pytest.raises(ConfigError, match=said):
        FilesConfig(train="t.csv", test=given)


def test_a_part_is_a_test_set_by_its_name() -> None:
    """The others are train and dev."""
    assert [is_test(part) for part in ("train", "dev", "test", "test_b", "tested")] == [False, False, True, True, False]


def test_several_need_a_training_file_of_their_own() -> None:
    """data.path is split into all three parts, so a further file would have no place."""
    with pytest.raises(ConfigError, match="one of the two"):
        run_config("data=csv", "data.path=a.csv", "data.files.test=[b.csv,c.csv]")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["sex", "sex"], "must name different columns"),
        ("text", "this column is data.text"),
        ("id", "this column is data.id"),
        ({"sex": 1}, "must be a word or a list of words"),
        ([["sex"]], "must be a word or a list of words"),
    ],
)
def test_a_subgroup_is_a_column_of_its_own(given: object, said: str) -> None:
    """Not one that says something else already."""
    with pytest.raises(ConfigError, match=said):
        DataConfig(kind="csv", path="a.csv", subgroup=given)
