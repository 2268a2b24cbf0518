"""A table in LaTeX."""

import pytest

from synthsweep.pages.tables.latex import ROWS_PER_FLOAT, escaped, latex
from synthsweep.pages.tables.table import compact_table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b & 5 % of $3 #1", r"a\_b \& 5 \% of \$3 \#1"),
        (r"C:\x {y} ~ ^", r"C:\textbackslash{}x \{y\} \textasciitilde{} \textasciicircum{}"),
        ("+3.2 [−0.4, +6.8]", "+3.2 {[}$-$0.4, +6.8]"),
        ("<0.001 – 2 ± 1 × 3", r"\textless{}0.001 -- 2 $\pm$ 1 $\times$ 3"),
        ("two\nlines", "two lines"),
    ],
)
def test_special_characters_are_escaped(text: str, expected: str) -> None:
    """Names of factors have underscores, and a bracket behind the end of a row would be its option."""

    assert escaped(text) == expected


def test_a_table_in_latex_stands_by_itself() -> None:
    """With caption, label, rules of booktabs, a heading over a group, and notes."""
    found = compact_table("main_effects", "Arms & more", {"arm": "l", "AP": "r"}, [("llm_a",), ("A1", "+1.0")], "A note.")

    assert latex(found).splitlines() == [
        r"% \usepackage{booktabs}",
        r"\begin{table}[htbp]",
        r"\centering\footnotesize",
        r"\caption{Arms \& more}",
        r"\label{tab:main-effects}",
        r"\begin{tabular}{@{}lr@{}}",
        r"\toprule",
        r"arm & AP \\",
        r"\midrule",
        r"\multicolumn{2}{@{}l}{\emph{llm\_a}} \\",
        r"A1 & +1.0 \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\par\smallskip A note.",
        r"\end{table}",
    ]


def test_phrases_break_their_lines_and_many_columns_are_small() -> None:
    """So that a table keeps to its page."""
    phrase = compact_table("t", "T", {"criterion": "l", "AP": "r"}, [("a phrase of a whole data set, as its column", "1")])
    wide = compact_table("t", "T", {str(number): "r" for number in range(9)}, [("1",) * 9])

    assert [r"{@{}p{4cm}r@{}}" in latex(phrase), r"\scriptsize" in latex(phrase)] == [True, False]
    assert [r"{@{}rrrrrrrrr@{}}" in latex(wide), r"\scriptsize" in latex(wide)] == [True, True]


def test_a_long_table_becomes_several() -> None:
    """A float does not break over pages; each part has its own label, and no row is lost."""
    rows = [(f"row{number}", "1") for number in range(ROWS_PER_FLOAT + 2)]
    written = latex(compact_table("t", "T", {"a": "l", "b": "r"}, rows))

    assert (written.count(r"\begin{table}"), written.count(r"\end{table}")) == (2, 2)
    assert (r"\label{tab:t}" in written, r"\label{tab:t-2}" in written, "T (continued)" in written) == (True, True, True)
    assert all(f"row{number} & 1" in written for number in range(len(rows)))
