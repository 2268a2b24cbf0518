"""The ends of a search's space."""

from hypothesis import given
from hypothesis import strategies as st

from synthsweep.study.design.ends import ends, is_countable
from synthsweep.study.design.space import Choice, Condition, Range, Space


def choice(key: str, *levels: str | int | float) -> Choice:
    return Choice(key, levels, tuple(map(str, levels)))


@given(st.lists(st.integers(1, 50), min_size=1, unique=True), st.lists(st.integers(1, 50), min_size=1, unique=True))
def test_of_levels_that_count_only_in_one_direction_one_is_an_end(epochs: list[int], sizes: list[int]) -> None:
    """The most epochs, the smallest batches, in whatever order."""

    space = Space((choice("training.epochs", *epochs), choice("training.batch_size", *sizes)))

    assert list(ends(space)) == [{"training.epochs": max(epochs), "training.batch_size": min(sizes)}]


def test_every_choice_of_texts_is_an_end_and_no_learning_rate_is() -> None:
    """Each LLM has a pool of its own; a learning rate changes no step."""

    space = Space((choice("llm", "a", "b"), Range("training.learning_rate", 1e-5, 1e-3), Range("mix.ratio", 0, 1.5)))

    assert list(ends(space)) == [{"llm": name, "training.learning_rate": 1e-5, "mix.ratio": 1.5} for name in ("a", "b")]


def test_a_factor_counts_where_it_acts() -> None:
    """Whatever it depends on keeps all of its levels."""

    conditions = {"llm.temperature": (Condition("training.patience", (2,)),)}
    space = Space((choice("training.patience", 1, 2), Range("llm.temperature", 0, 1)), conditions)

    assert list(ends(space)) == [
        {"training.patience": 1},
        {"training.patience": 2, "llm.temperature": 0},
        {"training.patience": 2, "llm.temperature": 1},
    ]


def test_a_range_of_sampling_settings_has_more_pools_than_ends() -> None:
    """A range of ratios takes more of the same pool."""

    assert not is_countable(Space((Range("llm.temperature", 0, 1),)))
    assert is_countable(Space((Range("mix.ratio", 0, 1), Range("generate.n", 10, 20, whole=True), choice("llm", "a", "b"))))
