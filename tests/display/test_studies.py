"""What `synthsweep studies` prints: who works on what, what is stale, why something failed."""

import io
import time
from types import SimpleNamespace

import pytest

from synthsweep.display import studies
from synthsweep.display.console import open_console
from synthsweep.display.studies import print_stop, print_studies
from synthsweep.study.shared.state import Holder, StudyState

NOW = time.time()
BUSY = StudyState(
    "dose", "factorial", 8, 2, (Holder("lab-3", "4711", 2, NOW, NOW),), (Holder("lab-4", "9", 1, NOW - 3600, NOW - 600),),
    {"out of memory": 2, "a line\nanother": 1}, 60.0, {"id": "x", "host": "lab-1", "at": NOW + 5},
)  # fmt: skip
DONE = StudyState("old", "search", 4, 4, failed={"too large": 1}, seconds=1.0)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays the moment of the states above, however much later a test runs."""
    clock = SimpleNamespace(time=lambda: NOW, localtime=lambda seconds=NOW: time.localtime(seconds), strftime=time.strftime)
    monkeypatch.setattr(studies, "time", clock)


def printed(*states: StudyState) -> list[str]:
    console = open_console(io.StringIO(), width=120)
    print_studies(console, states, "the storage")
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_each_study_is_a_row_and_what_is_unusual_a_line() -> None:
    lines = printed(BUSY, DONE)

    assert any(line.split() == "│ dose │ factorial │ 2 of 8 │ 2 running, 1 stale, 3 failed │ 3 min │".split() for line in lines)
    assert any(line.split() == "│ old │ search │ 4 of 4 │ finished │ │".split() for line in lines)
    clock = time.strftime("%H:%M", time.localtime(NOW))
    assert f"dose: running on lab-3 (process 4711), 2 replicates since {clock}" in lines
    assert any(line.startswith("dose: stale: lab-4 (process 9), 1 replicate since ") and "for 10 min" in line for line in lines)
    assert any(line.startswith("dose: asked to stop on lab-1 at ") for line in lines)
    assert [line for line in lines if "failed" in line and line.startswith("dose:")] == [
        "dose: failed 2 times: out of memory",
        "dose: failed: a line",
    ]


def test_a_storage_without_studies_says_how_to_begin_one() -> None:
    assert printed() == ["No study is kept in the storage; synthsweep run -m sweeps=NAME begins one."]


def test_a_stop_says_who_was_asked() -> None:
    console = open_console(io.StringIO(), width=120)
    for state in (BUSY, DONE):
        print_stop(console, state)

    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "dose: asked to end after what they run: lab-3 (process 4711), 2 replicates since" in said
    assert "Next: the study's command or synthsweep work study=dose goes on with it" in said
    assert "old: every replicate is finished, nothing runs that could be stopped." in said
