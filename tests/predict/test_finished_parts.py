"""What a command has predicted stays, for this command and no other."""

from pathlib import Path

import pyarrow as pa
import pytest

from synthsweep.errors import DataError
from synthsweep.predict.finished_parts import FinishedParts

QUESTION = {"file": "abc", "calibrated": False}


def test_parts_stay_for_the_same_question(tmp_path: Path) -> None:
    parts = FinishedParts(tmp_path / "parts", QUESTION)
    with parts.held(force=False) as before:
        parts.put(0, pa.table({"row": [1, 2]}))
        parts.put(1, pa.table({"row": [3]}))

    again = FinishedParts(tmp_path / "parts", QUESTION)
    with again.held(force=False) as after:
        rows = [row for table in again.tables() for row in table.column("row").to_pylist()]

    assert (before, after, rows) == (0, 2, [1, 2, 3])


def test_a_part_that_was_being_written_does_not_count(tmp_path: Path) -> None:
    parts = FinishedParts(tmp_path / "parts", QUESTION)
    with parts.held(force=False):
        parts.put(0, pa.table({"row": [1]}))
    (tmp_path / "parts" / "00000001.parquet.part").write_bytes(b"half of it")

    with parts.held(force=False) as done:
        assert done == 1


def test_another_question_is_refused_and_begins_anew_by_force(tmp_path: Path) -> None:
    with FinishedParts(tmp_path / "parts", QUESTION).held(force=False):
        FinishedParts(tmp_path / "parts", QUESTION).put(0, pa.table({"row": [1]}))
    other = FinishedParts(tmp_path / "parts", {**QUESTION, "calibrated": True})

    with pytest.raises(DataError, match="another calibrated"), other.held(force=False):
        pass
    with other.held(force=True) as done:
        assert done == 0


def test_two_commands_do_not_write_into_one_folder(tmp_path: Path) -> None:
    parts = FinishedParts(tmp_path / "parts", QUESTION)

    with parts.held(force=False), pytest.raises(DataError, match="another command is writing"), parts.held(force=False):
        pass


def test_parts_are_their_owners_alone(tmp_path: Path) -> None:
    parts = FinishedParts(tmp_path / "parts", QUESTION)
    with parts.held(force=False):
        parts.put(0, pa.table({"row": [1]}))

    modes = {path.name: path.stat().st_mode & 0o077 for path in [parts.folder, *parts.folder.iterdir()]}
    assert set(modes.values()) == {0}, modes


def test_a_command_that_ends_before_its_first_part_leaves_nothing(tmp_path: Path) -> None:
    """So that the next one, with other keys, is not refused."""
    with pytest.raises(DataError, match="no such label"), FinishedParts(tmp_path / "parts", QUESTION).held(force=False):
        raise DataError("no such label")

    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """A file is in its place, below a file, or what it holds was written by something else."""
    (tmp_path / "parts").write_text("")
    for folder in (tmp_path / "parts", tmp_path / "parts" / "below"):
        with pytest.raises(DataError, match=r"for finished parts, cannot be made \(.*: give another out=FILE$"):
            FinishedParts(folder, QUESTION).held(force=False).__enter__()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "question.json").write_text("{cut")
    with pytest.raises(DataError, match=r"question\.json: it cannot be read .*force=true to begin anew$"):
        FinishedParts(tmp_path / "more", QUESTION).held(force=False).__enter__()
