"""The format that a server is asked to reply in; pure."""

from typing import Any

# If a server refuses one, in whatever words, the next one is tried.
FORMATS = ("json_schema", "json_object", "json")
TEXT = {"text": {"type": "string"}, "also": {"type": "array", "items": {"type": "string"}}}
NUMBER = {"profile": {"type": "integer"}}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    """An object of strict mode, which wants every property required and no other."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _schema(item: dict[str, Any]) -> dict[str, Any]:
    return _closed({"examples": {"type": "array", "items": _closed(item)}})


# They name no label, so that a new label does not change every request.
SCHEMA, NUMBERED_SCHEMA = _schema(TEXT), _schema({**NUMBER, **TEXT})


def response_format(name: str, *, numbered: bool = False) -> dict[str, Any] | None:
    """OpenAI's parameter `response_format`; None where only the prompt states the format.

    `numbered`: the prompt asks that each text carries the number of its profile.
    """
    if name == "json_schema":
        schema = NUMBERED_SCHEMA if numbered else SCHEMA
        return {"type": "json_schema", "json_schema": {"name": "examples", "strict": True, "schema": schema}}
    return {"type": "json_object"} if name == "json_object" else None


def next_format(name: str) -> str | None:
    """The format to try after one that a server refuses; None at the end."""
    after = FORMATS.index(name) + 1 if name in FORMATS else len(FORMATS)
    return FORMATS[after] if after < len(FORMATS) else None
