"""The page: everything that an inspection found, in one file that needs no network."""

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

from synthsweep.inspect.figures import histograms, label_bars, maps
from synthsweep.inspect.headline import headline
from synthsweep.inspect.inspection import Inspection, Loss
from synthsweep.inspect.meanings import meaning_of
from synthsweep.inspect.tables import of_labels, of_pairs, of_pool, of_steps, of_texts, of_words
from synthsweep.pages.files import place
from synthsweep.pages.numbers import number
from synthsweep.pages.page import DEMO_NOTE, rendered

PRIVATE = (
    "This page shows texts of the pool and of the real training part, so it stays on this machine: it is not logged to MLflow. "
    "Texts of dev and test are on no page; what repeats one is named by its id."
)
# So many texts of one step are shown; the counts are whole.
LOSSES = 100
ENDS = {"nearest_real": "Farthest from every real text", "perplexity": "Least expected by a model of the real texts"}


def write_page(found: Inspection, path: Path) -> None:
    """Writes the page; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    place(path, render(found).encode("utf-8", errors="replace"))


def render(found: Inspection) -> str:
    """The page as text."""
    return rendered("inspect", "page.html.j2", {"found": found, **_values(found)})


def _values(found: Inspection) -> dict[str, Any]:
    sizes = {"synthetic": sum(word.synthetic for word in found.words), "real": sum(word.real for word in found.words)}
    drawn = maps(found)
    return {
        "headline": headline(found),
        "demo": DEMO_NOTE if found.demo else "",
        "private": PRIVATE,
        "texts": of_texts(found),
        "pool": of_pool(found),
        "histograms": histograms(found),
        "labels": of_labels(found),
        "label_bars": label_bars(found),
        "pairs": of_pairs(found),
        "steps": of_steps(found),
        "losses": _losses(found.curation.losses),
        "outliers": [
            (ENDS.get(name, name), meaning_of(name), list(of))
            for name, of in groupby(found.outliers, lambda one: one.characteristic)
        ],
        "map": drawn[0] if drawn else None,
        "small_maps": drawn[1:],
        "words": of_words(found.words, sizes),
        "number": number,
    }


def _losses(losses: tuple[Loss, ...]) -> list[tuple[str, int, list[Loss], list[Loss]]]:
    """A step, how many texts it dropped, and of the first of them those with a text, then those that are ids alone.

    A step that has ids alone, for all it dropped repeats dev or test, comes last.
    """
    counts = Counter(loss.step for loss in losses)
    readable = {loss.step for loss in losses if loss.text}
    found = []
    for step in sorted(counts, key=lambda step: step not in readable):
        first = sorted((loss for loss in losses if loss.step == step), key=lambda loss: not loss.text)[:LOSSES]
        shown = [loss for loss in first if loss.text]
        found.append((step.replace("_", " "), counts[step], shown, first[len(shown) :]))
    return found
