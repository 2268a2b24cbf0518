import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import AB, real, run_config
from synthsweep.config.compose.folders import shipped
from synthsweep.config.keys.generation import PromptConfig
from synthsweep.errors import ConfigError
from synthsweep.examples import Criterion, Example, LabelSet
from synthsweep.generate.completer import Completion, CompletionRequest, Message
from synthsweep.generate.prompts.exemplars import RealTexts
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.prompts.render import FIELDS, Draws, draw_companions, draw_persona, render_messages
from synthsweep.generate.replies.parse import Rejected
from synthsweep.generate.replies.reply_parser import ReplyParser

ABCD = LabelSet("abcd", (*AB.criteria, Criterion("C", "Gamma", "gammas"), Criterion("D", "Delta", "deltas")), AB.text_kind)
VARIANTS = sorted(file.stem for file in shipped("conf/prompt").glob("*.yaml"))
DRAWS = Draws(
    ((("age", "two"),), (("age", "five"),)), "a nurse", ("B",), (real("1", text="One\n two."),), real("2", text="Three\nfour.")
)


def content(template: str, draws: Draws = DRAWS, **options: str) -> str:
    return render_messages(PromptConfig(template=template, per_request=2), AB, "A", draws, **options)[-1].content


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("{{ n }}", "2"),
        ("{{ text_kind }}", "a short note"),
        ("{{ criterion }}", "Alpha: alphas"),
        ("{{ id }}", "A"),
        ("{{ definition }}", "A Alpha: alphas"),
        ("{{ criteria }}", "A Alpha\nB Beta"),
        ("{{ definitions }}", "A Alpha: alphas\nB Beta: betas"),
        ("{{ profiles }}", "1. age: two\n2. age: five"),
        ("{{ persona }}", "a nurse"),
        ("{% for other in companions %}{{ other }}{% endfor %}", "B Beta: betas"),
        ("{% for text in exemplars %}{{ text }}{% endfor %}", "One two."),
        ("{{ source }}", "Three four."),
        ("{{ format }}", "list"),
        ("{n} {{ '{{' }}", "{n} {{"),
    ],
)
def test_each_field_is_filled_from_the_label_set_and_the_draws(field: str, expected: str) -> None:
    """The template alone decides the wording; a brace stands for itself."""

    assert content(field) == expected


def test_every_field_is_there_in_every_prompt() -> None:
    """What is not drawn is empty, so that a template may ask whether it is."""

    rendered = content("".join(f"[{{{{ {field} }}}}]" for field in FIELDS), Draws(), form="json")

    definitions = "[A Alpha: alphas][A Alpha\nB Beta][A Alpha: alphas\nB Beta: betas]"
    assert rendered == f"[2][a short note][Alpha: alphas][A]{definitions}[][][[]][[]][][[]][json]"


def test_a_system_text_is_a_message_of_its_own() -> None:
    """Without one the chat is the user's message alone."""

    with_system = render_messages(PromptConfig(system="Be brief.", template="{{ id }}"), AB, "B", Draws())

    assert with_system == (Message("system", "Be brief."), Message("user", "B"))
    assert render_messages(PromptConfig(template="{{ id }}"), AB, "B", Draws()) == (Message("user", "B"),)


@pytest.mark.parametrize(
    "template",
    [
        "{{ count }}",
        "{{}}",
        "{{ n",
        "{{ n.x.y }}",
        "{{ n | nothing }}",
        "{% if %}",
        "{{ n / 0 }}",
        "{{ n + id }}",
        "{% include 'x' %}",
    ],
)
def test_a_wrong_template_names_the_fields_that_there_are(template: str) -> None:
    """Whatever Jinja2 stumbles over is the template's author's to mend."""

    rule = re.escape(f"prompt.template must be a Jinja2 template of the fields {', '.join(FIELDS)}, got a wrong one: ")
    with pytest.raises(ConfigError, match=f"^{rule}") as refused:
        content(template)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    "template", ["{{ id.__class__.__mro__ }}", "{{ exemplars.append(1) }}", "{{ ''.__class__.__base__.__subclasses__() }}"]
)
def test_a_template_does_not_reach_python(template: str) -> None:
    """A prompt file may come from somebody else."""

    with pytest.raises(ConfigError, match=r"got a wrong one: .*(unsafe|not safely)"):
        content(template)


def test_personas_take_turns_by_sample() -> None:
    """Who speaks is drawn for each request, and the same request has the same one."""

    prompt = PromptConfig("persona", personas=["a nurse", "a teacher", "a parent"])
    drawn = [draw_persona(prompt, "A", sample) for sample in range(30)]

    assert set(prompt.personas) == set(drawn)
    assert drawn == [draw_persona(prompt, "A", sample) for sample in range(30)]
    assert draw_persona(PromptConfig(), "A", 0) == ""


@settings(deadline=None, max_examples=40)
@given(count=st.integers(0, 6), label=st.sampled_from("ABCD"), sample=st.integers(0, 50))
def test_companions_are_other_criteria_in_the_order_of_the_labels(count: int, label: str, sample: int) -> None:
    """As many as are asked for, as far as there are others."""

    drawn = draw_companions(PromptConfig("multilabel", companions=count), ABCD, label, sample)

    assert min(count, 3) == len(drawn)
    assert label not in drawn
    assert list(drawn) == [name for name in ABCD.ids if name in drawn]


def test_every_other_criterion_is_a_companion_in_time() -> None:
    """Pairs that never occur would be pairs that a classifier never sees."""

    drawn = Counter(draw_companions(PromptConfig("multilabel", companions=1), ABCD, "A", sample) for sample in range(60))

    assert set(drawn) == {("B",), ("C",), ("D",)}
    assert min(drawn.values()) >= 10


def carriers() -> RealTexts:
    return RealTexts([real(f"r{number}", "A", *"B" * (number % 2), text=f"Real text number {number}.") for number in range(8)])


def shipped_asking(variant: str, form: str = "list") -> PromptPlan:
    return PromptPlan(run_config(f"prompt={variant}").prompt, AB, carriers(), form)


def read(request: CompletionRequest, reply: str) -> list[Example | Rejected]:
    return ReplyParser(AB.ids, request.variant).read(request, Completion(reply, "llm"))


@pytest.mark.parametrize("form", ["list", "json"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_shipped_templates_leave_no_field_unfilled(variant: str, form: str) -> None:
    """Each prompt of conf/prompt names the count, what it is about, and the form of the answer alone."""

    request = shipped_asking(variant, form).request("A", 0)
    text = request.messages[-1].content

    assert [message.role for message in request.messages] == ["system", "user"]
    assert not re.search(r"\{[{%#]|[}%#]\}|\n\n|\[\]\.|None", text)
    assert re.search(rf"\b{request.n}\b", text)
    assert ("Alpha: alphas" in text) == (variant != "rewrite")
    assert (form == "list") == ("numbered list" in text)
    assert (form == "json") == bool(re.search(r'\{"examples": \[\{("profile": 1, )?"text": "...", "also": \[', text))
    # A missing text must not shift the profiles of the others. The recorded replies answer prompt=attributed as it stands.
    assert request.numbered == bool(request.profiles and variant not in {"attributed", "persona"})
    if request.numbered:
        assert ('"profile": 1' if form == "json" else "number i is the text of profile i") in text


@pytest.mark.parametrize("variant", ["attributed", "contrastive", "detailed", "few_shot", "multilabel", "persona"])
@pytest.mark.parametrize(("form", "named"), [("list", "[also: ID"), ("json", '"also": ["ID", ...]')])
def test_prompts_that_let_a_reply_add_labels_list_them(variant: str, form: str, named: str) -> None:
    """An LLM cannot name what its prompt does not, and takes a bare name for what it likes."""

    text = shipped_asking(variant, form).request("A", 0).messages[-1].content

    # The recorded replies answer prompt=attributed as it stands.
    assert ("A Alpha\nB Beta" if variant == "attributed" else "A Alpha: alphas\nB Beta: betas") in text
    assert named in text


@pytest.mark.parametrize("variant", ["attributed", "few_shot", "persona", "plain"])
def test_most_prompts_give_a_text_the_asked_label_and_those_that_it_names(variant: str) -> None:
    """One criterion is asked for; what else a text shows, the reply says."""

    request = shipped_asking(variant).request("A", 0)

    assert [piece.labels for piece in read(request, "1. One.\n2. Two. [also: B]")] == [{"A"}, {"A", "B"}]


def test_multilabel_gives_a_text_all_criteria_that_were_asked_for() -> None:
    """The companion stands in the prompt, so the reply need not repeat it."""

    request = shipped_asking("multilabel").request("A", 0)

    assert "- A Alpha: alphas\n- B Beta: betas" in request.messages[-1].content
    assert [piece.labels for piece in read(request, "1. One.")] == [{"A", "B"}]


def test_multilabel_lists_labels_that_have_no_name_once_each() -> None:
    """As a table with a column per label gives them."""

    labels = LabelSet("mine", (Criterion("card"), Criterion("fee")), "a short text")
    prompt = PromptPlan(shipped_asking("multilabel").prompt, labels).request("card", 0).messages[-1].content

    assert "- card\n- fee\n" in prompt


@pytest.mark.parametrize("variant", ["plain", "rewrite", "few_shot_class", "diverse_class"])
def test_prompts_for_labels_of_any_kind_speak_of_no_child(variant: str) -> None:
    """An LLM that is asked for messages to a bank would write of toddlers."""

    prompt = shipped_asking(variant).prompt

    assert not re.search(
        r"child|\bboy\b|girl|year-old|clinic|behaviour", f"{prompt.system} {prompt.template} {prompt.attributes}"
    )


def test_negative_gives_no_label_and_takes_no_text_that_shows_one() -> None:
    """A negative that names a criterion is none."""

    request = shipped_asking("negative").request("A", 0)

    pieces = read(request, "1. One.\n2. Two. [also: B]\n3. Three. [also: A]")

    assert pieces[0].labels == frozenset()
    assert pieces[1:] == [Rejected("shows a criterion", "Two."), Rejected("shows a criterion", "Three.")]
    assert all("kind" in dict(profile) for profile in request.profiles)


def test_contrastive_takes_the_labels_of_the_reply_and_rejects_the_asked_one() -> None:
    """A near miss may show another criterion; one that shows the criterion itself is no miss."""

    request = shipped_asking("contrastive").request("A", 0)

    pieces = read(request, "1. One.\n2. Two. [also: B]\n3. Three. [also: A, B]")

    assert [piece.labels for piece in pieces[:2]] == [frozenset(), {"B"}]
    assert pieces[2] == Rejected("shows the criterion", "Three.")


def test_few_shot_shows_as_many_real_texts_as_it_says_and_names_them() -> None:
    """Provenance says which real texts a synthetic one was written after."""

    prompt_plan = shipped_asking("few_shot")
    request = prompt_plan.request("A", 0)

    shown = {example.id for example in prompt_plan.real.train if f"- {example.text}\n" in request.messages[-1].content}
    assert set(request.sources) == shown
    assert prompt_plan.prompt.exemplars == len(shown)
    assert request.sources == read(request, "1. One.")[0].provenance.sources


def test_rewrite_keeps_the_labels_of_the_text_that_it_shows() -> None:
    """A paraphrase is evidence for what its source is evidence for, asked or not."""

    prompt_plan = shipped_asking("rewrite")
    sources = {example.id: example for example in prompt_plan.real.train}

    for sample in range(12):
        request = prompt_plan.request("A", sample)
        source = sources[request.sources[0]]
        assert source.text in request.messages[-1].content
        assert [source.labels] == [piece.labels for piece in read(request, "1. One.")]
    assert prompt_plan.shows_real_text


def test_persona_speaks_in_the_system_text_and_stands_in_each_profile() -> None:
    """So a pool can be compared by who was made to speak."""

    request = shipped_asking("persona").request("A", 0)

    assert request.n == len(request.profiles)
    personas = {dict(profile)["persona"] for profile in request.profiles}
    assert {f"You are {speaker}. Every person in what you write is fictional." for speaker in personas} == {
        request.messages[0].content
    }


def test_only_prompts_that_show_real_texts_say_so() -> None:
    """Whether a text may leave this machine is asked by it."""

    showing = ["few_shot", "few_shot_class", "rewrite"]
    assert [variant for variant in VARIANTS if shipped_asking(variant).shows_real_text] == showing
    assert all(not shipped_asking(variant).request("A", 0).sources for variant in VARIANTS if variant not in showing)
