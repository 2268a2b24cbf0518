"""Columns that list the labels of a text: how the cells of one are written is decided over all of them; pure."""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthsweep.corpus.label_forms.cells import LabelCell, Problem, as_label, as_text, as_word, is_missing, shown

SEPARATORS = (";", "|", ",")
# A list as Python writes it. Two strings with nothing between them, as NumPy writes them, would be read as one.
ITEM = r"(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[\w.+-]+)"
PYTHON_LIST = re.compile(rf"\[\s*(?:{ITEM}\s*(?:,\s*{ITEM}\s*)*,?\s*)?\]")
PYTHON_TUPLE = re.compile(rf"\(\s*\)|[({{]\s*{ITEM}\s*(?:,\s*{ITEM}\s*)*,?\s*[)}}]")
PYTHON_DICT = re.compile(rf"\{{\s*(?:{ITEM}\s*:\s*{ITEM}\s*(?:,\s*{ITEM}\s*:\s*{ITEM}\s*)*,?\s*)?\}}")
WRITTEN_VECTOR = re.compile(r"[01](?:[ ,;|]+[01])+")
# What NA means beside class names is for the names to say; None and blanks are no class of a list.
MISSING_NAMES = frozenset({"na", "n/a", "#n/a", "<na>", "nan", "null"})
FRACTION = re.compile(r"[+-]?\d*\.\d*[1-9]\d*")
NAMES = "write names of labels"


@dataclass(frozen=True)
class ListForm:
    """How the cells of a column list labels.

    `separator` stands between names in a text; None takes a text as one name. `vector` has the names of the places of a
    vector of 0 and 1; None reads numbers as names of classes. `keys` are the labels of a column of objects that says 0, too:
    a key that is missing is unknown there. `annotated` says that lists are annotations, so that an empty one says nothing.
    `classes` are the names of numbered classes, `ids` the labels that are asked for.
    """

    separator: str | None = None
    vector: tuple[str, ...] | None = None
    keys: tuple[str, ...] = ()
    annotated: bool = False
    classes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def read(self, cell: Any) -> LabelCell:
        """What a cell says."""
        value = parsed(cell)
        if value is None:
            return _wrong("list", f"{shown(cell)} is not a list that can be read", "write names with ; between them")
        if isinstance(value, dict):
            return self._choices(value["choices"]) if "choices" in value else self._mapping(value)
        if isinstance(value, list):
            annotated = isinstance(value[0], dict) if value else self.annotated
            return self._annotations(value) if annotated else self._items(value)
        if isinstance(value, str):
            return self._text(value)
        return LabelCell(missing=True) if is_missing(value) or self._unclassed(value) else self._items([value])

    def _unclassed(self, value: Any) -> bool:
        # The number for no class, among numbered ones.
        return bool(self.classes) and value == -1

    def _text(self, text: str) -> LabelCell:
        if text.strip().lower() in MISSING_NAMES and text.strip() not in self.ids:
            return LabelCell(missing=True)
        names = text.split(self.separator) if self.separator else [text]
        mixed = [
            name.strip() for name in names if self.separator and name.strip() not in self.ids and set(name) & set(SEPARATORS)
        ]
        if mixed:
            return _wrong(
                "mark", f"{shown(mixed[0])} is one name, as other cells have {self.separator!r} between names", "use one mark"
            )
        return self._items(names)

    def _items(self, items: Sequence[Any]) -> LabelCell:
        if self.vector is not None and items and all(as_number(item) is not None for item in items):
            return self._places(items)
        names: list[str] = []
        for item in items:
            name = self._name(item)
            if name is None:
                return _wrong("name", f"{shown(item)} is not the name of a label", NAMES)
            names += [name] if name else []
        return LabelCell(tuple(names))

    def _name(self, item: Any) -> str | None:
        if self.classes and isinstance(item, int):
            return self.classes[item] if 0 <= item < len(self.classes) else None
        if item is None or (not isinstance(item, str) and is_missing(item)):
            return None
        name = as_text(item)
        return None if name is not None and FRACTION.fullmatch(name) and name not in self.ids else name

    def _places(self, items: Sequence[Any]) -> LabelCell:
        if len(items) != len(self.vector or ()):
            count = len(self.vector or ())
            return _wrong(
                "vector", f"a vector of {len(items)} where labels.ids has {count}", f"give each vector {count} places"
            )
        truths = [as_number(item) for item in items]
        return LabelCell(tuple(name for name, truth in zip(self.vector or (), truths, strict=True) if truth))

    def _mapping(self, value: Mapping[str, Any]) -> LabelCell:
        given = {str(name): truth for name, truth in value.items() if not is_missing(truth)}
        open_names = dict.fromkeys([*self.keys, *map(str, value)])
        wrong = [name for name, truth in given.items() if _truth(truth) is None]
        if wrong:
            return _wrong("key", f"{wrong[0]} is {shown(given[wrong[0]])}", "write 0 or 1")
        positive = tuple(name for name, truth in given.items() if _truth(truth))
        return LabelCell(positive, tuple(name for name in open_names if name not in given))

    def _choices(self, choices: Any) -> LabelCell:
        return LabelCell(missing=True) if choices is None else self._items(choices if isinstance(choices, list) else [choices])

    def _annotations(self, annotations: Sequence[Any]) -> LabelCell:
        """What Label Studio exports: annotations, each with results, some of which are choices."""
        found = []
        for annotation in annotations:
            results = annotation.get("result") if isinstance(annotation, dict) else None
            if not isinstance(results, list):
                return _wrong("list", f"{shown(annotation)} is not an annotation with a result", NAMES)
            if not annotation.get("was_cancelled"):
                values: list[Any] = [one.get("value") if isinstance(one, dict) else None for one in results]
                wrong = next((value for value in values if not _is_answer(value)), values)
                if wrong is not values:
                    return _wrong("list", f"{shown(wrong)} is not the value of a result", NAMES)
                other = _not_choices(results)
                if other:
                    return _wrong("annotations", *other)
                found.append([choice for value in values for choice in value.get("choices") or []])
        if not found:
            return LabelCell(missing=True)
        if any(set(map(str, one)) != set(map(str, found[0])) for one in found):
            return _wrong("annotations", "its annotations differ", "keep one annotation per text")
        return self._items(found[0])


def _is_answer(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("choices", []), (list, type(None)))


def _not_choices(results: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """What is wrong with the results of an annotation, and the way out."""
    kinds = sorted({str(key) for one in results for key in one["value"]})
    labels = [kind for kind in kinds if kind == "taxonomy" or kind.endswith("labels")]
    questions = sorted({str(one.get("from_name")) for one in results if "choices" in one["value"]})
    if labels:
        return f"its results hold {labels[0]}, not choices", "export as JSON-MIN, and name the column with data.label_column"
    if len(questions) > 1:
        answers = f"its choices answer {len(questions)} questions ({', '.join(questions)})"
        return answers, "export as JSON-MIN or CSV, and name one of them with data.label_column"
    return None


def _wrong(key: str, rule: str, way_out: str) -> LabelCell:
    return LabelCell(problems=(Problem(key, rule, way_out),))


def list_form(
    cells: Iterable[Any], *, ids: Sequence[str] | None, classes: tuple[str, ...] = (), single: bool = False
) -> tuple[ListForm, str]:
    """The form of a column, and in words how it is read; `ids` are the labels that are asked for, None for all."""
    values = [value for value in map(parsed, cells) if value is not None and not _blank(value)]
    kinds = Counter(map(_kind, values))
    asked = tuple(ids or ())
    if not classes and _are_vectors(values) and set(asked) != {"0", "1"}:
        return ListForm(vector=asked, ids=asked), "vectors of 0 and 1, whose places labels.ids names"
    separator = None if single else _separator([value for value in values if isinstance(value, str)], asked)
    keys = _keys_with_zeros([value for value in values if isinstance(value, dict) and "choices" not in value])
    told = [f"texts split at {separator!r}"] if separator else ["names"] if kinds["names"] else []
    told += [kind for kind in ("lists", "objects", "choices", "annotations") if kinds[kind]]
    told += ["numbered classes by name"] if classes else ["numbers as names"] if kinds["numbers"] else []
    return ListForm(separator, None, keys, kinds["annotations"] > 0, classes, asked), " and ".join(told) or "names"


def parsed(cell: Any) -> Any:
    """A cell, or the list or object that its text is, as JSON or Python writes it; None for null and for one that is neither.

    A missing cell is a NaN. Zeros and ones with marks between them are a list of numbers.
    """
    if isinstance(cell, (list, tuple)):
        pairs = bool(cell) and all(isinstance(item, tuple) and len(item) == 2 for item in cell)
        return dict(cell) if pairs else list(cell)
    if cell is None:
        return float("nan")
    if isinstance(cell, bytes):
        cell = as_text(cell)
    if not isinstance(cell, str):
        return cell
    if WRITTEN_VECTOR.fullmatch(cell.strip()):
        return [int(mark) for mark in cell if mark in "01"]
    return _literal(cell.strip()) if cell.strip()[:1] in {"[", "{"} or PYTHON_TUPLE.fullmatch(cell.strip()) else cell


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if PYTHON_LIST.fullmatch(text) or PYTHON_DICT.fullmatch(text):
            try:
                return ast.literal_eval(text)
            except (ValueError, SyntaxError):
                return None
        return _literal(f"[{text[1:-1]}]") if PYTHON_TUPLE.fullmatch(text) else None


def as_number(value: Any) -> int | None:
    """0 or 1 of a number, a truth value or the text of a number; None for a word."""
    return as_label(value) if isinstance(value, (bool, int, float)) or str(value).strip()[:1] in {"0", "1"} else None


def _truth(value: Any) -> int | None:
    plain = as_label(value)
    return as_word(value) if plain is None else plain


def _blank(value: Any) -> bool:
    return (isinstance(value, str) and not value.strip()) or (not isinstance(value, (list, dict, str)) and is_missing(value))


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "choices" if "choices" in value else "objects"
    if isinstance(value, list):
        return "annotations" if value and isinstance(value[0], dict) else "lists"
    return "names" if isinstance(value, str) else "numbers"


def _are_vectors(values: Sequence[Any]) -> bool:
    """Whether the lists are vectors of 0 and 1, and not lists of the numbers of classes."""
    lists = [value for value in values if isinstance(value, list) and value]
    if not lists or len(lists) < len([value for value in values if value != []]):
        return False
    if not all(as_number(item) is not None for value in lists for item in value):
        return False
    return max(map(len, lists)) > 1


def _separator(texts: Sequence[str], ids: tuple[str, ...]) -> str | None:
    """What stands between names; where several marks occur, the first of ; | and , that does."""
    whole = set(ids)
    found = [mark for mark in SEPARATORS if any(mark in text and text.strip() not in whole for text in texts)]
    return found[0] if found else None


def _keys_with_zeros(objects: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The keys of a column of objects that says 0 somewhere; none where only what is 1 is written down."""
    zeros = any(_truth(truth) == 0 for one in objects for truth in one.values())
    return tuple(sorted({str(name) for one in objects for name in one})) if zeros else ()
