"""Synthetic texts where each text carries exactly one label: prompts, replies, judges and keys."""

from dataclasses import replace

import pytest

from support.builders import AB, real, run_config
from synthsweep.errors import ConfigError
from synthsweep.generate.completer import Completion
from synthsweep.generate.offline.own_texts import own_texts
from synthsweep.generate.offline.rewriting import Rewriter
from synthsweep.generate.open_completer import open_completer
from synthsweep.generate.prompts.exemplars import RealTexts
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.prompts.question import render_question
from synthsweep.generate.replies.judge_answer import read_answer
from synthsweep.generate.replies.parse import Rejected
from synthsweep.generate.replies.reply_parser import reply_parser_of
from synthsweep.progress import silent

CLASSES = replace(AB, kind="single")
SINGLE = ("labels=from_data", "labels.kind=single", "data=csv", "data.path=x.csv")


def plan(*words: str) -> PromptPlan:
    train = (real("1", "A", text="a real text of the first class"), real("2", "B", text="one of the second class, also real"))
    return PromptPlan(run_config(*words).prompt, CLASSES, RealTexts(train))


def test_every_prompt_says_that_a_text_has_exactly_one_class() -> None:
    """At its end, with the class that is asked for and with all others; a corpus of several labels has no such line."""

    asked = plan("prompt=plain").request("A", 0).messages[-1].content
    usual = PromptPlan(run_config().prompt, AB).request("A", 0).messages[-1].content

    assert asked.startswith(usual)
    assert asked.removeprefix(usual).split("\n\n")[-1] == (
        "Each text belongs to exactly one of these classes, A Alpha, and shows none of the others:\nA Alpha\nB Beta"
    )


@pytest.mark.parametrize("reply", ["1. One text. [also: B]", '{"examples": [{"text": "One text.", "also": ["B"]}]}'])
def test_a_text_with_a_second_class_is_rejected_with_the_reason(reply: str) -> None:
    """Whoever wrote it; a text that names its own class again has one."""

    parser = reply_parser_of(run_config(), CLASSES, screened=False)
    request = plan().request("A", 0)
    (piece,) = parser.read(request, Completion(reply, "llm"))
    (own,) = parser.read(request, Completion(reply.replace("B", "A"), "llm"))

    assert piece == Rejected("several classes: A, B", "One text.")
    assert not isinstance(own, Rejected)
    assert own.labels == {"A"}


def test_a_text_of_the_users_own_is_left_out_with_its_row() -> None:
    """One with two classes, and one without any: the row is what the user can mend."""

    rows = [(2, {"text": "One.", "label": "A"}), (3, {"text": "Two.", "label": ["A", "B"]}), (7, {"text": "None."})]
    parser = reply_parser_of(run_config(), CLASSES, screened=False)
    own = tuple(text for texts in own_texts(rows, "AB", "mine.csv").values() for text in texts)
    read = parser.read(plan().request("A", 0), Completion("", "me", own=own))

    assert [piece.reason for piece in read if isinstance(piece, Rejected)] == [
        "several classes: row 3 has A, B",
        "no class: row 7",
    ]
    assert len(read) == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("prompt=multilabel",), "prompt.companions=1 gives texts several labels"),
        (("prompt=contrastive",), "prompt.labels=reply gives texts none or several labels"),
        (("prompt=negative",), "prompt.labels=none gives texts none or several labels"),
        (("prompt=few_shot",), "prompt.template asks for further labels"),
        (("prompt=attributed",), "prompt.template asks for further labels"),
        (("prompt=persona",), "prompt.template asks for further labels"),
        (("evaluation.threshold=0.5",), "evaluation.threshold must not be set for labels.kind=single, got 0.5"),
        (("curation.label_action=add",), "curation.label_action must not be add for labels.kind=single"),
    ],
)
def test_keys_that_give_a_text_another_number_of_labels_are_refused(words: tuple[str, ...], says: str) -> None:
    """In one line that names the key; the same is taken where texts may have several labels."""
    with pytest.raises(ConfigError) as refused:
        run_config(*SINGLE, *words)

    assert says in str(refused.value)
    assert run_config(*words)


@pytest.mark.parametrize("prompt", ["plain", "diverse_class", "few_shot_class", "rewrite"])
def test_prompts_that_ask_for_no_further_label_are_taken(prompt: str) -> None:
    """The shipped ones that fit."""
    assert run_config(*SINGLE, f"prompt={prompt}").prompt.variant == prompt


def test_a_judge_is_asked_for_one_class_and_may_name_none() -> None:
    """An answer with two of them is unusable."""

    question = render_question("He waves.", CLASSES, run_config("curation=judged", "llm@judge=gpt-4o-mini").curation)
    two, one, none = (
        read_answer(Completion(f'{{"labels": [{named}]}}', "llm"), CLASSES, ()) for named in ('"A", "B"', '"A"', "")
    )

    assert question[-1].content.endswith("name the one that fits best, or none.")
    assert two == Rejected("several classes: A, B", '{"labels": ["A", "B"]}')
    assert one == frozenset({"A"})
    assert none == frozenset()


def test_texts_with_undecided_labels_are_not_rewritten(caplog: pytest.LogCaptureFixture) -> None:
    """What is made of them would lack labels that nobody denied: they are left out, with a line."""

    known, open_ = real("1", "A", text="one two three"), replace(real("2", "A", text="four five six"), unknown=frozenset({"B"}))
    config = run_config("llm=eda")
    completer = open_completer(config, PromptPlan(config.prompt, AB), [known, open_], silent)

    assert isinstance(completer, Rewriter)
    assert completer.examples == [known]
    assert "llm=eda takes none of 1 texts with labels that nobody decided on" in caplog.text
    assert RealTexts((known, open_)).draw("A", "place", 1, decided=True) == (known,)
