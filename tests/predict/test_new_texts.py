"""New texts come in parts that do not depend on their size, whatever the format."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from synthsweep.config.keys.texts import DataConfig
from synthsweep.errors import DataError
from synthsweep.predict.new_texts import NewTexts

ROWS = [("a", "first text"), ("b", "  "), ("c", "third, with a comma"), ("d", 'a "quoted"\nfourth'), ("e", "fifth")]


def csv_file(folder: Path) -> DataConfig:
    quoted = [f'{ident},"{text.replace(chr(34), chr(34) * 2)}"' for ident, text in ROWS]
    folder.joinpath("new.csv").write_text("id,text\n" + "\n".join(quoted) + "\n", encoding="utf-8")
    return DataConfig(kind="csv", path=str(folder / "new.csv"))


def jsonl_file(folder: Path) -> DataConfig:
    lines = [json.dumps({"id": ident, "text": text}) for ident, text in ROWS]
    folder.joinpath("new.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return DataConfig(kind="csv", path=str(folder / "new.jsonl"))


def parquet_file(folder: Path) -> DataConfig:
    columns = {"id": [ident for ident, _ in ROWS], "text": [text for _, text in ROWS]}
    parquet.write_table(pa.table(columns), folder / "new.parquet")
    return DataConfig(kind="csv", path=str(folder / "new.parquet"))


FORMATS = {"csv": (csv_file, 2), "jsonl": (jsonl_file, 1), "parquet": (parquet_file, 1)}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("form", FORMATS)
def test_parts_of_any_size_are_the_rows_in_order(form: str, size: int, tmp_path: Path) -> None:
    make, first_row = FORMATS[form]
    parts = list(NewTexts(make(tmp_path), size=size).parts())

    assert [len(part.texts) for part in parts] == [size] * (5 // size) + [5 % size] * bool(5 % size)
    assert [text for part in parts for text in part.texts] == [text.strip() for _, text in ROWS]
    assert [ident for part in parts for ident in part.beside["id"]] == ["a", "b", "c", "d", "e"]
    assert [row for part in parts for row in part.beside["row"]] == list(range(first_row, first_row + 5))


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=20), min_size=1, max_size=12),
    st.integers(1, 13),
)
def test_json_lines_in_parts_are_those_of_the_whole_file(texts: list[str], size: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new.jsonl"
        file.write_text("\n".join(json.dumps({"text": text}) for text in texts), encoding="utf-8")
        parts = list(NewTexts(DataConfig(kind="jsonl", path=str(file)), size=size).parts())

    assert [text for part in parts for text in part.texts] == [text.strip() for text in texts]


def test_a_survey_counts_rows_and_names_those_without_a_text(tmp_path: Path) -> None:
    found = NewTexts(csv_file(tmp_path), size=2).survey()

    assert (found.rows, found.parts, found.blank) == (5, 3, (3,))


def test_copied_columns_come_along_and_ids_are_optional(tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("text,site\none,Graz\ntwo,Linz\n")
    (part,) = NewTexts(DataConfig(kind="csv", path=str(file)), ("site",)).parts()

    assert part.beside == {"row": [2, 3], "site": ["Graz", "Linz"]}


@pytest.mark.parametrize(
    ("content", "data", "copied", "message"),
    [
        ("words\none\n", {}, (), "data.text=text: new.csv has no such column; it has words"),
        ("text\none\n", {"id": "case"}, (), "data.id=case: new.csv has no such column"),
        ("text\none\n", {}, ("site",), "columns=site: new.csv has no such column"),
        ("text,site\n,Graz\n ,Linz\n", {}, (), "data.text=text: no row has a text"),
        ("text\n", {}, (), "new.csv holds no rows"),
        ("text\none\ntwo,2\n", {}, (), "row 3: 2 cells, and its header has 1"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_anything_is_predicted(
    content: str, data: dict[str, str], copied: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    file = tmp_path / "new.csv"
    file.write_text(content)
    texts = NewTexts(DataConfig(kind="csv", path=str(file), **data), copied)  # type: ignore[arg-type]

    with pytest.raises(DataError) as error:
        texts.survey()

    assert message in str(error.value)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_blank_rows_are_named_wherever_a_part_ends(size: int, tmp_path: Path) -> None:
    """Also behind the last row of a full part."""
    file = tmp_path / "new.csv"
    file.write_text("id,text\n1,one\n2,two\n,\n\n")

    found = NewTexts(DataConfig(kind="csv", path=str(file)), size=size).survey()

    assert (found.rows, found.blank) == (2, ())
    assert found.notes == ("new.csv: 2 blank (rows 4, 5) skipped",)
