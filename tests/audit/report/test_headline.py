"""What an audit comes to, in sentences."""

from dataclasses import replace

import pytest

from support import findings
from synthsweep.audit.items import PLANTED, REAL, RIGHT, UNSURE, WRONG, Answer
from synthsweep.audit.report.headline import headline
from synthsweep.audit.stats.findings import Findings, compute_findings
from synthsweep.audit.stats.prediction_powered import PredictionPowered
from synthsweep.audit.stats.shares import Share


def said(found: Findings, words: str) -> list[str]:
    return [sentence for sentence in headline(found) if words in sentence]


def controls(kind: str, right: int, wrong: int) -> Findings:
    """So many controls were called right, so many wrong."""
    items = [findings.item(f"{kind}{place}", "A1" if kind == REAL else "A2", kind=kind) for place in range(right + wrong)]
    verdicts = [RIGHT] * right + [WRONG] * wrong
    return findings.of_items(items, [Answer(one.id, "Anna", word) for one, word in zip(items, verdicts, strict=True)])


def powered(low: float, high: float) -> Findings:
    """A sample of ten texts whose interval is 0.4 long, joined with a judge."""
    found = findings.one(9, 1)
    part = replace(
        found.whole,
        correctness=Share(10, 0.8, 0.5, 0.9),
        powered=PredictionPowered(0.75, low, high, 0.5, 0.85, 10, 1000),
    )
    return replace(found, parts=(part,), judge="judge")


def of_two(*verdicts: tuple[str, str]) -> Findings:
    """What Anna and Ben say of one text after the other."""
    items = [findings.item(str(place)) for place in range(len(verdicts))]
    pairs = zip(items, verdicts, strict=True)
    return findings.of_items(
        items, [Answer(one.id, rater, word) for one, of in pairs for rater, word in zip(("Anna", "Ben"), of, strict=True)]
    )


def test_the_share_comes_first_with_its_interval() -> None:
    """As an estimate of the pools, beside the number that was judged."""

    assert (
        headline(findings.one(9, 1))[0]
        == "An estimated 90.0 % of 100 example-label pairs are right [59.6 %, 98.2 %]: 1 rater judged 10 of them."
    )


def test_what_is_open_is_counted() -> None:
    """The share is that of the others."""

    assert headline(findings.one(9, 1, unread=4))[0].endswith(": 1 rater judged 10 of the 14 drawn (4 open).")


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        ({"Anna": 4, "Bo": 2}, ["Bo left 2 of 4 items unanswered."]),
        ({"Anna": 3, "Bo": 2}, ["Anna left 1 and Bo 2 of 4 items unanswered."]),
        ({"Anna": 3, "Bo": 2, "Cem": 1}, ["Anna left 1, Bo 2 and Cem 3 of 4 items unanswered."]),
        ({"Anna": 4, "Bo": 4}, []),
    ],
)
def test_who_has_not_finished_is_named(answered: dict[str, int], expected: list[str]) -> None:
    """In one sentence, after the share."""
    items = [findings.item(str(place)) for place in range(4)]
    found = findings.of_items(items, [Answer(one.id, rater, RIGHT) for rater, of in answered.items() for one in items[:of]])

    assert said(found, "unanswered") == list(headline(found)[1:][: len(expected)]) == expected


def test_cells_without_a_verdict_are_named() -> None:
    """Nobody may take the share for that of the whole pool."""
    found = findings.counts({("x", "plain", "A1"): (3, 1), ("x", "plain", "A2"): (0, 0)}, unread=2)

    assert headline(found)[0].endswith(" 50.0 % of the pairs are in cells without a verdict: the share is that of the others.")


def test_without_an_answer_there_is_nothing_to_say() -> None:
    """And no number that could be taken for a share."""

    assert headline(findings.empty()) == ("Nobody has answered yet: 160 items wait for a verdict, from pools of 600 texts.",)


def test_answers_without_a_verdict_are_no_share() -> None:
    """Undefined is not 0."""
    unsure = findings.of_items([findings.item("a")], [Answer("a", "Anna", UNSURE)])

    assert headline(unsure) == (
        "No text of the sample has a verdict yet, after 1 answer of 1 rater: nobody was sure, raters disagree, or it "
        "is still to be read.",
        "Raters were unsure in 1 of 1 answer (100.0 %).",
    )


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (
            {("x", "p", "A1"): (30, 0), ("y", "p", "A1"): (10, 20)},
            ["LLM x is right more often than y: 100.0 % [88.6 %, 100.0 %] against 33.3 % [19.2 %, 51.2 %]."],
        ),
        (
            {("x", "p", label): shares for label, shares in {"A1": (30, 0), "A2": (20, 10), "B1": (10, 20)}.items()},
            [
                "Criterion A1 is right more often than B1: 100.0 % [88.6 %, 100.0 %] against 33.3 % [19.2 %, 51.2 %] (the two "
                "farthest apart of 3; no interval allows for that choice)."
            ],
        ),
        (
            {("x", "p", "A1"): (30, 0), ("y", "p", "A1"): (10, 20), ("x", "q", "A1"): (10, 20), ("y", "q", "A1"): (30, 0)},
            ["Cell x / p / A1 is right more often than y / p / A1: 100.0 % [88.6 %, 100.0 %] against 33.3 % [19.2 %, 51.2 %] "
             "(the two farthest apart of 4; no interval allows for that choice)."],
        ),
        ({("x", "p", "A1"): (9, 1), ("y", "p", "A1"): (5, 5)}, []),
        ({("x", "p", "A1"): (9, 1)}, []),
    ],
)  # fmt: skip
def test_a_difference_is_stated_where_intervals_do_not_meet(
    of: dict[tuple[str, str, str], tuple[int, int]], expected: list[str]
) -> None:
    """Of an LLM, a criterion, or of cells where nothing else differs."""

    assert said(findings.counts(of), "more often") == expected


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (
            {("x", "p", "A1"): (9, 1), ("y", "q", "A2"): (5, 5)},
            ["No LLM, prompt or criterion is distinguishable from another."],
        ),
        ({("x", "p", "A1"): (9, 1), ("x", "q", "A1"): (5, 5)}, ["No prompt is distinguishable from another."]),
        ({("x", "p", "A1"): (9, 1)}, []),
        ({("x", "p", "A1"): (9, 1), ("y", "p", "A1"): (0, 0)}, []),
    ],
)
def test_no_difference_is_stated_too(of: dict[tuple[str, str, str], tuple[int, int]], expected: list[str]) -> None:
    """Of whatever could have differed, and has a verdict."""

    assert said(findings.counts(of), "distinguishable") == expected


def test_omission_is_a_share_of_texts() -> None:
    """Whatever the verdict is."""
    found = findings.one(9, 0, answers=[])
    first = found.audit.items[0].id
    marked = [replace(one, shows=frozenset({"B2"})) if one.item == first else one for one in found.answers]

    assert said(compute_findings(found.audit, marked), "leave out") == [
        "11.1 % of the texts show a criterion that their labels leave out [2.0 %, 43.5 %]."
    ]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (
            [(RIGHT, RIGHT), (WRONG, WRONG), (RIGHT, WRONG), (WRONG, WRONG)],
            "Agreement of 2 raters: Krippendorff's alpha 0.53 on 4 items (1 is full agreement, 0 what chance would give). Too "
            "little to draw conclusions from: settle the texts to read again together.",
        ),
        (
            [(RIGHT, RIGHT), (WRONG, WRONG)],
            "Agreement of 2 raters: Krippendorff's alpha 1.00 on 2 items (1 is full agreement, 0 what chance would give).",
        ),
        (
            [(RIGHT, RIGHT), (RIGHT, RIGHT)],
            "2 raters gave the same verdict on all of 2 items: agreement beyond chance is undefined.",
        ),
        ([(RIGHT, UNSURE)], "How far 2 raters agree is not known: no item has two verdicts."),
    ],
)
def test_agreement_is_stated_or_why_it_is_not_known(verdicts: list[tuple[str, str]], expected: str) -> None:
    """Undefined where nothing could have been agreed by chance."""

    found = of_two(*verdicts)
    assert [one for word in ("Agreement", "agree is", "gave") for one in said(found, word)] == [expected]


@pytest.mark.parametrize(("alpha", "warned"), [(0.667, 0), (0.666, 1), (-0.2, 1)])
def test_agreement_below_the_bound_of_krippendorff_is_too_little(alpha: float, warned: int) -> None:
    """At the bound it is not."""
    found = of_two((RIGHT, RIGHT), (WRONG, WRONG))
    agreed = replace(found, agreement=(replace(found.agreement[0], alpha=alpha),))

    assert len(said(agreed, "Too little to draw conclusions from")) == warned


def test_one_rater_agrees_with_nobody() -> None:
    """There is no sentence."""

    assert [*said(findings.one(9, 1), "agree"), *said(findings.one(9, 1), "Agree")] == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (controls(PLANTED, 1, 9), "9 of 10 planted wrong labels were called wrong [59.6 %, 98.2 %]."),
        (
            controls(PLANTED, 3, 7),
            "7 of 10 planted wrong labels were called wrong [39.7 %, 89.2 %]. Verdicts may be careless, or these texts do show "
            "what was planted: the report has them.",
        ),
        (controls(REAL, 1, 0), "1 of 1 real text was called right for a label of their own [20.7 %, 100.0 %]."),
        (
            controls(REAL, 9, 1),
            "9 of 10 real texts were called right for a label of their own [59.6 %, 98.2 %]. Where they were not, raters are "
            "stricter than the real labels, or these are wrong.",
        ),
    ],
)
def test_controls_say_how_far_verdicts_can_be_trusted(found: Findings, expected: str) -> None:
    """With a warning where too few planted labels are caught, or a real label is not confirmed."""

    assert said(found, "called") == [expected]


def test_controls_without_a_verdict_are_counted() -> None:
    """Neither caught nor missed."""
    items = [findings.item("s"), *(findings.item(f"p{place}", "A2", kind=PLANTED) for place in range(3))]
    none = findings.of_items(items, [Answer("s", "Anna", RIGHT)])
    some = findings.of_items(items, [Answer("p0", "Anna", WRONG), Answer("p1", "Anna", WRONG)])

    assert said(none, "planted") == ["No planted wrong label among the controls has a verdict yet, of 3."]
    assert said(some, "planted") == ["2 of 2 planted wrong labels were called wrong [34.2 %, 100.0 %]; 1 has no verdict."]


@pytest.mark.parametrize(
    ("low", "high", "end"),
    [
        (0.7, 0.8, "75.0 % are right [70.0 %, 80.0 %], an interval 75 % narrower."),
        (0.3, 0.9, "75.0 % are right [30.0 %, 90.0 %], an interval 50 % wider."),
        (0.5, 0.9, "75.0 % are right [50.0 %, 90.0 %], an interval as wide."),
    ],
)
def test_a_judge_is_stated_with_what_it_gains(low: float, high: float, end: str) -> None:
    """Also where it gains nothing."""

    start = "Joined with judge, which read 1,000 texts and calls 85.0 % right: "
    assert said(powered(low, high), "Joined") == [start + end]


def test_a_judge_of_too_few_texts_is_named() -> None:
    """Nothing is joined then."""

    assert said(replace(findings.one(3, 1), judge="judge"), "judge and") == [
        "judge and the raters have read fewer than 10 texts in common: its verdicts cannot be joined yet."
    ]


def test_unsure_answers_are_a_share_of_all() -> None:
    """That there are none is stated as well."""

    assert said(findings.one(9, 1), "unsure") == ["Nobody was unsure in any of 10 answers."]
    assert said(of_two((RIGHT, UNSURE), (WRONG, WRONG)), "unsure") == ["Raters were unsure in 1 of 4 answers (25.0 %)."]
