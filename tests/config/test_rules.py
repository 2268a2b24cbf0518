import math
import re
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthsweep.config.flat import values_of
from synthsweep.config.rules import Rule, Section, key
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
    minutes: int = key(30, low=1, help="minutes in the oven; 30 is for bread")
    name: str = "any"


RULES: dict[str, Rule] = {item.name: item.metadata["rule"] for item in fields(Oven) if item.metadata}


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
        ("minutes", 0, "oven.minutes must be at least 1, got 0: minutes in the oven; 30 is for bread"),
    ],
)
def test_a_value_out_of_range_names_key_rule_and_value(name: str, value: Any, message: str) -> None:
    """The rule reads as mathematics writes it; the meaning of the key follows, if it has one."""

    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        Oven(**{name: value})


@pytest.mark.parametrize(
    "values", [{"degrees": 50, "fan": 0}, {"degrees": 250}, {"watts": None}, {"name": ""}, {"trays": 10**9}]
)
def test_bounds_are_allowed_themselves_and_null_keeps_every_rule(values: dict[str, Any]) -> None:
    """A key without a rule takes anything of its type."""

    assert [getattr(Oven(**values), name) for name in values] == list(values.values())


def test_a_key_of_the_root_has_no_section_before_it() -> None:
    @dataclass(frozen=True)
    class Root(Section):
        seed: int = key(1, low=0)

    with pytest.raises(ConfigError, match=r"^seed must be at least 0, got -1$"):
        Root(seed=-1)


@given(value=st.floats(-2, 300) | st.sampled_from([0, 1, 50, 250, math.inf, -math.inf, math.nan]))
def test_a_rule_holds_exactly_inside_its_interval(value: float) -> None:
    """NaN is in no interval."""

    assert RULES["degrees"].holds(value) == (50 <= value <= 250)
    assert RULES["door"].holds(value) == (0 < value < 1)
    assert RULES["fan"].holds(value) == (0 <= value < 1)
    assert RULES["trays"].holds(value) == (value >= 1)
    assert RULES["watts"].holds(value) == (value > 0)


def test_a_half_open_interval_is_written_as_one() -> None:
    assert RULES["fan"].text == "in [0, 1)"
    assert Rule(above=0, high=1).text == "in (0, 1]"


@dataclass(frozen=True)
class Renamed(Section):
    """A section with a key that had another name, and a rule."""

    section: ClassVar[str] = "oven"
    trays: int = key(1, low=1)
    shelves: int | None = key(None, alias_of="trays")
    lit: bool = True
    lamp: bool | None = key(None, alias_of="lit")


@pytest.mark.parametrize(
    ("given", "trays", "lit"),
    [({}, 1, True), ({"shelves": 3}, 3, True), ({"shelves": 3, "trays": 3}, 3, True), ({"lamp": False}, 1, False)],
)
def test_an_old_name_sets_the_new_key_and_is_seen_no_more(given: dict[str, Any], trays: int, lit: bool) -> None:
    """Whatever reads the section knows one name; a copy of it with another value is no conflict."""

    oven = Renamed(**given)

    assert (oven.trays, oven.lit, oven.shelves, oven.lamp) == (trays, lit, None, None)
    assert replace(oven, trays=5).trays == 5
    assert values_of(oven) == {"trays": trays, "lit": lit}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"shelves": 3, "trays": 2},
            "oven.shelves=3 and oven.trays=2 set the same key, which is called trays now: keep that one",
        ),
        ({"shelves": 0}, "oven.shelves must be at least 1, got 0"),
    ],
)
def test_two_values_for_one_key_and_a_value_out_of_range_are_refused_by_the_name_that_was_typed(
    given: dict[str, int], message: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        Renamed(**given)

    assert str(refused.value) == message
