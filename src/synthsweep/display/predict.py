"""What the terminal shows of predictions: how many texts each label was given to, and where they are."""

from typing import TYPE_CHECKING

from rich.console import Console

from synthsweep.display.console import print_prose
from synthsweep.display.word_table import WordTable
from synthsweep.pages.numbers import counted

if TYPE_CHECKING:
    from synthsweep.predict.predict import Prediction


def print_prediction(console: Console, found: "Prediction") -> None:
    """Prints a row per label, the speed, and the file."""
    texts = found.rows - found.blank
    table = WordTable("label", "texts", "share", numbers=("texts", "share"))
    for label, count in found.positive.items():
        table.add_row(label, str(count), f"{100 * count / texts:.1f} %")
    console.print(table)
    if found.predicted and found.seconds > 0:
        print_prose(
            console,
            f"{counted(found.predicted, 'row')} in {found.seconds:.1f} s, {found.predicted / found.seconds:.0f} a second.",
        )
    by = (
        found.models[0]
        if len(found.models) == 1
        else f"the mean of {len(found.models)} classifiers ({', '.join(found.models)})"
    )
    print_prose(
        console, f"Predictions of {counted(texts, 'text')} by {by}: {found.out} (its rows belong to real texts: it stays here)."
    )
