"""What a configuration measures, and with which encoder and language model."""

from pathlib import Path
from typing import Never

import pytest

from support.builders import AB, real, run_config, synthetic
from support.toy_embedder import ToyEmbedder
from synthsweep.errors import ModelError
from synthsweep.run.characterize import measure, open_embedder

POOL = [synthetic("1", "A", text="he spins every wheel"), synthetic("2", "B", text="she hums a song at lunch")]
TRAIN = [real("r1", "A", text="he spins the wheels"), real("r2", "B", text="she hums"), real("r3", text="they eat lunch")]
MEANINGS = {"nearest_real", "centroid", "self_similarity"}


class NeverAsked:
    """An Embedder that must not be read."""

    name = "never"

    def embed(self, texts) -> Never:
        raise AssertionError("texts were embedded")


def found(*overrides, embedder=None, pool=POOL, only=None):
    return measure(run_config(*overrides), pool, TRAIN, (), AB, embedder=embedder or NeverAsked(), only=only)


def test_all_is_what_is_lexical_and_what_meanings_say() -> None:
    """Each of the texts has its number, and the pool its own."""

    everything, lexical = found(embedder=ToyEmbedder()), found("characteristics=lexical")

    assert set(everything.texts) - set(lexical.texts) == MEANINGS
    assert {"vendi_q1"} <= set(everything.pool) - set(lexical.pool)
    assert {len(POOL)} == {len(values) for values in everything.texts.values()}
    assert list(lexical.texts["length"]) == [4.0, 6.0]


@pytest.mark.parametrize(("overrides", "pool"), [(("characteristics=none",), POOL), ((), [])])
def test_what_is_not_asked_for_or_not_there_is_not_measured(overrides, pool) -> None:
    """And asks nothing of an encoder."""

    nothing = found(*overrides, pool=pool)

    assert (nothing.texts, nothing.pool) == ({}, {})


def test_a_selection_measures_what_it_needs_whatever_is_tracked() -> None:
    """No encoder is asked and no language model is looked for, unless it is what the selection is by."""

    nothing = ("characteristics=none", "characteristics.perplexity=./nowhere")

    assert "type_token_ratio" in found(*nothing, only="type_token_ratio").texts
    assert "nearest_real" in found(*nothing, only="nearest_real", embedder=ToyEmbedder()).texts
    with pytest.raises(ModelError):
        found(*nothing, only="perplexity")


def test_a_language_model_that_is_not_here_is_one_line() -> None:
    """It names the key."""

    with pytest.raises(ModelError, match=r"^characteristics\.perplexity must be ngram or a causal language model"):
        found("characteristics=lexical", "characteristics.perplexity=./nowhere")


def test_vectors_are_kept_beside_the_runs(own_folder: Path) -> None:
    """A run that is kept nowhere keeps none either; one encoder serves a process."""

    kept, nowhere = run_config(f"tracking.folder={own_folder}/kept"), run_config("tracking=none")

    assert own_folder / "kept" / "embeddings.db" == open_embedder(kept).store.path
    assert open_embedder(nowhere).store.path is None
    assert open_embedder(kept) is open_embedder(kept)
