"""How messages are worded."""

import pytest

from synthsweep.messages import first_line, listing, without_password


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("one line", "one line"),
        ("\n\n  the point  \nmore of it", "the point"),
        ("", "ValueError"),
        (" \n ", "ValueError"),
    ],
)
def test_the_first_line_of_an_error_is_the_first_that_says_something(message: str, line: str) -> None:
    """An error that says nothing is named by its type."""
    assert first_line(ValueError(message)) == line


@pytest.mark.parametrize(
    ("values", "limit", "text"),
    [
        ([], 3, ""),
        ([3], 3, "3"),
        ([3, 17, 20], 3, "3, 17, 20"),
        ([3, 17, 20, 21], 3, "3, 17, 20 and 1 more"),
        (["A", "B", "C", "D", "E"], 2, "A, B and 3 more"),
    ],
)
def test_a_listing_shows_the_first_few_and_counts_the_rest(values: list[int], limit: int, text: str) -> None:
    """A message stays one line however many rows are wrong."""
    assert listing(values, limit) == text


def test_a_password_inside_a_message_is_left_out() -> None:
    """Errors name the address that did not answer."""

    message = "MLflow at http://me:s3c/r@t@host:1 is gone; see https://mlflow.org or ask"

    assert without_password(message) == "MLflow at http://host:1 is gone; see https://mlflow.org or ask"


@pytest.mark.parametrize("uri", ["", "mlruns/mlflow.db", "sqlite:////tmp/m.db", "http://127.0.0.1:5000/x?y=1"])
def test_an_address_without_a_password_stays_as_it_is(uri: str) -> None:
    """The run's artifact should say where it was kept."""

    assert without_password(uri) == uri
