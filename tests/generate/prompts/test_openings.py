import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.config.keys.generation import PromptConfig
from synthsweep.errors import ConfigError
from synthsweep.generate.prompts.openings import MOST_BYTES, WORDS, opening, shown_openings, unwritten


def test_an_opening_is_the_first_words_on_one_line() -> None:
    """A text of several lines is one item of the list that a prompt shows."""

    assert opening("At  snack time\nthe boy lines up six raisins, then hums.") == "At snack time the boy lines up six"
    assert opening("他从不看着别人的眼睛。" * 9).startswith("他从不看着别人的眼睛。")


@given(text=st.text())
def test_an_opening_is_short_in_every_script(text: str) -> None:
    """A forecast of what prompts cost relies on it."""

    found = opening(text)

    assert len(found.encode()) <= MOST_BYTES
    assert len(found.split()) <= WORDS
    assert "\n" not in found


@given(
    earlier=st.lists(st.sampled_from(["He waits", "he waits", "She spins", "A girl", "Grandma says"])), most=st.integers(0, 6)
)
def test_the_latest_openings_are_shown_once_each(earlier: list[str], most: int) -> None:
    """What is said twice costs twice."""

    shown = shown_openings(earlier, most)
    folded = [one.casefold() for one in shown]

    assert len(shown) == len(set(folded)) == min(most, len({one.casefold() for one in earlier}))
    assert not earlier or not most or shown[-1] == earlier[-1]


@given(count=st.integers(0, 300), length=st.integers(3, 90))
def test_stand_ins_are_all_shown(count: int, length: int) -> None:
    """A forecast counts each of them."""

    assert [len(one) for one in shown_openings(unwritten(count, length), count)] == [length] * count


@pytest.mark.parametrize("template", ["{{ openings | join }}", "{% for one in openings %}{{ one }}{% endfor %}"])
def test_openings_that_no_template_shows_are_refused(template: str) -> None:
    """They would slow a pool down for nothing."""

    assert PromptConfig(template=template, openings=5).openings == 5
    with pytest.raises(ConfigError, match=r"prompt\.openings must be 0 for prompt=plain.* got 5"):
        PromptConfig(template="Texts of openings: {{ criterion }}", openings=5)
