"""Files as people have them: of each, what is read or why it is refused is written by hand in shapes/statements.yaml."""

import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.corpus.labels import read_labels
from synthsweep.corpus.load import read_tables
from synthsweep.corpus.validate import to_examples
from synthsweep.errors import InputError
from synthsweep.examples import Example

SHAPES = Path(__file__).with_name("shapes")
STATEMENTS: list[dict[str, Any]] = yaml.safe_load((SHAPES / "statements.yaml").read_text())
KINDS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".json": "jsonl", ".parquet": "parquet"}


def read(statement: dict[str, Any]) -> tuple[list[Example], list[str]]:
    """The examples of a file, and the lines that say how it was read."""
    file = SHAPES / statement["file"]
    data = replace(DataConfig(kind=KINDS[file.suffix], path=str(file)), **statement.get("data", {}))
    table = read_tables(data)["all"]
    reading = read_labels(LabelsConfig(**statement.get("labels", {})), data, {"all": table})
    examples = to_examples(table, data, reading.labels, part="all", reading=reading)
    return list(examples), [*table.notes, *reading.notes, *reading.warnings]


def example_of(row: str) -> Example:
    """An example as a statement writes it."""
    ident, text, labels, group, unknown = [part.strip() for part in f"{row}||||".split("|")[:5]]
    named = [frozenset(filter(None, names.split(","))) for names in (labels, unknown)]
    return Example(ident, text, named[0], group or None, unknown=named[1])


def name_of(statement: dict[str, Any]) -> str:
    keys = {**statement.get("data", {}), **statement.get("labels", {})}
    return " ".join([statement["file"], *(f"{key}={value}" for key, value in keys.items())])


@pytest.mark.parametrize("statement", STATEMENTS, ids=name_of)
def test_a_file_is_read_as_it_is_written_or_refused(statement: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """In one line that says what to do; whatever is converted is said."""
    caplog.set_level(logging.WARNING)
    if refusal := statement.get("refused"):
        with pytest.raises(InputError) as error:
            read(statement)
        assert str(error.value).startswith(refusal)
        assert "\n" not in str(error.value)
        return

    examples, lines = read(statement)

    assert examples == [example_of(row) for row in statement["rows"]]
    assert any(statement.get("says", "") in line for line in [*lines, *caplog.messages])


def test_every_file_has_a_statement() -> None:
    """Each says what is read or what is refused, never both."""
    files = {file.name for file in SHAPES.iterdir() if file.suffix in KINDS}

    assert {statement["file"] for statement in STATEMENTS} == files
    assert Counter("refused" in statement for statement in STATEMENTS) == {False: 74, True: 51}
    assert all(("rows" in statement) != ("refused" in statement) for statement in STATEMENTS)
