"""An audit on disk: written once, read as it was."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.audits import small
from synthsweep.audit.folder import audit_folder, audits_in, open_answers, read_audit, write_audit
from synthsweep.audit.items import Answer, Audit
from synthsweep.errors import AuditError, ReportError

AUDIT = small(4, real=1, planted=1)
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)


def refusal(folder: Path) -> str:
    with pytest.raises(AuditError) as refused:
        read_audit(folder)
    return str(refused.value)


def with_text(text: str) -> Audit:
    return replace(AUDIT, items=(replace(AUDIT.items[0], text=text, example=text), *AUDIT.items[1:]))


@pytest.mark.parametrize(
    "text", ["half \ud83d letter", "two\nlines\r\n\ttab", "\U0001f9f8 toy", "\x00\x1f\x85\u2028", '"quoted" \\ back']
)
def test_an_audit_comes_back_as_it_was_written(tmp_path: Path, text: str) -> None:
    """With any text, and with everything that is known of it."""
    full = replace(with_text(text), seed=7, pools=(("llm=one", "prompt=plain"), ("llm=two",)), public=True, data="demo")

    assert write_audit(full, tmp_path / "a")
    assert read_audit(tmp_path / "a") == full


@given(ANY_TEXT, ANY_TEXT)
def test_any_two_texts_come_back(tmp_path_factory: pytest.TempPathFactory, text: str, other: str) -> None:
    """Another text under the same name is refused, the same one is taken as it is."""
    folder = tmp_path_factory.mktemp("audit")

    assert write_audit(with_text(text), folder)
    assert read_audit(folder) == with_text(text)
    if text == other:
        assert not write_audit(with_text(other), folder)
    else:
        with pytest.raises(AuditError):
            write_audit(with_text(other), folder)


def test_the_same_audit_again_changes_nothing(tmp_path: Path) -> None:
    new = write_audit(AUDIT, tmp_path / "a")
    before = (tmp_path / "a/key.json").stat().st_mtime_ns

    assert [new, write_audit(AUDIT, tmp_path / "a")] == [True, False]
    assert (tmp_path / "a/key.json").stat().st_mtime_ns == before


def test_another_sample_under_the_same_name_is_refused(tmp_path: Path) -> None:
    """Its sheets may be out; one line says how to begin a second one, and the first one stays."""
    write_audit(AUDIT, tmp_path / "a")
    with pytest.raises(AuditError) as refused:
        write_audit(small(5), tmp_path / "a")

    message = f"audit.name=small is another sample already (6 items in {tmp_path}/a): audit.name=OTHER begins a second one"
    assert str(refused.value) == message
    assert read_audit(tmp_path / "a") == AUDIT


def test_the_folder_is_open_to_its_owner_alone(tmp_path: Path) -> None:
    """It says who wrote what."""
    write_audit(AUDIT, tmp_path / "a")

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ReportError, match=r"file/a: the audit cannot be written: Not a directory$"):
        write_audit(AUDIT, tmp_path / "file" / "a")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b'"text"', b"{}", b'{"version": 2}', b"\xff\xfe",
        b'{"version": 1, "name": "a", "seed": 1, "labels": {"criteria": [{"ident": 1}]}}',
    ],
)  # fmt: skip
def test_a_broken_key_is_one_line(tmp_path: Path, content: bytes) -> None:
    """Whatever is wrong with it: the file, and the way out."""
    (tmp_path / "key.json").write_bytes(content)
    message = refusal(tmp_path)

    assert message == f"{tmp_path}/key.json is not an audit: move it away, then export the audit again"


def test_a_key_that_lacks_something_is_one_line(tmp_path: Path) -> None:
    """Each of its fields in turn."""
    write_audit(AUDIT, tmp_path)
    whole = json.loads((tmp_path / "key.json").read_text())
    for name in whole:
        (tmp_path / "key.json").write_text(json.dumps({key: value for key, value in whole.items() if key != name}))

        assert "key.json is not an audit: move it away, then export the audit again" in refusal(tmp_path)


def test_no_such_audit_names_those_that_there_are(tmp_path: Path) -> None:
    """Or says how to make one."""
    tracking = str(tmp_path / "mlruns")
    folder = audit_folder(tracking, "none")
    nothing = refusal(folder)
    for name in ("pilot", "main"):
        write_audit(AUDIT, audit_folder(tracking, name))

    there = f"audit.name=none: no such audit below {folder.parent}; there "
    assert [nothing, refusal(folder)] == [there + "is none yet; synthsweep audit export makes one", there + "are main, pilot"]
    assert audits_in(tracking) == ["main", "pilot"]


def test_answers_are_kept_beside_the_key(tmp_path: Path) -> None:
    write_audit(AUDIT, tmp_path)
    answer = Answer(AUDIT.items[0].id, "anna", "right")
    open_answers(tmp_path).save(answer)

    assert open_answers(tmp_path).all() == [answer]
    assert read_audit(tmp_path) == AUDIT


def test_answers_to_a_lost_sample_are_not_taken_for_its_successors(tmp_path: Path) -> None:
    """They say something of texts that nobody knows any more."""
    write_audit(AUDIT, tmp_path)
    open_answers(tmp_path).save(Answer(AUDIT.items[0].id, "Anna", "right"))
    (tmp_path / "key.json").unlink()

    with pytest.raises(AuditError, match=r"has answers, and no key.json that says to what: audit.name=OTHER begins another"):
        write_audit(small(3), tmp_path)


def test_what_is_private_now_stays_so(tmp_path: Path) -> None:
    """Whatever it was when the sample was drawn; nobody makes it public again by exporting it once more."""
    for public in (True, False, True):
        write_audit(replace(AUDIT, public=public), tmp_path)

    assert not read_audit(tmp_path).public
