"""A folder of an export appears whole or not at all, and in nobody's place."""

from pathlib import Path

import pytest

from synthsweep.errors import ConfigError
from synthsweep.export.folder import OURS, copy_into, require_free, write_folder
from synthsweep.train.saved.card import CARD_FILE


def model(folder: Path, weights: str = "weights") -> Path:
    folder.mkdir()
    (folder / CARD_FILE).write_text("{}")
    (folder / "model.safetensors").write_text(weights)
    return folder


def listed(folder: str = ".") -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def refusal(name: str, source: Path, *, force: bool = False) -> str:
    def export() -> None:
        require_free(name, source)
        write_folder(name, copy_into(source), force=force)

    with pytest.raises(ConfigError) as error:
        export()
    return str(error.value)


@pytest.mark.parametrize("name", ["out", "a/b/out", "with space [x] é", "./empty/", "linked"])
def test_every_file_arrives_under_the_name(tmp_path: Path, name: str) -> None:
    """Parents are made, an empty folder is filled, a link is followed; nothing else is left."""
    source = model(tmp_path / "source")
    Path("empty").mkdir()
    Path("target").mkdir()
    Path("linked").symlink_to("target")
    before = set(listed())
    written = write_folder(name, copy_into(source), force=False)

    assert listed(name) == sorted((CARD_FILE, "model.safetensors"))
    assert (written.size, written.before) == (9, False)
    assert set(listed()) - before <= {Path(name).parts[0]}


def test_what_is_there_is_written_once(tmp_path: Path) -> None:
    """The same content again changes nothing; another one needs force=true, and then is the only one."""
    write_folder("out", copy_into(model(tmp_path / "one")), force=False)
    began = Path("out").stat().st_ino
    again, other = write_folder("out", copy_into(tmp_path / "one"), force=True), model(tmp_path / "two", "others")

    assert (again.before, Path("out").stat().st_ino) == (True, began)
    assert "path=out holds another export: give another folder, or force=true to replace it" in refusal("out", other)
    write_folder("out", copy_into(other), force=True)
    assert Path("out/model.safetensors").read_text() == "others"
    assert listed() == ["one", "out", "two"]


def test_what_a_loader_left_in_the_folder_stays_there(tmp_path: Path) -> None:
    """MLflow writes into the store's own folder when it loads a registered model."""
    source = model(tmp_path / "source")
    write_folder("out", copy_into(source), force=False)
    (source / "registered_model_meta").write_text("model_name: notes")
    (source / "__pycache__").mkdir()

    assert write_folder("out", copy_into(source), force=False).before


@pytest.mark.parametrize("force", [False, True])
def test_other_things_stay_where_they_are(tmp_path: Path, force: bool) -> None:
    """A file, a folder of somebody else, an export with a file of somebody else in it, the classifier's own folder."""
    source = model(tmp_path / "source")
    Path("file").write_text("mine")
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("mine")
    model(tmp_path / "both", "old")
    Path("both/notes.txt").write_text("mine")

    assert refusal("file", source, force=force).startswith("path=file is a file")
    assert refusal("mine", source, force=force).startswith("path=mine holds other things (notes.txt)")
    assert refusal("both", source, force=force).startswith("path=both holds other things (notes.txt)")
    assert refusal("source/deeper", source, force=force).startswith("path=source/deeper lies in the folder of the classifier")
    assert Path("both/model.safetensors").read_text() == "old"
    assert listed() == ["both", "file", "mine", "source"]


def test_a_failure_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    """Neither a full disk nor a bug: the earlier export stays."""
    write_folder("out", copy_into(model(tmp_path / "one")), force=False)

    def half(folder: Path) -> None:
        (folder / CARD_FILE).write_text("{}")
        raise OSError(28, "No space left on device")

    for name in ("out", "new"):
        with pytest.raises(ConfigError, match=rf"^path={name}: the folder cannot be written \(.*No space left on device"):
            write_folder(name, half, force=True)
    assert Path("out/model.safetensors").read_text() == "weights"
    assert listed() == ["one", "out"]


def test_the_names_of_an_export_are_those_that_saving_writes() -> None:
    """So that an earlier one can be told from a folder with more in it."""
    assert {"MLmodel", "README.md", CARD_FILE, "config.json", "model.safetensors", "model.onnx"} <= OURS
