import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.builders import run_config
from support.completers import Scripted
from synthsweep.config.schema import RunConfig, SeedsConfig
from synthsweep.config.synthetic import CurationConfig, MixConfig, PlantConfig
from synthsweep.corpus.load import DEMO
from synthsweep.corpus.parts import load_corpus
from synthsweep.errors import DataError, PoolError
from synthsweep.examples import digest_examples, text_key
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.prepare import TrainingData, prepare, prompt_plan_of

ROWS = 30
OVERRIDES = ("data=csv", "labels=from_data", "data.path=own.csv", "model=tiny")


def text_of(row: int) -> str:
    return f"Child {row} was seen on day {row}."


@pytest.fixture(autouse=True)
def own_csv(own_folder: Path) -> None:
    lines = [f"r{row},{text_of(row)},{row % 2},{int(row % 3 == 0)}" for row in range(ROWS)]
    Path("own.csv").write_text("\n".join(["id,text,A,B", *lines]) + "\n", encoding="utf-8")


def leaky() -> Scripted:
    """Writes texts of its own, then every real text again in other case, and one text twice."""
    own = [f"Written {number}." for number in range(40)]
    echoes = [text_of(row).upper() for row in range(ROWS)]
    reply = "\n".join(f"{number}. {text}" for number, text in enumerate([*own, *echoes, own[0]], start=1))
    return Scripted({"A": [reply], "B": [reply.replace("Written", "Noted")]})


@cache
def composed(*overrides: str) -> RunConfig:
    return run_config(*OVERRIDES, *overrides)


def varied(arm: str, ratio: float, seed: int, *, split_seed: int = 1, drop: bool = True, cut: float = 0) -> RunConfig:
    config = composed()
    return replace(
        config,
        mix=MixConfig(arm, ratio),
        seeds=SeedsConfig(seed, seed, seed, seed),
        data=replace(config.data, split_seed=split_seed),
        curation=CurationConfig(drop_duplicates=drop),
        plant=PlantConfig(truncation=cut),
    )


arms = st.sampled_from([("real_only", 0.0), ("augment", 0.0), ("augment", 0.5), ("augment", 2.0), ("synthetic_only", 1.0)])
seeds = st.integers(0, 2**32 - 1)
with_files = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


@with_files
@given(arm=arms, seed=seeds, split_seed=seeds, simulated=st.booleans(), drop=st.booleans())
def test_synthetic_texts_never_reach_dev_or_test(arm, seed, split_seed, simulated, drop) -> None:
    """Whatever the arm, the dose, the seed and the writer: a model is judged by real texts it was not trained on."""

    config = varied(*arm, seed, split_seed=split_seed, drop=drop)
    config = replace(config, llm=composed("llm=simulator").llm)

    data = prepare(config, Collaborators(completer=None if simulated else leaky()))

    split = data.corpus.split
    assert {example.provenance.source for examples in split.parts.values() for example in examples} == {"real"}
    assert {f"r{row}" for row in range(ROWS)} == {example.id for examples in split.parts.values() for example in examples}
    judged = {example.id for example in (*split.dev, *split.test)}
    assert not judged & {example.id for example in data.mix.examples}
    assert set(data.mix.real) <= set(split.train)
    assert {"synthetic"} >= {example.provenance.source for example in data.mix.synthetic}


@with_files
@given(arm=arms, seed=seeds, split_seed=seeds, drop=st.booleans())
def test_no_trained_text_stands_in_dev_or_test_whatever_the_curation(arm, seed, split_seed, drop) -> None:
    """The writer repeats every real text in capitals; those of dev and test must be found out, and are listed by id."""

    data = prepare(varied(*arm, seed, split_seed=split_seed, drop=drop), Collaborators(completer=leaky()))

    judged = {text_key(example.text) for example in (*data.corpus.split.dev, *data.corpus.split.test)}
    assert not judged & {text_key(example.text) for example in data.mix.examples}
    caught = {text_key(one.example.text) for one in data.curated.leaks}
    assert (judged if data.pool.examples else set()) <= caught
    evaluated = (*data.corpus.split.dev, *data.corpus.split.test)
    assert {one.like for one in data.curated.leaks} <= {example.id for example in evaluated}


@with_files
@given(arm=arms, seed=seeds, split_seed=seeds, cut=st.sampled_from([0.3, 1.0]))
def test_half_a_text_of_dev_or_test_trains_no_more_than_a_whole_one(arm, seed, split_seed, cut) -> None:
    """The gate looks at what a text was before a planted fault cut it."""

    data = prepare(varied(*arm, seed, split_seed=split_seed, drop=False, cut=cut), Collaborators(completer=leaky()))

    judged = [text_key(example.text) for example in (*data.corpus.split.dev, *data.corpus.split.test)]
    trained = [text_key(example.text) for example in data.mix.synthetic if example.text.startswith("CHILD")]
    assert [text for text in trained if any(f"{one} ".startswith(f"{text} ") for one in judged)] == []
    assert (
        cut < 1
        or set(judged) <= {text_key(data.planted.whole[one.example.id]) for one in data.curated.leaks}
        or (not data.pool.examples)
    )


@with_files
@given(arm=arms, seeds=st.tuples(seeds, seeds))
def test_arms_and_replicates_are_judged_by_the_same_texts(arm, seeds) -> None:
    """The split follows data.split_seed alone, so that scores can be paired."""

    one = prepare(varied(*arm, seeds[0]), Collaborators(completer=leaky()))
    other = prepare(varied("real_only", 0, seeds[1]))

    assert one.corpus == other.corpus
    assert one.data_digest == other.data_digest


def test_a_real_only_run_asks_no_llm() -> None:
    """The baseline costs nothing, and its material names no writer."""

    completer = leaky()

    data = prepare(varied("real_only", 0, 1), Collaborators(completer=completer))

    assert completer.asked == []
    assert data.llm == ""
    assert data.pool.examples == ()
    assert data.corpus.split.train == data.mix.examples


def test_the_simulator_reads_training_texts_only() -> None:
    """A word of a test text in the training set would be a leak that no comparison of whole texts finds."""

    config = composed("llm=simulator", "mix.ratio=2", "curation=none")

    data = prepare(config)

    words = {word for example in data.mix.synthetic for word in example.text.split() if word.isdigit()}
    assert words <= {word for example in data.corpus.split.train for word in example.text.split()}
    assert data.llm == "simulator"


def test_a_completer_that_is_given_stands_in_for_the_configured_one() -> None:
    """A test or a script brings its own writer."""

    data = prepare(varied("augment", 0.5, 1), Collaborators(completer=leaky()))

    assert data.llm == "scripted"
    assert {example.provenance.llm for example in data.mix.synthetic} == {"scripted"}


def test_digests_follow_what_they_digest() -> None:
    """A run's key stands on them: the mix by seed, the data by its texts."""

    one, other = (prepare(varied("augment", 0.5, seed), Collaborators(completer=leaky())) for seed in (1, 2))
    Path("own.csv").write_text(Path("own.csv").read_text(encoding="utf-8").replace("day 7.", "day 8."), encoding="utf-8")
    changed = prepare(varied("augment", 0.5, 1), Collaborators(completer=leaky()))

    assert one.data_digest == other.data_digest != changed.data_digest
    assert one.mix_digest != other.mix_digest
    assert digest_examples(one.mix.examples) == one.mix_digest


def test_a_pool_too_small_for_the_ratio_says_how_many_are_missing() -> None:
    """What curation dropped cannot be drawn: 18 real texts, and one that was written."""

    with pytest.raises(
        PoolError, match=r"^mix\.ratio=1 of 18 real texts takes 18 .*the pool has 1, 17 too few: lower mix\.ratio"
    ):
        prepare(varied("augment", 1, 1), Collaborators(completer=Scripted({"A": ["1. One.\n2. ONE!"]})))


def test_labels_without_recorded_replies_name_the_way_out() -> None:
    """The first run on data of one's own meets this."""

    with pytest.raises(
        PoolError, match=r"none for A, B: give your own with llm\.path=FILE, or take llm=simulator or mix=real_only"
    ):
        prepare(varied("augment", 0.5, 1))


def test_a_missing_file_is_named() -> None:
    """The corpus comes first, so no reply is asked for in vain."""

    completer = leaky()
    config = replace(composed(), data=replace(composed().data, path="nowhere.csv"))

    with pytest.raises(DataError, match=re.escape("data: nowhere.csv is not a file here; give data.path")):
        prepare(config, Collaborators(completer=completer))
    assert completer.asked == []


def test_the_demo_material_is_whole() -> None:
    """The first command that a user types must find texts enough, for each prompt."""

    def demo(prompt: str) -> TrainingData:
        return prepare(run_config(f"prompt={prompt}"))

    plain, attributed = demo("plain"), demo("attributed")

    assert DEMO.is_file()
    for data in (plain, attributed):
        assert len(data.mix.synthetic) == int(0.5 * data.mix.baseline + 0.5)
        assert data.curated.leaks == ()
    assert plain.corpus == attributed.corpus
    assert plain.mix_digest != attributed.mix_digest


@with_files
@given(
    prompt=st.sampled_from(["few_shot", "rewrite"]), split_seed=seeds, label=st.sampled_from("AB"), sample=st.integers(0, 20)
)
def test_a_prompt_shows_training_texts_alone(prompt, split_seed, label, sample) -> None:
    """However the corpus is split: an LLM that reads a test text writes it again."""

    config = composed(f"prompt={prompt}", f"prompt.exemplars={3 * (prompt == 'few_shot')}")
    config = replace(config, data=replace(config.data, split_seed=split_seed))
    corpus = load_corpus(config.labels, config.data, subset_seed=1)

    request = prompt_plan_of(config, corpus).request(label, sample)

    chat = " ".join(message.content for message in request.messages)
    assert not [e for e in (*corpus.split.dev, *corpus.split.test) if e.text in chat]
    shown = [e for e in corpus.split.train if e.text in chat]
    assert {e.id for e in shown} == set(request.sources) != set()
    assert all(label in e.labels for e in shown)
