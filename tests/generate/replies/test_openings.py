import pytest

from synthsweep.generate.completer import Completion, OwnText
from synthsweep.generate.replies.openings import openings_of

LIST = "1. He waits by the door. [also: B2]\n2. She spins the lid.\n3. ...\n4. A boy hums"
JSON = '{"examples": [{"text": "He waits by the door.", "also": ["B2"]}, {"text": "She spins the lid.", "also": []}]}'


@pytest.mark.parametrize(
    ("completion", "openings"),
    [
        (Completion(LIST, "m"), ["He waits by the door.", "She spins the lid.", "A boy hums"]),
        (Completion(LIST, "m", finish="length"), ["He waits by the door.", "She spins the lid."]),
        (Completion(JSON, "m"), ["He waits by the door.", "She spins the lid."]),
        (Completion("", "m"), []),
        (Completion("I'm sorry.", "m", finish="refusal"), []),
        (Completion(LIST, "m", own=(OwnText("His own.", frozenset()),)), []),
    ],
    ids=["list", "cut", "json", "empty", "refusal", "own"],
)
def test_the_openings_of_a_reply_depend_on_the_reply_alone(completion: Completion, openings: list[str]) -> None:
    """Labels that are added, or another limit to words, change no prompt that shows them."""

    assert openings_of(completion) == openings
