import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from support.builders import AB, run_config
from synthsweep.corpus.labels import label_set
from synthsweep.errors import PoolError
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.offline.recorded import SHIPPED, read_recording, read_shipped
from synthsweep.generate.pool import fill_pool
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.replies.parse import Parsed, Rejected, parse_reply

IDS = ("A", "B")
CRITERIA = tuple(run_config().labels.ids)
VARIANTS = ["plain", "attributed"]


def rows() -> list[dict[str, object]]:
    return [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]


def shipped_requests(variant: str, *overrides: str) -> list[CompletionRequest]:
    config = run_config(f"prompt={variant}", *overrides)
    prompt_plan = PromptPlan(config.prompt, label_set(config.labels, config.data, {}))
    recorded = read_shipped(variant).replies
    return [prompt_plan.request(label, sample) for label in prompt_plan.labels.ids for sample in range(len(recorded[label]))]


def own_file(*lines: object) -> Path:
    path = Path("mine.jsonl")
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
    return path


def texts_of(path: Path, label: str) -> list[Parsed | Rejected]:
    recording = read_recording(path, IDS, "plain")
    replies = [recording.complete(CompletionRequest((), label, 10, sample)) for sample in range(9)]
    own = [Parsed(text.text, text.labels - {label}) for reply in replies if reply for text in reply.own]
    return [*own, *(piece for reply in replies if reply and not reply.own for piece in parse_reply(reply.text, IDS))]


@pytest.mark.parametrize("variant", VARIANTS)
def test_shipped_replies_answer_the_prompts_that_conf_renders(variant: str) -> None:
    """A prompt that was reworded after the recording would pass its replies off as another's."""

    kept = {(row["label"], row["sample"]): row["request"] for row in rows() if row.get("prompt") == variant}

    assert kept == {(request.criterion, request.sample): request.digest for request in shipped_requests(variant)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_shipped_replies_hold_forty_texts_a_criterion_and_no_scrap_but_openings(variant: str) -> None:
    """A lost line would be a reply that the parser reads wrongly."""

    recording, counts = read_shipped(variant), Counter()
    for request in shipped_requests(variant):
        reply = recording.complete(request).text
        for place, piece in enumerate(parse_reply(reply, CRITERIA)):
            counts[request.criterion] += isinstance(piece, Parsed)
            opening = place == 0 and piece == Rejected("no list item", reply.splitlines()[0])
            assert isinstance(piece, Parsed) or opening

    assert set(counts) == set(CRITERIA)
    assert min(counts.values()) >= 40


def test_attributed_replies_name_further_labels() -> None:
    """The prompt asks for them; without any, every attributed text would carry one label."""

    recording = read_shipped("attributed")
    pieces = [
        piece for request in shipped_requests("attributed") for piece in parse_reply(recording.complete(request).text, CRITERIA)
    ]

    assert any(isinstance(piece, Parsed) and piece.also for piece in pieces)


def test_the_shipped_file_says_first_where_it_comes_from() -> None:
    """Nobody should take these texts for a clinician's."""

    provenance = rows()[0]["provenance"]

    assert {"what", "written_by", "written", "licence"} <= set(provenance)
    assert provenance["reviewed_by_a_clinician"] is False
    assert provenance["people"] == "fictional"


@pytest.mark.parametrize("change", ["prompt.per_request=5", "labels.text_kind=a tweet", "prompt.system=Be brief."])
def test_a_changed_prompt_is_refused(change: str) -> None:
    """A reply to other words is no evidence of what these words bring."""

    request = shipped_requests("plain", change)[0]

    with pytest.raises(PoolError, match=r"no reply to this prompt for A1: .* were changed .*undo that.*llm\.path=FILE"):
        read_shipped("plain").complete(request)


def test_a_variant_that_was_never_recorded_lists_those_that_were() -> None:
    """The choice is closed: the package carries two."""

    with pytest.raises(
        PoolError, match=r"^llm=recorded has replies to prompt=attributed and prompt=plain, none to prompt=mine$"
    ):
        read_shipped("mine")


def test_both_forms_of_a_users_own_file_are_read() -> None:
    """Parsed texts come first, as one reply; raw replies follow in their order; a judge writes none."""

    path = own_file(
        {"provenance": "my notes"},
        {"label": "A", "prompt": None, "reply": "1. Raw one. [also: B]\n2. Raw two."},
        {"label": "A", "text": "Parsed one.", "also": ["B"]},
        {"label": "A", "text": "1. Parsed two.", "also": None},
        {"label": "B", "text": "Alone."},
        {"label": "B", "prompt": "judge", "reply": '{"labels": ["B"]}'},
    )

    both = frozenset("B")
    expected = [Parsed("Parsed one.", both), Parsed("1. Parsed two."), Parsed("Raw one.", both), Parsed("Raw two.")]
    assert texts_of(path, "A") == expected
    assert texts_of(path, "B") == [Parsed("Alone.")]
    assert read_recording(path, ("A", "B", "C"), "plain").complete(CompletionRequest((), "C", 10)) is None


def test_replies_to_another_prompt_are_refused() -> None:
    """They would pass for the run's; a row without a prompt, or with a text of one, says nothing against it."""

    path = own_file(
        {"label": "A", "reply": "1. One."},
        {"label": "A", "prompt": "negative", "text": "Two."},
        {"label": "A", "prompt": "plain", "reply": "1. Three."},
        {"label": "A", "prompt": "negative", "reply": "1. Four."},
    )

    message = "llm.path: mine.jsonl row 4 answers prompt=negative, the run has prompt=plain: "
    with pytest.raises(PoolError, match=f"^{re.escape(message)}take prompt=negative, or export only_prompt=plain$"):
        read_recording(path, IDS, "plain")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:3]), encoding="utf-8")
    assert texts_of(path, "A") == [Parsed("Two."), Parsed("One."), Parsed("Three.")]


def test_why_a_reply_ended_goes_with_it() -> None:
    """Half a text and a refusal are screened as they were when they came; the shipped replies ended by themselves."""

    path = own_file(
        {"label": "A", "reply": "1. One.\n2. Half a", "finish": "length"},
        {"label": "A", "text": "Two."},
        {"label": "A", "reply": "1. I cannot.", "finish": "refusal"},
        {"label": "A", "reply": "1. Three.", "finish": None},
    )
    completer = replace(read_recording(path, IDS, "plain"), name="mine")
    pool = fill_pool(run_config(), PromptPlan(run_config().prompt, AB), completer)

    assert [example.text for example in pool.examples] == ["Two.", "One.", "Three."]
    assert list(pool.rejected) == [Rejected("truncated", "Half a"), Rejected("refusal", "1. I cannot.")]
    assert read_shipped("plain").finishes == {}


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(min_size=1, max_size=20).filter(str.strip), min_size=1, max_size=4))
@example(texts=["One.\u2028Two.", "Three.\x85Four."])
def test_any_text_survives_a_users_own_file(texts: list[str]) -> None:
    """Line separators that JSON leaves as they are end no line of the file."""

    path = own_file(*({"label": "A", "text": text} for text in texts))

    assert texts_of(path, "A") == [Parsed(text.strip()) for text in texts]


def test_blank_lines_and_a_byte_order_mark_are_skipped() -> None:
    """Spreadsheets and editors leave both behind."""

    Path("mine.jsonl").write_text('\n{"label": "A", "text": "One."}\r\n\n', encoding="utf-8-sig")

    assert texts_of(Path("mine.jsonl"), "A") == [Parsed("One.")]


GOOD = '{"label": "A", "text": "One."}'


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{oops", "llm.path: mine.jsonl row 3 is not a JSON object: "),
        ("[1, 2]", "llm.path: mine.jsonl row 3 is not a JSON object, got [1, 2]"),
        ("{}", "llm.path: mine.jsonl row 3 must hold a text, or a label with a reply, as strings; got nothing"),
        (
            '{"label": "A", "text": 5}',
            "mine.jsonl row 3 must hold a text, or a label with a reply, as strings; got label, text",
        ),
        ('{"label": "A", "reply": null}', "mine.jsonl row 3 must hold a label with a reply, as strings; got label, reply"),
        ('{"reply": "x"}', "mine.jsonl row 3 must hold a label with a reply, as strings; got reply"),
        (
            '{"label": "A", "reply": ["x"], "text": "x"}',
            "mine.jsonl row 3 must hold a label with a reply, as strings; got label, reply, text",
        ),
        ('{"label": true, "text": "x"}', "mine.jsonl row 3: label must be a label or a list of labels, got True"),
        ('{"labels": [["A"]], "text": "x"}', "mine.jsonl row 3: labels must be a label or a list of labels, got [['A']]"),
        ('{"label": {"A": 1}, "text": "x"}', "mine.jsonl row 3: label must be a label or a list of labels, got {'A': 1}"),
        ('{"label": "A", "text": "x", "id": 0.5}', "mine.jsonl row 3: id must be a text or a whole number, got 0.5"),
        ('{"label": "C", "text": "x"}', "llm.path: mine.jsonl row 3: label 'C' is none of labels.ids (A, B)"),
        ('{"label": ["A"], "reply": "x"}', "llm.path: mine.jsonl row 3: label ['A'] is none of labels.ids (A, B)"),
        ('{"label": "A", "text": "x", "also": ["B", "D"]}', "mine.jsonl row 3: label 'D' is none of labels.ids (A, B)"),
        ('{"label": "A", "text": "x", "also": "B"}', "mine.jsonl row 3: also must be a list of labels, got B"),
    ],
)
def test_a_wrong_line_is_named_by_its_row(line: str, message: str) -> None:
    """Rows count as an editor counts them, blank lines and all."""

    Path("mine.jsonl").write_text(f"{GOOD}\n\n{line}\n", encoding="utf-8")

    with pytest.raises(PoolError, match=re.escape(message)):
        read_recording(Path("mine.jsonl"), IDS, "plain")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "llm.path: mine.jsonl holds no replies: it needs rows of {label, text} or of {label, reply}"),
        (b'{"provenance": "x"}\n', "llm.path: mine.jsonl holds no replies: "),
        (b"\xff\xfe", "llm.path: mine.jsonl is not UTF-8 text ("),
    ],
    ids=["empty", "provenance alone", "no UTF-8"],
)
def test_a_file_without_replies_is_refused(content: bytes, message: str) -> None:
    """An empty pool would otherwise show itself only at the draw."""

    Path("mine.jsonl").write_bytes(content)

    with pytest.raises(PoolError, match=re.escape(message)):
        read_recording(Path("mine.jsonl"), IDS, "plain")
