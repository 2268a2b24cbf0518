"""Which models count for a run, and what becomes of a run whose model is replaced while it is read."""

from pathlib import Path

import pytest

from support.builders import run_config
from support.toy_embedder import ToyEmbedder
from synthsweep.errors import ModelError
from synthsweep.run.characterize import open_embedder
from synthsweep.run.models import contents_of_models, require_unchanged

ENCODER, EMBEDDER, PERPLEXITY = "model.name_or_path", "characteristics.embedder", "characteristics.perplexity"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "weights").write_text("one")
    return tmp_path


@pytest.mark.parametrize(
    ("overrides", "read"),
    [
        ("", {ENCODER, EMBEDDER}),
        ("characteristics=lexical", {ENCODER}),
        ("characteristics=lexical curation.near_duplicates=embedding", {ENCODER, EMBEDDER}),
        ("characteristics=lexical curation.near_duplicates=minhash", {ENCODER}),
        ("characteristics=none curation.leak_cosine=0.9", {ENCODER, EMBEDDER}),
        ("characteristics=lexical curation.label_check=confident", {ENCODER, EMBEDDER}),
        ("characteristics=none select.by=centroid select.which=highest", {ENCODER, EMBEDDER}),
        ("characteristics=lexical characteristics.perplexity=FOLDER", {ENCODER, PERPLEXITY}),
        ("characteristics=none characteristics.perplexity=FOLDER", {ENCODER}),
        ("characteristics=lexical llm=masked_lm llm.rewriter.model=FOLDER", {ENCODER, "llm.rewriter.model"}),
        ("characteristics=lexical llm=eda llm.rewriter.model=FOLDER", {ENCODER}),
        (
            "characteristics=lexical llm=demo_both +llm.members.third={kind:masked_lm,rewriter:{model:FOLDER}}",
            {ENCODER, "llm.members.third.rewriter.model"},
        ),
    ],
)
def test_a_model_counts_where_the_run_reads_it(overrides: str, read: set[str], folder: Path) -> None:
    """Another embedder changes nothing that measures no meaning; each has a content, and without texts the encoder alone."""

    config = run_config(*overrides.replace("FOLDER", str(folder)).split())
    found = contents_of_models(config, synthetic=True)

    assert set(found) == read
    assert all(found.values())
    assert set(contents_of_models(config, synthetic=False)) == {ENCODER}


def test_an_embedder_that_is_passed_counts_by_its_name() -> None:
    """The configured one is not read."""
    assert contents_of_models(run_config(), synthetic=True, embedder=ToyEmbedder())[EMBEDDER] == ToyEmbedder().name


def test_the_configured_embedder_counts_the_same_whoever_opened_it() -> None:
    """A dry run opens it by itself, and finds what a run finished."""

    config = run_config()
    opened = open_embedder(config, read_only=True)

    assert contents_of_models(config, synthetic=True, embedder=opened) == contents_of_models(config, synthetic=True)


def test_a_model_that_is_replaced_while_it_is_read_ends_the_run(folder: Path) -> None:
    """Which of its files were read is not known, and a key must not promise it."""

    config = run_config(f"model.name_or_path={folder}")
    before = contents_of_models(config, synthetic=False)
    require_unchanged(config, before)
    (folder / "weights").write_text("two")

    with pytest.raises(ModelError, match=r"^model\.name_or_path=\S+: its files changed while they were read: give the command"):
        require_unchanged(config, before)
