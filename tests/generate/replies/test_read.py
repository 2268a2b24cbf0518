"""Replies as LLMs write them, in files that one can read, each with the texts and labels that are right."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from synthsweep.generate.completer import CompletionRequest, Message
from synthsweep.generate.replies.judge_answer import parse_answer
from synthsweep.generate.replies.parse import Parsed, Rejected, parse_reply
from synthsweep.generate.replies.screen import Screening

HERE = Path(__file__).parent
NAMES = {
    "A1": "Social-emotional reciprocity",
    "A2": "Nonverbal communication",
    "A3": "Relationships",
    "B1": "Stereotyped or repetitive movement, objects or speech",
    "B2": "Sameness, routines and rituals",
    "B3": "Restricted, intense interests",
    "B4": "Sensory reactivity",
}
ASKED = CompletionRequest((Message("user", "Write."),), "A1", 10)
Case = dict[str, Any]


def cases(*files: Path) -> list[Any]:
    read = [(file.stem, case) for file in files for case in yaml.safe_load(file.read_text(encoding="utf-8"))]
    return [pytest.param(case, id=f"{family}: {case['name']}") for family, case in read]


def as_parsed(text: str | Case) -> Parsed:
    return Parsed(text) if isinstance(text, str) else Parsed(text["text"], frozenset(text.get("also", ())))


FAMILIES = sorted((HERE / "read").glob("*.yaml"))


@pytest.mark.parametrize("case", cases(*FAMILIES))
def test_every_reply_gives_the_texts_and_labels_that_it_holds(case: Case) -> None:
    """Nothing misread, nothing lost; what else stood in the place of a text has its reason."""

    pieces = Screening().screen(parse_reply(case["reply"], [*NAMES], cut=case.get("cut", False), names=NAMES), ASKED)
    kinds = [piece.kind for piece in pieces if isinstance(piece, Rejected) and piece.kind != "no list item"]

    assert [piece for piece in pieces if isinstance(piece, Parsed)] == [as_parsed(text) for text in case["texts"]]
    assert case.get("rejected", kinds if set(kinds) <= {"note"} else []) == kinds


@pytest.mark.parametrize("case", cases(HERE / "judge_answers.yaml"))
def test_every_answer_of_a_judge_gives_the_labels_that_it_names(case: Case) -> None:
    """In the same forms as texts, since the same LLMs answer."""

    answer = parse_answer(case["reply"], [*NAMES], names=NAMES)

    assert (answer.kind if isinstance(answer, Rejected) else sorted(answer)) == case["labels"]


def test_there_are_enough_of_them() -> None:
    """A family that loses its file would pass unseen."""

    assert len(FAMILIES) >= 12
    assert len(cases(*FAMILIES)) >= 150
