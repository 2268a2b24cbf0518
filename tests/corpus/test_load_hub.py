"""Data sets of the hub: a repository's own splits, read from a real server that speaks the hub's protocol."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.hub_server import COMMIT, Hub, serving
from support.patience import LIMIT_S
from synthsweep.config.keys.texts import DataConfig, FilesConfig
from synthsweep.corpus.load import read_tables
from synthsweep.errors import DataError

SECRET = "Zebulon hums by the radiator"
READER = """
import json, sys
from synthsweep.config.keys.texts import DataConfig
from synthsweep.corpus.load import read_tables
from synthsweep.errors import DataError
try:
    tables = read_tables(DataConfig(kind="hub", **json.loads(sys.argv[1])))
except DataError as error:
    sys.exit(f"DataError: {error}")
print(json.dumps({part: [table.source, dict(table.columns)] for part, table in tables.items()}))
"""


def parquet(*rows: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), buffer)
    return buffer.getvalue()


def read_from(hub: Hub, **keys: str) -> subprocess.CompletedProcess[str]:
    """The hub's address is read when the client is imported, so each reading is a process with a home of its own."""
    own = {"HF_ENDPOINT": hub.endpoint, "HF_HUB_OFFLINE": "0", "HF_HOME": str(Path("home").resolve()), "NO_PROXY": "*"}
    command = [sys.executable, "-c", READER, json.dumps(keys)]
    return subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True, check=False, timeout=LIMIT_S)


PARQUETS = {
    "README.md": b"---\nlicense: mit\n---\n",
    "data/train-00000-of-00001.parquet": parquet({"text": SECRET, "labels": ["A", "B"]}, {"text": "two", "labels": []}),
    "data/validation-00000-of-00001.parquet": parquet({"text": "three", "labels": ["A"]}),
    "data/test-00000-of-00001.parquet": parquet({"text": "four", "labels": ["B"]}),
}


@pytest.mark.slow
def test_the_splits_of_a_repository_are_its_parts() -> None:
    """`validation` is what the harness calls dev, and a table is named so that its rows are found."""
    with serving("clinic/notes", PARQUETS) as hub:
        done = read_from(hub, path="clinic/notes")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "train": ["clinic/notes/train", {"text": [SECRET, "two"], "labels": [["A", "B"], []]}],
        "dev": ["clinic/notes/validation", {"text": ["three"], "labels": [["A"]]}],
        "test": ["clinic/notes/test", {"text": ["four"], "labels": [["B"]]}],
    }


@pytest.mark.slow
def test_a_repository_of_csv_files_is_read_without_a_copy_of_its_texts() -> None:
    """Streamed: what stays in the hub's cache is which revision was read, and no text."""
    files = {"train.csv": f"text,A\n{SECRET},1\n".encode(), "test.csv": b"text,A\ntwo,0\n"}
    with serving("clinic/notes", files) as hub:
        done = read_from(hub, path="clinic/notes")

    assert json.loads(done.stdout) == {
        "train": ["clinic/notes/train", {"text": [SECRET], "A": ["1"]}],
        "test": ["clinic/notes/test", {"text": ["two"], "A": ["0"]}],
    }
    left = [path for path in Path("home").rglob("*") if path.is_file()]
    assert left
    assert not any(SECRET.encode() in path.read_bytes() for path in left)


@pytest.mark.slow
def test_a_revision_is_the_one_that_is_read() -> None:
    """A study that names one reads the same texts next year."""
    with serving("clinic/notes", PARQUETS) as hub:
        done = read_from(hub, path="clinic/notes", revision="v1")

    assert done.returncode == 0
    assert ("HEAD", "/datasets/clinic/notes/resolve/v1/README.md") in hub.requests
    assert ("GET", f"/datasets/clinic/notes/resolve/{COMMIT}/data/test-00000-of-00001.parquet") in hub.requests
    assert not any("/main/" in path for _, path in hub.requests)


@pytest.mark.slow
def test_a_subset_is_the_configuration_of_that_name() -> None:
    """Repositories hold several tables under one name."""
    card = "---\nconfigs:\n- config_name: raw\n  data_files: raw.csv\n- config_name: clean\n  data_files: clean.csv\n---\n"
    files = {"README.md": card.encode(), "raw.csv": b"text,A\nraw,1\n", "clean.csv": b"text,A\nclean,1\n"}
    with serving("clinic/notes", files) as hub:
        done = read_from(hub, path="clinic/notes", subset="clean")

    assert json.loads(done.stdout) == {"all": ["clinic/notes/train", {"text": ["clean"], "A": ["1"]}]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"path": "clinic/none"},
            "data=hub: clinic/none cannot be read: Dataset 'clinic/none' doesn't exist on the Hub or cannot be accessed",
        ),
        (
            {"path": "clinic/notes", "revision": "v9"},
            "data=hub: clinic/notes cannot be read: Revision 'v9' doesn't exist for dataset 'clinic/notes' on the Hub",
        ),
    ],
)
def test_what_the_hub_does_not_have_is_refused_in_one_line(keys: dict[str, str], message: str) -> None:
    """The hub's client says it in a page; the name and what is wrong with it are all that helps."""
    with serving("clinic/notes", PARQUETS) as hub:
        done = read_from(hub, **keys)

    way_out = "check the name, or fetch it where there is a network and give data.path=FILE"
    assert (done.stderr, done.stdout) == (f"DataError: {message}; {way_out}\n", "")


def test_the_hub_offline_is_refused_in_one_line() -> None:
    """As HF_HUB_OFFLINE=1 asks, before any request."""
    with pytest.raises(DataError, match=r"^data=hub: clinic/notes cannot be read: .*clinic/notes.*$"):
        read_tables(DataConfig(kind="hub", path="clinic/notes"))


def cloned(*names: str) -> DataConfig:
    """A clone of a repository, with a file for each split."""
    Path("clone").mkdir()
    for name in names:
        Path("clone", f"{name}.csv").write_text(f"text,A\n{name} text,1\n")
    return DataConfig(kind="hub", path="clone")


def test_a_cloned_repository_reads_like_the_hub() -> None:
    """So that a machine without a network has it too."""
    tables = read_tables(cloned("train", "validation", "test"))

    assert {part: table.columns["text"] for part, table in tables.items()} == {
        "train": ["train text"],
        "dev": ["validation text"],
        "test": ["test text"],
    }


def test_ids_of_a_cloned_repository_of_csv_files_keep_their_zeros() -> None:
    """Columns are text; NA is a text, too."""
    Path("clone").mkdir()
    Path("clone", "train.csv").write_text("id,text,A\n007,NA,1\n08,two,0\n")

    table = read_tables(DataConfig(kind="hub", path="clone"))["all"]

    assert table.columns == {"id": ["007", "08"], "text": ["NA", "two"], "A": ["1", "0"]}


def test_a_repository_with_one_split_is_still_to_be_split() -> None:
    """Whatever a repository has no split for comes out of train."""
    assert list(read_tables(cloned("train"))) == ["all"]


def test_a_repository_without_a_train_split_is_refused() -> None:
    """The message shows the splits that it has."""
    with pytest.raises(DataError, match=r"data\.path: clone has no split named train, it has test"):
        read_tables(cloned("test"))


def test_the_hub_needs_a_name() -> None:
    """Files are for data of one's own."""
    with pytest.raises(DataError, match=r"data=hub needs data\.path=OWNER/NAME, as the hub names the data set"):
        read_tables(DataConfig(kind="hub", files=FilesConfig(train="train.csv")))


def test_json_files_of_a_folder_keep_their_types() -> None:
    """A number among texts makes no text of the others, and files of one split are read one after the other."""
    Path("clone").mkdir()
    Path("clone/train-00000-of-00002.jsonl").write_text(
        '{"id": 7, "text": "one", "A": 1}\n{"id": "007", "text": "two", "A": 0}\n'
    )
    Path("clone/train-00001-of-00002.jsonl").write_text('{"id": "2024-01-01", "text": 5, "A": true, "more": [1]}\n')
    Path("clone/test.jsonl").write_text('\n{"id": 9, "text": "three", "A": 1}\n')

    tables = read_tables(DataConfig(kind="hub", path="clone"))

    assert tables["train"].columns == {
        "id": [7, "007", "2024-01-01"], "text": ["one", "two", 5], "A": [1, 0, True], "more": [None, None, [1]]
    }  # fmt: skip
    assert tables["test"].source == "clone/test"
    assert tables["test"].row(0) == 2


def test_json_files_of_a_folder_have_the_classes_of_its_card() -> None:
    """What the card of a data set says about numbered classes holds for its JSON files, too."""
    Path("clone").mkdir()
    names = {"dtype": {"class_label": {"names": {"0": "calm", "1": "angry"}}}, "name": "label"}
    info = {"dataset_info": {"features": [{"name": "text", "dtype": "string"}, names]}}
    Path("clone/README.md").write_text(f"---\n{json.dumps(info)}\n---\n")
    Path("clone/train.jsonl").write_text('{"text": "one", "label": 1}\n{"text": "two", "label": 0}\n')

    assert read_tables(DataConfig(kind="hub", path="clone"))["all"].classes == {"label": ("calm", "angry")}


def test_a_json_file_of_a_folder_that_cannot_be_read_is_refused_with_its_row() -> None:
    """As anywhere else."""
    Path("clone").mkdir()
    Path("clone/train.jsonl").write_text('{"text": "one", "A": 1}\n{"text": "two", "A": 1, "A": 0}\n')

    with pytest.raises(DataError, match="row 2: the key 'A' stands twice in one object"):
        read_tables(DataConfig(kind="hub", path="clone"))
