"""A table that wraps its cells at words, or within a long word behind `=`, `/` and the like, never in the middle of a name."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

# An interval in brackets is one word, though it has a space.
WORD = re.compile(r"\[[^\]]*\]\S*|\S+")
# Where a longer word may be broken. A name such as `learning_rate` or `gpt-4o` stays whole.
PIECE = re.compile(r".+?(?:[=/,;]+(?!\d)|=|$)")


class Words:
    """A cell whose lines break at spaces; a word that is longer than the line breaks between its pieces."""

    def __init__(self, text: str) -> None:
        self.text = text
        words = [word for line in text.splitlines() for word in WORD.findall(line)]
        self.longest_word = max(map(cell_len, words), default=0)
        self.longest_piece = max((cell_len(piece.strip()) for word in words for piece in _pieces(word)), default=0)
        self.longest_line = max(map(cell_len, text.splitlines()), default=0)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(self.longest_piece, self.longest_line)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = [line for whole in self.text.splitlines() for line in wrapped(whole, options.max_width)]
        yield Text("\n".join(lines), justify=options.justify, no_wrap=True, overflow="fold")


def wrapped(line: str, width: int) -> list[str]:
    """A line as several, each at most `width` wide, as long as no piece of a word is wider."""
    lines = [""]
    for word in WORD.findall(line):
        joined = f"{lines[-1]} {word}".strip()
        if cell_len(joined) <= width:
            lines[-1] = joined
        else:
            lines += _broken(word, width)
    return [one for one in lines if one] or [""]


def _pieces(word: str) -> list[str]:
    parts = [PIECE.findall(part) for part in word.split()]
    return [piece for part in parts[:-1] for piece in (*part[:-1], f"{part[-1]} ")] + parts[-1]


def _broken(word: str, width: int) -> Iterator[str]:
    line = ""
    for piece in _pieces(word):
        if line and cell_len(f"{line}{piece}".rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece
    yield line


class WordTable(Table):
    """A rich table as wide as the terminal at most: columns of long words give way first, numbers stay whole.

    A terminal too narrow for the longest pieces gets a line per cell. `numbers` are right-justified; the others are words.
    """

    def __init__(self, *heads: str, numbers: Sequence[str] = (), title: str = "", simple: bool = False) -> None:
        kind = box.SIMPLE_HEAD if simple else box.HEAVY_HEAD
        super().__init__(header_style="bold", box=kind)
        self.caption_above = title
        self.heads = [Words(head) for head in heads]
        self.numeric = [head in numbers for head in heads]
        self.cells: list[list[Words]] = []
        for head, name in zip(self.heads, heads, strict=True):
            self.add_column(head, justify="right" if name in numbers else "left")

    def add_row(self, *cells: Any, **more: Any) -> None:
        """Adds a row of texts; missing cells at the end are blank."""
        row = [Words(str(cell)) for cell in cells]
        self.cells.append(row)
        super().add_row(*row, **more)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = [[head, *(row[place] for row in self.cells if place < len(row))] for place, head in enumerate(self.heads)]
        yield from _lines(self.caption_above, options.max_width, "italic") if self.caption_above else ()
        # Two spaces and a line for each column, and one line more.
        room = options.max_width - 3 * len(columns) - 1
        widths = fitting(columns, self.numeric, room)
        if widths is None:
            yield from self._stacked(options.max_width)
            return
        for column, width in zip(self.columns, widths, strict=True):
            column.width = width
        yield from super().__rich_console__(console, options)

    def _stacked(self, width: int) -> Iterator[Text]:
        """Each row as lines of `head: cell`."""
        for row in self.cells:
            for place, (head, cell) in enumerate(zip(self.heads, row, strict=False)):
                both = f"{' '.join(head.text.split())}: {' '.join(cell.text.split())}"
                yield from _lines(both, width, "bold" if place == 0 else "") if cell.text else ()
            yield Text("")


def _lines(text: str, width: int, style: str) -> Iterator[Text]:
    yield from (Text(line, style) for line in wrapped(text, width))


def fitting(columns: Sequence[Sequence[Words]], numeric: Sequence[bool], room: int) -> list[int] | None:
    """The width of each column, whose first cell is its head; None if even the longest pieces do not fit.

    Lines are whole if they fit. Else words break first at spaces, then between pieces; last of all numbers and intervals do.
    """
    widths = [max(cell.longest_line for cell in column) for column in columns]
    for level in range(4):
        least = [_least(column, level - 2 * numbers, level) for column, numbers in zip(columns, numeric, strict=True)]
        while sum(widths) > room and any(width > low for width, low in zip(widths, least, strict=True)):
            # The widest column that can give way loses a letter.
            place = max((one for one in range(len(widths)) if widths[one] > least[one]), key=widths.__getitem__)
            widths[place] -= 1
        if sum(widths) <= room:
            return widths
    return None


def _least(column: Sequence[Words], level: int, level_of_head: int) -> int:
    """The least width of a column; level 0 keeps words whole, higher ones pieces, lower ones lines."""
    head, *body = column
    least = [cell.longest_line if level < 0 else cell.longest_piece if level else cell.longest_word for cell in body]
    return max([head.longest_piece if level_of_head else head.longest_word, *least])
