"""A table in LaTeX; pure."""

from collections.abc import Sequence

from synthsweep.pages.tables.table import Table

# LaTeX does not break a float over pages.
ROWS_PER_FLOAT = 45
# A text column with more letters wraps; a table with more columns has a smaller font.
PHRASE = 32
WIDE = 8
ESCAPES = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # Right after the end of a row, LaTeX would read both as its options.
    "[": "{[}",
    "*": "{*}",
    "−": "$-$",
    "–": "--",
    "±": r"$\pm$",
    "×": r"$\times$",
    "→": r"$\rightarrow$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "\n": " ",
}


def latex(shown: Table) -> str:
    r"""`\begin{table}` to `\end{table}` in the style of booktabs; a long table becomes several."""
    parts = [shown.rows[start : start + ROWS_PER_FLOAT] for start in range(0, max(len(shown.rows), 1), ROWS_PER_FLOAT)]
    floats = [_float(shown, rows, number) for number, rows in enumerate(parts)]
    return "% \\usepackage{booktabs}\n" + "\n".join(floats)


def escaped(text: str) -> str:
    """Escapes plain text for LaTeX."""
    return "".join(ESCAPES.get(sign, sign) for sign in text)


def _float(shown: Table, rows: Sequence[Sequence[str]], number: int) -> str:
    label = f"tab:{shown.name.replace('_', '-')}" + (f"-{number + 1}" if number else "")
    caption = shown.caption + (" (continued)" if number else "")
    lines = [
        r"\begin{table}[htbp]",
        r"\centering\footnotesize" if len(shown.heads) <= WIDE else r"\centering\scriptsize\setlength{\tabcolsep}{3pt}",
        rf"\caption{{{escaped(caption)}}}",
        rf"\label{{{label}}}",
        rf"\begin{{tabular}}{{@{{}}{_widths(shown)}@{{}}}}",
        r"\toprule",
        " & ".join(map(escaped, shown.heads)) + r" \\",
        r"\midrule",
        *(_row(row, len(shown.heads)) for row in rows),
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"\par\smallskip {escaped(note)}" for note in shown.notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _widths(shown: Table) -> str:
    """The alignment of each column; columns of phrases wrap."""
    rows = [row for row in shown.rows if len(row) > 1]
    longest = [max((len(row[place]) for row in rows), default=0) for place in range(len(shown.heads))]
    pairs = zip(shown.align, longest, strict=True)
    return "".join("p{4cm}" if side == "l" and length > PHRASE else side for side, length in pairs)


def _row(row: Sequence[str], width: int) -> str:
    if len(row) == 1:
        side = "l" if len(row[0]) <= 2 * PHRASE else r"p{0.8\linewidth}"
        return rf"\multicolumn{{{width}}}{{@{{}}{side}}}{{\emph{{{escaped(row[0])}}}}} \\"
    return " & ".join(map(escaped, row)) + r" \\"
