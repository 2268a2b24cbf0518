"""A saved classifier as MLflow loads it: a table with a column `text` in, probabilities and decisions out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synthsweep.train.probabilities import probabilities_of
from synthsweep.train.saved.classifier import SavedClassifier
from synthsweep.train.saved.load import open_saved

TEXT, PROBABILITY, DECISION = "text", "probability/", "decision/"


class TableClassifier:
    """`probability/LABEL` and `decision/LABEL` (0 or 1) per text; with one label per text, one column `decision` names it."""

    def __init__(self, saved: SavedClassifier) -> None:
        self.saved = saved

    def predict(self, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """`params` may hold `calibrated`; decisions are by thresholds on probabilities that are not calibrated."""
        saved, card = self.saved, self.saved.card
        divisor = card.divisor(calibrated=(params or {}).get("calibrated", False))
        logits = saved.logits([str(text) for text in model_input[TEXT]])
        plain = probabilities_of(logits, card.kind)
        shown = probabilities_of(logits / divisor, card.kind)
        columns: dict[str, Any] = {f"{PROBABILITY}{label}": shown[:, place] for place, label in enumerate(card.labels)}
        if card.kind == "single":
            columns["decision"] = np.array(card.labels, dtype=object)[plain.argmax(axis=1)]
        else:
            for place, label in enumerate(card.labels):
                columns[f"{DECISION}{label}"] = (plain[:, place] >= card.thresholds[label]).astype(np.int64)
        return pd.DataFrame(columns, index=model_input.index)


def _load_pyfunc(path: str) -> TableClassifier:
    """The name and the argument are MLflow's."""
    return TableClassifier(open_saved(Path(path)))
