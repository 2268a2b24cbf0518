"""The texts that a run trains on and is evaluated on."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.builders import run_config
from support.completers import Scripted
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.synthetic import CurationConfig, MixConfig, PlantConfig
from synthsweep.config.keys.training import SeedsConfig
from synthsweep.corpus.corpus import load_corpus
from synthsweep.corpus.load import DEMO
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
    """Writes texts of its own, then every real text again in capitals, and one text twice."""
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


@pytest.mark.slow
@with_files
@given(arm=arms, seed=seeds, split_seed=seeds, simulated=st.booleans(), drop=st.booleans())
def test_synthetic_texts_never_reach_dev_or_test(
    arm: tuple[str, float], seed: int, split_seed: int, simulated: bool, drop: bool
) -> None:
    """A model is evaluated on real texts that it was not trained on."""

    config = varied(*arm, seed, split_seed=split_seed, drop=drop)
    config = replace(config, llm=composed("llm=simulator").llm)

    prepared = prepare(config, Collaborators(completer=None if simulated else leaky()))

    split = prepared.corpus.split
    assert {example.provenance.source for examples in split.parts.values() for example in examples} == {"real"}
    assert {example.id for examples in split.parts.values() for example in examples} == {f"r{row}" for row in range(ROWS)}
    judged = {example.id for example in (*split.dev, *split.test)}
    assert not judged & {example.id for example in prepared.mix.examples}
    assert set(prepared.mix.real) <= set(split.train)
    assert {example.provenance.source for example in prepared.mix.synthetic} <= {"synthetic"}


@with_files
@given(arm=arms, seed=seeds, split_seed=seeds, drop=st.booleans())
def test_no_trained_text_stands_in_dev_or_test_whatever_the_curation(
    arm: tuple[str, float], seed: int, split_seed: int, drop: bool
) -> None:
    """The writer repeats every real text in capitals; copies of dev and test texts are dropped, and listed by id."""

    prepared = prepare(varied(*arm, seed, split_seed=split_seed, drop=drop), Collaborators(completer=leaky()))

    judged = {text_key(example.text) for example in (*prepared.corpus.split.dev, *prepared.corpus.split.test)}
    assert not judged & {text_key(example.text) for example in prepared.mix.examples}
    caught = {text_key(one.example.text) for one in prepared.curated.leaks}
    assert (judged if prepared.pool.examples else set()) <= caught
    evaluated = (*prepared.corpus.split.dev, *prepared.corpus.split.test)
    assert {one.like for one in prepared.curated.leaks} <= {example.id for example in evaluated}


@with_files
@given(arm=arms, seed=seeds, split_seed=seeds, cut=st.sampled_from([0.3, 1.0]))
def test_half_a_text_of_dev_or_test_trains_no_more_than_a_whole_one(
    arm: tuple[str, float], seed: int, split_seed: int, cut: float
) -> None:
    """Leaks are looked for in the text before a planted fault cut it."""

    prepared = prepare(varied(*arm, seed, split_seed=split_seed, drop=False, cut=cut), Collaborators(completer=leaky()))

    judged = [text_key(example.text) for example in (*prepared.corpus.split.dev, *prepared.corpus.split.test)]
    trained = [text_key(example.text) for example in prepared.mix.synthetic if example.text.startswith("CHILD")]
    assert [text for text in trained if any(f"{one} ".startswith(f"{text} ") for one in judged)] == []
    assert (
        cut < 1
        or set(judged) <= {text_key(prepared.planted.whole[one.example.id]) for one in prepared.curated.leaks}
        or (not prepared.pool.examples)
    )


@with_files
@given(arm=arms, seeds=st.tuples(seeds, seeds))
def test_arms_and_replicates_are_evaluated_on_the_same_texts(arm: tuple[str, float], seeds: tuple[int, int]) -> None:
    """The split depends on data.split_seed alone, so that scores can be paired."""

    one = prepare(varied(*arm, seeds[0]), Collaborators(completer=leaky()))
    other = prepare(varied("real_only", 0, seeds[1]))

    assert one.corpus == other.corpus
    assert one.data_digest == other.data_digest


def test_a_real_only_run_asks_no_llm() -> None:
    completer = leaky()

    prepared = prepare(varied("real_only", 0, 1), Collaborators(completer=completer))

    assert completer.asked == []
    assert prepared.llm == ""
    assert prepared.pool.examples == ()
    assert prepared.corpus.split.train == prepared.mix.examples


def test_the_simulator_reads_training_texts_only() -> None:
    """Words of a test text in the training set would be a leak that no comparison of whole texts shows."""

    config = composed("llm=simulator", "mix.ratio=2", "curation=none")

    prepared = prepare(config)

    words = {word for example in prepared.mix.synthetic for word in example.text.split() if word.isdigit()}
    assert words <= {word for example in prepared.corpus.split.train for word in example.text.split()}
    assert prepared.llm == "simulator"


def test_a_given_completer_replaces_the_configured_one() -> None:
    prepared = prepare(varied("augment", 0.5, 1), Collaborators(completer=leaky()))

    assert prepared.llm == "scripted"
    assert {example.provenance.llm for example in prepared.mix.synthetic} == {"scripted"}


def test_digests_follow_what_they_digest() -> None:
    """A run's key is made of them: the mix depends on the seed, the data on its texts."""

    one, other = (prepare(varied("augment", 0.5, seed), Collaborators(completer=leaky())) for seed in (1, 2))
    Path("own.csv").write_text(Path("own.csv").read_text(encoding="utf-8").replace("day 7.", "day 8."), encoding="utf-8")
    changed = prepare(varied("augment", 0.5, 1), Collaborators(completer=leaky()))

    assert one.data_digest == other.data_digest != changed.data_digest
    assert one.mix_digest != other.mix_digest
    assert one.mix_digest == digest_examples(one.mix.examples)


def test_a_pool_too_small_for_the_ratio_says_how_many_are_missing() -> None:
    """There are 18 real texts, and one written text after curation."""

    with pytest.raises(
        PoolError, match=r"^mix\.ratio=1 of 18 real texts takes 18 .*the pool has 1, 17 too few: lower mix\.ratio"
    ):
        prepare(varied("augment", 1, 1), Collaborators(completer=Scripted({"A": ["1. One.\n2. ONE!"]})))


def test_labels_without_recorded_replies_name_the_way_out() -> None:
    """The first run on a user's own data meets this."""

    with pytest.raises(
        PoolError, match=r"none for A, B: give your own with llm\.path=FILE, or take llm=simulator or mix=real_only"
    ):
        prepare(varied("augment", 0.5, 1))


def test_a_missing_file_is_named() -> None:
    """The corpus is read first, so no reply is asked for in vain."""

    completer = leaky()
    config = replace(composed(), data=replace(composed().data, path="nowhere.csv"))

    with pytest.raises(DataError, match=re.escape("data: nowhere.csv is not a file here; give data.path")):
        prepare(config, Collaborators(completer=completer))
    assert completer.asked == []


@pytest.mark.slow
def test_the_demo_has_texts_enough_for_each_prompt() -> None:
    """A user's first command runs on them."""

    def demo(prompt: str) -> TrainingData:
        return prepare(run_config(f"prompt={prompt}"))

    plain, attributed = demo("plain"), demo("attributed")

    assert DEMO.is_file()
    for prepared in (plain, attributed):
        assert len(prepared.mix.synthetic) == int(0.5 * prepared.mix.baseline + 0.5)
        assert prepared.curated.leaks == ()
    assert plain.corpus == attributed.corpus
    assert plain.mix_digest != attributed.mix_digest


@with_files
@given(
    prompt=st.sampled_from(["few_shot", "rewrite"]), split_seed=seeds, label=st.sampled_from("AB"), sample=st.integers(0, 20)
)
def test_a_prompt_shows_only_training_texts(prompt: str, split_seed: int, label: str, sample: int) -> None:
    """An LLM that reads a test text may write it again."""

    config = composed(f"prompt={prompt}", f"prompt.exemplars={3 * (prompt == 'few_shot')}")
    config = replace(config, data=replace(config.data, split_seed=split_seed))
    corpus = load_corpus(config.labels, config.data, subset_seed=1)

    request = prompt_plan_of(config, corpus).request(label, sample)

    chat = " ".join(message.content for message in request.messages)
    assert not [e for e in (*corpus.split.dev, *corpus.split.test) if e.text in chat]
    shown = [e for e in corpus.split.train if e.text in chat]
    assert {e.id for e in shown} == set(request.sources) != set()
    assert all(label in e.labels for e in shown)


ONE_AFTER_THE_OTHER = (
    "", "mix.ratio=0.25", "seeds.draw=2", "seeds.subset=2", "prompt=attributed", "llm=simulator", "generate.n=20",
    "data.train_size=150", "curation.balance=true", "plant.truncation=0.2", "data.split_seed=2", "",
    "prompt=attributed seeds.draw=2", "llm=simulator seeds.subset=2",
)  # fmt: skip


def test_a_pool_that_is_kept_for_several_runs_changes_none_of_them() -> None:
    """Each is what it is alone, whatever was read before it."""
    kept = Collaborators(pools={})

    for words in ONE_AFTER_THE_OTHER:
        config = run_config("experiment=ci", *words.split())
        assert (words, prepare(config, kept).mix_digest) == (words, prepare(config).mix_digest)
