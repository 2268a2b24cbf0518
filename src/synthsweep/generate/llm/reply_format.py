"""How a server is told what a reply is to look like; pure."""

from typing import Any

# In the order in which a server that does not know one is asked with the next.
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
        # No label is named in it: adding one would ask everything anew.
        return {"type": "json_schema", "json_schema": {"name": "examples", "strict": True, "schema": SCHEMA}}
    return {"type": "json_object"} if name == "json_object" else None


def next_format(name: str) -> str | None:
    """What a server that refuses a format is asked with instead; None at the end."""
    after = FORMATS.index(name) + 1 if name in FORMATS else len(FORMATS)
    return FORMATS[after] if after < len(FORMATS) else None
