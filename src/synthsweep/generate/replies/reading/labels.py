"""Labels in the words of an LLM: ids in any case, with names, numbers of brackets, "and"; or none."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

NONE = re.compile(
    r"(?:none|no|null|nil|nothing|n/?a|not applicable|no (?:other|others|further|additional)(?: \w+)?|"
    r"none (?:of (?:them|these|the (?:above|others|list))|other|apply|applies)|empty|keine?|aucune?|ninguno|nessuno|-|–|—)?",
    re.IGNORECASE,
)
SEPARATOR = re.compile(r"[,;/|\n+&、，；]|\s+(?:and|or|und|et|y|e)\s+", re.IGNORECASE)
WRAPPING = " \t\r\n[](){}<>\"'`“”‘’*_.:=【】（）"
LEADING = re.compile(r"^(?:also|and|or|criteri(?:on|a)|labels?|codes?|ids?)\b[\s:=]*", re.IGNORECASE)
IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
YES = frozenset({"yes", "true", "1", "present"})
NO = frozenset({"no", "false", "0", "absent", "none", "n/a", "not present", ""})
KEYS_OF_ID = ("id", "label", "criterion", "code", "name")


@dataclass(frozen=True)
class Named:
    """The labels that words name, and what else they name, in their order."""

    known: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()

    def plus(self, other: "Named") -> "Named":
        return Named(self.known | other.known, self.unknown + other.unknown)


@dataclass(frozen=True)
class LabelReader:
    """Reads labels out of what an LLM writes; `names` are those of the ids that have one."""

    ids: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    def named(self, value: Any) -> Named:
        """The labels in a field: a string, a list, an object of truth values, or nothing."""
        if value is None or value is False:
            return Named()
        if isinstance(value, str):
            return self.in_words(value)
        if isinstance(value, Mapping):
            return self._in_object(value)
        return self._all(value) if isinstance(value, Sequence) else self.in_words(str(value))

    def _all(self, values: Iterable[Any]) -> Named:
        found = Named()
        for value in values:
            found = found.plus(self.named(value))
        return found

    def _in_object(self, value: Mapping[Any, Any]) -> Named:
        """`{"A1": true, "B1": 0}`, or `{"id": "A1", "name": "..."}`."""
        for key in KEYS_OF_ID:
            if isinstance(value.get(key), str) and key not in self.ids:
                return self.in_words(value[key])
        return self._all(key for key, said in value.items() if _is_yes(said))

    def in_words(self, words: str) -> Named:
        """The labels in a string."""
        bare = words.strip(WRAPPING)
        if exact := self._id(words.strip()) or self._id(bare):
            return Named(frozenset({exact}))
        if NONE.fullmatch(bare):
            return Named()
        known: set[str] = set()
        unknown: list[str] = []
        described = False
        for part in SEPARATOR.split(self._without_names(words)):
            found, rest = self._part(part)
            known.update(found)
            # What follows the comma in "B2 Sameness, routines" belongs to the name.
            if rest and not found and not (described and rest[:1].islower()):
                unknown.append(rest)
            described = bool(rest) and (bool(found) or described)
        return Named(frozenset(known), tuple(unknown))

    def _part(self, part: str) -> tuple[list[str], str]:
        """The ids at the start of a part, and the words after them; the words alone where it begins with none."""
        bare = LEADING.sub("", part.strip(WRAPPING)).strip(WRAPPING)
        if not bare or NONE.fullmatch(bare):
            return [], ""
        if exact := self._id(bare):
            return [exact], ""
        found: list[str] = []
        while match := self._first.match(bare):
            found.append(self._id(match[1]))
            bare = bare[match.end() :].strip(f"{WRAPPING}-–—")
        return found, bare

    def all_ids(self, words: Iterable[str]) -> bool:
        """Whether each word is an id."""
        return all(self._id(str(word).strip()) for word in words)

    def _id(self, word: str) -> str:
        return word if word in self.ids else self._folded.get(word.casefold(), "")

    @cached_property
    def _folded(self) -> dict[str, str]:
        """Ids and names by their letters in lower case, where these name one id alone."""
        places: dict[str, set[str]] = {}
        for label in self.ids:
            for word in {label.casefold(), self.names.get(label, label).casefold()}:
                places.setdefault(word, set()).add(label)
        return {word: min(labels) for word, labels in places.items() if len(labels) == 1}

    @cached_property
    def _first(self) -> re.Pattern[str]:
        return re.compile(rf"({'|'.join(_longest_first(self.ids))})(?![\w])", re.IGNORECASE)

    def _without_names(self, words: str) -> str:
        """Names, and remarks in brackets behind an id, give way to the ids: commas in them separate nothing."""
        for label, name in self.names.items():
            if name and name.casefold() in words.casefold():
                words = re.sub(
                    rf"(?:\b{re.escape(label)}\W{{1,3}})?{re.escape(name)}", f" {label} ", words, flags=re.IGNORECASE
                )
        return re.sub(
            rf"(\b(?:{'|'.join(_longest_first(self.ids))})\s*)(?:{IN_BRACKETS.pattern})", r"\1", words, flags=re.IGNORECASE
        )


def _longest_first(ids: Iterable[str]) -> list[str]:
    return [re.escape(label) for label in sorted(ids, key=len, reverse=True)]


def is_yes_or_no(said: Any) -> bool:
    """Whether a value states that a label holds, or that it does not."""
    if isinstance(said, Mapping):
        return any(isinstance(inner, bool) for inner in said.values())
    if isinstance(said, float):
        return said in {0.0, 1.0}
    return said is None or (isinstance(said, (str, int)) and str(said).strip().casefold() in YES | NO)


def _is_yes(said: Any) -> bool:
    if isinstance(said, Mapping):
        # {"A1": {"present": true, "why": "..."}}
        return any(inner is True for inner in said.values())
    return said is True or said == 1 or (isinstance(said, str) and said.strip().casefold() in YES)
