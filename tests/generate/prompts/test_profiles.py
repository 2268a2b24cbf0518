import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import AB, run_config
from synthsweep.config.keys.generation import PromptConfig
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.prompts.profiles import draw_profiles

AGES, PLACES = ["two", "five", "nine"], ["home", "school"]
ATTRIBUTED = PromptConfig("attributed", template="{{ profiles }}", attributes={"place": PLACES, "age": AGES})


@settings(deadline=None, max_examples=40)
@given(n=st.integers(1, 12), sample=st.integers(0, 50))
def test_every_profile_draws_one_value_of_each_attribute(n: int, sample: int) -> None:
    """The attributes stand in alphabetical order, whatever order the YAML has."""

    prompt = PromptConfig("attributed", template="{{ profiles }}", per_request=n, attributes=ATTRIBUTED.attributes)

    lines = PromptPlan(prompt, AB).request("A", sample).messages[-1].content.splitlines()

    assert [str(number) for number in range(1, n + 1)] == [line.partition(".")[0] for line in lines]
    for line in lines:
        age, place = re.fullmatch(r"\d+\. age: (\w+); place: (\w+)", line).groups()
        assert age in AGES
        assert place in PLACES


def test_profiles_follow_sample_label_and_variant() -> None:
    """Another sample asks for other profiles; the same one asks for the same for ever."""

    other_variant = PromptConfig("other", attributes=ATTRIBUTED.attributes)
    first = draw_profiles(ATTRIBUTED, "A", 0)

    assert first == draw_profiles(ATTRIBUTED, "A", 0)
    assert first != draw_profiles(ATTRIBUTED, "A", 1)
    assert first != draw_profiles(ATTRIBUTED, "B", 0)
    assert first != draw_profiles(other_variant, "A", 0)
    assert draw_profiles(PromptConfig(), "A", 0) == ()


def test_every_value_of_an_attribute_is_drawn_in_time() -> None:
    """A draw that favours one value would narrow the pool unseen."""

    drawn = [value for sample in range(6) for profile in draw_profiles(ATTRIBUTED, "A", sample) for value in profile]

    assert {*(("age", age) for age in AGES), *(("place", place) for place in PLACES)} == set(drawn)


@settings(deadline=None, max_examples=40)
@given(n=st.integers(1, 12), sample=st.integers(0, 50))
def test_distinct_values_are_repeated_only_once_all_were_drawn(n: int, sample: int) -> None:
    """Within a request: ten texts about the same age would be one text written ten times."""

    prompt = PromptConfig("some", per_request=n, attributes=ATTRIBUTED.attributes, distinct=True)

    drawn = [dict(profile) for profile in draw_profiles(prompt, "A", sample)]

    for name, values in ATTRIBUTED.attributes.items():
        times = Counter(profile[name] for profile in drawn)
        assert max(times.values()) - min(times.get(value, 0) for value in values) <= 1


@settings(deadline=None, max_examples=40)
@given(sample=st.integers(0, 50), distinct=st.booleans())
def test_values_that_do_not_fit_each_other_never_meet(sample: int, distinct: bool) -> None:
    """Whatever the alphabetical order of the attributes is, and whatever condition depends on another."""

    when = {"age": {"two": {"speech": ["none"]}}, "speech": {"fluent": {"zone": ["shop"]}}}
    attributes = {"age": AGES, "speech": ["none", "fluent"], "zone": ["shop", "home"]}
    prompt = PromptConfig("some", per_request=12, attributes=attributes, when=when, distinct=distinct)

    profiles = [dict(profile) for profile in draw_profiles(prompt, "A", sample)]

    assert len(profiles) == 12
    for profile in profiles:
        assert list(profile) == ["age", "speech", "zone"]
        assert profile["age"] != "two" or profile["speech"] == "none"
        assert profile["speech"] != "fluent" or profile["zone"] == "shop"


def test_a_value_may_be_for_some_criteria_alone() -> None:
    """An attribute of which nothing fits is left out of the profile."""

    when = {"topic": {"trains": {"label": ["A"]}, "maps": {"label": ["A", "C"]}}}
    prompt = PromptConfig("some", per_request=9, attributes={"topic": ["trains", "maps"], "place": PLACES}, when=when)

    topics = {label: {dict(one).get("topic") for one in draw_profiles(prompt, label, 0)} for label in "ABC"}

    assert topics == {"A": {"trains", "maps"}, "B": {None}, "C": {"maps"}}


def test_numbers_and_truth_values_of_a_yaml_file_are_texts() -> None:
    """As OmegaConf reads the attributes themselves."""

    when = {"words": {5: {"spoken": [True]}}}
    prompt = PromptConfig("some", per_request=12, attributes={"words": ["5", "9"], "spoken": ["True", "False"]}, when=when)

    drawn = {(dict(one)["words"], dict(one)["spoken"]) for one in draw_profiles(prompt, "A", 0)}

    assert ("5", "False") not in drawn
    assert ("5", "True") in drawn


def test_the_shipped_profiles_do_not_contradict_themselves() -> None:
    """No fluent speaker of 18 months, no school report of a toddler, and no class in a home."""

    prompt = run_config("prompt=detailed").prompt
    profiles = [dict(one) for sample in range(40) for one in PromptPlan(prompt, AB).request("A", sample).profiles]

    assert all(len(profile) == len(prompt.attributes) for profile in profiles)
    young = [profile for profile in profiles if profile["age"] == "18 to 30 months"]
    assert young
    assert not {profile["language"] for profile in young} & {"full sentences", "fluent and precise"}
    assert not [profile for profile in young if profile["record"] == "school report" or profile["setting"] == "classroom"]
