"""Audits of texts that carry exactly one label each: sheets, interface, answers, and what is kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from support.builders import AB
from synthsweep.audit.folder import read_audit, write_audit
from synthsweep.audit.items import RIGHT, SAMPLE, WRONG, Answer, Audit, Item, checked_answer
from synthsweep.audit.sheets.label_studio import interface
from synthsweep.audit.sheets.rows import INSTRUCTIONS, instructions
from synthsweep.errors import AuditError
from synthsweep.examples import Criterion

CLASSES = replace(AB, criteria=(*AB.criteria, Criterion("C", "Gamma")), kind="single")
ITEM = Item("t1", "a text", "A", SAMPLE, "s1", frozenset({"A"}), "llm", "plain")


@pytest.mark.parametrize(("verdict", "shows"), [(RIGHT, {"B"}), (WRONG, {"B", "C"})])
def test_an_answer_names_one_class_at_most(verdict: str, shows: set[str]) -> None:
    """None beside a right verdict, one beside a wrong one; where a text may have several labels, any number."""
    answer = Answer("t1", "Ada", verdict, frozenset(shows))
    with pytest.raises(AuditError, match="each text has exactly one"):
        checked_answer(answer, ITEM, CLASSES)

    assert checked_answer(answer, ITEM, replace(CLASSES, kind="multi")) == answer
    assert checked_answer(replace(answer, verdict=WRONG, shows=frozenset({"B"})), ITEM, CLASSES).shows == {"B"}


def test_raters_are_told_that_a_text_has_one_class() -> None:
    """On the sheets, and in Label Studio, where one mark replaces another."""

    audit = Audit("one", CLASSES, (ITEM,), {ITEM.stratum: 1})
    told, usual = instructions(CLASSES), instructions(AB)

    assert "each text belongs to exactly one class" in told[2]
    assert usual == INSTRUCTIONS
    assert '<Choices name="shows" toName="text" choice="single"' in interface(audit)
    assert '<Choices name="shows" toName="text" choice="multiple"' in interface(replace(audit, labels=AB))


def test_an_audit_keeps_the_kind_of_its_labels(tmp_path: Path) -> None:
    """Answers that come later are checked by it."""
    write_audit(Audit("one", CLASSES, (ITEM,), {ITEM.stratum: 1}), tmp_path / "one")

    assert read_audit(tmp_path / "one").labels == CLASSES
