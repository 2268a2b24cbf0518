"""Replies as JSON Lines: there and back again, whole or not at all."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synthsweep.errors import PoolError
from synthsweep.generate.completer import Completion, Usage
from synthsweep.generate.replies.exchange import read_replies, rescue, write_replies
from synthsweep.generate.replies.store import ReplyKey, StoredReply

ODD = 'a\u2028b\u2029c\x85d\r\ne\x00\ufeff😀\\ "quoted" \t'
COUNT = st.integers(0, 2**63 - 1)
AMOUNT = st.none() | st.floats(0, 1e9)
REPLY = StoredReply(ReplyKey("r", 0, "llm"), "plain", "A", Completion("text", "llm"))
ROW = {"request": "r", "sample": 0, "prompt": "plain", "label": "A", "reply": "text"}


@st.composite
def replies(draw: st.DrawFn) -> StoredReply:
    text, settings = st.text(max_size=30), draw(st.dictionaries(st.text(max_size=5), st.floats(0, 2) | st.text(max_size=5)))
    key = ReplyKey(draw(text), draw(COUNT), draw(text), json.dumps(settings, sort_keys=True))
    usage = draw(st.none() | st.builds(Usage, COUNT, COUNT, COUNT))
    done = Completion(
        draw(text), key.llm, draw(text), draw(st.sampled_from(["stop", "length", "refusal"])), usage, draw(AMOUNT),
        tokens=draw(st.none() | text),
    )  # fmt: skip
    messages = draw(st.lists(st.tuples(st.sampled_from(["system", "user"]), text), max_size=3).map(tuple))
    return StoredReply(key, draw(text), draw(text), done, messages, draw(AMOUNT), draw(text))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exchange")


@given(written=st.lists(replies(), max_size=5))
@example(written=[StoredReply(ReplyKey(ODD, 0, ODD), ODD, ODD, Completion(ODD, ODD, ODD), (("user", ODD),), 0.5, ODD)])
def test_what_was_written_is_read_again(folder: Path, written: list[StoredReply]) -> None:
    """Every field, with whatever a text may hold."""

    path = folder / "replies.jsonl"

    assert len(written) == write_replies(written, path)
    assert read_replies(path) == written


def test_provenance_and_empty_lines_are_no_replies() -> None:
    """Nor is a mark of the byte order, which some editors write."""

    lines = [json.dumps({"provenance": "made up"}), "", json.dumps(ROW), "  "]
    Path("replies.jsonl").write_text("\n".join(lines), encoding="utf-8-sig")

    (reply,) = read_replies(Path("replies.jsonl"))

    assert (reply.key, reply.completion.text, reply.completion.finish) == (ReplyKey("r", 0, "recorded"), "text", "stop")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("no json", "row 2 is not a JSON object"),
        ('["a"]', r'row 2 is not a JSON object, got \["a"\]'),
        ("[" * 100_000, "row 2 is not a JSON object"),
        (json.dumps({name: value for name, value in ROW.items() if name != "request"}), "row 2 must hold .* got 'request'"),
        (json.dumps(ROW | {"reply": 5}), "row 2 .* reply is not a text"),
        (json.dumps(ROW | {"reply": "\ud83d"}), "row 2 .* surrogates not allowed"),
        (json.dumps(ROW | {"sample": "x"}), "row 2 .* got 'x' for a count"),
        (json.dumps(ROW | {"sample": 2**63}), "row 2 .* for a count"),
        (json.dumps(ROW | {"sample": float("inf")}), "row 2 .* inf for a count"),
        (json.dumps(ROW | {"settings": [1]}), "row 2 .* not a mapping"),
        (json.dumps(ROW | {"usage": {"prompt": "a", "completion": 1}}), "row 2 .* got 'a' for a count"),
        (json.dumps(ROW | {"usage": {"tokens": 1}}), "row 2 .* 'tokens'"),
        (json.dumps(ROW | {"usd": "free"}), "row 2 .* usd 'free'"),
        (json.dumps(ROW | {"usd": float("nan")}), "row 2 .* usd nan"),
        (json.dumps(ROW | {"messages": ["user"]}), "row 2 must hold"),
    ],
)
def test_a_wrong_line_is_named(line: str, reason: str) -> None:
    """By its number, in one short line, and no reply of the file is taken."""

    Path("replies.jsonl").write_text(f"{json.dumps(ROW)}\n{line}\n")

    with pytest.raises(PoolError, match=reason) as caught:
        read_replies(Path("replies.jsonl"))
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named() -> None:
    """Missing, or not UTF-8."""

    Path("latin.jsonl").write_bytes(b'{"reply": "\xe4"}')

    with pytest.raises(PoolError, match=r"gone\.jsonl cannot be read \(No such file or directory\)"):
        read_replies(Path("gone.jsonl"))
    with pytest.raises(PoolError, match=r"latin\.jsonl is not UTF-8 text"):
        read_replies(Path("latin.jsonl"))


def test_a_file_is_whole_or_as_it_was() -> None:
    """What fails half way leaves no part of a file, and the former one."""

    def broken() -> Iterator[StoredReply]:
        yield REPLY
        raise KeyboardInterrupt

    path = Path("replies.jsonl")
    with pytest.raises(KeyboardInterrupt):
        write_replies(broken(), path)
    after_first = list(Path().iterdir())
    write_replies([REPLY], path)
    with pytest.raises(KeyboardInterrupt):
        write_replies(broken(), path)

    assert after_first == []
    assert [path] == list(Path().iterdir())
    assert read_replies(path) == [REPLY]


def test_a_folder_that_is_not_there_is_named() -> None:
    """With the file that was to be written."""

    with pytest.raises(PoolError, match=r"gone/replies\.jsonl cannot be written \(No such file or directory\)"):
        write_replies([REPLY], Path("gone/replies.jsonl"))


@pytest.mark.parametrize("broken", ["", "temporary", "both"])
def test_a_rescued_reply_can_be_imported(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the temporary folder, or from home where that is full; with no disk at all it says so."""

    here, gone = str(tmp_path), str(tmp_path / "gone")
    monkeypatch.setattr(tempfile, "tempdir", gone if broken else here)
    monkeypatch.setenv("HOME", gone if broken == "both" else here)

    message = rescue([REPLY])

    if broken == "both":
        assert message == "no file either: no disk took it"
    else:
        path = Path(message.split(" ")[0])
        assert (path.parent, read_replies(path)) == (tmp_path, [REPLY])
        assert message.endswith(f"(synthsweep generate import path={path} adds it)")
