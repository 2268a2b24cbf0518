"""Finds, among the JSON of a reply, the texts that were asked for: whatever holds them, and however their fields are called."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthsweep.generate.replies.reading.loose_json import Found, Half, json_values
from synthsweep.generate.replies.reading.remarks import is_placeholder

# What a prompt lists, and an LLM repeats: never the texts.
NOT_TEXTS = frozenset(
    "criteria criterion profiles profile labels label also notes note reasoning rationale thoughts thinking analysis plan "
    "steps explanation instructions metadata meta tags codes ids prompt request definitions warnings errors".split()
)
TEXT_KEYS = (
    "text", "texts", "sentence", "example", "content", "generated_text", "statement", "excerpt", "passage", "snippet", "record",
    "observation", "vignette", "description", "entry", "output", "response", "value", "note",
    "examples", "sentences", "items", "result", "answer", "data",
)  # fmt: skip
NUMBERED_KEY = re.compile(
    r"(?:text|example|sentence|item|profile|note|entry|record|sample|observation)?[ _-]?#?\d{1,3}", re.IGNORECASE
)
LEAST_WORDS = 4


@dataclass(frozen=True)
class JsonText:
    """A text of a JSON reply before anything is taken off it; `also` is what its field says, `half` that it ends too early.

    `number` is that of the profile which it says to follow.
    """

    text: str
    also: Any = None
    half: bool = False
    number: int | None = None


@dataclass(frozen=True)
class NoText:
    """A member of a list of texts that is none."""

    reason: str
    piece: str


Item = JsonText | NoText


@dataclass(frozen=True)
class JsonTexts:
    """The texts of one value; `objects` says that they are objects, `single` that the value is one text without a list."""

    items: Sequence[Item]
    start: int
    end: int
    objects: bool = False
    single: bool = False


def json_texts(reply: str, is_label: Collection[str]) -> list[JsonTexts]:
    """The values of a reply that hold texts: objects with a text where there are any, else lists of strings."""
    found = [texts for value in json_values(reply) for texts in _texts_of(value, reply, is_label)]
    objects = [texts for texts in found if texts.objects]
    return _without_patterns(objects or found)


def record_items(records: Sequence[Mapping[str, Any]], labels: Collection[str]) -> list[Item]:
    """The texts of records that were read from another form than JSON."""
    return [_item(record, labels) for record in records]


def no_texts(reply: str) -> list[NoText]:
    """Why a reply that is JSON alone has no texts: its members have none, or all of it; empty for any other reply."""
    found = list(json_values(reply))
    whole = found[0] if len(found) == 1 else None
    if whole is None or re.sub(r"```\w*|\s", "", reply[: whole.start] + reply[whole.end :]):
        return []
    value = _whole(whole.value)
    lists = [value] if isinstance(value, list) else [inner for inner in map(_whole, value.values()) if isinstance(inner, list)]
    members = lists[0] if len(lists) == 1 and lists[0] and all(isinstance(_whole(one), dict) for one in lists[0]) else [value]
    return [NoText("truncated" if isinstance(member, Half) else "no text", _shown(member)) for member in members]


def _without_patterns(found: list[JsonTexts]) -> list[JsonTexts]:
    """Leaves out a value that repeats the pattern of the prompt, `{"text": "..."}`, where another holds texts."""
    return [texts for texts in found if texts.single or not _is_pattern(texts)] or found


def _is_pattern(texts: JsonTexts) -> bool:
    return all(isinstance(item, JsonText) and is_placeholder(item.text) for item in texts.items)


def _texts_of(found: Found, reply: str, labels: Collection[str]) -> Iterator[JsonTexts]:
    value = _whole(found.value)
    single = isinstance(value, dict) and _text_key(value) is not None
    members, objects = ([found.value], True) if single else _list_in(value, labels)
    if not members or (not objects and isinstance(value, list) and not _begins_a_line(reply, found.start)):
        return
    if isinstance(value, list) and not objects and all(isinstance(one, str) and is_placeholder(one) for one in members):
        # Dots in brackets, between the items of a list.
        return
    yield JsonTexts([_item(member, labels) for member in members], found.start, found.end, objects, single)


def _begins_a_line(reply: str, start: int) -> bool:
    """Whether a list of strings stands by itself; within a sentence it is part of a text."""
    before = reply[:start].rpartition("\n")[2].rstrip()
    return not before or before.endswith((":", "`", "json", "=", ">"))


def _whole(value: Any) -> Any:
    return value.of if isinstance(value, Half) else value


def _list_in(value: Any, labels: Collection[str]) -> tuple[list[Any], bool]:
    """The members of the list of texts in a value, and whether they are objects; empty where there is none."""
    best: tuple[list[Any], bool] = ([], False)
    level = [value]
    while level and not best[0]:
        for one in level:
            best = max(best, _members(_whole(one), labels), key=lambda found: (found[1], len(found[0])))
        level = [inner for one in level for inner in _inside(_whole(one))]
    return best


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [_unpacked(inner) for key, inner in value.items() if _plain(key) not in NOT_TEXTS]
    return [inner for inner in value if isinstance(_whole(inner), (dict, list))] if isinstance(value, list) else []


def _unpacked(value: Any) -> Any:
    """JSON that was written into a string of JSON."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _members(value: Any, labels: Collection[str]) -> tuple[list[Any], bool]:
    if isinstance(value, list):
        value = [_bared(_unpacked(one), labels) for one in value]
        if any(isinstance(one, dict) and _text_key(one) is not None for one in map(_whole, value)):
            return value, True
        strings = [text for text in map(_whole, value) if isinstance(text, str)]
        return (value, False) if strings and not all(text.strip() in labels for text in strings) else ([], False)
    if not isinstance(value, dict):
        return [], False
    if rows := _rows_of_columns(value):
        return rows, True
    if _text_key(value) is not None:
        return [value], True
    if value and all(NUMBERED_KEY.fullmatch(str(key)) for key in value):
        return _members(list(value.values()), labels)
    return _by_label(value, labels)


def _bared(member: Any, labels: Collection[str]) -> Any:
    """A member without what holds nothing but its text: `["He waits."]`, `{"attributes": {"text": "He waits."}}`.

    A pair of a text and labels becomes an object: `["He waits.", ["A2"]]`.
    """
    if isinstance(member, list) and len(member) == 2 and isinstance(member[0], str) and member[0] not in labels:
        also = [member[1]] if isinstance(member[1], str) else member[1]
        if isinstance(also, list) and all(label in labels for label in also):
            return {"text": member[0], "also": also}
    if isinstance(member, list) and len(member) == 1 and isinstance(member[0], str):
        return member[0]
    if isinstance(member, dict) and _text_key(member) is None:
        inner = [one for one in member.values() if isinstance(one, dict) and _text_key(one) is not None]
        return inner[0] if len(inner) == 1 else member
    return member


def _rows_of_columns(value: Mapping[str, Any]) -> list[Any]:
    """The rows of a table in JSON: `{"text": [...], "also": [...]}`, or `{"columns": [...], "rows": [[...], ...]}`."""
    plain = {_plain(key): inner for key, inner in value.items()}
    texts = _first_list(plain, "text", "texts")
    columns = {key: inner for key, inner in plain.items() if isinstance(inner, list) and len(inner) == len(texts)}
    if len(columns) > 1 and texts and all(isinstance(text, str) for text in texts):
        names = ["text" if key == "texts" else key for key in columns]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    names, rows = _first_list(plain, "columns", "headers", "header"), _first_list(plain, "rows", "data")
    whole = names and rows and all(isinstance(row, list) and len(row) == len(names) for row in rows)
    return [dict(zip(map(str, names), row, strict=True)) for row in rows] if whole else []


def _first_list(value: Mapping[str, Any], *names: str) -> list[Any]:
    return next((value[name] for name in names if isinstance(value.get(name), list)), [])


def _by_label(value: Mapping[str, Any], labels: Collection[str]) -> tuple[list[Any], bool]:
    """`{"A1": ["..."], "B1": ["..."]}`: each text also shows the label under which it stands."""
    if not value or not all(key in labels and isinstance(_whole(texts), list) for key, texts in value.items()):
        return [], False
    return [_labelled(one, key) for key, texts in value.items() for one in _whole(texts)], True


def _labelled(member: Any, label: str) -> Any:
    if isinstance(member, str):
        return {"text": member, "also": [label]}
    return {**member, "also": [label, *(member.get("also") or [])]} if isinstance(member, dict) else member


def _plain(key: Any) -> str:
    return re.sub(r"[\W_]+", "_", str(key)).strip("_").casefold()


def _text_key(value: Mapping[str, Any]) -> str | None:
    """The field that holds the text: by its name, else the only one that holds a sentence."""
    plain = {_plain(key): key for key, inner in value.items() if isinstance(_whole(inner), str)}
    if "text" in plain:
        return str(plain["text"])
    if any(isinstance(_whole(inner), (dict, list)) and _plain(key) not in NOT_TEXTS for key, inner in value.items()):
        return None
    for name in TEXT_KEYS:
        if name in plain:
            return str(plain[name])
    if value and all(NUMBERED_KEY.fullmatch(str(key)) for key in value):
        return None
    sentences = [
        key for name, key in plain.items() if name not in NOT_TEXTS and len(str(_whole(value[key])).split()) >= LEAST_WORDS
    ]
    return str(sentences[0]) if len(sentences) == 1 and len(value) > 1 else None


def _item(member: Any, labels: Collection[str]) -> Item:
    half, value = isinstance(member, Half), _whole(member)
    if isinstance(value, str):
        return JsonText(value, half=half)
    if not isinstance(value, dict):
        return NoText("neither a text nor an object", _shown(value))
    key = _text_key(value)
    if key is None:
        return NoText("truncated" if half else "no text", _shown(value))
    return JsonText(str(_whole(value[key])), _also(value, labels), half, _number(value))


def _number(value: Mapping[str, Any]) -> int | None:
    """The number of the profile that an object says to follow: 3, "3" or "Profile 3"."""
    stated = {_plain(key): _whole(inner) for key, inner in value.items()}
    for name in ("profile", "profile_number", "profile_id"):
        number = re.fullmatch(r"\D{0,20}(\d{1,3})\D?", str(stated.get(name, "")))
        if number:
            return int(number[1])
    return None


def _also(value: Mapping[str, Any], labels: Collection[str]) -> Any:
    """The field `also`, under any name that begins so; else `labels`, if it names nothing but labels."""
    plain = {_plain(key): inner for key, inner in value.items()}
    for key, inner in plain.items():
        if key.startswith("also") or key in {"other_criteria", "other_labels", "additional_labels", "additional_criteria"}:
            return inner
    named = plain.get("labels")
    return named if isinstance(named, list) and all(label in labels for label in named if isinstance(label, str)) else None


def _shown(value: Any) -> str:
    return json.dumps(_plain_json(value), ensure_ascii=False)


def _plain_json(value: Any) -> Any:
    value = _whole(value)
    if isinstance(value, dict):
        return {key: _plain_json(inner) for key, inner in value.items()}
    return [_plain_json(inner) for inner in value] if isinstance(value, list) else value
