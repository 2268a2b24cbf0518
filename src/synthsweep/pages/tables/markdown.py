"""A table in Markdown, as MLflow shows it in the description of a run; pure."""

import re
from collections.abc import Sequence

# Signs that Markdown reads as its own anywhere in a line; an underscore does so only at the edge of a word.
SIGNS = re.compile(r"[\\`*\[\]<>|~&$]|(?<!\w)_|_(?!\w)")
# MLflow's pages show the backslash before these, and other readers of Markdown know the names, too.
NAMED = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "&#36;"}


def markdown(rows: Sequence[Sequence[str]], align: str = "") -> str:
    """A heading and its rows, each cell shown as it is; `align` has l or r per column."""
    heading, *body = rows
    sides = [{"r": "---:"}.get(side, "---") for side in align.ljust(len(heading), "l")]
    return "\n".join(f"| {' | '.join(line)} |" for line in (_cells(heading), sides, *map(_cells, body)))


def plain_text(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return SIGNS.sub(lambda found: NAMED.get(found[0], f"\\{found[0]}"), " ".join(text.split()))


def _cells(row: Sequence[str]) -> list[str]:
    return [plain_text(cell) for cell in row]
