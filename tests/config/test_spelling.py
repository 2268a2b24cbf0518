"""One spelling of every number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.config.spelling import default_text, is_decimal, number_text, read_params, spelled


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("0.50", "0.5"),
        ("1", "1"),
        ("1.0", "1"),
        (1, "1"),
        (1.0, "1"),
        ("1e-4", "0.0001"),
        (0, "0"),
        (-0.0, "0"),
        ("2.50e-1", "0.25"),
    ],
)
def test_a_decimal_number_is_written_one_way(typed: object, written: str) -> None:
    """Typed, read from a store, or computed."""

    assert spelled("mix.ratio", typed) == written


@pytest.mark.parametrize(
    ("key", "value"),
    [("model.name", "1.0"), ("data.subset", "0.50"), ("mix.count", "2"), ("evaluation.threshold", "dev_f1"), ("x.y", "1.0")],
)
def test_what_is_no_decimal_number_stays_as_it_is(key: str, value: str) -> None:
    """A name, a whole number, a word, a key of another version."""

    assert spelled(key, value) == value


@given(number=st.floats(allow_nan=False))
def test_the_text_reads_as_the_number(number: float) -> None:
    assert float(number_text(number)) == number


def test_every_key_for_decimal_numbers_is_known() -> None:
    """Also where it may be null or a word, and in a section of a section."""

    keys = ("mix.ratio", "training.dropout", "evaluation.threshold", "llm.simulator.diversity", "++training.learning_rate")
    assert [is_decimal(key) for key in keys] == [True] * len(keys)
    assert [is_decimal(key) for key in ("seed", "mix.arm", "llm", "llm.simulator", "nothing", "")] == [False] * 6


def test_a_run_of_an_earlier_version_has_the_dose_that_acted() -> None:
    """It had both keys, and numbers as they were typed."""

    assert read_params({"mix.ratio": "1.0", "mix.count": "None", "a": "1.0"}) == {"mix.ratio": "1", "a": "1.0"}
    assert read_params({"mix.ratio": "0.5", "mix.count": "2"}) == {"mix.count": "2"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"), (True, "true"), (1e-4, "0.0001"), (3, "3"), ("", '""'), ("${seed}", "${seed}"),
        (["A1", 2.0, None], "[A1, 2, null]"), ({"label": {"x": False}}, "{label: {x: false}}"), ([], "[]"), ({}, "{}"),
    ],
)  # fmt: skip
def test_a_default_is_written_as_in_yaml(value: object, text: str) -> None:
    assert default_text(value) == text
