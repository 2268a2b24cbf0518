"""The MiniLM of the package that the configuration names, unless a test says otherwise."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from synthsweep.config.keys.synthetic import CharacteristicsConfig
from synthsweep.curate.characteristics.embedding_store import EmbeddingStore, digest, open_embedding_store
from synthsweep.curate.characteristics.sentence_embedder import SentenceEmbedder
from synthsweep.errors import ModelError

MINILM = CharacteristicsConfig().embedder
CARS, AUTOS, SOUP = "He lines up toy cars.", "The boy puts his toy vehicles in a row.", "The soup was served cold."


@pytest.mark.slow
def test_a_text_is_a_row_of_length_one_near_to_what_means_the_same(tmp_path: Path) -> None:
    """As sentence-transformers computes it, in the order of the texts, each embedded once."""
    from sentence_transformers import SentenceTransformer

    from synthsweep.pretrained import resolve_path

    store = open_embedding_store(tmp_path)
    embedder = SentenceEmbedder(MINILM, store, batch_size=2)
    found = embedder.embed([CARS, AUTOS, SOUP, CARS])

    assert (found.shape, found.dtype) == ((4, 384), np.float32)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(found[0], found[3])
    assert found[0] @ found[1] > 0.5 > 0.3 > found[0] @ found[2]
    reference = SentenceTransformer(resolve_path(MINILM)).encode([CARS, AUTOS, SOUP])
    cosines = (found[:3] * reference).sum(axis=1) / np.linalg.norm(reference, axis=1)
    np.testing.assert_allclose(cosines, 1, atol=1e-5)
    assert len(EmbeddingStore(store.path).find(embedder.name, [digest(text) for text in (CARS, AUTOS, SOUP)])) == 3


def test_texts_that_the_store_knows_load_no_model(tmp_path: Path) -> None:
    """Another process has computed them; the model need not even be here."""

    rows = np.eye(2, 3, dtype=np.float32)
    open_embedding_store(tmp_path).add("no/such", {digest(CARS): rows[0], digest(SOUP): rows[1]})

    embedder = SentenceEmbedder("no/such", open_embedding_store(tmp_path))

    np.testing.assert_array_equal(rows[[1, 0, 1]], embedder.embed([SOUP, CARS, SOUP]))
    with pytest.raises(ModelError):
        embedder.embed([CARS, AUTOS])


def test_vectors_of_another_model_are_not_taken(tmp_path: Path) -> None:
    """A text has one vector per model."""

    open_embedding_store(tmp_path).add("one", {digest(CARS): np.ones(3)})

    with pytest.raises(ModelError):
        SentenceEmbedder("./other", open_embedding_store(tmp_path)).embed([CARS])


def a_model(folder: Path, weights: str = "one") -> Path:
    """A folder as the store sees it: no code reads what is in it."""
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    (folder / "1_Pooling/config.json").write_text("{}")
    (folder / "modules.json").write_text("[]")
    (folder / "model.safetensors").write_text(weights)
    return folder


def trained_anew(folder: Path) -> None:
    (folder / "model.safetensors").write_text("two")


def pooled_otherwise(folder: Path) -> None:
    (folder / "1_Pooling/config.json").write_text('{"pooling_mode_cls_token": true}')


def with_a_file_more(folder: Path) -> None:
    (folder / "2_Dense").write_text("")


@pytest.mark.parametrize("change", [trained_anew, pooled_otherwise, with_a_file_more])
def test_vectors_of_a_folder_hold_as_long_as_its_files(change: Callable[[Path], None], tmp_path: Path) -> None:
    """A model that is trained anew in the same place is another model, even one of the same size."""

    folder, rows = a_model(tmp_path / "model"), np.eye(2, 3, dtype=np.float32)
    embedder = SentenceEmbedder(str(folder), open_embedding_store(tmp_path))
    embedder.store.add(embedder.name, {digest(CARS): rows[0], digest(SOUP): rows[1]})

    np.testing.assert_array_equal(rows, SentenceEmbedder(str(folder), open_embedding_store(tmp_path)).embed([CARS, SOUP]))
    change(folder)
    with pytest.raises(ModelError, match=r"cannot be loaded"):
        SentenceEmbedder(str(folder), open_embedding_store(tmp_path)).embed([CARS, SOUP])


def test_a_model_of_a_package_is_known_by_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade of the package makes other vectors."""

    monkeypatch.syspath_prepend(tmp_path)
    folder = a_model(tmp_path / "tiny_weights/model")
    before = SentenceEmbedder("package:tiny_weights/model").name
    trained_anew(folder)

    assert re.fullmatch(r"package:tiny_weights/model@[0-9a-f]{16}", before)
    assert before != SentenceEmbedder("package:tiny_weights/model").name


def test_the_same_words_are_another_folder_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`./model` is where the process stands; a name of the hub is the same everywhere."""

    names = []
    for place, weights in (("here", "one"), ("there", "other weights")):
        a_model(tmp_path / place / "model", weights)
        monkeypatch.chdir(tmp_path / place)
        names.append((SentenceEmbedder("./model").name, SentenceEmbedder("owner/model").name))

    assert names[0][0] != names[1][0]
    assert (names[0][1], names[1][1]) == ("owner/model", "owner/model")


def test_vectors_of_two_widths_are_an_error_of_one_line(tmp_path: Path) -> None:
    """Other weights under the same name of the hub; the store is a cache that may go."""

    store = open_embedding_store(tmp_path)
    store.add("no/such", {digest(CARS): np.ones(2), digest(SOUP): np.ones(3)})

    message = (
        f"characteristics.embedder=no/such: vectors of one model have one width, got [2, 3]; delete {store.path}, it is a cache"
    )
    with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
        SentenceEmbedder("no/such", store).embed([CARS, SOUP])


@pytest.mark.slow
def test_a_model_that_changes_in_a_process_is_read_again(tmp_path: Path) -> None:
    """The weights that this process has read are those of the files as they were."""
    from synthsweep.pretrained import resolve_path

    folder = tmp_path / "model"
    shutil.copytree(resolve_path(MINILM), folder)
    whole = SentenceEmbedder(str(folder)).embed([CARS])
    (folder / "1_Pooling/config.json").write_text('{"word_embedding_dimension": 384, "pooling_mode_cls_token": true}')

    assert whole[0] @ SentenceEmbedder(str(folder)).embed([CARS])[0] < 0.99


@pytest.mark.parametrize("name", ["no/such", "./nowhere", "package:no_such/model"])
def test_no_text_needs_no_model(name: str) -> None:
    """An empty pool has no rows."""

    assert SentenceEmbedder(name).embed([]).shape == (0, 0)


@pytest.mark.parametrize(
    "name", ["./nowhere", "/no/such/folder", "~/no_such_folder", "~no_such_user/model", "a-name/of-the-hub"]
)
def test_a_model_that_is_not_here_is_an_error_of_one_line(name: str) -> None:
    """The hub is not asked when it must not be."""

    expected = f"characteristics.embedder={name}: there is no such folder; name a sentence-transformers model that is here"
    with pytest.raises(ModelError, match=f"^{re.escape(expected)}$"):
        SentenceEmbedder(name).embed([CARS])


def test_a_package_that_is_not_installed_is_named() -> None:
    """With the command that installs it."""

    message = "characteristics.embedder=package:no_such/model: no-such is not installed: pip install no-such"
    with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
        SentenceEmbedder("package:no_such/model").embed([CARS])


@pytest.mark.slow
def test_what_the_hub_has_given_before_is_read_offline(tmp_path: Path) -> None:
    """From its cache, as another process has left it there; what transformers shows elsewhere stays as it was."""
    from synthsweep.pretrained import resolve_path

    model = tmp_path / "hub/models--owner--mini"
    (model / "refs").mkdir(parents=True)
    (model / "refs/main").write_text("c0ffee")
    (model / "snapshots").mkdir()
    (model / "snapshots/c0ffee").symlink_to(Path(resolve_path(MINILM)), target_is_directory=True)
    code = (
        "from synthsweep.curate.characteristics.sentence_embedder import SentenceEmbedder\n"
        "from transformers.utils import logging\n"
        "print(SentenceEmbedder('owner/mini').embed(['one', 'two']).shape, logging.is_progress_bar_enabled())\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "HF_HOME": str(tmp_path)}, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "(2, 384) True"


@pytest.mark.slow
def test_a_folder_that_holds_no_model_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")

    with pytest.raises(ModelError) as caught:
        SentenceEmbedder(str(tmp_path)).embed([CARS])
    assert str(caught.value).startswith(f"characteristics.embedder={tmp_path} cannot be loaded: ")
    assert str(caught.value).endswith("sentence-transformers model, or set characteristics=lexical")
    assert "\n" not in str(caught.value)
