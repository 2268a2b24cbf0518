"""Which values of an attribute fit together in a profile: `prompt.when`.

    when:
      language:
        fluent speech: {age: [5 to 6 years, 7 to 9 years]}
      topic:
        trains: {label: [B3]}

A value that is not listed fits always. `label` stands for the criterion that is asked for.
"""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from synthsweep.errors import ConfigError

LABEL = "label"
FORM = "takes ATTRIBUTE: {VALUE: {OTHER_ATTRIBUTE: [VALUES]}}"


def fits(when: Mapping[str, Any], name: str, value: str, drawn: Mapping[str, str]) -> bool:
    """Whether a value may stand beside what is drawn already; an attribute that was left out fits nothing."""
    conditions = _by_text(when.get(name, {})).get(value, {})
    return all(drawn.get(str(other)) in {str(one) for one in allowed} for other, allowed in conditions.items())


def in_order(attributes: Mapping[str, Sequence[str]], when: Mapping[str, Any]) -> list[str]:
    """The attributes, each after those that its values depend on, otherwise in alphabetical order."""
    sorter = TopologicalSorter({name: sorted(_depends_on(when, name)) for name in sorted(attributes)})
    sorter.prepare()
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += ready
        sorter.done(*ready)
    return ordered


def require_conditions(attributes: Mapping[str, Sequence[str]], when: Mapping[str, Any]) -> None:
    """Raises ConfigError for a condition that has another form, names what there is not, or depends on itself."""
    for name, values in when.items():
        _require_known(f"prompt.when.{name}", name, attributes, "prompt.attributes")
        for value, others in _by_text(_mapping(f"prompt.when.{name}", values)).items():
            where = f"prompt.when.{name}.{value}"
            _require_known(where, value, attributes[name], f"prompt.attributes.{name}")
            for other, allowed in _by_text(_mapping(where, others)).items():
                _require_allowed(f"{where}.{other}", other, allowed, attributes)
    try:
        in_order(attributes, when)
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise ConfigError(f"prompt.when: {circle} depends on itself in a circle: leave out one condition") from error


def _require_allowed(where: str, other: str, allowed: Any, attributes: Mapping[str, Sequence[str]]) -> None:
    if not isinstance(allowed, (list, tuple)) or not allowed:
        raise ConfigError(f"{where} must be a list of values, got {allowed!r}")
    if other == LABEL:
        return
    _require_known(where, other, attributes, "prompt.attributes")
    for one in allowed:
        _require_known(where, str(one), attributes[other], f"prompt.attributes.{other}")


def _require_known(where: str, name: Any, known: Mapping[str, Any] | Sequence[str], place: str) -> None:
    if name not in known:
        raise ConfigError(f"{where}: {name!r} is not in {place}, which has {', '.join(known) or 'none'}")


def _mapping(where: str, values: Any) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} {FORM}, got {values!r}")
    return values


def _depends_on(when: Mapping[str, Any], name: str) -> set[str]:
    return {str(other) for others in when.get(name, {}).values() for other in others if other != LABEL}


def _by_text(values: Mapping[Any, Any]) -> Mapping[str, Any]:
    """YAML reads 5 and yes as a number and a truth value, the values of attributes are texts."""
    return {str(value): others for value, others in values.items()}
