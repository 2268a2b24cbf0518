import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import AB, real
from synthsweep.config.keys.generation import PromptConfig
from synthsweep.errors import PoolError
from synthsweep.examples import Criterion, LabelSet
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.prompts.exemplars import RealTexts
from synthsweep.generate.prompts.plan import MOST_ROUNDS, PromptPlan, most_samples

PLAIN = PromptConfig(template="{{ n }} of {{ criterion }}", per_request=4)
ATTRIBUTED = PromptConfig("attributed", template="{{ profiles }}", per_request=4, attributes={"age": list("abcdefgh")})
LISTING = PromptConfig(
    "listing", template="{{ criterion }} among {{ criteria }}: {{ profiles }}", attributes={"age": ["2", "5"]}
)
ABC = LabelSet("abc", (*AB.criteria, Criterion("C", "Gamma")), AB.text_kind)

prompts = st.sampled_from([PLAIN, ATTRIBUTED, LISTING])


def asked(prompt: PromptConfig, label: str, samples: int, labels: LabelSet = AB) -> list[CompletionRequest]:
    return [PromptPlan(prompt, labels).request(label, sample) for sample in range(samples)]


@settings(deadline=None, max_examples=40)
@given(prompt=prompts, label=st.sampled_from("AB"), samples=st.integers(0, 5))
def test_every_label_gets_its_samples_in_order(prompt: PromptConfig, label: str, samples: int) -> None:
    """A request says what it asks for without being rendered again."""

    requests = asked(prompt, label, samples)

    assert [(request.criterion, request.sample) for request in requests] == [(label, sample) for sample in range(samples)]
    assert all(request.n == prompt.per_request for request in requests)
    assert {prompt.variant} >= {request.variant for request in requests}


@settings(deadline=None, max_examples=40)
@given(prompt=prompts, label=st.sampled_from("AB"), few=st.integers(0, 5), more=st.integers(0, 5))
def test_more_samples_only_append_to_a_labels_own(prompt: PromptConfig, label: str, few: int, more: int) -> None:
    """A pool that grows keeps every request that it had."""

    assert asked(prompt, label, few) == asked(prompt, label, few + more)[:few]


def test_samples_of_a_plain_prompt_are_one_request_and_of_an_attributed_one_are_not() -> None:
    """The digest is of what the LLM reads: new profiles make a new prompt, a new sample alone does not."""

    plain, attributed = (
        {request.digest for label in AB.ids for request in asked(prompt, label, 3)} for prompt in (PLAIN, ATTRIBUTED)
    )

    assert len(plain) == 2
    assert len(attributed) == 6


@settings(deadline=None, max_examples=40)
@given(prompt=prompts, label=st.sampled_from("AB"), sample=st.integers(0, 9))
def test_a_criterion_that_is_added_leaves_the_digests_of_the_others(prompt: PromptConfig, label: str, sample: int) -> None:
    """What was paid for one label set serves the larger one, though the LLM reads a longer list from now on."""

    fewer, more = (PromptPlan(prompt, labels).request(label, sample) for labels in (AB, ABC))

    assert fewer.digest == more.digest
    assert (fewer.messages == more.messages) == (prompt is not LISTING)


@pytest.mark.parametrize(
    "change",
    [{"template": "Write {{ n }} on {{ criterion }}"}, {"per_request": 5}, {"system": "Be brief."}],
    ids=["template", "per_request", "system"],
)
def test_another_question_has_another_digest(change: dict[str, object]) -> None:
    """A stored reply must answer what is asked."""

    parts = {"template": PLAIN.template, "per_request": PLAIN.per_request} | change

    assert asked(PLAIN, "A", 1)[0].digest != asked(PromptConfig(**parts), "A", 1)[0].digest


def test_a_criterion_of_other_words_is_another_question() -> None:
    """Its description is what the LLM writes by."""

    reworded = LabelSet("ab", (Criterion("A", "Alpha", "other words"), AB.criteria[1]), AB.text_kind)

    assert asked(PLAIN, "A", 1)[0].digest != asked(PLAIN, "A", 1, reworded)[0].digest
    assert asked(PLAIN, "B", 1)[0].digest == asked(PLAIN, "B", 1, reworded)[0].digest


def test_a_template_that_holds_a_text_of_dev_or_test_is_refused() -> None:
    """The pool would be written after the text that a model is judged by."""

    held_out = [real("d7", "A", text="He lines up his cars by colour.")]
    prompt = PromptConfig("leaky", template="Like: he lines up his cars, by COLOUR! Write {{ n }}.")

    with pytest.raises(PoolError, match=r"^prompt=leaky holds the text of example d7, which dev or test is judged on"):
        PromptPlan(prompt, AB, RealTexts((), held_out)).request("A", 0)


@settings(deadline=None)
@given(n=st.integers(1, 300), per_request=st.integers(1, 100))
def test_rejected_texts_are_made_up_for_within_a_limit(n: int, per_request: int) -> None:
    """A prompt that is always refused must not be paid for without end."""

    most = most_samples(n, per_request)

    assert n * MOST_ROUNDS <= most * per_request < (n + per_request) * MOST_ROUNDS
