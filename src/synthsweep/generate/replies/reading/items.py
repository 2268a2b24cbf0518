"""One item of a reply without what is not its text: markup, quotation marks, label, profile, and the tag of further labels."""

import html
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from synthsweep.generate.replies.reading.labels import LabelReader, Named
from synthsweep.generate.replies.reading.markers import ITEM_WORDS

_KEYED = rf"(?:{ITEM_WORDS}|number|no\.?|nr\.?|#|№)"
# `Profile 3:`, `[Text 2]`, `Example 4 -`, `#5:`; a keyword and a number, so that no age is taken for one.
KEYED = re.compile(
    rf"[\[(]?\s*{_KEYED}\s*#?\s*\d{{1,3}}\s*(?:\([^()]{{0,80}}\))?\s*(?:[\])]\s*[:.\-–—]?|[:：.)]|\s[-–—|])(?:\s+|(?=[\"“„«*_A-Z]))",
    re.IGNORECASE,
)
FIELD = re.compile(r"(?:text|sentence|example)\s*[:：]\s+(?=\S)|[\"']text[\"']\s*:\s*", re.IGNORECASE)
_SPOKEN = r"(?:shows?|showing|evidence|for|of|labels?|labelled|criteri(?:on|a)|meets?|is|applicable|applies|note[ds]?)"
_ALSO = rf"[*_`]*\s*also\b(?:\s+{_SPOKEN})*[*_`]*\s*(?P<sign>[:=：])?\s*"
TAGS = (
    (
        "[",
        re.compile(rf"\s*[*_`]*\[{_ALSO}(?P<labels>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)?)(?:\]|$)[*_`]*\s*", re.IGNORECASE),
    ),
    ("{", re.compile(rf"\s*[*_`]*\{{{_ALSO}(?P<labels>[^{{}}]*)(?:\}}|$)[*_`]*\s*", re.IGNORECASE)),
    ("<", re.compile(rf"\s*[*_`]*<{_ALSO}(?P<labels>[^<>]*)(?:>|$)[*_`]*\s*", re.IGNORECASE)),
    ("【", re.compile(rf"\s*[*_`]*【{_ALSO}(?P<labels>[^【】]*)(?:】|$)[*_`]*\s*", re.IGNORECASE)),
    (
        "(（",
        re.compile(rf"\s*[*_`]*[(（]{_ALSO}(?P<labels>(?:[^()（）]|\([^()]*\))*)(?:[)）]|$)[*_`]*\s*", re.IGNORECASE),
    ),
)
# The same without brackets, behind the end of a sentence or a dash.
OPEN_TAG = re.compile(rf"(?:^|(?<=[.!?…\"”’»)])\s+|\s+[-–—|→>]+\s*){_ALSO}(?P<labels>.+)$", re.IGNORECASE)
# All labels of a text, on a line of their own below it.
LABEL_LINE = re.compile(
    r"[*_`]*(?:all )?(?:labels|label\(s\)|etiketten|étiquettes|etiquetas|etichette)[*_`]*\s*[:=：]\s*(?P<labels>.+)",
    re.IGNORECASE,
)
# Any other brackets at the end that hold nothing but labels: `[B2]`, `(A1, A2)`, `[labels: B2]`, `[auch: B2]`.
LAST_BRACKETS = re.compile(
    r"\s*[*_`]*(?P<open>[\[({【（])(?P<word>[^\[\](){}:：=]{0,30}[:：=])?(?P<labels>[^\[\](){}]+)[\])}】）][*_`]*\s*([.,;]?)\s*$"
)
SIGN = re.compile(r"[-–—→>|#*]")
# Or behind a sign after the end of a sentence: `→ A2`, `| none`, `**A2**`, `#A2`.
BEHIND_SIGN = re.compile(r"(?<=[.!?…'\"”’»)])\s+(?:(?:[-–—]|→|->|=>|\||\#)\s*(?:\*\*)?|\*\*)(?P<labels>[^\s.!?][^.!?]{0,60})$")
QUOTES = (
    ('"', '"'), ("“", "”"), ("„", "“"), ("„", "”"), ("”", "”"), ("«", "»"), ("»", "«"), ("‹", "›"), ("›", "‹"), ("「", "」"),
    ("『", "』"), ("《", "》"), ("〈", "〉"), ("＂", "＂"), ("‘", "’"), ("‚", "‘"), ("'", "'"), ("``", "''"), ("`", "`"),
)  # fmt: skip
OPENING_QUOTES = frozenset(opening[0] for opening, _ in QUOTES)
MARKUP = re.compile(r"[*_~`<]")
WHOLE_MARKUP = ("***", "**", "__", "*", "_", "~~", "`")
INNER_MARKUP = (
    re.compile(r"\*\*\*(\S(?:[^*]*\S)?)\*\*\*"),
    re.compile(r"\*\*(\S(?:.*?\S)?)\*\*"),
    re.compile(r"(?<![\w*\\])\*(\w(?:[^*\n]*[^\s*\\])?)\*(?![\w*])"),
    re.compile(r"(?<!\w)__(\S(?:.*?\S)?)__(?!\w)"),
    re.compile(r"(?<![\w\\])_([^\W_](?:[^_\n]*[^\s_\\])?)_(?!\w)"),
    re.compile(r"(?<![\w`])`([^`\n]+)`(?![\w`])"),
    re.compile(r"</?(?:b|i|em|strong|u|p|span|mark)>", re.IGNORECASE),
)
LEADING = re.compile(r"^(?:#{1,6}\s+|>\s*)+")
ESCAPED = re.compile(r"\\([*_#\[\]().~`>+\-!|])")
BREAKS = re.compile(r"\s*(?:<br\s*/?>|\\)\s*$", re.IGNORECASE)
ENTITY = re.compile(r"&(?:quot|amp|apos|lt|gt|nbsp|#0?39|#x27|#34);")
# As many wrappings as anybody puts around a text.
MOST_LAYERS = 6


@dataclass(frozen=True)
class ItemReader:
    """Frees items of what is not their text."""

    labels: LabelReader

    def read(self, item: str, also: Any = None) -> tuple[str, Named]:
        """The text of an item, and the labels that its tag and its field `also` name."""
        text, named = self._without_tags(_unescaped(item.strip()))
        for _ in range(MOST_LAYERS):
            before, text = text, self._peeled(text)
            if text == before:
                break
            text, inner = self._without_tags(text)
            named = named.plus(inner)
        return ESCAPED.sub(r"\1", text).strip(), named.plus(self.labels.named(also))

    def as_tag(self, line: str) -> str:
        """A line that holds labels and nothing else, as the tag of the text above it."""
        bare = line.strip().lstrip("-*• \t").strip()
        below = LABEL_LINE.fullmatch(bare)
        return f"[also: {below['labels'].strip(' *_`[]')}]" if below else bare

    def tag_alone(self, line: str) -> bool:
        """Whether a line holds labels and nothing else."""
        bare = line.strip().lstrip("-*• \t").strip()
        if below := LABEL_LINE.fullmatch(bare):
            return self._only_labels(below["labels"])
        text, named = self._without_tags(bare)
        return not text.strip(" .*_`") and (bool(named.known or named.unknown) or "also" in line.casefold())

    def _peeled(self, text: str) -> str:
        text = BREAKS.sub("", LEADING.sub("", text.strip()))
        text = without_quotes(without_markup(text))
        for prefix in (KEYED, FIELD, self._label_prefix):
            if (match := prefix.match(text)) and match.end() < len(text):
                text = text[match.end() :].lstrip("*_ \t")
        return text.strip()

    def _without_tags(self, text: str) -> tuple[str, Named]:
        named = Named()
        if "also" in text.casefold():
            text, named = self._without_also(text)
        last = LAST_BRACKETS.search(text) if text.rstrip(" .,;*_`")[-1:] in set("])}】）") else None
        if last and self._names_labels(last):
            named = named.plus(self.labels.in_words(last["labels"]))
            text = text[: last.start()].strip()
        behind = BEHIND_SIGN.search(text) if SIGN.search(text) else None
        if behind and self._are_codes(behind["labels"].strip(" *_`#.")):
            named = named.plus(self.labels.in_words(behind["labels"].strip(" *_`#.")))
            text = text[: behind.start()].strip()
        return text, named

    def _are_codes(self, words: str) -> bool:
        """Whether words are ids that no text would hold by chance, or "none"."""
        if words.casefold() == "none":
            return True
        named = self.labels.in_words(words)
        return bool(named.known) and not named.unknown and all(map(_is_code, named.known))

    def _without_also(self, text: str) -> tuple[str, Named]:
        named = Named()
        for tag in (tag for opening, tag in TAGS if any(sign in text for sign in opening)):
            while (match := self._tag_in(tag, text)) is not None:
                named = named.plus(self.labels.in_words(match["labels"]))
                text = _joined(text[: match.start()].rstrip(), text[match.end() :].lstrip())
        open_tag = OPEN_TAG.search(text)
        if open_tag and (open_tag["sign"] or open_tag.start() == 0) and self._only_labels(open_tag["labels"]):
            named = named.plus(self.labels.in_words(open_tag["labels"]))
            text = text[: open_tag.start()].strip()
        return text, named

    def _tag_in(self, tag: re.Pattern[str], text: str) -> re.Match[str] | None:
        """The first tag: with a sign (`[also: X]`) whatever it names, else only if it names labels and nothing else."""
        for match in tag.finditer(text):
            strict = match["sign"] and not match[0].lstrip(" *_`").startswith(("(", "（"))
            if strict or self._only_labels(match["labels"]):
                return match
        return None

    def _only_labels(self, words: str) -> bool:
        named = self.labels.in_words(words.strip(" .*_"))
        return not named.unknown and (bool(named.known) or bool(words.strip(" .*_(){}")))

    def _names_labels(self, last: re.Match[str]) -> bool:
        named = self.labels.in_words(last["labels"])
        if not named.known or named.unknown:
            return False
        # A number in brackets is a reference, and a word in round ones a remark, unless the word before says otherwise.
        plain = [label for label in named.known if label.isdigit() or not (last["open"] == "[" or _is_code(label))]
        return not plain or bool(last["word"])

    @cached_property
    def _label_prefix(self) -> re.Pattern[str]:
        """`A1:`, `[A1]`, `(B1)`, `A1 -`, `A1 Name:`, `Criterion A1:`."""
        ids = (
            "|".join(re.escape(label) for label in sorted(self.labels.ids, key=len, reverse=True) if not label.isdigit())
            or r"(?!)"
        )
        codes = "|".join(re.escape(label) for label in self.labels.ids if _is_code(label)) or r"(?!)"
        names = "|".join(re.escape(name) for name in self.labels.names.values() if name) or r"(?!)"
        one = rf"(?:(?:{ids})(?:\s*[-–—:]?\s*(?:{names}))?|{names})"
        several = rf"(?:(?:criterion|label)\s+)?{one}(?:\s*[,;/&+]\s*{one})*"
        return re.compile(
            rf"[*_]*(?:\[\s*(?i:{several})\s*[:：]?\s*\]\s*[:：\-–—]?|\(\s*{several}\s*\)\s*[:：\-–—]?|(?i:{several})\s*[*_]*\s*[:：]"
            rf"|(?:{codes})\s*[*_]*\s*(?:[-–—|]+|\))(?=\s))[*_]*\s*"
        )


def _unescaped(text: str) -> str:
    """A text without the commonest entities of HTML."""
    return ENTITY.sub(lambda sign: html.unescape(sign[0]), text) if "&" in text else text


def _is_code(label: str) -> bool:
    """Whether an id is no word of a text: `A1`, `ASD-2`."""
    return any(letter.isdigit() for letter in label) and not label.isdigit()


def _joined(before: str, after: str) -> str:
    """A text around a tag; a full stop behind the tag ends the sentence only where that has no end yet."""
    if not after.strip(" .,;"):
        return before if before.rstrip("*_`")[-1:] in '.!?…"”’»' else before + after.strip(" ,;")
    return f"{before}{after}" if not before or after[0] in ".,;!?" else f"{before} {after}"


def without_markup(text: str) -> str:
    """A text without Markdown and the plainest of HTML."""
    if not MARKUP.search(text):
        return text
    for mark in WHOLE_MARKUP:
        inner = text[len(mark) : -len(mark)]
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark) and mark[0] not in inner:
            text = inner.strip()
    for inner_mark in INNER_MARKUP:
        text = inner_mark.sub(r"\1" if inner_mark.groups else "", text)
    # Its other half stood before the number: **1. He waits.**
    return text.removesuffix("**").removeprefix("**") if text.count("**") == 1 else text


def without_quotes(text: str) -> str:
    """A text without the quotation marks around it; those around a part of it stay."""
    if text[:1] not in OPENING_QUOTES:
        return text
    bare = text[:-1] if text.endswith(",") else text
    for opening, closing in QUOTES:
        for end in (closing, f"{closing}."):
            inner = bare[len(opening) : -len(end)]
            if (
                len(bare) > len(opening) + len(closing) - 1
                and bare.startswith(opening)
                and bare.endswith(end)
                and _quoted(inner, opening, closing)
            ):
                return inner.strip() + ("." if end != closing and inner[-1:] not in ".!?…" else "")
    return text


def _quoted(inner: str, opening: str, closing: str) -> bool:
    """Whether the marks around `inner` belong together: none of them stands within it, but as an apostrophe."""
    if closing in {"'", "’", "‘"}:
        inner = re.sub(r"(?<=\w)['’‘](?=\w)", "", inner)
    return opening not in inner and closing not in inner
