"""Tables that wrap at words, at every width of a terminal."""

import io
import re

import pytest

from support import answers
from synthsweep.display.compare import criteria_table, effects_table
from synthsweep.display.console import open_console
from synthsweep.display.sweep import rows_table
from synthsweep.display.word_table import WordTable, wrapped

ROWS = [
    ("trial", "configuration", "dev/average_precision/macro", "state"),
    ("0", "prompt=attributed ratio=0.25 learning_rate=0.002", "0.3020 ± 0.0100", "complete"),
    ("1", "prompt=plain name_or_path=emilyalsentzer/Bio_ClinicalBERT", "0.3020", "complete"),
]
PIECES = re.compile(r"[A-Za-z]+|[−+]?\d+\.\d+|\d+")


def printed(table: WordTable, width: int) -> list[str]:
    """The lines of a table on a terminal of this width."""
    console = open_console(file=io.StringIO(), width=width, color_system=None)
    console.print(table)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize(
    "table",
    [
        lambda: rows_table(ROWS, "study demo, of which the title is longer than a narrow terminal", 9),
        lambda: effects_table(answers.factorial()),
        lambda: criteria_table(answers.factorial()),
    ],
)
def test_no_line_is_wider_than_the_terminal_and_no_word_is_cut(table: object, width: int) -> None:
    """Every word and number of the widest table stands whole in the narrow one."""
    lines = printed(table(), width)  # type: ignore[operator]
    wide = printed(table(), 300)  # type: ignore[operator]

    assert max(map(len, lines)) <= width
    assert set(PIECES.findall(" ".join(wide))) <= set(PIECES.findall(" ".join(lines)))
    assert not any("…" in line for line in lines)


def test_columns_of_words_give_way_before_numbers_do() -> None:
    """An interval stays on one line as long as a name can be broken."""
    table = WordTable("arm", "change", numbers=("change",))
    table.add_row("prompt=attributed ratio=0.25", "+3.2 [−0.4, +6.8]")

    assert [cell.strip() for cell in printed(table, 34)[3].split("│")[1:-1]] == ["prompt=", "+3.2 [−0.4, +6.8]"]


def test_a_terminal_too_narrow_for_the_columns_gets_a_line_per_cell() -> None:
    """With its head, so that nothing is lost."""
    table = WordTable("criterion", "precision", "recall", numbers=("precision", "recall"))
    table.add_row("A1", "0.500", "0.250")

    assert printed(table, 20) == ["criterion: A1", "precision: 0.500", "recall: 0.250", ""]


@pytest.mark.parametrize(
    ("line", "width", "expected"),
    [
        ("two words", 9, ["two words"]),
        ("two words", 8, ["two", "words"]),
        ("learning_rate=0.002", 14, ["learning_rate=", "0.002"]),
        ("learning_rate=0.002", 9, ["learning_rate=", "0.002"]),
        ("llm=gpt-4o-mini,mix=duplicate_real", 16, ["llm=gpt-4o-mini,", "mix=", "duplicate_real"]),
        ("1e-3", 2, ["1e-3"]),
        ("", 5, [""]),
    ],
)
def test_a_line_breaks_at_spaces_then_between_pieces(line: str, width: int, expected: list[str]) -> None:
    """A number is one piece, however narrow the column is."""

    assert wrapped(line, width) == expected
