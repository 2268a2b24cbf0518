"""Texts between tags: `<text>He waits.</text>`, alone or within `<example>`, with `<also>` beside it or as an attribute."""

import html
import re
from dataclasses import dataclass

_TAG = r"(?P<name>text|sentence|example|item|entry|record|sample|note|li)"
ELEMENT = re.compile(rf"<{_TAG}(?P<attributes>\s[^<>]*)?>(?P<content>.*?)(?:</(?P=name)\s*>|\Z)", re.IGNORECASE | re.DOTALL)
INNER = re.compile(
    r"<(?:text|sentence|content)(?:\s[^<>]*)?>(?P<text>.*?)(?:</(?:text|sentence|content)\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
ALSO = re.compile(r"<also>(?P<labels>.*?)(?:</also>|\Z)", re.IGNORECASE | re.DOTALL)
ALSO_ATTRIBUTE = re.compile(r"\balso\s*=\s*[\"'](?P<labels>[^\"']*)[\"']", re.IGNORECASE)


@dataclass(frozen=True)
class Element:
    """A text between tags; `half` where its closing tag is missing."""

    text: str
    also: str | None = None
    half: bool = False


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
