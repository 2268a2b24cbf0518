"""Why replies give nothing, in one line."""

from collections import Counter
from dataclasses import replace

import pytest

from support.builders import run_config
from synthsweep.generate.completer import Completion, CompletionRequest, Message
from synthsweep.generate.llm.first_replies import FIRST, FirstReplies

LLM = run_config("llm=vllm", "llm.model=m").llm
REQUEST = CompletionRequest((Message("user", "Write."),), "A", 10)
PROSE = Completion("Anna bit Tom,\n  twice (in 2024).", "m")


@pytest.mark.parametrize(
    ("sources", "public", "shown"),
    [
        ((), False, "is: Anna bit Tom, twice (in 2024)."),
        (("note-1",), True, "is: Anna bit Tom, twice (in 2024)."),
        (("note-1",), False, "has this shape: xxxx xxx xxx, xxxxx (xx xxxx)."),
    ],
)
def test_a_reply_to_a_prompt_with_private_texts_shows_its_shape_alone(
    sources: tuple[str, ...], public: bool, shown: str
) -> None:
    """It may repeat them."""
    first = FirstReplies(LLM, public)
    first.count(replace(REQUEST, sources=sources), PROSE, Counter({"no list item": 1}), usable=False)

    assert (
        f"1 reply gave nothing that can be used (1 of another shape or rejected: no list item); the first {shown};" in first.why
    )


def test_the_most_common_reason_gives_the_way_out() -> None:
    first = FirstReplies(LLM)
    for finish in ("length", "length", "refusal", "stop"):
        first.count(REQUEST, Completion("", "m", finish=finish), Counter(), usable=False)

    assert "(2 cut at llm.max_output_tokens=2000, 1 refused, 1 empty)" in first.why
    assert first.why.endswith("a larger llm.max_output_tokens asks for these again, and only these")


def test_no_more_are_sent_than_may_be_in_vain() -> None:
    """Until one gives something."""
    first = FirstReplies(LLM)
    for _ in range(5):
        first.count(REQUEST, PROSE, Counter(), usable=False)
    rooms = (first.room(3), first.room(99))
    first.count(REQUEST, PROSE, Counter(), usable=True)

    assert rooms == (FIRST - 5 - 3, 0)
    assert first.room(99) is None
    assert not first.hopeless
