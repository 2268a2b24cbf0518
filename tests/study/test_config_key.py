"""The key by which combinations of a grid are merged, before any text is read."""

import itertools
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import run_config
from synthsweep.study.run_key import config_key


@cache
def key(*overrides: str) -> str:
    return config_key(run_config(*overrides))


CONTROLS = [("mix=real_only",), ("mix=augment", "mix.ratio=0"), ("mix=real_only", "mix.ratio=1.0")]


@pytest.mark.parametrize("override", ["llm=simulator", "prompt=attributed", "curation=none", "generate.n=5", "seeds.draw=7"])
def test_controls_are_one_whatever_the_synthetic_texts_would_be(override: str) -> None:
    """Neither LLM nor prompt nor draw acts where no synthetic text is trained on; where one is, each does."""

    assert {key(*CONTROLS[0])} == {key(*control, override) for control in CONTROLS}
    assert key("mix=augment") != key("mix=augment", override)


@pytest.mark.parametrize(
    "override", ["seed=2", "seeds.subset=7", "data.split_seed=9", "training.epochs=9", "model=tiny", "evaluation.threshold=0.5"]
)
def test_what_acts_on_real_texts_makes_controls_of_their_own(override: str) -> None:
    """Other texts, another classifier, another seed."""

    assert key(*CONTROLS[0]) != key(*CONTROLS[0], override)


@pytest.mark.parametrize("override", ["tracking=none", "training.threads=1", "study=other", "force=true", "replicates=3"])
def test_what_changes_no_number_makes_no_cell(override: str) -> None:
    """As in the key of a run."""

    assert key("mix=augment") == key("mix=augment", override)


def test_another_file_of_texts_is_another_cell() -> None:
    """A grid over files must not merge them."""

    assert key("mix=augment", "llm.path=a.jsonl") != key("mix=augment", "llm.path=b.jsonl")
    assert key("mix=real_only", "llm.path=a.jsonl") == key("mix=real_only", "llm.path=b.jsonl")


def test_another_file_of_a_member_is_another_cell() -> None:
    """The texts of a union are those of its members' files."""

    files = [key("mix=augment", "llm=demo_both", f"++llm.members.first.path={name}.jsonl") for name in "ab"]

    assert files[0] != files[1]


@pytest.mark.parametrize(
    "override", ["characteristics.perplexity=gpt2", "characteristics.embedder=other/encoder", "characteristics=lexical"]
)
def test_what_measures_texts_is_a_cell_of_its_own_where_there_are_any(override: str) -> None:
    """It may choose them, and what it measures is kept with a run; it cannot act on real texts."""

    assert key("mix=augment", "select=perplexity_highest") != key("mix=augment", "select=perplexity_highest", override)
    assert key("mix=real_only") == key("mix=real_only", override)


def test_held_out_texts_follow_no_draw() -> None:
    """They come in the order of the subset."""

    assert key("mix=more_real") == key("mix=more_real", "seeds.draw=7")


def test_training_on_synthetic_texts_alone_is_no_control() -> None:
    assert len({key("mix=synthetic_only"), key("mix=augment"), key("mix=real_only")}) == 3


LEVELS = [
    ("mix=real_only", "mix=augment"),
    ("mix.ratio=0", "mix.ratio=0.5"),
    ("seed=1", "seed=2"),
]


@pytest.mark.slow
@given(pair=st.tuples(*[st.sampled_from(list(itertools.product(*LEVELS)))] * 2))
def test_two_configurations_are_one_exactly_if_they_differ_in_nothing_that_acts(pair: tuple[tuple[str, ...], ...]) -> None:
    """The seed always acts; arm and dose only where synthetic texts are added."""

    def acting(cell: tuple[str, ...]) -> tuple[str, ...]:
        return cell if cell[:2] == ("mix=augment", "mix.ratio=0.5") else cell[2:]

    one, other = pair

    assert (acting(one) == acting(other)) == (key(*one) == key(*other))
