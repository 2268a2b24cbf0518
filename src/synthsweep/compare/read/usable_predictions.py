"""Whether predictions can be scored at all: a probability that is not a number would otherwise change every mean; pure."""

from collections import Counter

import numpy as np

from synthsweep.evaluate.predictions import Predictions


def why_unusable(found: Predictions) -> str:
    """What is wrong with the predictions of a split, with the first text and label; empty if nothing is."""
    if len(set(found.ids)) < len(found.ids):
        twice = [(text, count) for text, count in Counter(found.ids).items() if count > 1]
        return f"its {found.split} texts have id {twice[0][0]!r} {twice[0][1]} times, so texts cannot be matched by id"
    wrong = ~((found.probabilities >= 0) & (found.probabilities <= 1))
    if not wrong.any():
        return ""
    row, column = (int(place[0]) for place in np.nonzero(wrong))
    value = found.probabilities[row, column]
    what = "is not a number" if np.isnan(value) else f"must be in [0, 1], got {value:g}"
    more = f"; {int(wrong.sum())} such values" if wrong.sum() > 1 else ""
    return f"its {found.split} probability of {found.label_ids[column]} for text {found.ids[row]!r} {what}{more}"
