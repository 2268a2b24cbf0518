from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import AB, run_config
from support.completers import Scripted
from synthsweep.config.keys.generation import PromptConfig
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.llm_parts import PriceConfig, RewriterConfig, SimulatorConfig
from synthsweep.errors import ConfigError
from synthsweep.examples import Criterion, LabelSet
from synthsweep.generate.pool import fill_pool
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.union import Joined, Member, member_configs, member_names

PLAIN = PromptConfig(template="Write {{ n }} about {{ criterion }} as {{ format }}.", per_request=2)
ASKING = PromptPlan(PLAIN, AB)


def scripted(name: str, count: int, *, endless: bool = False, screened: bool = False) -> Scripted:
    """Replies that say whose they are and which: "two-1" is the second of member two."""
    replies = [f"1. {name}-{sample} is a text\n2. {name}-{sample} is another" for sample in range(count)]
    return Scripted({"A": replies, "B": replies[:1]}, endless, name, screened)


def joined(*completers: Scripted, prompt_plan: PromptPlan = ASKING) -> Joined:
    return Joined("both", tuple(Member(completer.name, completer, prompt_plan) for completer in completers))


def answers(union: Joined, label: str, count: int, *, prompt_plan: PromptPlan = ASKING) -> list[str]:
    """`two-1` and the like for the first samples, up to the first that there is none of."""
    found = []
    for sample in range(count):
        completion = union.complete(prompt_plan.request(label, sample))
        if completion is None:
            return found
        found.append(completion.text.split()[1])
    return found


def test_members_answer_in_turns_with_samples_of_their_own() -> None:
    """A union of recordings reads each of them from its beginning."""

    union = joined(scripted("one", 3), scripted("two", 3))

    assert answers(union, "A", 9) == ["one-0", "two-0", "one-1", "two-1", "one-2", "two-2"]


def test_a_member_that_has_no_more_ends_and_the_others_go_on() -> None:
    """For each criterion by itself."""

    union = joined(scripted("one", 1), scripted("two", 4), scripted("three", 2))

    assert answers(union, "A", 9) == ["one-0", "two-0", "three-0", "two-1", "three-1", "two-2", "two-3"]
    assert answers(union, "B", 9) == ["one-0", "two-0", "three-0"]


@given(sizes=st.lists(st.integers(0, 6), min_size=2, max_size=4))
def test_every_prefix_holds_the_members_that_still_answer_at_equal_shares(sizes: list[int]) -> None:
    union = joined(*(scripted(f"m{number}", size) for number, size in enumerate(sizes)))
    order = [answer.partition("-")[0] for answer in answers(union, "A", 30)]

    assert Counter(order) == {f"m{number}": size for number, size in enumerate(sizes) if size}
    for end in range(1, len(order) + 1):
        held = Counter(order[:end])
        running = [held[f"m{number}"] for number, size in enumerate(sizes) if held[f"m{number}"] < size]
        assert not running or max(held.values()) - min(running) <= 1


def test_samples_may_be_asked_for_in_any_order_and_again() -> None:
    """A pool that is read twice is the same."""

    union = joined(scripted("one", 3), scripted("two", 1))
    later = union.complete(ASKING.request("A", 3))

    assert later.text.split()[1] == "one-2"
    assert union.complete(ASKING.request("A", 1)).text.split()[1] == "two-0"
    assert union.complete(ASKING.request("A", 3)) == later


def test_each_member_is_asked_in_its_own_form() -> None:
    """A stored reply is found by the question that was asked, and a server with schemas is asked for JSON."""

    one, two = scripted("one", 1), scripted("two", 1)
    union = Joined("both", (Member("one", one, ASKING), Member("two", two, replace(ASKING, form="json"))))
    answers(union, "A", 2)

    assert [asked.messages[-1].content.split()[-1].strip(".") for asked in (one.asked[0], two.asked[0])] == ["list", "json"]
    assert [one.asked[0].sample, two.asked[0].sample] == [0, 0]


@pytest.mark.parametrize(("n", "parts"), [(4, (2, 2)), (8, (4, 4)), (6, (4, 2)), (5, (3, 2)), (1, (1, 0))])
def test_parts_are_equal_where_whole_rounds_fill_the_pool(n: int, parts: tuple[int, int]) -> None:
    """Turns go by replies, here of two texts; else one member is up to a reply ahead."""

    config = run_config("llm=demo_both", f"generate.n={n}")
    pool = fill_pool(config, ASKING, joined(scripted("one", 5), scripted("two", 5)))
    counts = Counter(e.provenance.llm for e in pool.examples if e.provenance.criterion == "A")

    assert (counts["one"], counts["two"]) == parts


def test_each_text_of_a_pool_names_its_own_llm() -> None:
    """A report can compare the members."""

    config = run_config("llm=demo_both", "generate.n=6")
    pool = fill_pool(config, ASKING, joined(scripted("one", 5, endless=True), scripted("two", 5, endless=True)))

    assert Counter((e.provenance.criterion, e.provenance.llm) for e in pool.examples) == Counter(
        {("A", "one"): 4, ("A", "two"): 2, ("B", "one"): 4, ("B", "two"): 2}
    )
    assert all(e.text.startswith(e.provenance.llm) for e in pool.examples)
    assert len({e.id for e in pool.examples}) == 12


def test_a_union_is_finite_where_all_are_and_screened_where_one_is() -> None:
    """What an LLM wrote is always checked; a pool ends where no member has more."""

    one, two = scripted("one", 1), scripted("two", 1, endless=True, screened=True)

    assert [(union.finite, union.screened) for union in (joined(one), joined(one, two), joined(two))] == [
        (True, False),
        (False, True),
        (False, True),
    ]


def test_a_text_is_read_by_the_request_that_its_llm_was_asked() -> None:
    """Labels, profile and id are those that it has in the member's own pool, whatever the turn."""

    prompt = replace(PLAIN, template="{{ companions }}{{ n }}", companions=1, attributes={"tone": ["dry", "warm", "curt"]})
    config = run_config("llm=demo_both", "generate.n=24")
    prompt_plan = PromptPlan(prompt, LabelSet("abc", tuple(Criterion(label) for label in "ABC")))
    one, two = scripted("one", 6), scripted("two", 6)

    union = fill_pool(config, prompt_plan, joined(one, two, prompt_plan=prompt_plan)).examples
    alone = [fill_pool(config, prompt_plan, member).examples for member in (one, two)]

    assert len({(e.labels, e.provenance.profile) for e in union}) > 2
    assert {e.id: e for pool in alone for e in pool} == {e.id: e for e in union}


def test_members_become_typed_with_the_sections_inside_them() -> None:
    """As if each were a choice of its own."""

    given = {
        "first": {"name": "f", "kind": "openai", "model": "m", "base_url": "http://127.0.0.1:1/v1",
                  "price_per_million": {"input": 1, "output": 2}},
        "second": {"kind": "simulator", "simulator": {"omission": 0.5}},
        "third": {"kind": "eda", "rewriter": {"change": 0.2}},
    }  # fmt: skip
    first, second, third = member_configs(LlmConfig("both", "union", members=given)).values()

    assert (first.model, first.price_per_million) == ("m", PriceConfig(1, 2))
    assert second.simulator == SimulatorConfig(omission=0.5)
    assert third.rewriter == RewriterConfig(change=0.2)


def test_shipped_unions_compose_their_members_from_the_presets_of_their_names() -> None:
    """A preset that changes changes in the union too."""

    for choice, names in (("both", ["gpt-3.5-turbo", "gpt-4"]), ("demo_both", ["recorded", "simulator"])):
        members = member_configs(run_config(f"llm={choice}").llm)
        assert list(members.values()) == [run_config(f"llm={name}").llm for name in names]


def test_a_key_of_a_member_can_be_set_from_the_command_line() -> None:
    """By the path of its section."""

    members = member_configs(run_config("llm=demo_both", "llm.members.second.simulator.omission=0.25").llm)

    assert members["second"].simulator.omission == 0.25


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": 1}, r"^llm\.members\.x\.colour: no such key; llm\.members\.x has .*, simulator\.omission"),
        ({"simulator": {"noise": 1}}, r"^llm\.members\.x\.simulator\.noise: no such key"),
        ({"simulator": 3}, r"^llm\.members\.x\.simulator must be a section with keys of its own, got 3$"),
        ({"temperature": 3}, r"^llm\.members\.x: llm\.temperature must be in \[0, 2\], got 3\.0: sampling temperature"),
        ({"temperature": "hot"}, r"^llm\.members\.x\.temperature must be a number, got hot$"),
        ({"kind": "openai"}, r"^llm\.members\.x: llm\.model must name the LLM"),
        ("gpt-4", r"^llm\.members\.x must be a section with keys of its own, got gpt-4$"),
    ],
)
def test_a_member_that_is_no_llms_description_is_refused_by_its_key(values: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        member_configs(LlmConfig("both", "union", members={"a": {}, "x": values}))


@pytest.mark.parametrize("members", [{}, {"one": {}}])
def test_a_union_of_fewer_than_two_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"^llm\.members must describe at least two LLMs for llm=both, got (none|one)"):
        member_configs(LlmConfig("both", "union", members=members))


def test_members_with_the_same_name_get_their_own_names_too() -> None:
    """One model at two temperatures, say: their texts need different ids."""

    completers = {"cool": scripted("m", 1), "warm": scripted("m", 1), "other": scripted("o", 1)}

    assert member_names(completers) == {"cool": "m (cool)", "warm": "m (warm)", "other": "o"}
