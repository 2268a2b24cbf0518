import math
import re
from dataclasses import dataclass, fields
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.config.rules import Section, holds, key, range_text
from synthsweep.errors import ConfigError


@dataclass(frozen=True)
class Oven(Section):
    """A section with each kind of rule."""

    section: ClassVar[str] = "oven"
    degrees: float = key(180, low=50, high=250)
    door: float = key(0.5, above=0, below=1)
    fan: float = key(0.0, low=0, below=1)
    trays: int = key(1, low=1)
    watts: float | None = key(None, above=0)
    mode: str = key("bake", choices=("bake", "grill"))
    name: str = "any"


RULES = {item.name: item.metadata for item in fields(Oven)}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("degrees", 49.5, "oven.degrees must be in [50, 250], got 49.5"),
        ("degrees", 251, "oven.degrees must be in [50, 250], got 251"),
        ("degrees", math.nan, "oven.degrees must be in [50, 250], got nan"),
        ("door", 0, "oven.door must be in (0, 1), got 0"),
        ("door", 1, "oven.door must be in (0, 1), got 1"),
        ("fan", 1, "oven.fan must be in [0, 1), got 1"),
        ("trays", 0, "oven.trays must be at least 1, got 0"),
        ("watts", 0, "oven.watts must be above 0, got 0"),
        ("mode", "fry", "oven.mode must be one of bake, grill; got fry"),
    ],
)
def test_a_value_out_of_range_names_key_rule_and_value(name, value, message) -> None:
    """The rule reads as mathematics writes it."""

    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        Oven(**{name: value})


@pytest.mark.parametrize(
    "values", [{"degrees": 50, "fan": 0}, {"degrees": 250}, {"watts": None}, {"name": ""}, {"trays": 10**9}]
)
def test_bounds_are_allowed_themselves_and_null_keeps_every_rule(values) -> None:
    """A key without a rule takes anything of its type."""

    assert list(values.values()) == [getattr(Oven(**values), name) for name in values]


def test_a_key_of_the_root_has_no_section_before_it() -> None:
    """`seed`, as the user types it."""

    @dataclass(frozen=True)
    class Root(Section):
        seed: int = key(1, low=0)

    with pytest.raises(ConfigError, match=r"^seed must be at least 0, got -1$"):
        Root(seed=-1)


@given(value=st.floats(-2, 300) | st.sampled_from([0, 1, 50, 250, math.inf, -math.inf, math.nan]))
def test_a_rule_holds_exactly_inside_its_interval(value) -> None:
    """A comparison with NaN is false, so NaN is in no interval."""

    assert (50 <= value <= 250) == holds(RULES["degrees"], value)
    assert (0 < value < 1) == holds(RULES["door"], value)
    assert (0 <= value < 1) == holds(RULES["fan"], value)
    assert (value >= 1) == holds(RULES["trays"], value)
    assert (value > 0) == holds(RULES["watts"], value)


def test_a_half_open_interval_is_written_as_one() -> None:
    """Square brackets hold their bound, round ones do not."""

    assert range_text(RULES["fan"]) == "in [0, 1)"
    assert range_text(key(1, above=0, high=1).metadata) == "in (0, 1]"
