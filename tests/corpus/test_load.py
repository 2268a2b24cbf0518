"""Files as people have them: CSV, JSONL and Parquet read as they stand, and refused in one line."""

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synthsweep.config.keys.texts import DataConfig, FilesConfig
from synthsweep.corpus.files.table import SourceTable
from synthsweep.corpus.load import read_tables
from synthsweep.errors import DataError


def read(name: str, content: str | bytes = "", kind: str = "") -> SourceTable:
    """The table of a file of that content, read as its suffix says by default."""
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_tables(DataConfig(kind=kind or name.rpartition(".")[2], path=name))["all"]


def jsonl(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_a_csv_file_is_read_as_text() -> None:
    """Leading zeros stay on ids, and a label is whatever the file wrote."""
    assert read("notes.csv", "id,text,A\n007,one,1\n08,two,0.0\n").columns == {
        "id": ["007", "08"],
        "text": ["one", "two"],
        "A": ["1", "0.0"],
    }


@pytest.mark.parametrize("text", ["NA", "N/A", "null", "None", "nan", "-"])
def test_a_text_that_looks_like_a_missing_value_is_kept(text: str) -> None:
    """Records say NA and mean it."""
    assert read("notes.csv", f"text,A\n{text},1\n").columns["text"] == [text]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"one, two"', "one, two"),
        ('"one\ntwo"', "one\ntwo"),
        ('"said ""no"""', 'said "no"'),
        ("größe – 5′", "größe – 5′"),
        ('""', ""),
        (" spaced ", " spaced "),
    ],
)
def test_a_csv_text_may_hold_what_quotes_protect(written: str, text: str) -> None:
    """Commas, newlines, quotes, and what ASCII lacks."""
    assert read("notes.csv", f"text,A\n{written},1\n").columns == {"text": [text], "A": ["1"]}


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    """Excel writes one in front of UTF-8."""
    assert list(read("notes.csv", "\ufeffid,text\n1,one\n".encode()).columns) == ["id", "text"]


def test_rows_end_as_windows_ends_them() -> None:
    """The last label keeps no carriage return."""
    assert read("notes.csv", "text,A\r\none,1\r\ntwo,0\r\n").columns == {"text": ["one", "two"], "A": ["1", "0"]}


def test_a_column_without_a_name_gets_one() -> None:
    """Pandas writes its index as such a column."""
    assert read("notes.csv", ",text,A\n0,one,1\n").columns == {"Unnamed: 0": ["0"], "text": ["one"], "A": ["1"]}


def test_a_csv_table_counts_its_rows_from_the_header() -> None:
    """Row 2 is the first row of data, as in a spreadsheet; other files begin with row 1."""
    assert read("notes.csv", "text,A\none,1\n").first_row == 2
    assert read("notes.jsonl", jsonl({"text": "one"})).first_row == 1


def test_more_rows_than_a_batch_holds_are_all_read() -> None:
    """Pandas reads 10,000 at a time, and they stay in order."""
    table = read("notes.csv", "text,A\n" + "".join(f"text {number},1\n" for number in range(25_000)))

    assert len(table) == 25_000
    assert table.columns["text"] == [f"text {number}" for number in range(25_000)]


def test_a_jsonl_file_keeps_its_types() -> None:
    """Lists, numbers, truths and missing values."""
    rows = [
        {"id": "01", "text": "one", "labels": ["A", "B"], "A": 1, "B": True},
        {"id": "02", "text": None, "labels": [], "A": 0, "B": False},
    ]

    assert read("notes.jsonl", jsonl(*rows)).columns == {name: [row[name] for row in rows] for name in rows[0]}


def test_a_parquet_file_keeps_its_types() -> None:
    columns = {"text": ["one", "two"], "labels": [["A"], []], "A": [True, False], "n": [1, None]}
    pq.write_table(pa.table(columns), "notes.parquet")

    assert read_tables(DataConfig(kind="parquet", path="notes.parquet"))["all"].columns == columns


def test_each_file_of_a_split_is_a_table() -> None:
    """Those that are given: a missing dev is made later."""
    for part in ("train", "test"):
        Path(f"{part}.csv").write_text(f"text,A\n{part} text,1\n")
    tables = read_tables(DataConfig(kind="csv", files=FilesConfig(train="train.csv", test="test.csv")))

    assert {part: table.columns["text"] for part, table in tables.items()} == {"train": ["train text"], "test": ["test text"]}
    assert [table.source for table in tables.values()] == ["train.csv", "test.csv"]


def test_a_path_may_begin_at_home(monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> None:
    """As a shell does not expand it behind an equals sign."""
    monkeypatch.setenv("HOME", str(own_folder))
    (own_folder / "notes.csv").write_text("text\none\n")

    assert len(read_tables(DataConfig(kind="csv", path="~/notes.csv"))["all"]) == 1


def test_the_demo_needs_no_path() -> None:
    table = read_tables(DataConfig(kind="demo"))["all"]

    assert table.source == "demo.csv"
    assert len(table) >= 1000


def test_a_table_without_columns_is_empty() -> None:
    """Nothing to count is no error here."""
    assert len(SourceTable("nothing", {})) == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("notes.csv", "", "data: notes.csv holds no rows"),
        ("notes.csv", "text,A\n", "data: notes.csv holds no rows"),
        ("notes.jsonl", "", "data: notes.jsonl holds no rows"),
        ("notes.csv", "text,A,A\none,1,0\n", "data=csv: notes.csv has two columns named 'A': rename one"),
        ("notes.csv", "text,größe\none,1\n".encode("latin-1"), "data=csv: notes.csv is not UTF-8 text ("),
        ("notes.csv", f"text\n{'one' * 9000}\ngröße\n".encode("latin-1"), "data=csv: notes.csv is not UTF-8 text ("),
        ("notes.csv", f'text,A\n"{"x" * 200_000},1\n', "data=csv: notes.csv row 2: a quote is opened and never closed"),
        ("notes.csv", "text,A\none,1\ntwo, or three,0\n", "data=csv: notes.csv row 3: 3 cells, and its header has 2"),
        ("notes.csv", "text,A\none, two,1\n", "data=csv: notes.csv row 2: 3 cells, and its header has 2; quote each text"),
        ("notes.csv", 'text,A\n"one,1\n', "data=csv: notes.csv row 2: a quote is opened and never closed; "),
        ("notes.jsonl", '{"text": "one"}\n{"text":\n', "data=jsonl: notes.jsonl cannot be read: "),
        ("notes.jsonl", "text,A\none,1\n", "data=jsonl: notes.jsonl cannot be read: "),
        ("notes.parquet", "text,A\none,1\n", "data=parquet: notes.parquet is not a Parquet file"),
    ],
)
def test_a_file_that_is_not_what_it_is_said_to_be_is_refused(name: str, content: str | bytes, message: str) -> None:
    """In one line that names the file."""
    with pytest.raises(DataError) as error:
        read(name, content)

    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_first_row_with_a_field_too_many_shifts_no_column() -> None:
    """Pandas would take the first column for an index: text for id, and one label for the next."""
    with pytest.raises(DataError, match=r"notes\.csv rows 2, 3: 4 cells, and its header has 3; quote each text that"):
        read("notes.csv", "id,A,B\n1,0,1,0\n2,1,0,1\n")


@pytest.mark.parametrize("path", ["nowhere.csv", "folder"])
def test_a_path_that_is_no_file_is_refused(path: str, own_folder: Path) -> None:
    """The message says from where it was looked for."""
    (own_folder / "folder").mkdir()

    with pytest.raises(DataError, match=rf"data: {path} is not a file here; give data\.path .* relative to {own_folder}"):
        read_tables(DataConfig(kind="csv", path=path))


READER = """
import sys
from synthsweep.config.keys.texts import DataConfig
from synthsweep.corpus.load import read_tables
from synthsweep.errors import DataError
kind, path = sys.argv[1:]
try:
    print(read_tables(DataConfig(kind=kind, path=path))["all"].columns["text"], "torch" in sys.modules)
except DataError as error:
    sys.exit(f"DataError: {error}")
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_reading_leaves_no_copy_of_a_text_and_imports_no_torch(kind: str, own_folder: Path) -> None:
    """No copy in the caches of `datasets` nor in the temporary folder, which a process of its own has to itself."""
    secret = "Zebulon hums by the radiator"
    kept, caches = own_folder / "kept", own_folder / "caches"
    for folder in (kept, caches / "temp"):
        folder.mkdir(parents=True)
    file = kept / f"notes.{kind}"
    file.write_text(jsonl({"text": secret}) if kind == "jsonl" else f"text\n{secret}\n")
    if kind == "parquet":
        pq.write_table(pa.table({"text": [secret]}), file)
    own = {"HF_HOME": "huggingface", "TMPDIR": "temp", "XDG_CACHE_HOME": "cache", "HOME": "home"}
    variables = {**os.environ, **{name: str(caches / folder) for name, folder in own.items()}}

    done = subprocess.run(
        [sys.executable, "-c", READER, kind, str(file)], env=variables, cwd=caches, capture_output=True, text=True, check=True
    )

    assert done.stdout == f"['{secret}'] False\n"
    assert [
        path for path in own_folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes() and path != file
    ] == []
    assert list((caches / "temp").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "content"), [("csv", "text,A\none,1\ntwo, or three,0\n"), ("jsonl", '{"text":\n'), ("parquet", "text\n")]
)
def test_a_file_that_cannot_be_read_puts_one_line_on_the_screen(kind: str, content: str) -> None:
    """The loggers of `datasets` add none: theirs name the whole path and repeat the error."""
    Path(f"notes.{kind}").write_text(content)

    done = subprocess.run([sys.executable, "-c", READER, kind, f"notes.{kind}"], capture_output=True, text=True, check=False)

    assert done.stderr.startswith(f"DataError: data={kind}: notes.{kind} ")
    assert len(done.stderr.splitlines()) == 1


ODD = ["export[1]", "all*", "what?", "a::b", "per%20cent", "~home", "{a,b}", "hf:", "zip::file", "#1", "q?x=1&y", "ü ñ"]


@pytest.mark.parametrize(
    ("name", "suffix"), [*((name, "csv") for name in ODD), *product(["export[1]", "a::b"], ["jsonl", "parquet"])]
)
def test_a_path_is_a_name_and_no_pattern(name: str, suffix: str) -> None:
    """Beside files that a pattern would find instead; as a folder, too."""

    for folder in (name, "1", "a", "b", "all1", "what1"):
        Path(folder).mkdir(exist_ok=True)
        for file in (Path(folder, f"{name}.{suffix}"), Path(folder, f"1.{suffix}"), Path(folder, f"export1.{suffix}")):
            _write(file, f"{folder}/{file.stem}")

    for path in (f"{name}/{name}.{suffix}", f"./{name}/1.{suffix}", f"1/{name}.{suffix}"):
        expected = f"{Path(path).parent}/{Path(path).stem}"
        assert read_tables(DataConfig(kind=suffix, path=path))["all"].columns["text"] == [expected]


def _write(file: Path, text: str) -> None:
    """A table of one row."""
    if file.suffix == ".parquet":
        with file.open("wb") as handle:
            pq.write_table(pa.table({"text": [text], "A": [1]}), handle)
    else:
        file.write_text(f'text,A\n"{text}",1\n' if file.suffix == ".csv" else jsonl({"text": text, "A": 1}))


@pytest.mark.parametrize("path", ["http://127.0.0.1:9/a.csv", "file:///etc/hosts", "hf://datasets/a/b.csv", "zip://a::b.csv"])
def test_an_address_is_not_followed(path: str) -> None:
    """There is no such file here, whatever a network has."""

    with pytest.raises(DataError, match="is not a file here"):
        read_tables(DataConfig(kind="csv", path=path))


def test_an_address_may_be_the_name_of_a_file() -> None:
    """It is this file that is read."""

    place = Path("http:/127.0.0.1:9/a.csv")
    place.parent.mkdir(parents=True)
    _write(place, "here")

    assert read_tables(DataConfig(kind="csv", path="http://127.0.0.1:9/a.csv"))["all"].columns["text"] == ["here"]


def test_an_error_names_the_file_and_not_its_alias() -> None:
    """A user has no other name for it."""

    Path("broken[1].parquet").write_bytes(b"PAR1 is not all that a file needs")

    with pytest.raises(DataError, match=r"broken\[1\]\.parquet") as caught:
        read_tables(DataConfig(kind="parquet", path="broken[1].parquet"))
    assert "synthsweep-" not in str(caught.value)


@pytest.mark.parametrize("path", ["https://example.org/a.csv", "hf://datasets/a", "a/b/c", "zip://a::b", "a*"])
def test_a_data_set_of_the_hub_has_a_name_of_the_hub(path: str) -> None:
    """An address is not followed."""

    with pytest.raises(DataError, match=r"is not a name of the hub: give OWNER/NAME"):
        read_tables(DataConfig(kind="hub", path=path))


@pytest.mark.parametrize("name", ["site[2]", "s*", "a::b", "%20"])
def test_a_cloned_repository_may_have_any_name(name: str) -> None:
    """A pattern would read the one beside it."""

    for folder in (name, "site2", "s1", " "):
        Path(folder).mkdir()
        _write(Path(folder, "train.csv"), folder)

    assert read_tables(DataConfig(kind="hub", path=f"./{name}"))["all"].columns["text"] == [name]
