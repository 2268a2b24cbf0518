"""Runs on the same test texts share them."""

from dataclasses import replace

import numpy as np

from support.kept_studies import CONTROL, Planted, Texts, predictions
from synthsweep.compare.read.shared_texts import SharedTexts


def test_equal_texts_are_one_object_and_others_stay_apart() -> None:
    """Probabilities are each run's own; a label that differs makes other texts."""

    first, second = (predictions("test", Texts(count=5), Planted(CONTROL), seed) for seed in (1, 2))
    other = replace(second, truth=1 - second.truth)
    shared = SharedTexts()

    found = [shared.of(one) for one in (first, second, other)]

    assert found[0] is first
    assert (found[1].ids is first.ids, found[1].truth is first.truth) == (True, True)
    np.testing.assert_array_equal(found[1].probabilities, second.probabilities)
    assert found[2] is other
