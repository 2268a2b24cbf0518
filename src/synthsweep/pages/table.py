"""A table as a reader sees it; pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """`align` has an l or r a column; the first column heads its row, and a row of one cell heads the rows below it."""

    name: str
    caption: str
    heads: tuple[str, ...]
    align: str
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
