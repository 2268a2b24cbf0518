"""How the cells of a table say which labels a text has; pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from synthsweep.corpus.files.table import SourceTable
from synthsweep.corpus.label_forms.cells import LabelCell, Problem, as_label, as_word, is_missing, shown
from synthsweep.corpus.label_forms.lists import ListForm
from synthsweep.examples import LabelSet
from synthsweep.messages import listing

NAMES = ListForm()


@dataclass(frozen=True)
class LabelReading:
    """How the labels of a run are read from its tables.

    `column` lists the labels of a text in the given `form`; without one, each label is a column of its own, of 0 and 1 or,
    for `worded` ones, of yes and no. `notes` say what was read and what was not; `warnings` name columns that may have been
    meant as labels.
    """

    labels: LabelSet
    column: str | None = None
    form: ListForm = NAMES
    worded: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def cells(self, table: SourceTable) -> list[LabelCell]:
        """What each row of a table says about the labels."""
        if self.column is None:
            rows = zip(*(table.columns[label] for label in self.labels.ids), strict=True)
            return _remembering(lambda row: self._merged(row), rows)
        read = _remembering(self.form.read, table.columns[self.column])
        return list(map(_one_class, read)) if self.labels.kind == "single" else read

    def _merged(self, row: Sequence[Any]) -> LabelCell:
        """What a row of 0/1 columns says."""
        filled = {label: value for label, value in zip(self.labels.ids, row, strict=True) if not is_missing(value)}
        truths = {label: (as_word if label in self.worded else as_label)(value) for label, value in filled.items()}
        problems = tuple(self._problem(label, filled[label]) for label, truth in truths.items() if truth is None)
        positive = tuple(label for label, truth in truths.items() if truth)
        return LabelCell(positive, tuple(label for label in self.labels.ids if label not in filled), problems=problems)

    def _problem(self, label: str, value: Any) -> Problem:
        rule = f"{label} must be {'yes or no' if label in self.worded else '0 or 1'}, got {shown(value)}"
        return Problem(label, rule, "mend them, or leave the label out of labels.ids")


def _remembering(read: Callable[[Any], LabelCell], cells: Iterable[Any]) -> list[LabelCell]:
    """Reads cells, most of which repeat, each kind once."""
    known: dict[Any, LabelCell] = {}
    found = []
    for cell in cells:
        # 1 and True, which are equal, say the same; lists and objects have no hash.
        try:
            known_cell = known.get(cell)
        except TypeError:
            known_cell = read(cell)
        if known_cell is None:
            known_cell = known[cell] = read(cell)
        found.append(known_cell)
    return found


def _one_class(cell: LabelCell) -> LabelCell:
    if len(set(cell.labels)) > 1:
        rule = f"{listing(list(cell.labels))} are {len(cell.labels)} classes"
        return LabelCell(problems=(Problem("classes", rule, "keep one, or set labels.kind=multi"),))
    return cell if cell.labels or cell.problems else LabelCell(missing=True)
