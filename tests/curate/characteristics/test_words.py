import pytest

from synthsweep.curate.characteristics.words import words_of
from synthsweep.examples import text_key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He spun it, again.", ["he", "spun", "it", "again"]),
        ("w/out a 2nd look", ["w", "out", "a", "2nd", "look"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("...", []),
        ("", []),
    ],
)
def test_a_word_is_a_run_of_letters_and_digits_without_case(text: str, expected: list[str]) -> None:
    """Punctuation alone is no word."""

    assert words_of(text) == expected


def test_texts_of_the_same_words_are_the_same_text() -> None:
    """Characteristics and the search for copies share one definition of a word."""

    assert text_key("He spun IT -- again!") == " ".join(words_of("He spun IT -- again!"))
