"""README and the guide as a reader uses them: blocks, commands, links.

A block marked `sh` holds commands alone. One marked `console` holds commands behind `$ `, each with what it prints. A
backslash at a line's end and a here-document (`<<'END'`) continue a command.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "src/synthsweep/guide"
README = ROOT / "README.md"
PAGES = {"README": README, **{page.stem: page for page in sorted(GUIDE.glob("*.md"))}}
SHELL = ("sh", "console")
# bash is a whole script, as for Slurm; text is output or a formula.
OTHERS = ("yaml", "csv", "json", "sql", "text", "bash", "python")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)|(?:srcset|src)=\"([^\"]+)\"")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """What stands between two fences."""

    language: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command as it is typed, and what the page says that it prints."""

    text: str
    output: str = ""

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0]


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page."""
    return [Block(*found) for found in FENCE.findall(PAGES[page].read_text(encoding="utf-8"))]


def commands(page: str) -> list[Command]:
    """The commands of a page, in its order."""
    return [command for block in blocks(page) if block.language in SHELL for command in _commands(block)]


def _commands(block: Block) -> Iterator[Command]:
    lines = iter(block.text.splitlines())
    typed, printed = "", []
    for line in lines:
        if not _is_typed(block, line):
            printed.append(line)
            continue
        if typed:
            yield Command(typed, "\n".join(printed))
        typed, printed = _continued(line.removeprefix("$ "), lines), []
    if typed:
        yield Command(typed, "\n".join(printed))


def _is_typed(block: Block, line: str) -> bool:
    return line.startswith("$ ") if block.language == "console" else bool(line) and not line.startswith("#")


def _continued(line: str, rest: Iterator[str]) -> str:
    typed = line
    end = re.search(r"<<'(\w+)'", line)
    while end or typed.endswith("\\"):
        line = next(rest)
        typed += f"\n{line}"
        if end and line == end[1]:
            break
    return typed


def links(page: str) -> list[str]:
    """Where the links and pictures of a page lead, code left out."""
    text = CODE.sub("", PAGES[page].read_text(encoding="utf-8"))
    return [named or drawn for named, drawn in LINK.findall(text)]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
