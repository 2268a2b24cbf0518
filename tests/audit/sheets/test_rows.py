"""What a filled sheet says, and what is wrong with it: one line each, and nothing is taken then."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.audits import LABELS, small
from support.filled_sheets import answers_to, cells_of
from synthsweep.audit.items import Answer, Audit
from synthsweep.audit.sheets.rows import (
    CRITERION,
    ID,
    MEANING,
    NOTE,
    TEXT,
    VERDICT,
    Row,
    columns_of,
    question_cells,
    read_rows,
    shows_column,
)
from synthsweep.errors import AuditError
from synthsweep.examples import Criterion, LabelSet

AUDIT = small(6, real=1, planted=1)
IDS = [item.id for item in AUDIT.items]
VERDICTS = st.sampled_from(["right", "wrong", "unsure"])
NOTES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(str.strip)
Edit = Callable[[list[dict[str, str]]], object]


def filled(audit: Audit = AUDIT) -> list[dict[str, str]]:
    """The cells of a sheet on which every item is right."""
    answers = answers_to(audit)
    return [
        dict.fromkeys(columns_of(audit), "")
        | dict(zip(columns_of(audit), question_cells(audit, item), strict=False))
        | cells_of(answers[item.id])
        for item in audit.items
    ]


def read(cells: Sequence[dict[str, str]], audit: Audit = AUDIT, *, partial: bool = False) -> list[Answer]:
    rows = [Row(number, line) for number, line in enumerate(cells, start=2)]
    return read_rows(audit, rows, cells[0] if cells else columns_of(audit), "anna", partial=partial)


def refusal(edit: Edit, *, partial: bool = False) -> str:
    cells = filled()
    edit(cells)
    with pytest.raises(AuditError) as refused:
        read(cells, partial=partial)
    return str(refused.value)


def put(number: int, head: str, word: str) -> Edit:
    """Writes a word into row `number`, which counts from 2."""
    return lambda cells: cells[number - 2].update({head: word})


def drop(head: str) -> Edit:
    return lambda cells: [line.pop(head) for line in cells]


def test_a_sheet_has_a_column_for_what_is_asked_and_what_is_answered() -> None:
    """In this order; a criterion without a name, or with its id as name, stands by its id alone."""
    labels = LabelSet("two", (Criterion("A", "", "alphas"), Criterion("B", "B")))
    audit = replace(small(2), labels=labels)
    items = [replace(item, criterion=label) for item, label in zip(audit.items, "AB", strict=True)]

    assert columns_of(audit) == ("id", "text", "criterion", "what it means", "verdict", "shows A", "shows B", "note")
    assert [question_cells(audit, item)[2:] for item in items] == [("A", "alphas"), ("B", "")]
    assert question_cells(AUDIT, AUDIT.items[0])[2] == "A1 Social-emotional reciprocity"


@given(st.lists(st.tuples(VERDICTS, st.frozensets(st.sampled_from(LABELS.ids)), NOTES), min_size=8, max_size=8), st.randoms())
def test_answers_come_back_as_they_were_written(given_: list[tuple[str, frozenset[str], str]], rng: random.Random) -> None:
    """In any order of rows and columns; a mark at the criterion in question says no more than the verdict."""
    answers = {
        item.id: Answer(item.id, "anna", verdict, marks - {item.criterion}, note)
        for item, (verdict, marks, note) in zip(AUDIT.items, given_, strict=True)
    }
    cells = [dict(reversed((line | cells_of(answers[line[ID]])).items())) for line in filled()]
    rng.shuffle(cells)

    assert {answer.item: answer for answer in read(cells)} == answers


def test_verdicts_and_marks_are_read_as_people_write_them() -> None:
    """With space, in capitals, ticked or crossed; no, 0 and a dash are no marks."""
    marks = ["yes", " YES ", "x", "1", "True", "✓", "no", "", "0", "-", "FALSE", "N"]
    found = [
        read([line | {VERDICT: " Wrong ", shows_column("B4"): mark} if line[ID] == IDS[0] else line for line in filled()])[0]
        for mark in marks
    ]

    assert {answer.verdict for answer in found} == {"wrong"}
    assert ["B4" in answer.shows for answer in found] == [True] * 6 + [False] * 6


def test_a_marked_criterion_that_was_asked_and_is_right_is_no_further_one() -> None:
    cells = filled()
    cells[0][shows_column("A1")] = "yes"

    assert read(cells)[0].shows == frozenset()


def test_empty_rows_are_no_rows() -> None:
    """Spreadsheets add some at the end; their numbers still count."""
    empty = dict.fromkeys(columns_of(AUDIT), " ")

    assert len(read([*filled(), empty, empty])) == 8


def test_a_sheet_may_be_partial_if_that_is_said() -> None:
    """Rows that are missing and rows without a verdict are left out."""
    cells = filled()[:5]
    cells[1][VERDICT] = " "

    assert [answer.item for answer in read(cells, partial=True)] == [IDS[0], *IDS[2:5]]
    assert read([], partial=True) == []


def test_missing_rows_are_counted_and_named() -> None:
    message = refusal(lambda cells: [cells.pop() for _ in range(5)])

    assert message == f"5 of 8 rows are missing ({IDS[3]}, {IDS[4]}, {IDS[5]} and 2 more); audit.partial=true takes the others"


def test_an_unknown_id_is_named_with_its_row() -> None:
    """Also if the sheet may be partial: it was changed."""
    expected = "there is no item with the id 'abc' in row 4: ids stay as they were exported"

    assert {refusal(put(4, ID, "abc"), partial=partial) for partial in (False, True)} == {expected}


def test_a_sheet_of_another_audit_is_recognized() -> None:
    """None of its ids is known."""
    message = refusal(lambda cells: [line.update({ID: f"x{place}"}) for place, line in enumerate(cells)])

    assert message == "none of its 8 ids is one of this audit: is it the sheet of another one (audit.name=NAME)?"


def test_a_changed_text_is_refused() -> None:
    """With its row; what a spreadsheet does to white space and control characters is no change."""
    message = refusal(put(3, TEXT, "Sentence number 1: somebody has made it better."))
    cells = filled()
    cells[1][TEXT] = "'" + cells[1][TEXT].replace(" ", "\r\n", 1).replace(" ", "\x0b", 1) + " "

    assert message == "row 3 with another text than was exported: its answer is not one to the sample"
    assert len(read(cells)) == 8


def test_a_changed_criterion_is_refused() -> None:
    """The verdict would be on another question; its meaning may be worded anew, or left out."""
    message = refusal(lambda cells: [put(number, CRITERION, "B4 Sensory reactivity")(cells) for number in (2, 3, 9)])
    reworded = [{head: word for head, word in line.items() if head != MEANING} for line in filled()]

    assert message == "rows 2, 3, 9 with another criterion than was exported: its answer is not one to the sample"
    assert len(read(reworded)) == 8


def test_an_item_twice_is_refused() -> None:
    """Even where both rows agree: a copied row was meant for another item."""
    message = refusal(lambda cells: cells.append(dict(cells[1])))

    assert message == "rows 3, 10 answering one item twice for anna: leave one row per item"


@pytest.mark.parametrize("head", [ID, TEXT, CRITERION, VERDICT, "shows B2", NOTE])
def test_a_missing_column_is_named(head: str) -> None:
    """Every one but the meaning."""
    assert refusal(drop(head)) == f"the column {head!r} is missing: the first row stays as it was exported"


def test_several_missing_columns_are_one_line() -> None:
    """As when the first row is not the header."""
    message = refusal(lambda cells: cells.__setitem__(slice(None), [{"1": "2"}]))

    assert message == "the column 'id', 'text', 'criterion' and 9 more is missing: the first row stays as it was exported"


def test_rows_without_a_verdict_are_named() -> None:
    """One line with their numbers, the words, and the way out."""
    message = refusal(lambda cells: [put(number, VERDICT, "")(cells) for number in (2, 5, 6, 9)])

    assert message == "rows 2, 5, 6 and 1 more without a verdict (right, wrong, unsure); audit.partial=true takes the others"


@pytest.mark.parametrize(
    ("head", "word", "message"),
    [
        (VERDICT, "maybe", "row 4: verdict must be right, wrong, unsure, got 'maybe'"),
        (VERDICT, "Right/Wrong", "row 4: verdict must be right, wrong, unsure, got 'right/wrong'"),
        (VERDICT, "m" * 99, f"row 4: verdict must be right, wrong, unsure, got '{'m' * 40}'"),
        (VERDICT, "a\nb", "row 4: verdict must be right, wrong, unsure, got 'a\\nb'"),
        ("shows B3", "perhaps", "row 4: 'shows B3' must be yes or empty, got 'perhaps'"),
        ("shows B3", "a\nb", "row 4: 'shows B3' must be yes or empty, got 'a\\nb'"),
        (NOTE, "n" * 2001, "row 4: note must be at most 2000 letters, got 2001"),
    ],
)
def test_a_cell_that_means_nothing_is_one_line(head: str, word: str, message: str) -> None:
    """With its row, its column and what it says, also where the sheet may be partial."""
    assert [refusal(put(4, head, word), partial=partial) for partial in (False, True)] == [message, message]


def test_a_wrong_verdict_with_its_own_criterion_marked_is_a_slip() -> None:
    """So is an unsure one: one of the two is not meant."""
    item = AUDIT.items[2]
    message = refusal(lambda cells: [put(4, VERDICT, "wrong")(cells), put(4, shows_column(item.criterion), "yes")(cells)])

    assert message == f"row 4: verdict is wrong, and yet {item.criterion} is marked as shown: one of the two is a slip"


@given(
    st.lists(st.tuples(st.integers(2, 9), st.sampled_from(columns_of(AUDIT)), st.text(max_size=8)), min_size=1, max_size=4),
    st.booleans(),
)
def test_whatever_is_written_where_it_is_an_answer_or_one_line(edits: list[tuple[int, str, str]], partial: bool) -> None:
    cells = filled()
    for number, head, word in edits:
        put(number, head, word)(cells)
    try:
        answers, message = read(cells, partial=partial), "taken"
    except AuditError as error:
        answers, message = [], str(error)

    assert len(message.splitlines()) == 1
    assert {answer.item for answer in answers} <= set(IDS)
    assert partial or message != "taken" or len(answers) == 8


@given(st.text(st.characters(exclude_categories=[]), max_size=30))
def test_a_text_is_itself_whatever_is_in_it(text: str) -> None:
    """An exported row is recognised when it comes back, and holds no character that a file cannot hold."""
    audit = replace(AUDIT, items=(replace(AUDIT.items[0], text=text), *AUDIT.items[1:]))
    written = question_cells(audit, audit.items[0])[1]

    assert len(read(filled(audit), audit)) == 8
    assert len(text) == len(written) == len(written.encode().decode())
    assert not set(map(ord, written)) & {*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF}
