from hypothesis import given, settings
from hypothesis import strategies as st

from builders import AB
from synthsweep.config.schema import PromptConfig
from synthsweep.generate.plan import plan_requests

PLAIN = PromptConfig(template="{n} of {criterion}", per_request=4)
ATTRIBUTED = PromptConfig("attributed", template="{profiles}", per_request=4, attributes={"age": list("abcdefgh")})

counts = st.fixed_dictionaries({"A": st.integers(0, 5), "B": st.integers(0, 5)})


@settings(deadline=None, max_examples=40)
@given(samples=counts)
def test_every_label_gets_its_samples_in_the_order_of_the_labels(samples):
    """A request says what it asks for without being rendered again."""

    plan = plan_requests(PLAIN, AB, samples.__getitem__)

    assert [(label, sample) for label in "AB" for sample in range(samples[label])] == [(r.criterion, r.sample) for r in plan]
    assert all(request.n == 4 for request in plan)


@settings(deadline=None, max_examples=40)
@given(fewer=counts, more=counts)
def test_more_samples_only_append_to_a_labels_own(fewer, more):
    """A pool that grows keeps every request that it had."""

    total = {label: fewer[label] + more[label] for label in fewer}
    small, large = (plan_requests(ATTRIBUTED, AB, samples.__getitem__) for samples in (fewer, total))

    for label in AB.ids:
        short, long = ([r for r in plan if r.criterion == label] for plan in (small, large))
        assert short == long[: len(short)]


def test_samples_of_a_plain_prompt_are_one_request_and_of_an_attributed_one_are_not():
    """The digest is of what the LLM reads: new profiles make a new prompt, a new sample alone does not."""

    plain = {request.digest for request in plan_requests(PLAIN, AB, lambda label: 3)}
    attributed = {request.digest for request in plan_requests(ATTRIBUTED, AB, lambda label: 3)}

    assert 2 == len(plain)
    assert 6 == len(attributed)
