"""Warnings of many runs: each line once, with how many runs it concerns, and none lost by an error."""

import logging

import pytest

from synthsweep.study.gathered_warnings import gathered_warnings

log = logging.getLogger("synthsweep.gathered")


def test_each_line_is_said_once_with_its_runs(caplog: pytest.LogCaptureFixture) -> None:
    with gathered_warnings(log):
        for label in ("A", "B", "A", "A"):
            log.warning("no synthetic text carries %s", label)
        assert caplog.messages == []

    assert caplog.messages == ["no synthetic text carries A (3 runs)", "no synthetic text carries B"]
    log.warning("later")
    assert caplog.messages[-1] == "later"


def test_an_error_loses_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ZeroDivisionError):
        _fail_after_a_warning()

    assert caplog.messages == ["before"]


def _fail_after_a_warning() -> None:
    with gathered_warnings(log):
        log.warning("before")
        1 / 0  # noqa: B018
