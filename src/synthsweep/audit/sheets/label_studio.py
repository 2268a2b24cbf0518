"""Writes tasks for Label Studio with a labelling interface, and reads its export as rows.

`tasks.json` is imported into a project whose labelling interface is `interface.xml`; the export must be JSON, not JSON-MIN.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from synthsweep.audit.items import VERDICTS, Audit
from synthsweep.audit.sheets.rows import (
    CRITERION,
    ID,
    INSTRUCTIONS,
    MEANING,
    NOTE,
    TEXT,
    VERDICT,
    YES,
    Row,
    columns_of,
    question_cells,
    shows_column,
    storable,
)
from synthsweep.errors import AuditError
from synthsweep.storage.files import write_private

SHOWS = "shows"
# The rater of an annotation without an author.
UNNAMED = "unnamed"
ASIDES = (
    "Right, if the text is evidence for the criterion below it; wrong, if it is not; unsure, if you cannot say.",
    "Then tick every further criterion that it is evidence for.",
)
CLASS_ASIDE = "Each text belongs to exactly one class: if the verdict is wrong, tick the one that it belongs to."
# Names of a task's fields: templates allow no spaces in them.
FIELDS = {ID: "id", TEXT: "text", CRITERION: "criterion", MEANING: "meaning"}


def write_tasks(audit: Audit, path: Path) -> None:
    """Writes the tasks to `path`, and `interface.xml` next to it."""
    tasks = [{"data": dict(zip(FIELDS.values(), question_cells(audit, item), strict=True))} for item in audit.items]
    write_private(interface_path(path), interface(audit).encode())
    write_private(path, json.dumps(tasks, ensure_ascii=False, indent=1).encode("utf-8", "replace"))


def interface_path(path: Path) -> Path:
    """The path of the interface for the tasks at `path`."""
    return path.with_name("interface.xml")


def interface(audit: Audit) -> str:
    """The labelling interface: verdict (with keys), further criteria, note."""
    verdicts = "".join(f'\n    <Choice value="{word}" hotkey="{key}"/>' for key, word in enumerate(VERDICTS, start=1))
    hints = {one.id: escape(storable(str(one))) for one in audit.labels.criteria}
    marks = "".join(f'\n    <Choice value="{escape(label)}" hint="{hint}"/>' for label, hint in hints.items())
    single = audit.labels.kind == "single"
    header = escape(" ".join((INSTRUCTIONS[0], ASIDES[0], CLASS_ASIDE if single else ASIDES[1])))
    besides, choice = ("It belongs instead to", "single") if single else ("It shows besides", "multiple")
    return f"""<View>
  <Header value="{header}" size="6"/>
  <Text name="text" value="$text"/>
  <Header value="$criterion"/>
  <Text name="meaning" value="$meaning"/>
  <Choices name="{VERDICT}" toName="text" choice="single" required="true" showInLine="true">{verdicts}
  </Choices>
  <Header value="{besides}" size="6"/>
  <Choices name="{SHOWS}" toName="text" choice="{choice}" showInLine="true">{marks}
  </Choices>
  <TextArea name="{NOTE}" toName="text" rows="2" maxSubmissions="1" placeholder="Note"/>
</View>
"""


def read_export(path: Path, audit: Audit) -> dict[str, tuple[list[str], list[Row]]]:
    """Maps each rater to columns and rows; a rater is a name, an e-mail address or a number of Label Studio.

    Raises:
        AuditError: the file is not an export of Label Studio.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise AuditError("it cannot be read as JSON: export the project as JSON") from error
    by_rater: dict[str, list[Row]] = {}
    for number, task in enumerate(_tasks(tasks), start=1):
        for annotation in task["annotations"]:
            if isinstance(annotation, Mapping) and not annotation.get("was_cancelled"):
                by_rater.setdefault(_rater(annotation), []).append(Row(number, _cells(task["data"], annotation, audit)))
    if not by_rater:
        raise AuditError("no task in it has an annotation")
    return {rater: (list(columns_of(audit)), rows) for rater, rows in by_rater.items()}


def _tasks(value: Any) -> Sequence[Mapping[str, Any]]:
    tasks = value if isinstance(value, list) else []
    whole = [task for task in tasks if isinstance(task, Mapping) and isinstance(task.get("data"), Mapping)]
    if not tasks or len(whole) < len(tasks) or not all(isinstance(task.get("annotations"), list) for task in whole):
        raise AuditError(
            "it is not an export of Label Studio with tasks and annotations: export the project as JSON, not JSON-MIN"
        )
    return whole


def _rater(annotation: Mapping[str, Any]) -> str:
    who = annotation.get("completed_by")
    if isinstance(who, Mapping):
        name = " ".join(str(who.get(part) or "") for part in ("first_name", "last_name")).strip()
        who = name or who.get("email") or who.get("id")
    return str(who or UNNAMED)


def _cells(data: Mapping[str, Any], annotation: Mapping[str, Any], audit: Audit) -> dict[str, str]:
    cells = {column: str(data.get(field, "")) for column, field in FIELDS.items()}
    chosen = {name: list(words) for name, words in _results(annotation)}
    cells[VERDICT] = " ".join(chosen.get(VERDICT, []))
    cells[NOTE] = "\n".join(chosen.get(NOTE, []))
    unknown = sorted(set(chosen.get(SHOWS, [])) - set(audit.labels.ids))
    if unknown:
        raise AuditError(f"{SHOWS} must name criteria of the audit, got {unknown[0][:40]!r}")
    return cells | {shows_column(label): YES for label in chosen.get(SHOWS, [])}


def _results(annotation: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    results = annotation.get("result")
    for result in results if isinstance(results, list) else []:
        value = result.get("value") if isinstance(result, Mapping) else None
        if isinstance(value, Mapping):
            words = value.get("choices") or value.get("text") or []
            yield str(result.get("from_name")), [str(word) for word in (words if isinstance(words, list) else [words])]
