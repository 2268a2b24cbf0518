"""Plain values as a section."""

from typing import Any

import pytest

from synthsweep.config.compose.typed import from_plugin, typed
from synthsweep.config.keys.launchers import WorkersSettings
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.llm_parts import PriceConfig, SimulatorConfig
from synthsweep.config.keys.sweeper import SweeperSettings
from synthsweep.config.roots import InspectSettings
from synthsweep.config.rules import Section
from synthsweep.errors import ConfigError


def test_what_is_not_given_has_its_default_and_numbers_have_the_type_of_their_key() -> None:
    """As if Hydra had composed it."""

    section = typed(LlmConfig, {"temperature": 1, "simulator": {"omission": 1}, "answers_as": ["a"]}, "llm")

    assert section == LlmConfig(temperature=1.0, simulator=SimulatorConfig(omission=1.0), answers_as=["a"])
    assert [type(number) for number in (section.temperature, section.simulator.omission)] == [float, float]
    assert section.price_per_million == PriceConfig()


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (SweeperSettings, {"custom_search_space": "x"}, "hydra.sweeper.custom_search_space: no such key; factors are "),
        (WorkersSettings, {"n_worker": 2}, "hydra.launcher.n_worker: no such key; hydra.launcher.n_workers=N says "),
        (WorkersSettings, {"thread": 2}, "hydra.launcher.thread: no such key; did you mean hydra.launcher.threads?"),
    ],
)
def test_a_key_that_is_added_to_a_plugin_is_refused(kind: type[Section], given: dict[str, Any], message: str) -> None:
    """Hydra lets `++` through, and the plugin gets what it does not know."""
    with pytest.raises(ConfigError) as refused:
        from_plugin(kind, given)

    assert str(refused.value).startswith(message)


def test_an_old_name_is_taken_here_too() -> None:
    assert typed(InspectSettings, {"strangest": 3}, "inspect") == InspectSettings(outliers=3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"modle": "x"}, "there.modle: no such key; did you mean there.model?"),
        ({"simulator": {"style": 1}}, "there.simulator.style: no such key; did you mean there.simulator.style_gap?"),
        ({"free": "maybe"}, "there.free must be true or false, got maybe"),
        ({"max_output_tokens": 1.5}, "there.max_output_tokens must be a whole number, got 1.5"),
        ({"answers_as": "gpt"}, "there.answers_as must be a list, as in there.answers_as=[A,B]"),
        ({"simulator": None}, "there.simulator must be a section with keys of its own, got None"),
        (
            {"model": "x"},
            "there: llm.model names who wrote the texts of llm.path, got x without a file: llm=recorded asks no LLM",
        ),
        ([1], "there must be a section with keys of its own, got [1]"),
    ],
)
def test_a_wrong_value_names_its_key_below_the_section(values: Any, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        typed(LlmConfig, values, "there")

    assert str(refused.value) == message
