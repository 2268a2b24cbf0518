"""False refusals, on texts that nobody asked for: each of them stands in the first line of a reply."""

import csv
import os
from importlib.resources import files
from pathlib import Path

import pytest

from synthsweep.generate.replies.reading.refusals import is_refusal

# The folder of GoEmotions (train.csv, dev.csv, test.csv), as tests/benchmarks/goemotions.py reads it.
GOEMOTIONS = os.environ.get("GOEMOTIONS", "")


def false_refusals(file: Path) -> tuple[list[str], int]:
    with file.open(encoding="utf-8", newline="") as lines:
        texts = [row["text"] for row in csv.DictReader(lines)]
    return [text for text in texts if is_refusal(text)], len(texts)


def test_no_sentence_of_a_record_is_a_refusal() -> None:
    """None of the demo corpus, of which a third quotes somebody."""

    refused, count = false_refusals(Path(str(files("synthsweep") / "corpus/demo.csv")))

    assert refused == []
    assert count > 1000


@pytest.mark.slow
@pytest.mark.skipif(not GOEMOTIONS, reason="GOEMOTIONS=FOLDER names the corpus")
@pytest.mark.parametrize("part", ["train", "dev", "test"])
def test_no_comment_of_a_forum_is_a_refusal(part: str) -> None:
    """People who write "I can't" and "sorry" all day."""

    assert false_refusals(Path(GOEMOTIONS) / f"{part}.csv")[0] == []


@pytest.mark.parametrize(
    "text",
    [
        "I can't help but notice that he never waves back, his mother says.",
        "I'm sorry, I can't provide a better word for it than stubborn.",
        "Sorry, she says, and cannot stop.",
        "I won't write my name, he told the teacher.",
        "I can't do that, I can't do that, he repeats at the slide.",
        "As an aide I see that he cannot share.",
        "Unfortunately, I cannot get him to wear socks.",
        "I am unable to help him with the zip, since he screams.",
        "I cannot write anything on his friends, since he has none.",
        "He has to decline every request of his brother.",
    ],
)
def test_a_person_who_cannot_do_something_refuses_nothing(text: str) -> None:
    """A refusal speaks of being asked."""

    assert not is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't fulfill this request.",
        "I can't assist with creating content that describes children with a disability.",
        "I apologize, but I cannot generate medical records of minors.",
        "I must decline this request.",
        "I'm not comfortable writing descriptions of real children.",
        "This request goes against my guidelines.",
        "As a large language model, I can't do this.",
        "Sorry, I can't help with that.",
        "Es tut mir leid, aber ich kann diese Anfrage nicht erfüllen.",
        "Je suis désolé, mais je ne peux pas répondre à cette demande.",
        "Lo siento, pero no puedo ayudar con esa solicitud.",
        "抱歉，我无法提供这样的内容。",
    ],
)
def test_an_llm_that_declines_is_heard(text: str) -> None:
    """In its usual words, and in a few languages."""

    assert is_refusal(text)


def test_short_words_of_refusal_count_at_the_beginning_of_a_reply_alone() -> None:
    """Further down, somebody in a text says them."""

    assert [is_refusal("Sorry, I can't help with that.", place) for place in (0, 2, 3)] == [True, True, False]
    assert is_refusal("I'm sorry, but I can't fulfill this request.", 7)
