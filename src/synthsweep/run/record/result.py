"""The result of a run: metrics, files and the table on its page; a folder keeps the files if the store fails."""

import csv
import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.test_sets import is_test
from synthsweep.errors import TrackingError
from synthsweep.pages.page import DEMO_NOTE
from synthsweep.pages.tables.markdown import markdown, plain_text
from synthsweep.run.record.description import config_text
from synthsweep.track.reader import CONFIG, PREDICTIONS
from synthsweep.track.writer import Tracker

if TYPE_CHECKING:
    from synthsweep.evaluate.metrics import Scores
    from synthsweep.evaluate.predictions import Predictions
    from synthsweep.train.classifier import TrainedClassifier

log = logging.getLogger(__name__)

UNSENT = "unsent"
# The table of criteria, on the screen and on the run's page; accuracy beside it, where a text has exactly one class.
ACCURACY = "accuracy/micro"
TABLE_METRICS = ("precision", "recall", "f1", "average_precision", "support")


@dataclass(frozen=True)
class Evaluation:
    """Predictions and scores of a trained classifier; `predictions` are of dev, test and further test sets.

    `thresholds` are (criteria,), chosen on dev, and NaN where each text carries exactly one label; `scores` also of subgroups.
    """

    fitted: "TrainedClassifier"
    predictions: "tuple[Predictions, ...]"
    thresholds: np.ndarray
    scores: "Mapping[str, Scores]"

    @property
    def metrics(self) -> dict[str, float | None]:
        """`SPLIT/METRIC/CRITERION`; None is undefined."""
        return {f"{split}/{name}": value for split, scores in self.scores.items() for name, value in scores.items()}


def record_result(
    config: RunConfig,
    evaluation: Evaluation,
    counts: Mapping[str, float],
    tracker: Tracker,
    write_more: Callable[[Path], None] = lambda folder: None,
    *,
    history: str = "",
) -> None:
    """Writes metrics and files, and finishes the run; `write_more` adds further files, `history` begins its page.

    Raises:
        TrackingError: the store failed; the message names the folder that holds the files instead.
    """
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
        folder = Path(name)
        _write_files(config, evaluation, counts, folder)
        write_more(folder)
        try:
            defined = {name: value for name, value in evaluation.metrics.items() if value is not None}
            tracker.log_metrics({**defined, **counts}, step=0)
            tracker.log_files(folder)
            tracker.finish("FINISHED", summary="\n\n".join(filter(None, [history, summary(config, evaluation)])))
        except TrackingError as error:
            (folder / CONFIG).write_text(config_text(config), encoding="utf-8")
            raise TrackingError(f"{error}; the trained run's files are kept in {_rescue(folder, config)}") from error


def summary(config: RunConfig, evaluation: Evaluation) -> str:
    """The table of criteria in Markdown for the run's page; a dash is undefined."""
    tables = [criteria_table(evaluation, part.split) for part in evaluation.predictions if is_test(part.split)]
    return "\n\n".join([*_place(config), *tables, *([DEMO_NOTE] if config.data.kind == "demo" else [])])


def criteria_table(evaluation: Evaluation, part: str) -> str:
    """The scores of one test set."""
    labels = evaluation.predictions[0].label_ids
    rows = [
        [label, *(_cell(evaluation.metrics.get(f"{part}/{metric}/{label}")) for metric in TABLE_METRICS)]
        for label in (*labels, "macro")
    ]
    table = markdown([[part, *TABLE_METRICS], *rows], "l" + "r" * len(TABLE_METRICS))
    if evaluation.predictions[0].kind == "multi":
        return table
    return f"{table}\n\naccuracy on {part}: {_cell(evaluation.metrics.get(f'{part}/{ACCURACY}'))}"


def _place(config: RunConfig) -> list[str]:
    """Where a replicate belongs, with a link to its trial."""
    sweep = config.sweep
    if not sweep.parent:
        return []
    study = plain_text(str(config.study))
    return [f"Replicate {sweep.replicate} of [trial {sweep.trial}](run:{sweep.parent}) of study {study}"]


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _write_files(config: RunConfig, evaluation: Evaluation, counts: Mapping[str, float], folder: Path) -> None:
    from synthsweep.evaluate.predictions import write_parquet

    _write_json(folder / "metrics.json", {**evaluation.metrics, **counts})
    _write_json(folder / "curve.json", [vars(point) for point in evaluation.fitted.curve])
    write_parquet(evaluation.predictions, folder / PREDICTIONS)
    for predictions in evaluation.predictions:
        if predictions.kind == "single":
            write_confusion(predictions, folder / f"confusion_{predictions.split}.csv")
    # In a sweep, hundreds of runs would draw figures for hours that nobody opens.
    drawn = config.sweep.trial is None if config.tracking.figures is None else config.tracking.figures
    if drawn:
        from synthsweep.evaluate.figures import write_figures

        for predictions in evaluation.predictions:
            bins = config.evaluation.calibration_bins
            write_figures(
                predictions, evaluation.scores[predictions.split], evaluation.thresholds, folder / "figures", bins=bins
            )


def write_confusion(predictions: "Predictions", path: Path) -> None:
    """A row per true class and a column per predicted one, with counts of texts."""
    from synthsweep.evaluate.metrics import confusion

    labels = predictions.label_ids
    counts = confusion(predictions.truth, predictions.decided(np.full(len(labels), np.nan)))
    rows = [[f"true {label}", *row] for label, row in zip(labels, counts.tolist(), strict=True)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["", *(f"predicted {label}" for label in labels)], *rows])


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")


def _rescue(folder: Path, config: RunConfig) -> Path:
    place = Path(config.tracking.folder).absolute() / UNSENT
    try:
        place.mkdir(parents=True, exist_ok=True)
        kept = Path(tempfile.mkdtemp(prefix="run-", dir=place))
        shutil.copytree(folder, kept, dirs_exist_ok=True)
    except OSError:
        # The full disk may be that of mlruns/; the temporary folder is often on another one.
        kept = Path(tempfile.mkdtemp(prefix="synthsweep-unsent-"))
        shutil.copytree(folder, kept, dirs_exist_ok=True)
    return kept
