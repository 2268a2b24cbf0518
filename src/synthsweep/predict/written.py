"""Predictions as a table, and tables as a file: CSV, JSON Lines or Parquet."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from synthsweep.errors import DataError
from synthsweep.predict.ensemble import Ensemble
from synthsweep.predict.new_texts import TextPart
from synthsweep.storage.private import open_private

if TYPE_CHECKING:
    import pyarrow as pa

    Tables = Callable[[], Iterator[pa.Table]]

# The column of the most probable class, where each text has exactly one.
CLASS = "class"
# As a run and MLflow call them.
PROBABILITY, SPREAD = "probability/{}", "sd/{}"


def columns_of(ensemble: Ensemble) -> list[str]:
    """The columns of predictions, in order: decisions, probabilities and, of several classifiers, their standard deviation."""
    labels = ensemble.labels
    decided = list(labels) if ensemble.kind == "multi" else [CLASS]
    spread = [SPREAD.format(label) for label in labels] if len(ensemble.members) > 1 else []
    return [*decided, *(PROBABILITY.format(label) for label in labels), *spread]


def require_free_names(beside: Iterable[str], predicted: Iterable[str]) -> None:
    """Raises DataError where a column that is copied has the name of a predicted one."""
    taken = sorted(set(beside) & set(predicted))
    if taken:
        raise DataError(
            f"columns: {taken[0]} is also the name of a column of predictions: leave it out, or rename it in the file"
        )


def predict_part(part: TextPart, ensemble: Ensemble) -> "pa.Table":
    """A row per row of the file; a row without a text has empty cells."""
    import pyarrow as pa

    places = [place for place, text in enumerate(part.texts) if text]
    columns = {name: _copied(cells) for name, cells in part.beside.items()}
    if places:
        found = ensemble([part.texts[place] for place in places])
        one_class = ensemble.kind == "single"
        decided = np.array(ensemble.labels)[found.decisions.argmax(axis=1), None] if one_class else found.decisions.astype(int)
        blocks = [decided, found.probabilities, *([] if found.spread is None else [found.spread])]
        values = [column for block in blocks for column in block.T.tolist()]
    else:
        values = [[] for _ in columns_of(ensemble)]
    for name, column in zip(columns_of(ensemble), values, strict=True):
        cells: list[Any] = [None] * len(part.texts)
        for place, value in zip(places, column, strict=True):
            cells[place] = value
        columns[name] = pa.array(cells, _type_of(name, ensemble))
    return pa.table(columns)


def _type_of(name: str, ensemble: Ensemble) -> "pa.DataType":
    import pyarrow as pa

    if ensemble.kind == "single" and name == CLASS:
        return pa.string()
    return pa.int8() if name in ensemble.labels and ensemble.kind == "multi" else pa.float64()


def _copied(cells: list[Any]) -> "pa.Array":
    """Cells of the file with their own type where all share it, else as text."""
    import pyarrow as pa

    kinds = {type(cell) for cell in cells if cell is not None}
    if len(kinds) == 1 and kinds <= {str, int, float, bool}:
        try:
            return pa.array(cells)
        except (pa.ArrowException, OverflowError, UnicodeError):
            # A number of more than 64 bits, or half a letter.
            pass
    return pa.array([None if cell is None else _as_text(cell) for cell in cells], pa.string())


def _as_text(cell: Any) -> str:
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False, default=str)
    return text.encode("utf-8", errors="replace").decode()


def positives_in(tables: "Iterable[pa.Table]", ensemble: Ensemble) -> dict[str, int]:
    """How many texts each label was given to."""
    import pyarrow.compute as pc

    found = dict.fromkeys(ensemble.labels, 0)
    for table in tables:
        for label in found:
            given = pc.equal(table[CLASS], label) if ensemble.kind == "single" else table[label]
            found[label] += pc.sum(given).as_py() or 0
    return found


def write_tables(tables: "Tables", out: Path) -> None:
    """Writes tables behind one another into one file, whole or not at all; the file is its owner's alone.

    Raises:
        DataError: it cannot be written.
    """
    part = out.with_name(out.name + ".part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with open_private(part, "xb") as file:
            WRITERS[out.suffix.lower()](tables, file)
        part.replace(out)
    except OSError as error:
        raise DataError(f"out={out}: it cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def _write_csv(tables: "Tables", file: IO[bytes]) -> None:
    with _text_file(file) as text:
        writer = csv.writer(text, lineterminator="\n")
        for number, table in enumerate(tables()):
            if not number:
                writer.writerow(table.column_names)
            writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _write_jsonl(tables: "Tables", file: IO[bytes]) -> None:
    with _text_file(file) as text:
        for table in tables():
            text.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist())


def _write_parquet(tables: "Tables", file: IO[bytes]) -> None:
    from pyarrow import parquet

    schema = _common_schema([table.schema for table in tables()])
    with parquet.ParquetWriter(file, schema) as writer:
        for table in tables():
            writer.write_table(table.cast(schema))


def _common_schema(schemas: "Sequence[pa.Schema]") -> "pa.Schema":
    """The types of the columns; one whose parts have different types is text."""
    import pyarrow as pa

    kinds = {name: {schema.field(name).type for schema in schemas} for name in schemas[0].names}
    return pa.schema([(name, found.pop() if len(found) == 1 else pa.string()) for name, found in kinds.items()])


@contextmanager
def _text_file(file: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    yield text
    text.flush()
    text.detach()


WRITERS: "Mapping[str, Callable[[Tables, IO[bytes]], None]]" = {
    ".csv": _write_csv, ".jsonl": _write_jsonl, ".parquet": _write_parquet,
}  # fmt: skip
