"""Keys that came after runs were kept."""

from dataclasses import dataclass
from typing import ClassVar

from synthsweep.config.acting import acting_values
from synthsweep.config.rules import Section, key


@dataclass(frozen=True)
class Extended(Section):
    section: ClassVar[str] = "extended"
    depth: int = key(3)
    windows: str = key("none", added=True)


def test_an_added_key_counts_only_where_it_differs_from_its_default() -> None:
    """So a run that was kept before the key existed has the key that the same configuration gives now."""
    before, same, changed = {"depth": 3}, {"depth": 3, "windows": "none"}, {"depth": 3, "windows": "max"}

    assert acting_values(Extended, before) == acting_values(Extended, same) == {"depth": 3}
    assert acting_values(Extended, changed) == changed
