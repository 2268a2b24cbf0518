"""The tables of runs that a store's pages open with: which runs, which columns; pure."""

import re
from collections.abc import Iterable, Sequence

from synthsweep.config.metrics import PRIMARY
from synthsweep.track.mlflow.filters import equals
from synthsweep.track.writer import TableView

# The longest name of a table.
LONGEST_NAME = 200
# The part of an address by which a page shows all training runs.
TRAINING = "runs"
# Only what trains, or takes the result of what was trained, has an arm.
TRAINED = "tags.arm != ''"
MACRO = (PRIMARY, "test/f1/macro", "test/precision/macro", "test/recall/macro")
CONDITIONS = ("mix.ratio", "llm.name", "prompt.variant", "seed")


def training_view(labels: Sequence[str]) -> TableView:
    """Every training run, the highest macro average precision first."""
    # The scores come first: the name of a run says how it was trained.
    columns = (*_metrics(MACRO), *_params(CONDITIONS), *_metrics(_of_labels(labels)))
    return TableView(TRAINING, TRAINED, columns, sort_by=columns[0])


def study_view(study: str, factors: Sequence[str], labels: Sequence[str]) -> TableView:
    """The training runs of a study, whose `factors` are the first columns; runs with equal first factors follow one another."""
    params, metrics = _params(dict.fromkeys((*factors, "seed"))), _metrics((*MACRO, *_of_labels(labels)))
    rule = f"{equals('tags.study', study)} and {TRAINED}"
    return TableView(view_name(study), rule, (*params, *metrics), params[0], ascending=True)


def view_name(study: str) -> str:
    """What the table of a study is called in addresses; the letters that MLflow refuses there are written as numbers."""
    return f"study-{re.sub(r'[^0-9A-Za-z_-]', lambda found: f'.{ord(found[0]):x}.', study)}"[:LONGEST_NAME]


def _of_labels(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"test/average_precision/{label}" for label in labels)


def _metrics(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"metrics.`{name}`" for name in names)


def _params(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"params.`{name}`" for name in names)
