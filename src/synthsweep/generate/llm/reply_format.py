"""The format that a server is asked to reply in; pure."""

from typing import Any

# A server that does not know one is asked with the next.
FORMATS = ("json_schema", "json_object", "json")
SCHEMA = {
    "type": "object",
    "properties": {
        "examples": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "also": {"type": "array", "items": {"type": "string"}}},
                "required": ["text", "also"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["examples"],
    "additionalProperties": False,
}


def response_format(name: str) -> dict[str, Any] | None:
    """OpenAI's parameter `response_format`; None where the prompt alone says it."""
    if name == "json_schema":
        # It names no label: else adding a label would ask everything anew.
        return {"type": "json_schema", "json_schema": {"name": "examples", "strict": True, "schema": SCHEMA}}
    return {"type": "json_object"} if name == "json_object" else None


def next_format(name: str) -> str | None:
    """The format to try after one that a server refuses; None at the end."""
    after = FORMATS.index(name) + 1 if name in FORMATS else len(FORMATS)
    return FORMATS[after] if after < len(FORMATS) else None
