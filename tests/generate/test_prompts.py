import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import AB, run_config
from synthsweep.completer import Message
from synthsweep.config.schema import PromptConfig
from synthsweep.errors import ConfigError
from synthsweep.generate.prompts import FIELDS, render_messages

AGES, PLACES = ["two", "five", "nine"], ["home", "school"]
ATTRIBUTED = PromptConfig("attributed", template="{profiles}", attributes={"place": PLACES, "age": AGES})


def content(template: str, *, n: int = 2, sample: int = 0) -> str:
    return render_messages(PromptConfig(template=template), AB, "A", n=n, sample=sample)[-1].content


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("{n}", "2"),
        ("{text_kind}", "a short note"),
        ("{criterion}", "Alpha: alphas"),
        ("{id}", "A"),
        ("{criteria}", "A Alpha\nB Beta"),
        ("{profiles}", "1. \n2. "),
        ("{{n}}", "{n}"),
    ],
)
def test_each_field_is_filled_from_the_label_set(field, expected):
    """The template alone decides the wording; a doubled brace stands for itself."""

    assert expected == content(field)


def test_a_system_text_is_a_message_of_its_own():
    """Without one the chat is the user's message alone."""

    with_system = render_messages(PromptConfig(system="Be brief.", template="{id}"), AB, "B", n=1, sample=0)

    assert (Message("system", "Be brief."), Message("user", "B")) == with_system
    assert (Message("user", "B"),) == render_messages(PromptConfig(template="{id}"), AB, "B", n=1, sample=0)


@pytest.mark.parametrize("template", ["{count}", "{}", "{0}", "{n", "{n.x}", "{n[0]}", "{n!q}", "{n:z}"])
def test_a_wrong_field_names_those_that_there_are(template):
    """Whatever str.format stumbles over is the template's author's to mend."""

    allowed = re.escape(", ".join(f"{{{name}}}" for name in FIELDS))
    with pytest.raises(ConfigError, match=rf"^prompt\.template may hold the fields {allowed} \(a brace itself is doubled\)"):
        content(template)


@settings(deadline=None, max_examples=40)
@given(n=st.integers(1, 12), sample=st.integers(0, 50))
def test_every_profile_draws_one_value_of_each_attribute(n, sample):
    """The attributes stand in alphabetical order, whatever order the YAML has."""

    lines = render_messages(ATTRIBUTED, AB, "A", n=n, sample=sample)[-1].content.splitlines()

    assert [str(number) for number in range(1, n + 1)] == [line.partition(".")[0] for line in lines]
    for line in lines:
        age, place = re.fullmatch(r"\d+\. age: (\w+); place: (\w+)", line).groups()
        assert age in AGES
        assert place in PLACES


def test_profiles_follow_sample_label_and_variant():
    """Another sample asks for other profiles; the same one asks for the same for ever."""

    other_variant = PromptConfig("other", template="{profiles}", attributes=ATTRIBUTED.attributes)
    first = render_messages(ATTRIBUTED, AB, "A", n=8, sample=0)

    assert first == render_messages(ATTRIBUTED, AB, "A", n=8, sample=0)
    assert first != render_messages(ATTRIBUTED, AB, "A", n=8, sample=1)
    assert first != render_messages(ATTRIBUTED, AB, "B", n=8, sample=0)
    assert first != render_messages(other_variant, AB, "A", n=8, sample=0)


def test_every_value_of_an_attribute_is_drawn_in_time():
    """A draw that favours one value would narrow the pool unseen."""

    text = render_messages(ATTRIBUTED, AB, "A", n=60, sample=0)[-1].content

    assert set(AGES) == set(re.findall(r"age: (\w+)", text))
    assert set(PLACES) == set(re.findall(r"place: (\w+)", text))


@pytest.mark.parametrize("variant", ["plain", "attributed"])
def test_the_shipped_templates_leave_no_field_unfilled(variant):
    """The prompt of conf/prompt names the criterion, the count and the form of the answer."""

    prompt = run_config(f"prompt={variant}").prompt

    text = render_messages(prompt, AB, "A", n=10, sample=0)[-1].content

    assert "{" not in text
    assert "Write 10 different texts." in text
    assert "Alpha: alphas" in text
    assert "numbered list" in text
