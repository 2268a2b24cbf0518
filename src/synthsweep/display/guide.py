"""The user's guide in a terminal: the topics that are shipped, and one of them as text."""

import os
import re
from pathlib import Path

from rich.markdown import Markdown

from synthsweep.display.console import open_console

FOLDER = Path(__file__).resolve().parents[1] / "guide"
INDEX = "index"
# Longer lines are hard to read, however wide the terminal is.
WIDTH = 100
FENCE = re.compile(r"^ *(```|~~~)")
PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]*)\)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def topics() -> list[str]:
    """The topics of the guide, sorted; the index is not one of them."""
    return sorted(file.stem for file in FOLDER.glob("*.md") if file.stem != INDEX)


def page(topic: str) -> str:
    """The Markdown of a topic, or of the index."""
    file = FOLDER / f"{topic}.md"
    return file.read_text(encoding="utf-8") if file.exists() else _list_of_topics()


def print_page(text: str) -> None:
    """Shows Markdown: in a pager on a terminal, as plain text elsewhere."""
    console = open_console()
    shown = Markdown(for_terminal(text), hyperlinks=False)
    width = min(console.width, WIDTH)
    if not console.is_terminal:
        with console.capture() as captured:
            console.print(shown, width=width, soft_wrap=False)
        # Rich fills each line with spaces.
        print("\n".join(line.rstrip() for line in captured.get().splitlines()))
        return
    # Colours are shown as such, and a page that fits on the screen needs no key to leave it.
    os.environ.setdefault("LESS", "-FRX")
    with console.pager(styles=True):
        console.print(shown, width=width, soft_wrap=False)


def for_terminal(text: str) -> str:
    """Markdown whose links name what to type: `[limits](limits.md)` becomes "limits (`synthsweep guide limits`)"."""
    lines, fenced = [], False
    for line in COMMENT.sub("", text).splitlines():
        fenced ^= bool(FENCE.match(line))
        lines.append(line if fenced else LINK.sub(_as_command, PICTURE.sub(r"(picture: \1)", line)))
    return "\n".join(lines)


def _as_command(link: re.Match[str]) -> str:
    words, target = link.groups()
    file = Path(target.partition("#")[0])
    if "://" in target:
        return words if target in words else f"{words} ({target})"
    if file.suffix == ".md" and (FOLDER / file.name).exists() and file.stem != INDEX:
        return f"{words} (`synthsweep guide {file.stem}`)"
    # A place on this page, or a file of the repository that an installed package does not have.
    return words


def _list_of_topics() -> str:
    lines = ["# The guide of synthsweep", ""]
    lines += [f"- `synthsweep guide {topic}`: {_heading(topic)}" for topic in topics()]
    return "\n".join(lines)


def _heading(topic: str) -> str:
    """The first line of a topic, without the marks of a heading."""
    lines = (line.strip("# ").strip() for line in page(topic).splitlines())
    return next((line for line in lines if line), topic)
