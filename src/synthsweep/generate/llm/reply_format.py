"""The format that a server is asked to reply in; pure."""

from typing import Any

# If a server refuses one, in whatever words, the next one is tried.
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
    """OpenAI's parameter `response_format`; None where only the prompt states the format."""
    if name == "json_schema":
        # It names no label, so that a new label does not change every request.
        return {"type": "json_schema", "json_schema": {"name": "examples", "strict": True, "schema": SCHEMA}}
    return {"type": "json_object"} if name == "json_object" else None


def next_format(name: str) -> str | None:
    """The format to try after one that a server refuses; None at the end."""
    after = FORMATS.index(name) + 1 if name in FORMATS else len(FORMATS)
    return FORMATS[after] if after < len(FORMATS) else None
