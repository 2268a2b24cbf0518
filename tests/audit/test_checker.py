"""An audit as a check of labels and as a characteristic of texts."""

from dataclasses import replace
from pathlib import Path

import pytest

from support.builders import AB, synthetic
from synthsweep.audit.checker import Audited, open_audited
from synthsweep.audit.folder import audit_folder, open_answers, write_audit
from synthsweep.audit.items import Answer, Audit
from synthsweep.audit.sample import draw_audit
from synthsweep.config.keys.audit import AuditSettings
from synthsweep.errors import AuditError
from synthsweep.examples import Example
from synthsweep.label_checker import Verdict

POOL = tuple(synthetic(f"{label}{number}", label) for label in AB.ids for number in range(4))


def audit(pool: tuple[Example, ...] = POOL, n: int = 8) -> Audit:
    return draw_audit(pool, (), AB, AuditSettings(n=n), seed=1)


def audited(drawn: Audit, verdicts: dict[str, str], shows: frozenset[str] = frozenset()) -> Audited:
    """One rater's verdicts by example id."""
    ids = {item.example: item.id for item in drawn.items}
    return Audited(drawn, tuple(Answer(ids[example], "Ann", verdict, shows) for example, verdict in verdicts.items()))


def test_a_denied_label_is_not_seen_and_a_confirmed_one_is() -> None:
    """A text that nobody judged, or of which nobody was sure, has no verdict."""

    found = audited(audit(), {"A0": "right", "A1": "wrong", "A2": "unsure"}).check(POOL[:4])

    assert found == [Verdict(frozenset("A"), 1.0), Verdict(frozenset(), 0.0), None, None]


def test_a_label_that_was_not_asked_about_stays() -> None:
    """A rater who marks nothing besides denies nothing besides."""
    both = replace(POOL[0], labels=frozenset("AB"))
    drawn = audit((both, *POOL[1:]))

    right, wrong = (audited(drawn, {"A0": verdict}).check([both])[0] for verdict in ("right", "wrong"))

    assert (right, wrong) == (Verdict(frozenset("AB"), 1.0), Verdict(frozenset("B"), 0.0))


def test_a_criterion_that_was_marked_besides_is_seen() -> None:
    found = audited(audit(), {"A0": "wrong"}, shows=frozenset("B"))

    assert found.check(POOL[:1]) == [Verdict(frozenset("B"), 0.0)]


def test_a_text_is_known_by_its_words() -> None:
    """A parser that was mended gives it another id and other spaces."""
    moved = replace(POOL[0], id="elsewhere", text=f"  {POOL[0].text.upper()} ")

    assert audited(audit(), {"A0": "right"}).check([moved]) == [Verdict(frozenset("A"), 1.0)]


def test_each_text_counts_with_the_share_of_where_it_comes_from() -> None:
    """Of A, half of the judged texts are right; of B, all; another LLM's texts were not judged."""
    found = audited(audit(), {"A0": "right", "A1": "wrong", "B0": "right"})
    other = replace(POOL[0], provenance=replace(POOL[0].provenance, llm="another"))

    assert found.metrics([*POOL[1:4], POOL[4], other]) == {
        "synthetic/audited_coverage": 0.8,
        "synthetic/audited_correctness": 0.625,
        "synthetic/audited_correctness/A": 0.5,
        "synthetic/audited_correctness/B": 1.0,
        "synthetic/audited_omission": 0.0,
        "synthetic/audited_omission/A": 0.0,
        "synthetic/audited_omission/B": 0.0,
    }


def test_where_nothing_was_judged_nothing_is_said() -> None:
    """Coverage 0 says why; no share is made up."""

    assert audited(audit(), {"B0": "unsure"}).metrics(POOL[:2]) == {"synthetic/audited_coverage": 0.0}
    assert audited(audit(), {"B0": "right"}).metrics([]) == {}


def test_a_control_says_nothing_of_the_pool() -> None:
    """A planted wrong label was never in it."""
    drawn = draw_audit(POOL, (), AB, AuditSettings(n=4, planted=2), seed=1)
    planted = [item for item in drawn.items if item.kind == "planted"]

    found = Audited(drawn, tuple(Answer(item.id, "Ann", "wrong") for item in planted))

    assert found.check(POOL) == [None] * len(POOL)
    assert found.metrics(POOL) == {"synthetic/audited_coverage": 0.0}


def test_the_digest_follows_the_answers_and_not_their_order() -> None:
    """One more answer, or another one, makes another run."""
    drawn = audit()
    one, two = (audited(drawn, {name: "right"}).answers[0] for name in ("A0", "B0"))

    assert Audited(drawn, (one, two)).digest == Audited(drawn, (two, one)).digest
    assert len({Audited(drawn, of).digest for of in ((one,), (one, two), (replace(one, verdict="wrong"), two))}) == 3


def test_an_audit_that_nobody_answered_is_one_line(tmp_path: Path) -> None:
    write_audit(audit(), audit_folder(str(tmp_path), "default"))

    with pytest.raises(AuditError, match=r"^curation.audit=default: nobody has answered yet; synthsweep audit review"):
        open_audited(str(tmp_path), "default")
    with pytest.raises(AuditError, match=r"^curation\.audit=other: no such audit below .*; there are default$"):
        open_audited(str(tmp_path), "other")


def test_what_was_answered_on_the_page_counts_at_once(tmp_path: Path) -> None:
    """Nothing has to be imported first."""
    drawn, folder = audit(), audit_folder(str(tmp_path), "default")
    write_audit(drawn, folder)
    open_answers(folder).save(Answer(drawn.items[0].id, "Ann", "right"))

    assert len(open_audited(str(tmp_path), "default").answers) == 1
