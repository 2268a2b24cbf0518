"""Writes the page: everything that an inspection found, in one file that needs no network."""

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

from synthsweep.inspect.inspection import Inspection, Loss
from synthsweep.inspect.report.figures import histograms, label_bars, maps
from synthsweep.inspect.report.headline import headline
from synthsweep.inspect.report.meanings import meaning_of
from synthsweep.inspect.report.tables import of_labels, of_pairs, of_pool, of_steps, of_texts, of_words
from synthsweep.pages.numbers import number
from synthsweep.pages.page import DEMO_NOTE, rendered
from synthsweep.pages.pictures.palette import REAL, SYNTHETIC
from synthsweep.storage.files import write_private
from synthsweep.storage.private import make_private_folder

PRIVATE = (
    "This page shows texts of the pool and of the real training part, so it stays on this machine: it is not logged to MLflow. "
    "Texts of dev and test are on no page; what repeats one is named by its id."
)
# The most texts shown per step; the counts include all texts.
LOSSES = 100
ENDS = {"nearest_real": "Farthest from every real text", "perplexity": "Least expected by a model of the real texts"}


def write_page(inspection: Inspection, path: Path) -> None:
    """Writes the page completely or not at all."""
    make_private_folder(path.parent)
    write_private(path, render(inspection).encode("utf-8", errors="replace"))


def render(inspection: Inspection) -> str:
    """The page as text."""
    return rendered("inspect/report", "page.html.j2", {"inspection": inspection, **_values(inspection)})


def _values(inspection: Inspection) -> dict[str, Any]:
    sizes = {"synthetic": sum(word.synthetic for word in inspection.words), "real": sum(word.real for word in inspection.words)}
    first, *others = maps(inspection) or (None,)
    return {
        "headline": headline(inspection),
        "demo": DEMO_NOTE if inspection.demo else "",
        "warnings": (PRIVATE,),
        "texts": of_texts(inspection),
        "pool": of_pool(inspection),
        "histograms": histograms(inspection),
        "labels": of_labels(inspection),
        "label_bars": label_bars(inspection),
        "pairs": of_pairs(inspection),
        "steps": of_steps(inspection),
        "losses": _losses(inspection.curation.losses),
        "outliers": [
            (ENDS.get(name, name), meaning_of(name), list(of))
            for name, of in groupby(inspection.outliers, lambda one: one.characteristic)
        ],
        "map": first,
        "small_maps": others,
        "words": of_words(inspection.words, sizes),
        "number": number,
        "colours": {"real": REAL.colour, "synthetic": SYNTHETIC.colour},
    }


def _losses(losses: tuple[Loss, ...]) -> list[tuple[str, int, list[Loss], list[Loss]]]:
    """For each step: its name, how many texts it dropped, and of the first LOSSES those shown in full and those shown by id.

    A text that repeats dev or test is shown by its id only; a step that only has such texts comes last.
    """
    counts = Counter(loss.step for loss in losses)
    readable = {loss.step for loss in losses if loss.text}
    steps = []
    for step in sorted(counts, key=lambda step: step not in readable):
        first = sorted((loss for loss in losses if loss.step == step), key=lambda loss: not loss.text)[:LOSSES]
        shown = [loss for loss in first if loss.text]
        steps.append((step.replace("_", " "), counts[step], shown, first[len(shown) :]))
    return steps
