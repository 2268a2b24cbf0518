import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthsweep.generate.completer import CompletionRequest, Message
from synthsweep.generate.replies.parse import Parsed, Rejected
from synthsweep.generate.replies.screen import Screening

ENGLISH = "He lines up his cars by colour every morning and cries when one of them is moved."
GERMAN = "Er stellt jeden Morgen seine Autos nach Farben auf und weint, wenn eines davon bewegt wird."
ASKED = CompletionRequest(
    (Message("system", "Every person is fictional."), Message("user", "Write on this: Hand flapping, spinning, lining up.")),
    "A",
    10,
)


def reasons(*texts: str, language: str = "", max_words: int = 0) -> list[str]:
    """Why each text was rejected, empty where it was not."""
    pieces = Screening(language, max_words).screen([Parsed(text) for text in texts], ASKED)
    return [piece.reason if isinstance(piece, Rejected) else "" for piece in pieces]


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I can’t assist with this request.",
        "Sorry, I cannot write such texts.",
        "I apologize, but I am unable to do so.",
        "Unfortunately, I cannot provide medical records.",
        "I cannot comply with this request.",
        "I am not able to create texts about children.",
        "As an AI language model, I have no records.",
        "**I can't provide that.**",
    ],
)
def test_a_refusal_is_no_text(text: str) -> None:
    """It reads like a sentence, and would be trained on as evidence."""

    assert reasons(text) == ["refusal"]


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        "He says sorry to the wall.",
        "He says: I cannot help it, when he flaps his hands.",
        "Sorry is a word that he does not use.",
        "Unfortunately he cannot bear the school bell.",
        "She asks an AI the same question for hours.",
        "I can't sleep in new sheets, he told his teacher.",
    ],
)
def test_a_text_that_speaks_of_refusing_is_none(text: str) -> None:
    """Children refuse as well."""

    assert reasons(text) == [""]


def test_a_refusal_between_texts_is_counted_as_one() -> None:
    """The parser alone would call it no list item."""

    pieces = [
        Parsed("He waits."),
        Rejected("no list item", "I'm sorry, but I can't help with that."),
        Rejected("note", "Sure:"),
    ]

    assert [pieces[0], Rejected("refusal", pieces[1].piece), pieces[2]] == Screening().screen(pieces, ASKED)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("I can't write about real children. Here are fictional examples:", ["refusal", "", ""]),
        ("I can't write such texts. Here are some things that I can do instead:", ["refusal", "refusal", "refusal"]),
        ("I'm unable to create these records. I could:", ["refusal", "refusal", "refusal"]),
    ],
)
def test_what_an_llm_offers_instead_is_part_of_its_refusal(said: str, expected: list[str]) -> None:
    """Unless the texts follow all the same."""

    pieces = [Rejected("no list item", said), Parsed("Explain the criteria."), Parsed("Name public data.")]

    assert [getattr(piece, "reason", "") for piece in Screening().screen(pieces, ASKED)] == expected


@settings(deadline=None)
@given(words=st.integers(1, 40), most=st.integers(0, 40))
def test_a_text_may_have_as_many_words_as_the_limit_says(words: int, most: int) -> None:
    """A limit of 0 is none."""

    text = " ".join(f"word{number}" for number in range(words))

    assert reasons(text, max_words=most) == ["too long" if 0 < most < words else ""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hand flapping, spinning, lining up.", "echo of the prompt"),
        ("WRITE on this: hand flapping", "echo of the prompt"),
        ("fictional. Write on this", "echo of the prompt"),
        ("hand flapping, spinning", ""),
        ("Hand flapping, spinning, lining upwards", ""),
        ("He was seen hand flapping, spinning, lining up.", ""),
    ],
)
def test_words_of_the_prompt_are_an_echo(text: str, expected: str) -> None:
    """Whatever their case and punctuation; three of them stand in a prompt by chance."""

    assert reasons(text) == [expected]


def test_the_second_of_two_equal_texts_of_a_reply_is_a_duplicate() -> None:
    """Case and punctuation make no new text; the first one stays."""

    assert reasons("He spins.", "She spins.", "HE SPINS!", "he  spins") == ["", "", "duplicate in reply", "duplicate in reply"]


def test_a_reply_is_screened_by_itself() -> None:
    """Repeats between replies are curation's to count."""

    screening = Screening()

    assert [Parsed("One.")] == screening.screen([Parsed("One.")], ASKED) == screening.screen([Parsed("One.")], ASKED)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", ["", "wrong language"]), ("de", ["wrong language", ""]), ("", ["", ""])]
)
def test_a_text_in_another_language_than_the_labels_is_rejected(language: str, expected: list[str]) -> None:
    """Without a language any will do."""

    assert reasons(ENGLISH, GERMAN, language=language) == expected


@pytest.mark.parametrize("text", ["Flaps.", "No eye contact.", "Elopes x2, PECS, OT 1:1", "Ana hums."])
def test_a_few_words_are_too_few_to_tell_a_language(text: str) -> None:
    """Shorthand must not be lost to a guess."""

    assert reasons(text, language="en") == [""]


@settings(deadline=None, max_examples=200)
@given(
    texts=st.lists(st.text(min_size=1, max_size=80), max_size=6),
    asked=st.text(max_size=80),
    most=st.integers(0, 20),
    rejected=st.booleans(),
)
def test_no_text_makes_it_raise(texts: list[str], asked: str, most: int, rejected: bool) -> None:
    """Each piece keeps its place, is left as it was or rejected with a reason, and is judged alike the next time."""

    pieces = [Rejected("no list item", text) if rejected else Parsed(text) for text in texts]
    request = CompletionRequest((Message("user", asked),), "A", 1)
    screening = Screening("en", most)

    screened = screening.screen(pieces, request)

    assert screened == screening.screen(pieces, request)
    assert [piece.text if isinstance(piece, Parsed) else piece.piece for piece in screened] == texts
    assert all(piece.reason for piece in screened if isinstance(piece, Rejected))
    kept = [piece for piece in screened if isinstance(piece, Parsed)]
    assert kept == screening.screen(kept, request)
