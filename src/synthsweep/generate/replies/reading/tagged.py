"""Texts between tags: `<text>He waits.</text>`, alone or within `<example>`, with `<also>` beside it or as an attribute."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = r"(?P<name>text|sentence|example|item|entry|record|sample|note|li|dd)"
ELEMENT = re.compile(rf"<{_TAG}(?P<attributes>\s[^<>]*)?>(?P<content>.*?)(?:</(?P=name)\s*>|\Z)", re.IGNORECASE | re.DOTALL)
INNER = re.compile(
    r"<(?:text|sentence|content)(?:\s[^<>]*)?>(?P<text>.*?)(?:</(?:text|sentence|content)\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
ALSO = re.compile(r"<also>(?P<labels>.*?)(?:</also>|\Z)", re.IGNORECASE | re.DOTALL)
ALSO_ATTRIBUTE = re.compile(r"\balso\s*=\s*[\"'](?P<labels>[^\"']*)[\"']", re.IGNORECASE)


TABLE = re.compile(r"<table\b.*?(?:</table>|\Z)", re.IGNORECASE | re.DOTALL)
ROW = re.compile(r"<tr\b[^>]*>(.*?)(?=</tr>|<tr\b|</table>|\Z)", re.IGNORECASE | re.DOTALL)
CELL = re.compile(r"<(t[hd])\b[^>]*>(.*?)(?=</t[hd]>|<t[hd]\b|\Z)", re.IGNORECASE | re.DOTALL)
TAGS = re.compile(r"<[^<>]*>")


@dataclass(frozen=True)
class Element:
    """A text between tags; `half` where its closing tag is missing."""

    text: str
    also: str | None = None
    half: bool = False


def with_bars(reply: str) -> str:
    """A reply with its tables of HTML as those of Markdown."""
    return TABLE.sub(lambda table: "\n".join(["", *_bars(table[0]), ""]), reply)


def _bars(table: str) -> Iterator[str]:
    for row in ROW.finditer(table):
        cells = CELL.findall(row[1])
        plain = [html.unescape(" ".join(TAGS.sub(" ", content).split())).replace("|", "\\|") for _, content in cells]
        yield f"| {' | '.join(plain)} |"
        if any(kind.casefold() == "th" for kind, _ in cells):
            yield "|---" * len(cells) + "|"


def tagged_texts(reply: str) -> list[Element]:
    """The texts between tags, in their order; empty where there are none."""
    if not re.search(rf"</{_TAG}\s*>", reply, re.IGNORECASE):
        return []
    return [_element(match) for match in ELEMENT.finditer(reply)]


def _element(match: re.Match[str]) -> Element:
    content, half = match["content"], not match[0].endswith(">")
    inner = INNER.search(content)
    also = ALSO.search(content) or ALSO_ATTRIBUTE.search(match["attributes"] or "")
    text = inner["text"] if inner else ALSO.sub("", content)
    return Element(html.unescape(" ".join(text.split())), also["labels"] if also else None, half)
