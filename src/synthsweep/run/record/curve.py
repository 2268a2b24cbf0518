"""The curves of a run, written while it trains."""

import logging
from typing import TYPE_CHECKING

from synthsweep.errors import TrackingError
from synthsweep.track.writer import Tracker

if TYPE_CHECKING:
    from synthsweep.train.curve import CurvePoint

log = logging.getLogger(__name__)


def curve_metrics(point: "CurvePoint") -> dict[str, float]:
    """One evaluation on dev as metrics; a score that is undefined is missing."""
    values = {
        "curve/train_loss": point.train_loss,
        "curve/dev_loss": point.dev_loss,
        "curve/learning_rate": point.learning_rate,
    }
    return values if point.score is None else {**values, "curve/dev_average_precision": point.score}


class CurveRecorder:
    """Writes each point of the curves; if the store fails, training goes on with one warning."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker, self.failed = tracker, False

    def __call__(self, point: "CurvePoint") -> None:
        if self.failed:
            return
        try:
            self.tracker.log_metrics(curve_metrics(point), step=point.step)
        except TrackingError as error:
            self.failed = True
            log.warning("%s; training goes on, the results are kept at its end", error)
