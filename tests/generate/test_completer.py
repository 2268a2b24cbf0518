import hashlib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from support.builders import AB, real
from support.completers import Scripted
from synthsweep.config.keys.llm_parts import SimulatorConfig
from synthsweep.generate.completer import Completer, Completion, CompletionRequest, Message
from synthsweep.generate.offline.recorded import Recording
from synthsweep.generate.offline.simulator import Simulator

messages = st.lists(st.builds(Message, st.sampled_from(["system", "user"]), st.text(max_size=8)), max_size=3).map(tuple)


@given(messages=messages, labels=st.tuples(st.text(), st.text()), counts=st.tuples(st.integers(), st.integers()))
def test_equal_chats_share_a_digest_whatever_they_are_asked_for(
    messages: tuple[Message, ...], labels: tuple[str, str], counts: tuple[int, int]
) -> None:
    """The LLM reads neither the criterion nor the sample, so a reply answers them all."""

    one = CompletionRequest(messages, labels[0], counts[0], sample=0)
    other = CompletionRequest(messages, labels[1], counts[1], sample=1)

    assert one.digest == other.digest


@given(first=messages, second=messages)
def test_different_chats_have_different_digests(first: tuple[Message, ...], second: tuple[Message, ...]) -> None:
    """Roles, contents and their borders all count."""

    assert (first == second) == (CompletionRequest(first, "A", 1).digest == CompletionRequest(second, "A", 1).digest)


def test_the_digest_is_kept_for_ever() -> None:
    """Recordings name requests by it: a change would orphan every one of them."""

    request = CompletionRequest((Message("system", "Be brief."), Message("user", "Zwölf Sätze.")), "A", 12)

    read = '[["system","Be brief."],["user","Zwölf Sätze."]]'
    assert hashlib.sha256(read.encode()).hexdigest() == request.digest


def test_every_completer_keeps_the_protocol() -> None:
    """Whoever fills a pool can take any of them."""

    request = CompletionRequest((Message("user", "Write."),), "A", 1)
    completers: list[Completer] = [
        Scripted({"A": ["1. One."]}),
        Recording("recorded", {"A": [("", "1. One.")]}),
        Simulator(AB, [real("1", "A", text="One.")], SimulatorConfig()),
    ]

    assert [completer.finite for completer in completers] == [True, True, False]
    assert [completer.screened for completer in completers] == [False, True, False]
    assert [completer.complete(replace(request, criterion="B")) for completer in completers] == [None] * 3
    assert [_text(completer.complete(replace(request, sample=1))) for completer in completers] == [None, None, "1. One."]
    assert [completer.complete(request).text for completer in completers] == ["1. One."] * 3
    assert [completer.complete(request).model for completer in completers] == ["scripted", "recorded", "simulator"]


def _text(completion: Completion | None) -> str | None:
    return completion.text if completion else None
