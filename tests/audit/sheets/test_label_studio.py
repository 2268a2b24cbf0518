"""Tasks for Label Studio, and its export."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.xml.functions import fromstring

from support.audits import LABELS, LLMS, PROMPT, small
from support.filled_sheets import answers_to, label_studio_export, results
from synthsweep.audit.items import Answer, Audit
from synthsweep.audit.sheets.label_studio import interface, interface_path, read_export, write_tasks
from synthsweep.audit.sheets.rows import read_rows
from synthsweep.errors import AuditError
from synthsweep.examples import Criterion, LabelSet

AUDIT = small(14, real=2, planted=2)
EMAIL = "anna@example.org"
NO_EXPORT = "it is not an export of Label Studio with tasks and annotations: export the project as JSON, not JSON-MIN"


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    write_tasks(AUDIT, tmp_path / "tasks.json")
    return tmp_path / "tasks.json"


def read_back(path: Path, audit: Audit = AUDIT, rater: str = EMAIL) -> dict[str, Answer]:
    names, rows = read_export(path, audit)[rater]
    return {answer.item: answer for answer in read_rows(audit, rows, names, rater, partial=False)}


def changed(path: Path, task: int, **fields: Any) -> Path:
    """The export with other fields in its annotation of a task."""
    exported = json.loads(path.read_text())
    exported[task]["annotations"][0].update(fields)
    path.write_text(json.dumps(exported))
    return path


def refusal(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(AuditError) as refused:
        read_export(path, AUDIT)
    return str(refused.value)


def test_answers_come_back_from_an_export(tasks: Path) -> None:
    answers = answers_to(AUDIT, "unsure", EMAIL)
    first, second = AUDIT.items[:2]
    answers[first.id] = Answer(first.id, EMAIL, "right", frozenset({"B1", "B4"}), "=odd\n\U0001f9f8")
    answers[second.id] = Answer(second.id, EMAIL, "wrong")

    assert read_back(label_studio_export(tasks, answers, EMAIL)) == answers


def test_a_note_of_several_pieces_is_one(tasks: Path) -> None:
    """Label Studio gives a text field as a word or as a list."""
    path = label_studio_export(tasks, answers_to(AUDIT), EMAIL)
    verdict = results(Answer("", "", "right"))
    notes = [{"from_name": "note", "value": {"text": words}} for words in ("one", ["one", "two"])]
    for task, note in enumerate(notes):
        changed(path, task, result=[*verdict, note])

    assert [read_back(path)[item.id].note for item in AUDIT.items[:2]] == ["one", "one\ntwo"]


@pytest.mark.parametrize(
    ("who", "rater"), [(7, "7"), ({"id": 7}, "7"), ({"id": 7, "email": "b@c"}, "b@c"), (None, "unnamed"), ({}, "unnamed")]
)
def test_a_rater_is_known_by_address_or_number(tasks: Path, who: object, rater: str) -> None:
    """Whichever the export has."""
    path = changed(label_studio_export(tasks, answers_to(AUDIT), EMAIL), 0, completed_by=who)

    assert {name: len(rows) for name, (_, rows) in read_export(path, AUDIT).items()} == {rater: 1, EMAIL: 17}


def test_each_rater_has_rows_of_their_own(tasks: Path) -> None:
    path = label_studio_export(tasks, answers_to(AUDIT, "wrong"), EMAIL)
    exported = json.loads(path.read_text())
    other = json.loads(label_studio_export(tasks, answers_to(AUDIT), "ben@example.org").read_text())
    for task, second in zip(exported, other, strict=True):
        task["annotations"] += second["annotations"]
    path.write_text(json.dumps(exported))

    assert {answer.verdict for answer in read_back(path).values()} == {"wrong"}
    assert {answer.verdict for answer in read_back(path, rater="ben@example.org").values()} == {"right"}


def test_a_skipped_task_is_not_answered(tasks: Path) -> None:
    """Its annotation was cancelled."""
    path = changed(label_studio_export(tasks, answers_to(AUDIT), EMAIL), 0, was_cancelled=True)

    assert len(read_export(path, AUDIT)[EMAIL][1]) == 17


def test_an_annotation_without_a_verdict_is_an_open_row(tasks: Path) -> None:
    """As an empty cell is in a sheet; rows are counted as tasks."""
    path = changed(label_studio_export(tasks, answers_to(AUDIT), EMAIL), 3, result=[])
    with pytest.raises(
        AuditError, match=r"^row 4 without a verdict \(right, wrong, unsure\); audit.partial=true takes the others$"
    ):
        read_back(path)


def test_a_task_annotated_twice_by_one_rater_is_refused(tasks: Path) -> None:
    """Nobody knows which of the two counts."""
    path = label_studio_export(tasks, answers_to(AUDIT), EMAIL)
    exported = json.loads(path.read_text())
    exported[2]["annotations"] *= 2
    path.write_text(json.dumps(exported))

    with pytest.raises(AuditError, match=f"^rows 3, 3 answering one item twice for {EMAIL}: leave one row per item$"):
        read_back(path)


def test_an_unknown_criterion_is_refused(tasks: Path) -> None:
    """The interface was changed."""
    path = changed(
        label_studio_export(tasks, answers_to(AUDIT), EMAIL), 0, result=results(Answer("", "", "right", frozenset({"Z9"})))
    )
    with pytest.raises(AuditError, match=r"^shows must name criteria of the audit, got 'Z9'$"):
        read_export(path, AUDIT)


def test_a_note_with_half_a_letter_is_refused(tasks: Path) -> None:
    """JSON can write what no file and no database can hold."""
    answers = answers_to(AUDIT)
    answers[AUDIT.items[0].id] = Answer(AUDIT.items[0].id, "", "right", note="\ud83d")
    with pytest.raises(AuditError, match=r"^row 1: note must be text"):
        read_back(label_studio_export(tasks, answers, EMAIL))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it cannot be read as JSON: export the project as JSON"),
        (b"id,text\n", "it cannot be read as JSON: export the project as JSON"),
        (b"\xff\xfe\0", "it cannot be read as JSON: export the project as JSON"),
        (b"[" * 100_000, "it cannot be read as JSON: export the project as JSON"),
        ("[]", NO_EXPORT),
        ("{}", NO_EXPORT),
        ("[1]", NO_EXPORT),
        ('[{"data": {}}]', NO_EXPORT),
        ('[{"data": {}, "annotations": 1}]', NO_EXPORT),
        # JSON-MIN has no annotations: its fields stand beside each other.
        ('[{"id": "a", "text": "b", "verdict": "right", "annotator": 1, "annotation_id": 1}]', NO_EXPORT),
        ('[{"data": {}, "annotations": []}]', "no task in it has an annotation"),
        ('[{"data": {}, "annotations": [{"was_cancelled": true}]}]', "no task in it has an annotation"),
    ],
)
def test_what_is_no_export_is_one_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert refusal(tmp_path / "a.json", content) == message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "annotations", "result", "value", "choices", "text", "from_name"]), inner)
    ),
    max_leaves=12,
)


@given(JSON, JSON, JSON)
def test_any_json_is_rows_or_one_line(tmp_path_factory: pytest.TempPathFactory, whole: Any, result: Any, value: Any) -> None:
    """At any depth of an export."""
    path = tmp_path_factory.mktemp("json") / "a.json"
    task = {"data": {}, "annotations": [{"result": result}]}
    named = {"data": {}, "annotations": [{"result": [{"from_name": "verdict", "value": value}]}]}
    for content in (whole, [task], [named]):
        path.write_text(json.dumps(content))
        message = ""
        try:
            read_export(path, AUDIT)
        except AuditError as error:
            message = str(error)

        assert "\n" not in message


def test_a_task_is_what_is_asked_and_nothing_more(tasks: Path) -> None:
    found = [task["data"] for task in json.loads(tasks.read_text())]

    assert [(data["id"], data["text"]) for data in found] == [(item.id, item.text) for item in AUDIT.items]
    assert {tuple(data) for data in found} == {("id", "text", "criterion", "meaning")}


def test_tasks_and_interface_are_blind(tasks: Path) -> None:
    """They say neither who wrote a text nor which labels it was given, nor which items are controls."""
    content = tasks.read_text() + interface_path(tasks).read_text()

    assert [word for word in (*LLMS, PROMPT, "example-", "sample", "planted", '"real') if word in content] == []


@pytest.mark.parametrize("text", ["half \ud83d letter", "x\x00y", "=1+1", "\u2028\x85", "<b>$text</b>"])
def test_any_text_comes_back(tmp_path: Path, text: str) -> None:
    audit = replace(AUDIT, items=(replace(AUDIT.items[0], text=text),))
    write_tasks(audit, tmp_path / "tasks.json")

    assert len(read_back(label_studio_export(tmp_path / "tasks.json", answers_to(audit), EMAIL), audit)) == 1


def test_the_interface_offers_what_can_be_answered() -> None:
    """Verdicts with keys, every criterion, a note, each about the text."""
    view = fromstring(interface(AUDIT))
    choices = {of.get("name"): [one.get("value") for one in of] for of in view.iter("Choices")}

    assert {"verdict": ["right", "wrong", "unsure"], "shows": [*LABELS.ids]} == choices
    assert [one.get("hotkey") for one in view.iter("Choice") if one.get("hotkey")] == ["1", "2", "3"]
    assert {one.get("toName") for one in view if one.get("toName")} == {"text"}
    assert [one.get("name") for one in view.iter("TextArea")] == ["note"]


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_interface_is_xml_whatever_a_criterion_means(name: str, meaning: str) -> None:
    """Quotes, brackets, control characters."""
    audit = replace(AUDIT, labels=LabelSet("odd", (Criterion("A1", name, meaning),)))
    marks = fromstring(interface(audit)).findall("Choices[@name='shows']/Choice")

    assert [one.get("value") for one in marks] == ["A1"]
