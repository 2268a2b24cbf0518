import json

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.llm.reply_format import FORMATS, SCHEMA, next_format, response_format
from synthsweep.generate.replies.parse import Parsed, parse_reply


def test_each_format_gives_way_to_a_simpler_one() -> None:
    """Down to the prompt alone; a list has nothing that could be refused."""

    assert [next_format(name) for name in FORMATS] == ["json_object", "json", None]
    assert next_format("list") is None


def test_the_parameter_is_what_openai_calls_it() -> None:
    """Where the prompt alone says it, nothing is sent."""

    assert response_format("json_object") == {"type": "json_object"}
    assert (response_format("json_schema") or {})["type"] == "json_schema"
    assert [response_format("json"), response_format("list")] == [None, None]


def test_strict_mode_takes_the_schema() -> None:
    """It wants every object closed and every property required."""

    parameter = (response_format("json_schema") or {})["json_schema"]
    item = SCHEMA["properties"]["examples"]["items"]  # type: ignore[index]

    assert (parameter["strict"], parameter["schema"]) == (True, SCHEMA)
    for shape in (SCHEMA, item):
        assert shape["additionalProperties"] is False
        assert list(shape["properties"]) == shape["required"]


def test_a_reply_of_that_shape_is_read() -> None:
    """The schema and the parser mean the same."""

    reply = json.dumps({"examples": [{"text": "He waves.", "also": ["B"]}, {"text": "He runs.", "also": []}]})

    assert parse_reply(reply, ["A", "B"]) == [Parsed("He waves.", frozenset("B")), Parsed("He runs.")]


def test_every_format_can_be_configured() -> None:
    """Each fallback is a choice of llm.reply_format too."""

    address = "http://127.0.0.1:1/v1"

    assert [LlmConfig(kind="openai", model="m", base_url=address, reply_format=f).reply_format for f in FORMATS] == list(
        FORMATS
    )
