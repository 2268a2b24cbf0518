"""What a word is, in every script."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.examples import text_key
from synthsweep.words import is_spelt, spelt_words_in, words_and_signs_in, words_in

# Every letter of scripts that write vowels as letters, and signs and emoji, some of which carry marks.
plain = st.text(st.sampled_from("aZé߀ßжЯωΩ漢字かカ한글_09²½ .,'-\n👍❤\ufe0f\u20e3\u200d"), max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("कामल किमल", ["कामल", "किमल"]),
        ("ที่นี่ ดี", ["ที่นี่", "ดี"]),
        ("مُحَمَّد", ["مُحَمَّد"]),
        ("שָׁלוֹם", ["שָׁלוֹם"]),
        ("தமிழ், நான்", ["தமிழ்", "நான்"]),
        ("ខ្ញុំ", ["ខ្ញុំ"]),
        ("❤️ it 1️⃣", ["it", "1"]),
    ],
)
def test_a_word_keeps_the_marks_of_its_script(text: str, words: list[str]) -> None:
    """A vowel that is written as a mark does not end it; a mark that colours an emoji belongs to no word."""
    assert words_in(text) == words


@given(text=plain)
def test_scripts_without_such_marks_have_the_words_that_they_had(text: str) -> None:
    """So that kept runs, which compare texts by words, are found."""
    assert words_in(text) == re.findall(r"\w+", text)
    assert words_and_signs_in(text) == re.findall(r"\w+|[^\w\s]+", text)
    assert spelt_words_in(text) == re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)
    assert is_spelt(text) == text.isalpha()


@pytest.mark.parametrize(("one", "other"), [("कामल", "किमल"), ("ที่", "ทำ"), ("நான்", "நீன்")])
def test_texts_that_differ_in_vowels_are_different_texts(one: str, other: str) -> None:
    """Else one of them would be dropped from training as a copy of the other."""
    assert text_key(one) != text_key(other)
    assert is_spelt(one)
