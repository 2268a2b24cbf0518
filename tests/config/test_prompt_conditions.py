import re
from typing import Any

import pytest

from synthsweep.config.keys.generation import PromptConfig
from synthsweep.config.prompt_conditions import in_order
from synthsweep.errors import ConfigError

ATTRIBUTES = {"age": ["2", "5"], "speech": ["none", "fluent"]}


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"place": {}}, "prompt.when.place: 'place' is not in prompt.attributes, which has age, speech"),
        ({"age": {"7": {}}}, "prompt.when.age.7: '7' is not in prompt.attributes.age, which has 2, 5"),
        ({"age": ["2"]}, "prompt.when.age takes ATTRIBUTE: {VALUE: {OTHER_ATTRIBUTE: [VALUES]}}, got ['2']"),
        ({"age": {"2": "none"}}, "prompt.when.age.2 takes ATTRIBUTE: {VALUE: {OTHER_ATTRIBUTE: [VALUES]}}, got 'none'"),
        ({"age": {"2": {"speech": "none"}}}, "prompt.when.age.2.speech must be a list of values, got 'none'"),
        ({"age": {"2": {"speech": []}}}, "prompt.when.age.2.speech must be a list of values, got []"),
        (
            {"age": {"2": {"place": ["a"]}}},
            "prompt.when.age.2.place: 'place' is not in prompt.attributes, which has age, speech",
        ),
        (
            {"age": {"2": {"speech": ["loud"]}}},
            "prompt.when.age.2.speech: 'loud' is not in prompt.attributes.speech, which has none, fluent",
        ),
        (
            {"age": {"2": {"speech": ["none"]}}, "speech": {"none": {"age": ["2"]}}},
            "prompt.when: age -> speech -> age depends on itself in a circle: leave out one condition",
        ),
        ({"age": {"2": {"age": ["2"]}}}, "prompt.when: age -> age depends on itself in a circle: leave out one condition"),
    ],
)
def test_a_wrong_condition_is_refused_by_its_place(when: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(said)}$"):
        PromptConfig("some", attributes=ATTRIBUTES, when=when)


def test_an_attribute_is_drawn_after_those_that_it_depends_on() -> None:
    """Otherwise in alphabetical order, so that a condition more changes no other draw."""

    assert in_order({"b": [], "a": [], "c": []}, {}) == ["a", "b", "c"]
    assert in_order({"b": [], "a": [], "c": []}, {"a": {"x": {"c": ["y"], "label": ["A"]}}}) == ["b", "c", "a"]
