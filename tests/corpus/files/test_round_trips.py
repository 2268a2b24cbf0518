"""Whatever a program writes as CSV, JSON or Parquet comes back as it was, or the file is refused."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthsweep.config.keys.texts import DataConfig, LabelsConfig
from synthsweep.corpus.alike import is_invisible
from synthsweep.corpus.labels import read_labels
from synthsweep.corpus.load import read_tables
from synthsweep.corpus.validate import to_examples
from synthsweep.errors import DataError
from synthsweep.examples import Example

many = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
# A text as people write it: spaces around it are no part of it, and there is something in it.
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
texts = words.filter(lambda text: text == text.strip() and "\ufffd" not in text and not is_invisible(text))
idents = st.text(st.characters(categories=["L", "N"], max_codepoint=0x3000), min_size=1, max_size=5)
rows = st.lists(
    st.tuples(idents, texts, idents, st.booleans(), st.booleans()), min_size=1, max_size=6, unique_by=lambda row: row[0]
)
NAMES = ["id", "text", "child", "A", "B"]
Rows = list[tuple[str, str, str, bool, bool]]


def examples_of(path: str, kind: str, ids: Sequence[str] = ("A", "B"), **keys: Any) -> list[Example]:
    data = DataConfig(kind=kind, path=path, group="child", **keys)
    table = read_tables(data)["all"]
    reading = read_labels(LabelsConfig(ids=list(ids)), data, {"all": table})
    return list(to_examples(table, data, reading.labels, part="all", reading=reading))


def outcome(read: Callable[[], Any]) -> Any:
    """What is read, or the line that refuses it."""
    try:
        return read()
    except DataError as error:
        return str(error)


def expected(given_rows: Rows) -> list[Example]:
    return [
        Example(ident, text, frozenset(label for label, truth in zip("AB", (a, b), strict=True) if truth), group)
        for ident, text, group, a, b in given_rows
    ]


def require_as_written(given_rows: Rows) -> None:
    """Checks that the CSV file holds the rows, or is refused: Python quotes only those line ends that end its rows."""
    found = outcome(lambda: examples_of("notes.csv", "csv"))
    if isinstance(found, str):
        assert any({"\r", "\n"} & set(text) for _, text, _, _, _ in given_rows)
        assert "a carriage return or a line feed" in found
    else:
        assert found == expected(given_rows)


def frame(given_rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(given_rows, columns=NAMES)


@many
@given(
    given_rows=rows,
    separator=st.sampled_from([",", ";", "\t"]),
    mark=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_a_csv_file_of_pandas_comes_back(given_rows: Rows, separator: str, mark: str) -> None:
    """In each encoding with a mark, with each separator."""
    frame(given_rows).to_csv("notes.csv", index=False, sep=separator, encoding=mark)

    require_as_written(given_rows)


@many
@given(
    given_rows=rows,
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_a_csv_file_of_the_standard_library_comes_back(given_rows: Rows, end: str, quoting: Any) -> None:
    """With each way to end a row and to quote a cell."""
    with Path("notes.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator=end, quoting=quoting)
        writer.writerows([NAMES, *([*row[:3], int(row[3]), int(row[4])] for row in given_rows)])

    require_as_written(given_rows)


@many
@given(given_rows=rows, ascii_only=st.booleans(), array=st.booleans())
def test_a_json_file_comes_back(given_rows: Rows, ascii_only: bool, array: bool) -> None:
    """An object per line, or one array."""
    objects = [dict(zip(NAMES, row, strict=True)) for row in given_rows]
    lines = "".join(json.dumps(one, ensure_ascii=ascii_only) + "\n" for one in objects)
    Path("notes.jsonl").write_text(json.dumps(objects, indent=2) if array else lines, encoding="utf-8")

    assert examples_of("notes.jsonl", "jsonl") == expected(given_rows)


@many
@given(given_rows=rows)
def test_json_lines_of_pandas_come_back(given_rows: Rows) -> None:
    frame(given_rows).to_json("notes.jsonl", orient="records", lines=True)

    assert examples_of("notes.jsonl", "jsonl") == expected(given_rows)


@many
@given(given_rows=rows, by_pandas=st.booleans())
def test_a_parquet_file_comes_back(given_rows: Rows, by_pandas: bool) -> None:
    """Of pandas and of pyarrow."""
    if by_pandas:
        frame(given_rows).to_parquet("notes.parquet")
    else:
        pq.write_table(pa.Table.from_pandas(frame(given_rows)), "notes.parquet")

    assert examples_of("notes.parquet", "parquet") == expected(given_rows)


@many
@given(
    labels=st.lists(st.lists(st.sampled_from(["A", "B"]), unique=True), min_size=1, max_size=5),
    form=st.sampled_from(["csv", "jsonl", "python"]),
)
def test_lists_of_labels_come_back(labels: list[list[str]], form: str) -> None:
    """As JSON, and as Python writes them into a CSV file."""
    table = pd.DataFrame({"text": [f"text {number}" for number in range(len(labels))], "labels": labels, "child": "c"})
    if form == "jsonl":
        table.to_json("notes.jsonl", orient="records", lines=True)
    else:
        written = table if form == "python" else table.assign(labels=[json.dumps(one) for one in labels])
        written.to_csv("notes.csv", index=False)
    kind = "jsonl" if form == "jsonl" else "csv"

    found = examples_of(f"notes.{kind}", kind, label_column="labels")

    assert [example.labels for example in found] == [frozenset(one) for one in labels]


values = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=4) | st.lists(st.integers(0, 1), max_size=2)
)


@many
@given(cells=st.lists(st.tuples(values, values, values, values), min_size=1, max_size=5))
def test_any_json_value_is_read_or_refused(cells: list[tuple[Any, ...]]) -> None:
    """No other error, and no label that nobody wrote."""
    lines = [json.dumps(dict(zip(["id", "text", "child", "A"], row, strict=True))) for row in cells]
    Path("notes.jsonl").write_text("\n".join(lines))

    found = outcome(lambda: examples_of("notes.jsonl", "jsonl", ids=["A"]))

    if isinstance(found, str):
        assert "\n" not in found
        return
    for example, (_, _, _, truth) in zip(found, cells, strict=True):
        said = str(truth).strip().lower()
        assert (example.labels == {"A"}) == (said.startswith("1") or said in {"true", "+1", "yes", "y", "t"})


@many
@given(content=st.binary(max_size=60), kind=st.sampled_from(["csv", "jsonl", "parquet"]))
def test_any_bytes_are_read_or_refused_in_one_line(content: bytes, kind: str) -> None:
    """Whatever a file holds."""
    Path(f"notes.{kind}").write_bytes(content)

    found = outcome(lambda: read_tables(DataConfig(kind=kind, path=f"notes.{kind}"))["all"])

    assert "\n" not in found if isinstance(found, str) else len(found) > 0


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp1250", "shift-jis", "gb18030", "utf-16-le", "utf-7"])
def test_a_file_in_the_encoding_that_a_key_names_comes_back(encoding: str) -> None:
    """Every encoding that Python knows."""
    text = {"shift-jis": "日本語", "gb18030": "汉字", "cp1250": "łódź", "utf-7": "größe"}.get(encoding, "größe")
    Path("notes.csv").write_bytes(f"text,A,B,child\n{text},1,0,c\n".encode(encoding))

    assert [example.text for example in examples_of("notes.csv", "csv", encoding=encoding)] == [text]
