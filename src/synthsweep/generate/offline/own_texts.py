"""Texts of the user's own file: rows to labelled texts, or one line about the row that is wrong; pure.

A row has a `text`, and its labels as `label` (one name or a list), `labels` (the same) and `also` (a list of further ones). A
row without a label, or with an empty one, shows none of the criteria. An `id` is kept, if there is one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from synthsweep.errors import PoolError
from synthsweep.generate.completer import OwnText
from synthsweep.messages import listing
from synthsweep.pages.numbers import counted

# Where the names of labels stand: the one that a text was written for comes first.
LABEL_KEYS = ("label", "labels", "also")
# The criterion of texts that show none.
NO_LABEL = ""

Row = Mapping[str, Any]
# A row, and its number as an editor or a spreadsheet counts it.
NumberedRow = tuple[int, Row]


def own_texts(rows: Iterable[NumberedRow], label_ids: Collection[str], source: str) -> dict[str, tuple[OwnText, ...]]:
    """The texts by the label that each was written for, in the order of the rows; `NO_LABEL` for those without one.

    Raises:
        PoolError: a row has no text, an unknown label, or the id of another row.
    """
    texts: dict[str, list[OwnText]] = defaultdict(list)
    places: dict[str, list[int]] = defaultdict(list)
    strange: dict[str, list[int]] = defaultdict(list)
    for number, row in rows:
        where = f"{source} row {number}"
        labels, text, ident = _labels(row, where), _text(row, where), _id(row, where)
        for label in labels:
            if label not in label_ids:
                strange[label].append(number)
        own = OwnText(text, frozenset(labels), ident, _problem(text, number), number)
        texts[labels[0] if labels else NO_LABEL].append(own)
        if ident:
            places[ident].append(number)
    if strange:
        raise PoolError(_unknown_labels(strange, label_ids, source))
    repeated = sorted(number for numbers in places.values() if len(numbers) > 1 for number in numbers)
    if repeated:
        raise PoolError(
            f"{source} rows {listing(repeated)}: id is not unique; give each row its own id, or leave that column out"
        )
    return {label: tuple(found) for label, found in texts.items()}


def _text(row: Row, where: str) -> str:
    text = row.get("text")
    if not isinstance(text, str):
        raise PoolError(f"{where} must hold a text, or a label with a reply, as strings; got {', '.join(row) or 'nothing'}")
    return text.strip()


def _problem(text: str, number: int) -> str:
    if not text:
        return f"empty text: row {number}"
    # Half a surrogate pair: no tokenizer and no file takes it.
    broken = not text.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in text)
    return f"no Unicode text: row {number}" if broken else ""


def _id(row: Row, where: str) -> str:
    given = row.get("id")
    if given is None:
        return ""
    if isinstance(given, bool) or not isinstance(given, (str, int)):
        raise PoolError(f"{where}: id must be a text or a whole number, got {str(given)[:40]}")
    return str(given).strip()


def _unknown_labels(strange: Mapping[str, list[int]], label_ids: Collection[str], source: str) -> str:
    rows = sorted({number for numbers in strange.values() for number in numbers})
    many = len(rows) > 1
    names = [f"{label!r} ({counted(len(numbers), 'row')})" if many else repr(label) for label, numbers in strange.items()]
    one = len(strange) == 1
    what = f"label{'' if one else 's'} {listing(names)} {'is' if one else 'are'} none of labels.ids ({', '.join(label_ids)})"
    way_out = f"take {'it' if one else 'them'} out of these rows, or leave the rows out"
    return f"{source} row{'s' if len(rows) > 1 else ''} {listing(rows)}: {what}: {way_out}"


def _labels(row: Row, where: str) -> list[str]:
    return list(dict.fromkeys(name for key in LABEL_KEYS for name in _names(row.get(key), key, where)))


def _names(value: Any, key: str, where: str) -> list[str]:
    """The names of labels in one field: a list, one name, or none where it is null, empty or missing."""
    if value is None or value == "":
        return []
    if key == "also" and not isinstance(value, list):
        raise PoolError(f"{where}: also must be a list of labels, got {value}")
    names = value if isinstance(value, list) else [value]
    # A label of digits is a number in JSON; a true, a 0.5 or a {} is a slip.
    wrong = [name for name in names if isinstance(name, bool) or not isinstance(name, (str, int))]
    if wrong:
        raise PoolError(f"{where}: {key} must be a label or a list of labels, got {str(value)[:60]}")
    return [str(name) for name in names]
