import re
from collections import Counter, deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import AB, run_config
from synthsweep.config.keys.generation import PromptConfig
from synthsweep.examples import Criterion, LabelSet
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.missing import MissingAnswers, MissingTexts
from synthsweep.generate.prompts.plan import PromptPlan, most_samples
from synthsweep.generate.replies.parse import Rejected
from synthsweep.generate.replies.reply_parser import ReplyParser

PER_REQUEST = 4
PROMPT = PromptConfig(template="{{ criterion }}", per_request=PER_REQUEST)
PARSER = ReplyParser(("A", "B", "C"), "plain")
ABC = LabelSet("abc", (*AB.criteria, Criterion("C", "Gamma")), AB.text_kind)


def reply(good: int, bad: int = 0) -> Completion:
    lines = [f"{number}. Text {number}." for number in range(1, good + 1)]
    return Completion("\n".join([*lines, *(f"{number}. [also: A]" for number in range(bad))]) or "Nothing.", "llm")


@dataclass
class Store:
    """What was answered so far, by digest and sample, as the reply store keeps it."""

    replies: dict[tuple[str, int], Completion] = field(default_factory=dict)

    def lookup(self, request: CompletionRequest) -> Completion | None:
        return self.replies.get((request.digest, request.sample))

    def keep(self, request: CompletionRequest, completion: Completion) -> None:
        self.replies[request.digest, request.sample] = completion


def missing_texts(n: int, store: Store | None = None, labels: LabelSet = AB) -> MissingTexts:
    return MissingTexts(PromptPlan(PROMPT, labels), PARSER, n, (store or Store()).lookup)


def fill(job: MissingTexts, store: Store, good: dict[str, list[int]], requests: int | None = None) -> Counter[str]:
    """Answers what is missing with `good` texts per reply in turn, the last number for ever; counts requests per criterion."""
    queue: deque[CompletionRequest] = job.begin()
    asked: Counter[str] = Counter()
    while queue and (requests is None or asked.total() < requests):
        request = queue.popleft()
        counts = good[request.criterion]
        found = counts[min(request.sample, len(counts) - 1)]
        completion = reply(found, PER_REQUEST - found)
        asked[request.criterion] += 1
        store.keep(request, completion)
        queue.extend(job.on_reply(request, completion))
    return asked


@pytest.mark.parametrize(("n", "requests"), [(1, 1), (4, 1), (5, 2), (9, 3)])
def test_no_more_is_asked_than_the_texts_need(n: int, requests: int) -> None:
    """Every request is paid for."""

    job, store = missing_texts(n), Store()

    assert fill(job, store, {"A": [4], "B": [4]}) == {"A": requests, "B": requests}
    assert job.complete
    assert (2 * n, 2 * n) == (job.done, job.total)
    assert job.short == {}


def test_criteria_take_turns() -> None:
    """A job that is stopped leaves no criterion behind."""

    assert [(r.criterion, r.sample) for r in missing_texts(8).begin()] == [("A", 0), ("B", 0), ("A", 1), ("B", 1)]


def test_a_rejected_text_is_made_up_for_by_a_further_sample() -> None:
    """It is asked for once its reply is there, and no sooner."""

    job = missing_texts(4)
    first = job.begin()[0]

    more = job.on_reply(first, reply(3, bad=1))

    assert [(request.criterion, request.sample) for request in more] == [("A", 1)]
    assert job.short == {"A": 3, "B": 0}
    assert job.rejected == {"empty text": 1}
    assert job.on_reply(more[0], reply(1)) == []
    assert job.short == {"B": 0}


def test_a_criterion_that_is_always_rejected_is_given_up() -> None:
    """An LLM that refuses would otherwise be paid without end; the others are filled all the same."""

    job = missing_texts(9)

    asked = fill(job, Store(), {"A": [0], "B": [4]})

    assert {"A": most_samples(9, PER_REQUEST), "B": 3} == asked
    assert job.short == {"A": 0}
    assert not job.complete


def test_what_is_under_way_is_not_asked_for_twice() -> None:
    """Only when the last reply is there is it certain that a text is missing."""

    job = missing_texts(7)
    first, second = (request for request in job.begin() if request.criterion == "A")

    assert job.on_reply(first, reply(3, bad=1)) == []
    assert [request.sample for request in job.on_reply(second, reply(3, bad=1))] == [2]


def test_a_request_that_was_given_up_is_the_first_of_the_next_job() -> None:
    """The server failed, so there is nothing to be paid for twice."""

    job = missing_texts(4)
    first = job.begin()[0]

    job.on_failure(first)

    assert not job.complete
    assert first == job.begin()[0]


def test_beginning_again_counts_anew_what_is_stored() -> None:
    """A pool that is full asks nothing; another process may have filled it meanwhile."""

    store = Store()
    fill(missing_texts(9, store), store, {"A": [4], "B": [2, 4]})
    job = missing_texts(9, store)

    for _ in range(2):
        assert job.begin() == deque()
        assert (job.done, job.stored) == (18, 6)
        assert job.rejected == {"empty text": 2}
    assert job.complete


def test_a_larger_pool_asks_for_its_end_alone() -> None:
    """What a smaller one paid for is part of it."""

    store = Store()
    fill(missing_texts(4, store), store, {"A": [4], "B": [4]})

    assert [(r.criterion, r.sample) for r in missing_texts(8, store).begin()] == [("A", 1), ("B", 1)]


def test_a_criterion_that_is_added_is_asked_for_alone() -> None:
    """The replies to the others answer the question still."""

    store = Store()
    fill(missing_texts(8, store), store, {"A": [4], "B": [4]})

    assert [(r.criterion, r.sample) for r in missing_texts(8, store, ABC).begin()] == [("C", 0), ("C", 1)]


@pytest.mark.parametrize("variant", ["plain", "attributed", "persona", "contrastive"])
@pytest.mark.parametrize("form", ["list", "json"])
def test_a_criterion_that_is_added_asks_nothing_anew_under_the_shipped_prompts(variant: str, form: str) -> None:
    """The prompt of attributed lists all criteria in its prompt, and its replies are kept all the same."""

    prompt = run_config(f"prompt={variant}").prompt
    fewer, more = (
        {
            (r.criterion, r.sample): r.digest
            for r in MissingTexts(PromptPlan(prompt, labels, form=form), PARSER, 30, Store().lookup).begin()
        }
        for labels in (AB, ABC)
    )

    assert len(fewer) == 6
    assert fewer == {place: digest for place, digest in more.items() if place[0] != "C"}


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 20),
    good=st.fixed_dictionaries({label: st.lists(st.integers(0, 4), min_size=1, max_size=12) for label in "AB"}),
    killed=st.none() | st.integers(0, 8),
)
def test_a_pool_comes_to_the_same_requests_whether_or_not_it_was_interrupted(
    n: int, good: dict[str, list[int]], killed: int | None
) -> None:
    """Each is asked once, at most so many a criterion, and never one after the pool was full without it."""

    store = Store()
    asked = fill(missing_texts(n, store), store, good, killed)
    job = missing_texts(n, store)
    asked += fill(job, store, good)

    assert asked == fill(missing_texts(n), Store(), good)
    assert asked.total() == len(store.replies)
    for label in AB.ids:
        counts = [good[label][min(sample, len(good[label]) - 1)] for sample in range(asked[label])]
        assert asked[label] <= most_samples(n, PER_REQUEST)
        assert sum(counts) >= n or asked[label] == most_samples(n, PER_REQUEST)
        assert sum(counts[:-1]) < n


def test_each_question_to_a_judge_is_answered_once_usable_or_not() -> None:
    """An answer of no use was paid for, too; one that is stored is not asked for."""

    store, requests = Store(), [PromptPlan(PROMPT, AB).request("A", sample) for sample in range(3)]
    store.keep(requests[0], Completion("A", "llm"))
    job = MissingAnswers(requests, lambda done: frozenset(done.text) if done.text else Rejected("no answer", ""), store.lookup)
    first, second = job.begin()

    assert (first, second, job.done, job.total) == (requests[1], requests[2], 1, 3)
    assert job.on_reply(first, Completion("", "llm")) == []
    assert (job.done, job.complete, job.rejected) == (2, False, {"no answer": 1})
    job.on_failure(second)
    assert list(job.begin()) == [first, second]


DIVERSE = PromptConfig("diverse", template="{{ n }} {{ criterion }}; {{ openings | join('; ') }}", per_request=4, openings=9)
TEXT = re.compile(r"Note [AB]\d+-\d+")


def notes(request: CompletionRequest, good: int) -> Completion:
    lines = [f"{line}. Note {request.criterion}{request.sample}-{line} of somebody." for line in range(1, good + 1)]
    return Completion("\n".join(lines) or "[]", "llm")


def diverse(n: int, store: Store) -> MissingTexts:
    return MissingTexts(PromptPlan(DIVERSE, AB), PARSER, n, store.lookup)


def write(store: Store, n: int, good: list[int], stop: int, draw: st.DataObject) -> list[CompletionRequest]:
    """Answers up to `stop` of the requests that are under way, in any order, as a server may."""
    job = diverse(n, store)
    flying, asked = list(job.begin()), list[CompletionRequest]()
    while flying and len(asked) < stop:
        request = flying.pop(draw.draw(st.integers(0, len(flying) - 1)))
        completion = notes(request, good[request.sample % len(good)])
        asked.append(request)
        store.keep(request, completion)
        flying += job.on_reply(request, completion)
    return asked


@settings(deadline=None, max_examples=25)
@given(data=st.data(), n=st.integers(1, 17), good=st.lists(st.integers(0, 5), min_size=1), stop=st.integers(0, 12))
def test_a_request_shows_texts_of_earlier_requests_of_its_label_alone(
    data: st.DataObject, n: int, good: list[int], stop: int
) -> None:
    """In whatever order the replies arrive, and wherever the job is killed: the next one asks for nothing again."""

    store, whole = Store(), Store()
    first = write(store, n, good, stop, data)
    second = write(store, n, good, 10**6, data)
    uninterrupted = write(whole, n, good, 10**6, data)

    for request in first + second:
        shown = TEXT.findall(request.messages[-1].content)
        assert all(one[5] == request.criterion and int(one[6:].partition("-")[0]) < request.sample for one in shown)
    assert len({(request.digest, request.sample) for request in first + second}) == len(first) + len(second)
    assert store.replies == whole.replies
    assert len(first) + len(second) == len(uninterrupted)


@settings(deadline=None, max_examples=20)
@given(data=st.data(), n=st.integers(1, 20), good=st.lists(st.integers(0, 6), min_size=1), stop=st.integers(0, 4))
def test_a_forecast_of_prompts_that_grow_is_not_below_what_is_sent(
    data: st.DataObject, n: int, good: list[int], stop: int
) -> None:
    """Requests that nobody knows yet count with the openings that they will show."""

    store = Store()
    write(store, n, good, stop, data)
    job = diverse(n, store)
    expected, most = job.expected(), job.at_most()
    asked = write(store, n, good, 10**6, data)

    longest = {(request.criterion, request.sample): len(request.messages[-1].content) for request in most}
    assert all(len(request.messages[-1].content) <= longest[request.criterion, request.sample] for request in asked)
    if set(good) == {4}:
        assert sorted((r.criterion, r.sample) for r in expected) == sorted((r.criterion, r.sample) for r in asked)


def test_a_label_whose_request_fails_is_left_to_the_next_job() -> None:
    """What would come after it shows texts that are not there; the other labels go on."""

    store = Store()
    job = diverse(8, store)
    first, second = job.begin()
    job.on_failure(first)

    assert [request.criterion for request in job.on_reply(second, notes(second, 4))] == ["B"]
    assert [(r.criterion, r.sample) for r in diverse(8, store).begin()] == [("A", 0), ("B", 0)]
