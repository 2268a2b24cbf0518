"""What a configuration measures, and with which encoder and language model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Never

import pytest

from support.builders import AB, real, run_config, synthetic
from support.toy_embedder import ToyEmbedder
from synthsweep.config.keys.run import RunConfig
from synthsweep.curate.characteristics.measures import Characteristics
from synthsweep.curate.characteristics.sentence_embedder import SentenceEmbedder
from synthsweep.curate.embedder import Embedder
from synthsweep.errors import ModelError
from synthsweep.examples import Example
from synthsweep.run.characterize import measure, open_embedder

POOL = [synthetic("1", "A", text="he spins every wheel"), synthetic("2", "B", text="she hums a song at lunch")]
TRAIN = [real("r1", "A", text="he spins the wheels"), real("r2", "B", text="she hums"), real("r3", text="they eat lunch")]
MEANINGS = {"nearest_real", "centroid", "self_similarity"}


class NeverAsked:
    """An Embedder that must not be used."""

    name = "never"

    def embed(self, texts: Sequence[str]) -> Never:
        raise AssertionError("texts were embedded")


def measured(
    *overrides: str, embedder: Embedder | None = None, pool: Sequence[Example] = POOL, only: str | None = None
) -> Characteristics:
    return measure(run_config(*overrides), pool, TRAIN, (), AB, embedder=embedder or NeverAsked(), only=only)


def test_all_characteristics_are_the_lexical_ones_and_those_of_meaning() -> None:
    """Each text has a number of each, and the pool has its own."""

    everything, lexical = measured(embedder=ToyEmbedder()), measured("characteristics=lexical")

    assert set(everything.texts) - set(lexical.texts) == MEANINGS
    assert {"vendi_q1"} <= set(everything.pool) - set(lexical.pool)
    assert {len(values) for values in everything.texts.values()} == {len(POOL)}
    assert list(lexical.texts["length"]) == [4.0, 6.0]


@pytest.mark.parametrize(("overrides", "pool"), [(("characteristics=none",), POOL), ((), [])])
def test_nothing_is_measured_where_nothing_is_configured_or_there_is_no_text(
    overrides: tuple[str, ...], pool: list[Example]
) -> None:
    """The encoder is not used."""

    nothing = measured(*overrides, pool=pool)

    assert (nothing.texts, nothing.pool) == ({}, {})


def test_a_selection_measures_what_it_needs_whatever_is_tracked() -> None:
    """Encoder and language model are used only if the selection is by what they compute."""

    nothing = ("characteristics=none", "characteristics.perplexity=./nowhere")

    assert "type_token_ratio" in measured(*nothing, only="type_token_ratio").texts
    assert "nearest_real" in measured(*nothing, only="nearest_real", embedder=ToyEmbedder()).texts
    with pytest.raises(ModelError):
        measured(*nothing, only="perplexity")


def test_a_language_model_that_is_not_here_is_one_line() -> None:
    with pytest.raises(ModelError, match=r"^characteristics\.perplexity must be ngram or a causal language model"):
        measured("characteristics=lexical", "characteristics.perplexity=./nowhere")


def path_of(config: RunConfig) -> Path | None:
    embedder = open_embedder(config)
    assert isinstance(embedder, SentenceEmbedder)
    return embedder.store.path


def test_vectors_are_kept_beside_the_runs(own_folder: Path) -> None:
    """With tracking=none nowhere; one encoder serves a process."""

    kept, nowhere = run_config(f"tracking.folder={own_folder}/kept"), run_config("tracking=none")

    assert path_of(kept) == own_folder / "kept" / "embeddings.db"
    assert path_of(nowhere) is None
    assert open_embedder(kept) is open_embedder(kept)
