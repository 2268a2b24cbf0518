"""Predictions as files of three formats, with the same rows."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from support.constant_classifiers import CARD, Constant
from synthsweep.errors import DataError
from synthsweep.predict.ensemble import make_ensemble
from synthsweep.predict.new_texts import TextPart
from synthsweep.predict.written import columns_of, predict_part, require_free_names, write_tables

ENSEMBLE = make_ensemble([Constant((0.0, -3.0)), Constant((1.0, -3.0))], None, calibrated=False)
PART = TextPart(["one", "", "three"], {"row": [2, 3, 4], "id": ["x", "y", 7]})


def tables() -> Iterator[pa.Table]:
    yield predict_part(PART, ENSEMBLE)
    yield predict_part(TextPart([""], {"row": [5], "id": [8]}), ENSEMBLE)


def test_a_row_without_a_text_has_empty_cells() -> None:
    table = predict_part(PART, ENSEMBLE)

    assert table.column_names == ["row", "id", "A", "B", "probability/A", "probability/B", "sd/A", "sd/B"]
    assert table.column("id").to_pylist() == ["x", "y", "7"]
    assert table.column("A").to_pylist() == [1, None, 1]
    assert table.column("B").to_pylist() == [0, None, 0]
    assert table.column("probability/A").to_pylist()[1] is None


def test_every_format_holds_the_same_rows(tmp_path: Path) -> None:
    for suffix in ("csv", "jsonl", "parquet"):
        write_tables(tables, tmp_path / f"out.{suffix}")

    from_parquet = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    with (tmp_path / "out.csv").open(newline="") as file:
        from_csv = list(csv.DictReader(file))

    assert [row["id"] for row in from_parquet] == ["x", "y", "7", "8"]
    assert [json.loads(line)["probability/A"] for line in lines] == [row["probability/A"] for row in from_parquet]
    assert [row["probability/A"] for row in from_csv] == [
        "" if (p := row["probability/A"]) is None else repr(p) for row in from_parquet
    ]
    assert (tmp_path / "out.csv").stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_written_leaves_nothing_half_done(tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()

    with pytest.raises(DataError, match=r"out=.*it cannot be written"):
        write_tables(tables, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_the_class_of_a_text_is_a_name() -> None:
    single = Constant((0.0, 2.0), replace(CARD, kind="single", thresholds={}))
    ensemble = make_ensemble([single], None, calibrated=False)

    assert columns_of(ensemble) == ["class", "probability/A", "probability/B"]
    assert predict_part(PART, ensemble).column("class").to_pylist() == ["B", None, "B"]


def test_a_copied_column_cannot_have_the_name_of_a_prediction() -> None:
    with pytest.raises(DataError, match="columns: A is also the name"):
        require_free_names(["row", "A"], columns_of(ENSEMBLE))


def test_probabilities_are_written_as_they_are(tmp_path: Path) -> None:
    write_tables(tables, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        first = next(csv.DictReader(file))

    assert float(first["probability/A"]) == ENSEMBLE(["one"]).probabilities[0, 0]
    assert np.isfinite(float(first["sd/A"]))
