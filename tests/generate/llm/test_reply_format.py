import json
import re
from typing import Any

import pytest
import yaml

from support.builders import AB, real
from synthsweep.config.compose.folders import shipped
from synthsweep.config.keys.generation import PromptConfig
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.llm.dialects.dialect import body_of, dialect_of
from synthsweep.generate.llm.reply_format import FORMATS, NUMBERED_SCHEMA, SCHEMA, next_format, response_format
from synthsweep.generate.prompts.exemplars import RealTexts
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.replies.parse import Parsed, Rejected, parse_reply


def test_each_format_gives_way_to_a_simpler_one() -> None:
    """Down to the prompt alone; a list has nothing that could be refused."""

    assert [next_format(name) for name in FORMATS] == ["json_object", "json", None]
    assert next_format("list") is None


def test_the_parameter_is_what_openai_calls_it() -> None:
    """Where the prompt alone says it, nothing is sent."""

    assert response_format("json_object") == {"type": "json_object"}
    assert (response_format("json_schema") or {})["type"] == "json_schema"
    assert [response_format("json"), response_format("list")] == [None, None]


@pytest.mark.parametrize(("numbered", "schema"), [(False, SCHEMA), (True, NUMBERED_SCHEMA)])
def test_strict_mode_takes_the_schema(numbered: bool, schema: dict[str, Any]) -> None:
    """It wants every object closed and every property required."""

    parameter = (response_format("json_schema", numbered=numbered) or {})["json_schema"]
    item = schema["properties"]["examples"]["items"]

    assert (parameter["strict"], parameter["schema"]) == (True, schema)
    for shape in (schema, item):
        assert shape["additionalProperties"] is False
        assert list(shape["properties"]) == shape["required"]


def test_a_reply_of_that_shape_is_read() -> None:
    """The schemas and the parser mean the same."""

    texts = [{"text": "He waves.", "also": ["B"]}, {"text": "He runs.", "also": []}]
    numbered = [{"profile": 3, **texts[0]}, {"profile": 1, **texts[1]}]

    assert _read(SCHEMA, texts) == [Parsed("He waves.", frozenset("B")), Parsed("He runs.")]
    assert _read(NUMBERED_SCHEMA, numbered) == [Parsed("He waves.", frozenset("B"), 3), Parsed("He runs.", number=1)]


def _read(schema: dict[str, Any], texts: list[dict[str, Any]]) -> list[Parsed | Rejected]:
    assert {tuple(text) for text in texts} == {tuple(schema["properties"]["examples"]["items"]["required"])}
    return parse_reply(json.dumps({"examples": texts}), ["A", "B"])


@pytest.mark.parametrize("variant", sorted(path.stem for path in (shipped("conf") / "prompt").glob("*.yaml")))
def test_the_schema_is_the_shape_that_the_prompt_shows(variant: str) -> None:
    """A strict server leaves out what the schema does not have, though the prompt asks for it."""

    prompt = PromptConfig(**yaml.safe_load((shipped("conf") / "prompt" / f"{variant}.yaml").read_text()))
    llm = LlmConfig(kind="openai", model="m", base_url="http://127.0.0.1:1/v1", reply_format="json_schema")
    real_texts = [real(str(number), "A", "B", text=f"He waves {number} times.") for number in range(9)]
    request = PromptPlan(prompt, AB, RealTexts(real_texts), "json").request("A", 0)
    [shown] = re.findall(r'\{"examples": \[\{(.*?)\}, \.\.\.\]\}', request.messages[-1].content)
    sent = body_of(llm, request, dialect_of(llm))["response_format"]["json_schema"]["schema"]

    assert re.findall(r'"(\w+)":', shown) == sent["properties"]["examples"]["items"]["required"]


def test_every_format_can_be_configured() -> None:
    """Each fallback is a choice of llm.reply_format too."""

    address = "http://127.0.0.1:1/v1"

    assert [LlmConfig(kind="openai", model="m", base_url=address, reply_format=f).reply_format for f in FORMATS] == list(
        FORMATS
    )
