"""Over-used words: log-odds ratios with a Dirichlet prior."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.inspect.word_use import over_used, words_of

texts = st.lists(st.lists(st.sampled_from("abcde"), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=6)


def test_z_is_that_of_the_paper() -> None:
    """By hand: 3 of 4 words against 1 of 4, and a prior of 2 words, half of them a."""
    first, second = over_used(["a a a b"], ["a b b b"], prior=2.0)

    used, other = 3 + 1, 1 + 1
    ratio = math.log(used / (4 + 2 - used)) - math.log(other / (4 + 2 - other))
    assert (
        first.word,
        first.z,
        first.synthetic,
        first.real,
    ) == ("a", pytest.approx(ratio / math.sqrt(1 / used + 1 / other)), 3, 1)
    assert (second.word, second.z) == ("b", pytest.approx(-first.z))


@given(texts, texts)
def test_sides_that_change_places_change_signs(synthetic: list[str], real: list[str]) -> None:
    there, back = ({one.word: one.z for one in over_used(*pair)} for pair in ((synthetic, real), (real, synthetic)))

    assert there == {word: pytest.approx(-z) for word, z in back.items()}


@given(texts)
def test_like_texts_over_use_nothing(same: list[str]) -> None:
    assert [one.z for one in over_used(same, same)] == [pytest.approx(0, abs=1e-9)] * len(over_used(same, same))


def test_a_stronger_prior_believes_less() -> None:
    """Of a few uses nothing follows."""
    weak, strong = (over_used(["new old"], ["old"], prior=prior)[0] for prior in (10.0, 1000.0))

    assert (weak.word, strong.word) == ("new", "new")
    assert 0 < strong.z < weak.z


def test_a_word_is_letters_without_case() -> None:
    """An apostrophe inside belongs to it, numbers are none."""

    assert words_of("Don’t HE 12 s'il, 'élan'") == ["don't", "he", "s'il", "élan"]
    assert over_used(["12 !"], [""]) == ()
