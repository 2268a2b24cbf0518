"""The tables of an audit: for a reader, and as plain rows without a text."""

import json
from collections.abc import Callable

import pytest

from support import findings
from synthsweep.audit.items import PLANTED, REAL, RIGHT, UNSURE, WRONG, Answer
from synthsweep.audit.report.tables import (
    COLUMNS,
    agreement_table,
    cells_table,
    controls_table,
    omitted_table,
    parts_table,
    progress_table,
    records,
)
from synthsweep.audit.stats.findings import Findings

SMALL = findings.counts({("x", "p", "B1"): (9, 1), ("x", "p", "A2"): (0, 0)}, unread=2)


def test_parts_stand_below_what_divides_them() -> None:
    """Criteria in the order of the label set; a division of one member is no division."""

    assert parts_table(SMALL).rows == (
        ("all texts", "90.0 [59.6, 98.2]", "0.0 [0.0, 27.8]", "10", "9", "4", "200"),
        ("by criterion",),
        ("A2 Nonverbal communication", "–", "–", "0", "0", "2", "100"),
        ("B1 Stereotyped movements", "90.0 [59.6, 98.2]", "0.0 [0.0, 27.8]", "10", "9", "2", "100"),
    )


def test_shares_stand_before_counts() -> None:
    """A phone shows the first columns alone."""
    made = (parts_table(SMALL), cells_table(findings.full()), controls_table(findings.full()))

    assert [one.heads[1] for one in made] == ["right, %", "right, %", "as expected, %"]
    assert [one.heads[-1] for one in made] == ["texts in the pools", "texts in the pools", "items"]


def test_what_is_not_covered_or_undefined_is_explained() -> None:
    """Below the table."""

    assert parts_table(SMALL).notes[1:] == (
        "Not covered, as cells there have no verdict: all texts 50.0 %.",
        "–: undefined, never 0: nothing there has a verdict.",
    )
    assert len(parts_table(findings.one(9, 1)).notes) == 1


def test_a_judge_has_a_column() -> None:
    """Where there is one; of few texts it is a dash, which is explained."""
    cells = cells_table(findings.full())
    shown = parts_table(findings.full())

    assert (shown.heads[3], len(shown.align)) == ("right, joined with the judge, %", 8)
    assert {len(row) for row in parts_table(SMALL).rows if len(row) > 1} == {7}
    assert (len(cells.rows), len(cells.heads)) == (20, 7)


def test_every_table_is_whole() -> None:
    """As many cells as heads, whoever answered."""
    tables = (parts_table, cells_table, omitted_table, agreement_table, controls_table, progress_table)
    shown = [of(found) for found in (findings.full(), findings.empty(), findings.many(), SMALL) for of in tables]

    assert [
        one.name for one in shown for row in one.rows if len(row) > 1 and {len(row), len(one.align)} != {len(one.heads)}
    ] == []


def test_omissions_are_counted_by_criterion() -> None:
    """In how many texts it is seen, and in how many of these no label says so."""
    items = [findings.item("a"), findings.item("b"), findings.item("c", labels=("A1", "B2"))]
    shown = omitted_table(findings.of_items(items, [Answer(one.id, "Anna", RIGHT, frozenset({"B2"})) for one in items]))

    assert [
        shown.rows[0], shown.rows[-1],
    ] == [("A1 Social-emotional reciprocity", "3", "0"), ("B2 Insistence on sameness", "3", "2")]  # fmt: skip
    assert {row[1:] for row in omitted_table(findings.empty()).rows} == {("–", "–")}


def test_agreement_is_of_all_verdicts_and_of_each_criterion() -> None:
    """One rater has none."""
    items = [findings.item(name) for name in "abc"]
    verdicts = {"Anna": (RIGHT, WRONG, RIGHT), "Ben": (RIGHT, WRONG, WRONG)}
    shown = agreement_table(
        findings.of_items(
            items, [Answer(one.id, rater, word) for rater, of in verdicts.items() for one, word in zip(items, of, strict=True)]
        )
    )

    assert shown.rows[:3] == (
        ("all verdicts", "3", "0.44", "0.40", ""),
        ("A1 Social-emotional reciprocity", "3", "0.44", "0.40", "0.44"),
        ("A2 Nonverbal communication", "0", "–", "–", "–"),
    )
    assert agreement_table(SMALL).rows == ()


def test_controls_are_counted_as_expected() -> None:
    """A planted label is expected to be called wrong."""
    items = [findings.item("p", "A2", kind=PLANTED), findings.item("q", "A2", kind=PLANTED), findings.item("r", kind=REAL)]
    shown = controls_table(findings.of_items(items, [Answer("p", "Anna", WRONG), Answer("q", "Anna", RIGHT)]))

    assert shown.rows == (
        ("real texts, called right for a label of their own", "–", "0", "–", "1"),
        ("labels planted wrong, called wrong", "50.0 [9.5, 90.5]", "2", "1", "2"),
    )


def test_progress_is_of_each_rater() -> None:
    """What they have not answered, and how often they were unsure."""
    items = [findings.item(name) for name in "abcd"]
    found = findings.of_items(items, [Answer("a", "Ben", UNSURE), Answer("a", "Anna", RIGHT), Answer("b", "Anna", RIGHT)])

    assert progress_table(found).rows == (("Anna", "2", "2", "0", "0.0 %"), ("Ben", "1", "3", "1", "100.0 %"))


def test_rows_have_all_digits() -> None:
    """And the part's own LLM, prompt and criterion; None is undefined."""
    whole, judged, undefined = records(SMALL)["parts"]

    assert {name: judged[name] for name in ("group", "criterion", "llm", "pool", "right", "wrong", "open")} == {
        "group": "criterion",
        "criterion": "B1",
        "llm": "",
        "pool": 100,
        "right": 9,
        "wrong": 1,
        "open": 2,
    }
    assert (judged["correctness"], judged["correctness_low"]) == (0.9, pytest.approx(0.5958499732047615))
    assert (undefined["correctness"], undefined["omission_high"], undefined["powered"]) == (None, None, None)
    assert (whole["correctness_uncovered"], undefined["correctness_uncovered"]) == (0.5, 1.0)


def test_a_cell_is_named_by_all_three() -> None:
    """So that rows can be joined."""
    cell = next(row for row in records(findings.full())["parts"] if row["group"] == "cell")

    assert (cell["llm"], cell["prompt"], cell["criterion"]) == (findings.LLMS[0], "plain", "A1")


def test_an_answer_is_a_row() -> None:
    """With what was expected of it; of an item that is not there, none."""
    items = [findings.item("a"), findings.item("p", "A2", kind=PLANTED)]
    answers = [
        Answer("a", "Anna", RIGHT, frozenset({"B2", "A3"}), "a note"),
        Answer("p", "Anna", WRONG),
        Answer("?", "Anna", WRONG),
    ]

    assert records(findings.of_items(items, answers))["answers"] == [
        dict(zip(COLUMNS["answers"], row, strict=True))
        for row in (
            ("a", "example of a", "sample", "x", "plain", "A1", "right", "Anna", "right", "A3 | B2"),
            ("p", "example of p", "planted", "x", "plain", "A2", "wrong", "Anna", "wrong", ""),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("made", [findings.full, findings.empty, findings.many])
def test_no_row_holds_a_text_or_a_note(made: Callable[[], Findings]) -> None:
    """They may leave this machine; the columns are there even without a row."""
    found = made()
    content = json.dumps(records(found))

    assert [item.id for item in found.audit.items if item.text in content] == []
    assert findings.SECRET_NOTE not in content
    assert list(records(found)) == list(COLUMNS)
