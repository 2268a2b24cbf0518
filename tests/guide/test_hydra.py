"""Each row of the page on Hydra's own sweepers holds: its words are given to a command, whose answer is in the row."""

import re
import shlex
from collections.abc import Callable, Iterator

import pytest

from support.builders import Answer
from support.guide_pages import PAGES

SEARCH = "A search with Optuna"


def rows() -> Iterator[tuple[str, str, list[str]]]:
    """Of all tables: the heading above, the words, and what is printed."""
    heading = ""
    for line in PAGES["hydra"].read_text(encoding="utf-8").splitlines():
        heading = line.removeprefix("## ") if line.startswith("## ") else heading
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if line.startswith("| ") and len(cells) == 3 and cells[1].startswith("`"):
            yield heading, cells[1].strip("`"), re.findall(r"`([^`]+)`", cells[2])[:1]


@pytest.mark.slow
@pytest.mark.parametrize(("heading", "words", "printed"), list(rows()))
def test_a_row_of_the_page_holds(heading: str, words: str, printed: list[str], cli: Callable[..., Answer]) -> None:
    design = ["hydra.sweeper.design=search"] * (heading == SEARCH)
    experiment = ["experiment=ci"] * ("experiment=" not in words)
    model = ["model=tfidf"] * ("model=" not in words)

    said = cli("run", "-m", *experiment, *model, *design, *shlex.split(words), "sweep.dry_run=true")

    assert printed[0] in said.out + "\n".join(said.err)
