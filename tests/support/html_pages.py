"""A page as a test reads it, and what must not act on one."""

import re
from html.parser import HTMLParser

EVIL = '<script>alert("x")</script> & <img src=x onerror=alert(1)>'


class Page(HTMLParser):
    """What a browser would make of the page: its tags with their attributes, its text, its headings, the rows of its tables."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self.rows: dict[str, list[list[str]]] = {}
        self._table, self._heading, self._in_cell = "", "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        self._table = attributes["id"] if attributes.get("id", "").startswith("table-") else self._table
        if tag == "tr":
            self.rows.setdefault(self._table, []).append([])
        if tag in {"td", "th"}:
            self.rows[self._table][-1].append("")
            self._in_cell = True
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((tag, ""))
            self._heading = tag

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in {"td", "th"}
        self._heading = "" if tag == self._heading else self._heading

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._in_cell:
            self.rows[self._table][-1][-1] += data
        if self._heading:
            self.headings[-1] = (self._heading, self.headings[-1][1] + data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def addresses(self) -> list[str]:
        """Where links, pictures, scripts and style sheets lead."""
        return [found.get("href", "") or found.get("src", "") for _, found in self.tags if "href" in found or "src" in found]

    @property
    def prose(self) -> str:
        """The text without the seams that links within a sentence leave."""
        return " ".join("".join(self.words).split())

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())
