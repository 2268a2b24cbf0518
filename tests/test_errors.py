"""The error tree as the command line and the messages rely on it."""

import inspect
import re

import pytest

from synthsweep import errors
from synthsweep.errors import (
    ConfigError,
    DataError,
    InputError,
    Interrupted,
    ModelError,
    PoolError,
    Refusal,
    SynthsweepError,
    TrackingError,
    TrainingError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SynthsweepError, 1),
        (TrackingError, 1),
        (TrainingError, 1),
        (InputError, 2),
        (ConfigError, 2),
        (DataError, 2),
        (PoolError, 2),
        (ModelError, 2),
        (Interrupted, 130),
    ],
)
def test_each_error_leaves_with_its_exit_status(error: type[SynthsweepError], status: int) -> None:
    """So that a shell script can distinguish bad input, a failed run and Ctrl-C."""
    assert error("why").exit_status == status


def test_the_tree_in_the_docstring_names_every_error_below_its_parent() -> None:
    """The drawing is what people read first, so it may not fall behind the classes."""
    drawn: list[tuple[str, str]] = []
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"([│├└─ ]*)([A-Z]\w+) {2,}", line)
        if found:
            depth = len(found[1]) // 4
            above = [*above[:depth], found[2]]
            drawn.append((found[2], above[-2] if depth else "Exception"))

    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SynthsweepError)]
    assert {(kind.__name__, kind.__bases__[0].__name__) for kind in kinds} == set(drawn)


def test_a_refusal_passes_every_handler_of_exceptions() -> None:
    """Hydra prints a line of its own for whatever is an Exception."""
    refusal = Refusal(DataError("no such file"))

    assert not isinstance(refusal, Exception)
    assert str(refusal) == "no such file"
    assert refusal.error.exit_status == 2
