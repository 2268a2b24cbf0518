"""What stands before an item of a list: numbers in every usual form, letters, bullets, and words with a number."""

import re
import unicodedata
from dataclasses import dataclass, replace

_FULL = "０１２３４５６７８９"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
ORDER = re.compile(
    rf"""(?P<open>[*_]{{1,3}}|\#{{1,6}}\s*[*_]*|\#|№\s*|[nN][or]\.\s*)?[\[(（【<]?
    (?:(?P<number>\d{{1,3}}|[{_FULL}]{{1,3}})(?:\ufe0f?\u20e3)?|(?P<circled>[{_CIRCLED}])|(?P<roman>[ivxIVX]{{2,5}}(?![a-zA-Z]))|(?P<letter>[a-zA-Z]))
    (?P<delim>\s?(?:\\?[.)\]:>]){{1,3}}|[、．）】：。]|\s?[-–—/|]|(?<=\u20e3)|(?<=[{_CIRCLED}])|\t)?
    (?P<close>[*_]{{1,3}})?(?P<delim_after>[.):])?
    (?P<space>\s+|$|(?<=[、．）】：])|(?=[^\s\d.,:;/)%°]))""",
    re.VERBOSE,
)
BULLET = re.compile(
    r"(?:[-‐‑‒–—―−*+]|--|---)(?:\s+\[[ xX]?\])?\s+(?=\S)|[•‣◦▪▫·●○■□◆◇►▶➤➢→⇒✓✔✅∙・⁃❖★☆👉🔹🔸]\ufe0f?\s*(?=\S)|"
    r"[–—―](?=[A-Z\"“„«])"
)
MOST_GAP = 100
STRONG = frozenset({".", ")", "、", "．", "）", "】", "]", "\\.", ".)", ")."})
# The places in the alphabet of i, v and x.
ROMAN_LETTERS = {9: 1, 22: 5, 24: 10}
QUOTED = re.compile(r"^(?:>\s?)+")


@dataclass(frozen=True)
class Marker:
    """A marker: `number` is None for a bullet; `strong`: it is one even out of order; `end` is where the item begins."""

    end: int
    number: int | None = None
    style: str = "bullet"
    strong: bool = True
    # The markup that begins before the number and ends behind the text: **1. He waits.**
    around: str = ""


def marker_at(line: str) -> Marker | None:
    """The marker at the start of a line without its indentation."""
    if bullet := BULLET.match(line):
        return Marker(bullet.end())
    order = ORDER.match(line)
    return _ordered(order) if order else None


def _ordered(order: re.Match[str]) -> Marker | None:
    delim = (order["delim"] or "") + (order["delim_after"] or "")
    marked = bool((order["open"] or "").strip() in {"#", "№", "No.", "Nr.", "no.", "nr."})
    # "3 years old" and "3 pm" begin with an age and an hour; "#3 He" with a number.
    if not (delim or marked or order["circled"] or "\u20e3" in order[0]):
        return None
    if not order["space"] and (delim.strip() in {"-", "–", "—", "/", "|", ":"} or order["letter"] or order["roman"]):
        return None
    number, style = _number_of(order)
    # "A. waits" is a person's initial, "a) He waits" is not.
    sure = style == "digit" or (style == "letter" and delim.strip() == ")")
    strong = {delim.strip()} <= STRONG and bool(order["space"]) and sure
    opened = (order["open"] or "").strip()
    around = opened if set(opened) <= {"*", "_"} and not order["close"] else ""
    return Marker(order.end(), number, style, strong, around)


def _number_of(order: re.Match[str]) -> tuple[int, str]:
    if order["number"]:
        return int(unicodedata.normalize("NFKC", order["number"])), "digit"
    if order["circled"]:
        return _CIRCLED.index(order["circled"]) + 1, "digit"
    if order["roman"]:
        return _roman(order["roman"]), "roman"
    return ord(order["letter"].casefold()) - ord("a") + 1, "letter"


def _roman(word: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10}[letter] for letter in word.casefold()]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def in_order(markers: list[Marker | None], *, gaps: bool = False) -> list[Marker | None]:
    """The markers that are part of a list: a number that follows none and precedes none is part of a sentence.

    `gaps`: an ellipsis stands for items that were left out.
    """
    ordered = _as_roman([(place, marker) for place, marker in enumerate(markers) if marker and marker.number is not None])
    kept: list[Marker | None] = [marker if marker and marker.number is None else None for marker in markers]
    last: Marker | None = None
    for index, (place, marker) in enumerate(ordered):
        after = ordered[index + 1][1] if index + 1 < len(ordered) else None
        if _follows(last, marker, [one for _, one in ordered[index + 1 :]], gaps=gaps) and (
            last or _starts(marker, after, alone=len(ordered) == 1)
        ):
            kept[place] = last = marker
    return kept


def _as_roman(ordered: list[tuple[int, Marker]]) -> list[tuple[int, Marker]]:
    """`i.` is a letter by itself, and a number where `ii.` follows."""
    if not any(marker.style == "roman" for _, marker in ordered):
        return ordered
    return [
        (place, replace(marker, number=ROMAN_LETTERS[marker.number or 0], style="roman"))
        if marker.style == "letter" and marker.number in ROMAN_LETTERS
        else (place, marker)
        for place, marker in ordered
    ]


def _follows(last: Marker | None, marker: Marker, later: list[Marker], *, gaps: bool) -> bool:
    if last is None:
        return True
    number, before = marker.number or 0, last.number or 0
    if number > before + 1 and any(one.number == before + 1 and one.style == last.style for one in later):
        # A sentence that goes on with a number: the next item comes later.
        return False
    near = before < number <= before + (MOST_GAP if gaps else 3) if marker.strong else number == before + 1
    return number <= 1 or ((near or (number == before and marker.strong)) and marker.style == last.style)


def _starts(marker: Marker, after: Marker | None, *, alone: bool) -> bool:
    number = marker.number or 0
    follows = after is not None and after.style == marker.style and (after.number or 0) - number in {0, 1, 2}
    first = number <= 1 and (marker.style == "digit" or marker.strong)
    return follows or first or (marker.style == "digit" and alone and marker.strong)


def without_numbers(texts: list[str]) -> list[str]:
    """Texts that carry their own place in the list, without it: `["1. He waits.", "2. She spins."]`."""
    markers = [marker_at(text.strip()) for text in texts]
    numbered = [marker and marker.number == place for place, marker in enumerate(markers, start=1)]
    if not texts or not all(numbered) or any(marker and marker.style != "digit" and len(texts) == 1 for marker in markers):
        return texts
    return [text.strip()[marker.end :] if marker else text for text, marker in zip(texts, markers, strict=True)]
