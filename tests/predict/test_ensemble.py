"""Several classifiers as one: mean, spread, thresholds, calibration."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from support.constant_classifiers import CARD, Constant
from synthsweep.errors import ConfigError, ModelError
from synthsweep.predict.ensemble import make_ensemble, tempered


def made(*members: Any, threshold: Any = None, calibrated: bool = False) -> Any:
    return make_ensemble(members, threshold, calibrated=calibrated)


def test_an_ensemble_gives_the_mean_and_the_standard_deviation_of_its_members() -> None:
    logits = [(0.0, 1.0), (1.0, 2.0), (-1.0, 0.5)]
    found = made(*map(Constant, logits))(["one", "two"])

    expected = expit(np.array(logits))
    assert np.allclose(found.probabilities, [expected.mean(axis=0)] * 2)
    assert np.allclose(found.spread, [expected.std(axis=0, ddof=1)] * 2)
    assert found.decisions.tolist() == [[True, True]] * 2


def test_the_threshold_of_an_ensemble_is_the_mean_of_its_members() -> None:
    higher = replace(CARD, thresholds={"A": 0.8, "B": 0.2})

    assert made(Constant((0.0, 0.0)), Constant((0.0, 0.0), higher)).thresholds.tolist() == pytest.approx([0.6, 0.4])


def test_one_classifier_has_no_spread() -> None:
    assert made(Constant((0.0, 0.0)))(["one"]).spread is None


def test_given_thresholds_replace_those_of_the_labels_that_they_name() -> None:
    member = Constant((0.0, 0.0))

    assert made(member, threshold=0.5).thresholds.tolist() == [0.5, 0.5]
    assert made(member, threshold={"B": 0.1}).thresholds.tolist() == [0.4, 0.1]
    assert made(member, threshold={"A": 0.3, "default": 0.7}).thresholds.tolist() == [0.3, 0.7]


@given(st.floats(0.1, 10), st.tuples(st.floats(-6, 6), st.floats(-6, 6)))
def test_calibration_changes_no_decision(temperature: float, logits: tuple[float, float]) -> None:
    distances = np.abs(np.array(logits) - logit([0.4, 0.6]))
    member = Constant(logits, replace(CARD, temperature=temperature))
    plain, calibrated = made(member)(["one"]), made(member, calibrated=True)(["one"])

    if distances.min() > 1e-9:
        assert plain.decisions.tolist() == calibrated.decisions.tolist()


def test_tempering_divides_logits_and_keeps_the_ends() -> None:
    assert np.allclose(tempered(np.array([0.2, 0.9]), 2.0), expit(logit([0.2, 0.9]) / 2))
    assert tempered(np.array([0.0, 1.0]), 3.0).tolist() == [0.0, 1.0]


def test_a_class_is_the_most_probable_one() -> None:
    single = replace(CARD, kind="single", thresholds={})
    found = made(Constant((1.0, 0.0), single), Constant((0.5, 0.0), single))(["one"])

    assert found.decisions.tolist() == [[True, False]]
    with pytest.raises(ModelError, match="leave threshold out"):
        made(Constant((1.0, 0.0), single), threshold=0.5)


def test_what_does_not_fit_is_refused() -> None:
    member = Constant((0.0, 0.0))
    other = Constant((0.0, 0.0), replace(CARD, labels=("A", "C")))

    with pytest.raises(ModelError, match="different labels"):
        made(member, other)
    with pytest.raises(ModelError, match="calibrated=true"):
        made(member, calibrated=True)
    with pytest.raises(ConfigError, match="there is no label C"):
        made(member, threshold={"C": 0.5})
