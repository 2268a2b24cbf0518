import csv
import html
import io
import json
import re
import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthsweep.generate.replies.parse import Parsed, Rejected, parse_reply

IDS = ("A1", "A2", "B1")

# What a text is made of: words of any script, ages, hours, years, quoted words, and the signs between them.
word = st.text(st.characters(categories=("Ll", "Lu", "Lo")), min_size=2, max_size=9)
first = st.sampled_from(["3 years old, ", "At 4, ", "10:30 ", "2019: ", "4-year-old ", "7 a.m. ", "18 months: ", ""])
inner = word | st.sampled_from(["3", "x2", "1:1", "(twice)", "“no”,", '"go" and', "it's", "–", "5.5 kg", "A2-level", "& so"])
one_line = st.builds(
    lambda start, words, last, end: f"{start}{' '.join([*words, last])}{end}",
    first,
    st.builds(lambda begin, words: [begin, *words], word, st.lists(inner, min_size=1, max_size=8)),
    word,
    st.sampled_from(".!?"),
)
anything = st.builds(
    lambda start, text: f"{start} {text}".strip(),
    word,
    st.text(st.characters(categories=("L", "N", "Zs", "Po"), exclude_characters="*\\\"'#"), max_size=40),
)
labels = st.frozensets(st.sampled_from(IDS))


def tagged(piece: Parsed) -> str:
    return f"{piece.text} [also: {', '.join(sorted(piece.also))}]" if piece.also else piece.text


def as_object(piece: Parsed) -> dict[str, object]:
    return {"text": piece.text, "also": sorted(piece.also)}


def with_marks(mark: str, between: str = "\n") -> Callable[[list[Parsed]], str]:
    return lambda pieces: between.join(
        mark.format(n=n, letter=chr(96 + n), text=tagged(piece)) for n, piece in enumerate(pieces, 1)
    )


def wrapped_lines(pieces: list[Parsed]) -> str:
    lines = [
        textwrap.fill(f"{n}. {tagged(piece)}", 30, subsequent_indent="   ", break_long_words=False, break_on_hyphens=False)
        for n, piece in enumerate(pieces, 1)
    ]
    # A dash at the beginning of a line would be an item's.
    return "\n".join(re.sub(r"\n +– ", " – ", line) for line in lines)


def plain(pieces: list[Parsed]) -> str:
    return "\n".join(map(tagged, pieces))


def table(pieces: list[Parsed]) -> str:
    rows = [f"| {n} | {piece.text} | {', '.join(sorted(piece.also)) or 'none'} |" for n, piece in enumerate(pieces, 1)]
    return "\n".join(["Here is the table:", "", "| # | Text | Also |", "|---|---|---|", *rows, "", "Let me know!"])


def comma_separated(pieces: list[Parsed]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([("text", "also"), *((piece.text, " ".join(sorted(piece.also))) for piece in pieces)])
    return file.getvalue()


def between_tags(pieces: list[Parsed]) -> str:
    return "\n".join(
        f'<text also="{" ".join(sorted(piece.also))}">{html.escape(piece.text, quote=False)}</text>' for piece in pieces
    )


LISTS = {
    **{mark: with_marks(mark) for mark in (
        "{n}. {text}", "{n}) {text}", "({n}) {text}", "{n}: {text}", "**{n}.** {text}", "**{n}. {text}**", "{n}、{text}",
        "（{n}）{text}", "#{n} {text}",
        "[{n}] {text}", "{letter}) {text}", "- {text}", "* {text}", "• {text}", "– {text}", "— {text}", "> {n}. {text}",
        "Text {n}: {text}",
        "**Example {n}:** {text}", "### Text {n}\n{text}\n", "**Profile {n}**\n{text}\n", "- A1: {text}", "{n}. [A1] {text}",
        "{n}. **{text}**",
    )},
    "blank lines": with_marks("{n}. {text}", "\r\n\r\n"), "wrapped": wrapped_lines, "plain": plain,
    "table": table, "csv": comma_separated, "tags": between_tags,
}  # fmt: skip


def json_lines(pieces: list[Parsed]) -> str:
    return "\n".join(json.dumps(as_object(piece), ensure_ascii=False) for piece in pieces)


def json_array(pieces: list[Parsed]) -> str:
    return json.dumps([as_object(piece) for piece in pieces], ensure_ascii=False, indent=2)


def wrapped(pieces: list[Parsed]) -> str:
    return json.dumps({"examples": [as_object(piece) for piece in pieces]})


def array_of_strings(pieces: list[Parsed]) -> str:
    return json.dumps([tagged(piece) for piece in pieces], ensure_ascii=False)


JSON = {
    "lines": json_lines, "array": json_array, "wrapped": wrapped,
    "fenced": lambda pieces: f"Sure:\n```json\n{json_array(pieces)}\n```\nI hope this helps!",
    "one line": lambda pieces: f"```json {wrapped(pieces)} ```",
    "nested": lambda pieces: json.dumps({"data": {"criteria": ["a long one"], "items": json.loads(json_array(pieces))}}),
    "strings": array_of_strings,
    "python": lambda pieces: repr({"examples": [as_object(piece) for piece in pieces]}),
    "commas": lambda pieces: wrapped(pieces).replace("}", ",}").replace("]", ",]").replace("[,", "["),
    "numbered keys": lambda pieces: json.dumps({str(n): as_object(piece) for n, piece in enumerate(pieces, 1)}),
}  # fmt: skip
AROUND = ("{}", "<think>\n1. A boy who never looks up.\n</think>\n{}", "1. A boy who never looks up.\n</think>\n{}")


@settings(deadline=None, max_examples=120)
@given(
    pieces=st.lists(st.builds(Parsed, one_line, labels), min_size=1, max_size=5),
    form=st.sampled_from([*LISTS]),
    around=st.sampled_from(AROUND),
)
def test_a_rendered_list_reads_back_exactly(pieces: list[Parsed], form: str, around: str) -> None:
    """Whatever marks the texts, whatever they begin with, and whatever was thought before."""

    assert parse_reply(around.format(LISTS[form](pieces)), IDS) == pieces


@settings(deadline=None, max_examples=60)
@given(
    pieces=st.lists(st.builds(Parsed, anything | one_line, labels), min_size=1, max_size=5),
    form=st.sampled_from([*JSON]),
    around=st.sampled_from(AROUND),
)
def test_rendered_json_reads_back_exactly(pieces: list[Parsed], form: str, around: str) -> None:
    """In JSON a text may hold quotation marks and brackets."""

    assert parse_reply(around.format(JSON[form](pieces)), IDS) == pieces


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "also", "x"]), inner, max_size=3),
    max_leaves=8,
)
scraps = st.sampled_from(
    ["[", "]", "{", "}", '"text"', ":", ",", '"', "1. ", "- ", "\n", "[also: ", "A1", "zz", "```", "é", "7"]
)
replies = st.text(max_size=60) | json_values.map(json.dumps) | st.lists(scraps, max_size=25).map("".join)


@settings(deadline=None, max_examples=150)
@given(reply=replies)
def test_no_reply_makes_it_raise(reply: str) -> None:
    """Each piece is a clean text with known labels, or rejected with a reason."""

    for piece in parse_reply(reply, IDS):
        if isinstance(piece, Parsed):
            assert piece.text
            assert piece.text == piece.text.strip()
            assert piece.also <= set(IDS)
        else:
            assert isinstance(piece, Rejected)
            assert piece.reason


@pytest.mark.parametrize("reply", ["[" * 100_000, '{"text":' * 5_000, f"[{'1' * 5_000}]"], ids=["lists", "objects", "digits"])
def test_what_overwhelms_a_json_reader_is_rejected(reply: str) -> None:
    """Depth and endless numbers raise errors of their own kinds in Python's reader."""

    assert {piece.reason for piece in parse_reply(reply, IDS)} <= {"no list item", "no text"}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("```\n1. He waits.\n```", [Parsed("He waits.")]),
        ("(1) He waits.\n2) She spins.\n3: So.", [Parsed("He waits."), Parsed("She spins."), Parsed("So.")]),
        ('1. "He waits."', [Parsed("He waits.")]),
        ("1. “He waits.”", [Parsed("He waits.")]),
        ('1. "No" and "never".', [Parsed('"No" and "never".')]),
        ('1. "No", he said, "never"', [Parsed('"No", he said, "never"')]),
        ("1. He waits. [ALSO: A2 ,B1,]", [Parsed("He waits.", frozenset({"A2", "B1"}))]),
        ("1. [also: A2] He waits.", [Parsed("He waits.", frozenset({"A2"}))]),
        ("1.No space", [Parsed("No space")]),
        ('{"text": "One.", "also": "A2"}', [Parsed("One.", frozenset({"A2"}))]),
        ("1. He waits.\u2028Then goes.", [Parsed("He waits.\u2028Then goes.")]),
        ('{"text": "One.", "also": null}', [Parsed("One.")]),
        ('{"text": "One.", "tags": ["x"]}', [Parsed("One.")]),
        ('{"text": "One."}\n1. Two.', [Parsed("One."), Parsed("Two.")]),
        ('["One.", {"text": "Two."}]', [Parsed("One."), Parsed("Two.")]),
    ],
)
def test_usual_forms_are_understood(reply: str, expected: list[Parsed]) -> None:
    """Forms that language models answer in, whatever was asked."""

    assert parse_reply(reply, IDS) == expected


@pytest.mark.parametrize(
    ("reply", "reason", "piece"),
    [
        ("Here are ten texts:", "no list item", "Here are ten texts:"),
        ("Sure!", "no list item", "Sure!"),
        ('1. "', "placeholder", '"'),
        ("1. ...", "placeholder", "..."),
        ("1. [insert text here]", "placeholder", "[insert text here]"),
        ('{"examples": ["..."]}', "placeholder", "..."),
        ("1. Note: all children are fictional.", "note", "Note: all children are fictional."),
        ("<think>He waits.", "truncated: within the reasoning", "<think>He waits."),
        ("1. [also: A2]", "empty text", ""),
        ('1. ""', "empty text", ""),
        ("1. He waits. [also: A2, C9]", "unknown label: C9", "He waits."),
        ('{"text": "One.", "also": [7]}', "unknown label: 7", "One."),
        ('{"text": 5}', "no text", '{"text": 5}'),
        ('{"also": "A2"}', "no text", '{"also": "A2"}'),
        ('```json\n{"examples": [{"score": 1}]}\n```', "no text", '{"score": 1}'),
        ("not { json", "no list item", "not { json"),
    ],
)
def test_what_is_no_text_is_rejected_with_its_reason(reply: str, reason: str, piece: str) -> None:
    """Rejected pieces are kept as they came, so that a reader sees what was lost."""

    assert parse_reply(reply, IDS) == [Rejected(reason, piece)]


def test_rejected_pieces_keep_their_place() -> None:
    """The order of a reply survives, so that line numbers in provenance hold."""

    pieces = parse_reply("Sure!\n1. One.\nor\n2. Two.", IDS)

    assert [type(piece) for piece in pieces] == [Rejected, Parsed, Rejected, Parsed]


ONE, TWO = Parsed("One."), Parsed("Two.", frozenset({"A2"}))
WHOLE = '{"examples": [{"text": "One.", "also": []}, {"text": "Two.", "also": ["A2"]}]}'


@pytest.mark.parametrize(
    "reply",
    [
        WHOLE,
        f"Sure, here you are:\n{WHOLE}",
        f"Sure, here you are:\n\n```json\n{WHOLE}\n```",
        f"{WHOLE}\nI hope this helps!",
        f"Sure:\n```json\n{json.dumps(json.loads(WHOLE), indent=2)}\n```\nLet me know [if] you need more.",
        WHOLE.replace("]}", ",]}").replace("[,]", "[]"),
        WHOLE.replace("}, {", "},\n// the second\n{"),
        WHOLE.replace('"', "'"),
        WHOLE.replace("}, {", "} {"),
        '{"text": "One."},\n{"text": "Two.", "also": ["A2"]},',
        '[\n"One.",\n"Two. [also: A2]",\n]',
    ],
    ids=["whole", "before", "fenced", "after", "both", "commas", "comment", "quotes", "no comma", "lines", "strings"],
)
def test_what_llms_put_around_and_into_json_is_borne(reply: str) -> None:
    """Words of politeness, fences, trailing commas, comments: the texts are whole, so nothing is lost or rejected."""

    assert parse_reply(reply, IDS) == [ONE, TWO]


def test_what_is_sound_before_a_break_is_read_as_it_stands() -> None:
    """Mending would leave an escape in the text, or lose an emoji that is written as two."""

    reply = r'{"examples": [{"text": "One\tmore."}, {"text": "A \ud83d\ude00 face."}, {"text": "Cut o'

    found = parse_reply(reply, IDS, cut=True)

    assert found == [Parsed("One\tmore."), Parsed("A 😀 face."), Rejected("truncated", "Cut o")]


@settings(deadline=None, max_examples=60)
@given(
    pieces=st.lists(st.builds(Parsed, one_line, labels), min_size=1, max_size=4),
    render=st.sampled_from([json_array, wrapped]),
    data=st.data(),
)
def test_json_that_ends_anywhere_gives_whole_texts_alone(
    pieces: list[Parsed], render: Callable[[list[Parsed]], str], data: st.DataObject
) -> None:
    """Half a text must not be trained on, wherever the limit of tokens fell."""

    reply = render(pieces)
    end = data.draw(st.integers(0, len(reply) - 1))

    read = [piece for piece in parse_reply(reply[:end], IDS, cut=True) if isinstance(piece, Parsed)]

    assert {piece.text for piece in read} <= {piece.text for piece in pieces}
    assert len(read) < len(pieces) or read == pieces


@pytest.mark.parametrize(
    ("reply", "half"),
    [
        ('{"examples": [{"text": "One."}, {"text": "Two pla', "Two pla"),
        ('{"examples": [\n{"text": "One."},\n{"text": "Two pla', "Two pla"),
        ('["One.", "Two pla', "Two pla"),
    ],
)
def test_half_an_item_at_the_end_of_json_is_truncated(reply: str, half: str) -> None:
    """The missing brackets say so, whatever the server says."""

    assert parse_reply(reply, IDS) == [ONE, Rejected("truncated", half)]


def test_a_cut_list_loses_its_last_item_alone() -> None:
    """A line shows no missing end: the server's word counts."""

    reply = "1. One.\n2. Two pla"

    assert parse_reply(reply, IDS, cut=True) == [ONE, Rejected("truncated", "Two pla")]
    assert parse_reply(reply, IDS) == [ONE, Parsed("Two pla")]


@pytest.mark.parametrize("reply", ["", " \n\t\n"])
def test_an_empty_reply_is_counted_as_one(reply: str) -> None:
    """It was paid for like any other."""

    assert parse_reply(reply, IDS) == [Rejected("empty reply", reply)]
    assert parse_reply(reply, IDS, cut=True) == [Rejected("empty reply", reply)]


def test_half_a_surrogate_pair_is_rejected() -> None:
    """No tokenizer and no file takes it."""

    assert parse_reply('["a\\ud800"]', IDS) == [Rejected("no Unicode text", ascii("a\ud800"))]


def test_members_without_a_text_are_counted_beside_those_that_have_one() -> None:
    """Each took the place of a text."""

    pieces = parse_reply('[{"text": "One."}, {"also": []}, [1], 7]', IDS)

    assert [ONE.text, "no text", "neither a text nor an object", "neither a text nor an object"] == [
        piece.text if isinstance(piece, Parsed) else piece.reason for piece in pieces
    ]


def test_a_list_before_a_reasoning_that_was_cut_is_kept() -> None:
    """What follows it is counted as one cut text."""

    assert parse_reply("1. One.\n<think>Two pla", IDS) == [ONE, Rejected("truncated: within the reasoning", "")]


def test_a_reason_is_counted_without_its_particulars() -> None:
    """A hundred unknown labels are one kind; what stands between texts takes no text's place."""

    assert Rejected("unknown label: C9", "One.").kind == "unknown label"
    assert [Rejected(reason, "").item for reason in ("truncated", "no list item")] == [True, False]
