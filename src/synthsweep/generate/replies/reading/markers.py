"""What stands before an item of a list: numbers in every usual form, letters, bullets, and words with a number."""

import re
import unicodedata
from dataclasses import dataclass, replace

_FULL = "０１２３４５６７８９"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
# A word before a number begins an item, in the languages that LLMs are mostly asked in.
ITEM_WORDS = (
    r"text|example|sentence|item|profile|note|case|entry|record|sample|observation|vignette|statement|beispiel|satz|eintrag|notiz|"
    r"fall|profil|exemple|texte|phrase|note|cas|ejemplo|texto|frase|oración|caso|perfil|nota|exemplo|esempio|testo|profilo|voorbeeld|"
    r"tekst|zin|przykład|пример|текст|例|例文|示例|例子|文本|テキスト|예시|예"
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
ORDER = re.compile(
    rf"""(?P<open>[*_]{{1,3}}|\#{{1,6}}\s*[*_]*|\#|№\s*|[nN][or]\.\s*)?[\[(（【<]?
    (?:(?P<number>\d{{1,3}}|[{_FULL}]{{1,3}})(?:\ufe0f?\u20e3)?|(?P<circled>[{_CIRCLED}])|(?P<roman>[ivxIVX]{{2,5}}(?![a-zA-Z]))|(?P<ordinal>(?i:{"|".join(_ORDINALS)})(?=\s?:))|(?P<letter>[a-zA-Z]))
    (?P<delim>\s?(?:\\?[.)\]:>]){{1,3}}|\.?[ºª]\.?|[、．）】：。]|\s?[-–—/|]|(?<=\u20e3)|(?<=[{_CIRCLED}])|\t)?
    (?P<close>[*_]{{1,3}})?(?P<delim_after>[.):])?
    (?P<space>\s+|$|(?<=[、．）】：])|(?=[^\s\d.,:;/)%°]))""",
    re.VERBOSE,
)
BULLET = re.compile(
    r"(?:[-‐‑‒–—―−*+]|--|---)(?:\s+\[[ xX]?\])?\s+(?=\S)|\\item(?:\s+|(?=\W))|\#?\.\s+(?=\S)|"
    r"[•‣◦▪▫·●○■□◆◇►▶➤➢→⇒✓✔✅∙・⁃❖★☆👉🔹🔸]\ufe0f?\s*(?=\S)|"
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
    if order["ordinal"]:
        return _ORDINALS.index(order["ordinal"].casefold()) + 1, "ordinal"
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


# `Scenario 1:`, `Q1.`, `(1/10)`, `Text A:`, whatever the word is, where all texts have it in turn.
PLACED = re.compile(
    r"[\[(*_]*(?P<word>[^\W\d_]{0,20})[ _-]?(?P<place>\d{1,3}|[A-Z])(?:\s?(?:/|of)\s?\d{1,3})?"
    r"(?:[*_]*\s?[:.)\]](?!\d)[*_]*|\s[-–—])\s+"
)
# Fewer texts are in no order.
LEAST = 2


def without_places(texts: list[str]) -> list[str]:
    """Texts without the word and the number that each of them begins with: `["Scenario 1: He waits.", "Scenario 2: ..."]`."""
    found = [PLACED.match(text) for text in texts]
    placed = [one for one in found if one is not None]
    if len(texts) < LEAST or len(placed) < len(texts) or len({one["word"].casefold() for one in placed}) > 1:
        return texts
    places = [int(one["place"]) if one["place"].isdigit() else ord(one["place"]) - ord("A") + 1 for one in placed]
    return (
        [text[one.end() :] for text, one in zip(texts, placed, strict=True)] if places == [*range(1, len(texts) + 1)] else texts
    )


def without_numbers(texts: list[str]) -> list[str]:
    """Texts that carry their own place in the list, without it: `["1. He waits.", "2. She spins."]`."""
    texts = without_places(texts)
    markers = [marker_at(text.strip()) for text in texts]
    numbered = [marker and marker.number == place for place, marker in enumerate(markers, start=1)]
    if not texts or not all(numbered) or any(marker and marker.style != "digit" and len(texts) == 1 for marker in markers):
        return texts
    return [text.strip()[marker.end :] if marker else text for text, marker in zip(texts, markers, strict=True)]
