"""What MLflow's own pages read: addresses, links between runs, and tables of runs with chosen columns; pure.

A table is kept as a tag of its experiment, in the form of the page's "Share" button: MLflow 3 opens it by its name.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from synthsweep.track.reader import NOTE
from synthsweep.track.views import TRAINING
from synthsweep.track.writer import TableView

VIEW = "mlflow.sharedViewState."
# The longest value of a tag.
NOTE_LENGTH = 8000
# Mode of the pages in which experiments open on training runs; the other one is for traces of LLMs.
MODE = "workflowType=machine_learning"
COMPRESSED = "deflate;"
# The width of a letter and of what stands beside it in the heading of a column, in pixels.
LETTER, MARGIN, NARROWEST = 7, 36, 80


def runs_page(experiment: str, view: str = TRAINING) -> str:
    """The page with a table of an experiment, below the address of a server."""
    return f"#/experiments/{experiment}/runs?{MODE}&viewStateShareKey={quote(view)}"


def run_page(experiment: str, run_id: str, artifact: str = "") -> str:
    """The page of a run or of one of its files, below the address of a server."""
    return f"#/experiments/{experiment}/runs/{run_id}{f'/artifacts/{quote(artifact)}' if artifact else ''}?{MODE}"


def linked(markdown: str, experiment: str) -> str:
    """Markdown in which `run:ID`, `run:ID/FILE` and `view:NAME` are addresses of pages."""
    places = {"run": lambda rest: run_page(experiment, *rest.split("/", 1)), "view": lambda rest: runs_page(experiment, rest)}
    text = re.sub(r"\]\((run|view):([^)]+)\)", lambda found: f"]({places[found[1]](found[2])})", markdown)
    # Whole lines: half a link or half a row of a table is none.
    return text if len(text) <= NOTE_LENGTH else text[:NOTE_LENGTH].rpartition("\n")[0]


def experiment_tags(tags: Mapping[str, str], experiment: str, views: Iterable[TableView]) -> dict[str, str]:
    """What is to be written to an experiment with these tags; a description that somebody wrote stays."""
    wanted = {f"{VIEW}{view.name}": view_state(view) for view in views}
    if wanted and not tags.get(NOTE):
        wanted[NOTE] = linked(DESCRIPTION, experiment)
    return {name: value for name, value in wanted.items() if tags.get(name) != value}


def view_state(view: TableView) -> str:
    """A table as the pages keep it."""
    names = {column: column.partition("`")[2].rstrip("`") for column in view.columns}
    state: dict[str, Any] = {
        "searchFilter": view.rule,
        "orderByKey": view.sort_by,
        "orderByAsc": view.ascending,
        "selectedColumns": view.columns,
        "columnOrder": view.columns,
        "columnWidths": {column: max(NARROWEST, LETTER * len(name) + MARGIN) for column, name in names.items()},
    }
    # A tag holds 5,000 letters, which 30 criteria exceed.
    return COMPRESSED + base64.b64encode(zlib.compress(json.dumps(state).encode(), 9)).decode()


DESCRIPTION = f"""Runs of `synthsweep`: what synthetic texts do to a BERT classifier.

- [Training runs](view:{TRAINING}) shows each run with its scores on test, and what it was trained on.
- A run without a parent is a single run, or a study: its trials and their runs are nested below it, and its description has \
what `synthsweep compare` says of it.
- `test/average_precision/macro` is the mean over criteria, on texts that training never sees.
- `config.yaml` among the artifacts of a run is its whole configuration; its parameters are what differs from the defaults.
"""
