"""Fills an exported sheet as a clinician would: with a spreadsheet program, an editor, or in Label Studio."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synthsweep.audit.items import RIGHT, Answer, Audit
from synthsweep.audit.sheets.rows import NOTE, VERDICT, shows_column
from synthsweep.audit.sheets.xlsx_file import NAME_CELL


def answers_to(audit: Audit, verdict: str = RIGHT, rater: str = "anna") -> dict[str, Answer]:
    """The same verdict on every item, by item."""
    return {item.id: Answer(item.id, rater, verdict) for item in audit.items}


def cells_of(answer: Answer) -> dict[str, str]:
    """Head to what is written below it."""
    return {VERDICT: answer.verdict, NOTE: answer.note} | {shows_column(label): "yes" for label in answer.shows}


def fill_xlsx(path: Path, answers: Mapping[str, Answer], rater: str = "") -> None:
    """Writes each answer into its row, and the rater's name onto the page of instructions."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    sheet: Any = book["Audit"]
    names = [cell.value for cell in sheet[1]]
    for line in sheet.iter_rows(min_row=2):
        answer = answers.get(str(line[0].value))
        for head, word in cells_of(answer).items() if answer else ():
            line[names.index(head)].value = word or None
            # A note that begins with = was typed as text.
            line[names.index(head)].data_type = "s"
    book["Instructions"][NAME_CELL] = rater or None
    book.save(path)


def fill_csv(path: Path, answers: Mapping[str, Answer], delimiter: str = ",", encoding: str = "utf-8-sig") -> None:
    """Writes each answer into its row, and saves it as a spreadsheet of that country would."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        names, *lines = csv.reader(file)
    filled = [list(by_head(names, line, answers).values()) for line in lines]
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([names, *filled])


def by_head(names: Sequence[str], line: Sequence[str], answers: Mapping[str, Answer]) -> dict[str, str]:
    """A row with the answer to its item, if there is one."""
    answer = answers.get(line[0])
    return dict(zip(names, line, strict=True)) | (cells_of(answer) if answer else {})


def label_studio_export(tasks_path: Path, answers: Mapping[str, Answer], email: str = "anna@example.org") -> Path:
    """`export.json` beside the tasks: what Label Studio gives as JSON of a project where one person annotated them."""
    tasks = json.loads(tasks_path.read_text(encoding="utf-8"))
    exported = [
        {"id": number, "data": task["data"], "annotations": annotations(number, answers.get(task["data"]["id"]), email)}
        for number, task in enumerate(tasks, start=1)
    ]
    path = tasks_path.with_name("export.json")
    path.write_text(json.dumps(exported), encoding="utf-8")
    return path


def annotations(number: int, answer: Answer | None, email: str) -> list[dict[str, Any]]:
    """One, or none of a task that was not answered."""
    if answer is None:
        return []
    who = {"id": 7, "email": email, "first_name": "", "last_name": ""}
    return [{"id": number, "completed_by": who, "was_cancelled": False, "ground_truth": False, "result": results(answer)}]


def results(answer: Answer) -> list[dict[str, Any]]:
    """What was chosen and written; what was left empty is not there."""
    chosen = [
        ("verdict", "choices", [answer.verdict]),
        ("shows", "choices", sorted(answer.shows)),
        (NOTE, "text", [answer.note]),
    ]
    return [
        {
            "id": f"r{place}", "from_name": name, "to_name": "text", "origin": "manual",
            "type": "textarea" if kind == "text" else kind, "value": {kind: words},
        }
        for place, (name, kind, words) in enumerate(chosen)
        if any(words)
    ]  # fmt: skip
