"""An audit as a run: once for each set of answers, whole or FAILED, with texts of public corpora alone."""

import json
from dataclasses import replace

import pytest

from support import findings
from synthsweep.audit.stats.findings import Findings
from synthsweep.errors import TrackingError
from synthsweep.run.record_audit import audit_key, judged_examples, track_audit
from synthsweep.track.writer import IN_MEMORY, RecordingTracker


def small(*, public: bool = False) -> Findings:
    found = findings.full()
    return replace(found, audit=replace(found.audit, public=public))


@pytest.mark.slow
def test_a_run_has_the_numbers_the_tables_the_figures_and_the_feedback() -> None:
    """And the sentences as its description; the same answers again open no second one."""
    found, tracker = small(), RecordingTracker()

    first = track_audit(found, tracker)
    metrics = list(tracker.metrics)
    again = track_audit(found, tracker)

    assert (first, again, tracker.status) == (IN_MEMORY, IN_MEMORY, "FINISHED")
    assert metrics == tracker.metrics
    assert found.whole.correctness.value == metrics[0][1]["audit/correctness/all"]
    assert {"tables/parts.csv", "tables/answers.csv"} < set(tracker.files)
    assert any(name.endswith(".png") for name in tracker.files)
    assert len(found.opinions) == len(tracker.judged)
    assert "example-label pairs are right" in tracker.summary


@pytest.mark.parametrize("public", [True, False])
def test_a_text_and_a_note_are_told_of_a_public_corpus_alone(public: bool) -> None:
    """A note may quote its text."""
    told = json.dumps([(one.shown, [said.note for said in one.feedback]) for one in judged_examples(small(public=public))])

    assert public == (findings.SECRET in told)
    assert public == (findings.SECRET_NOTE in told)


def test_each_rater_gives_feedback_of_their_own() -> None:
    """With the verdict, and every criterion that they see."""
    found = small()
    said = {(one.item, one.rater): one for one in found.answers}
    item = found.audit.items[0]

    first = next(one for one in judged_examples(found) if one.shown["example"] == item.example)

    assert [
        (rater, {"verdict": one.verdict, "seen": ", ".join(sorted(one.seen(item))) or "none"})
        for (ident, rater), one in said.items()
        if ident == item.id
    ] == [(one.rater, one.values) for one in first.feedback]


def test_the_key_follows_the_answers_and_not_their_order() -> None:
    """Another verdict, another note, another judge: another run."""
    found = small()
    turned = replace(found, answers=found.answers[::-1])
    others = [
        replace(found, answers=found.answers[1:]),
        replace(found, answers=(replace(found.answers[0], note="more"), *found.answers[1:])),
        replace(found, judge="another"),
    ]

    assert audit_key(found) == audit_key(turned)
    assert len({audit_key(found), *map(audit_key, others)}) == 4


class Full(RecordingTracker):
    """A store that takes no files."""

    def log_files(self, folder: object) -> None:
        raise TrackingError("tracking: the disk is full")


@pytest.mark.slow
def test_a_store_that_fails_leaves_a_failed_run_that_the_next_import_makes_up_for() -> None:
    """No half of it passes for a whole."""
    tracker = Full()

    with pytest.raises(TrackingError, match="the disk is full"):
        track_audit(small(), tracker)

    assert tracker.status == "FAILED"
    assert tracker.find(audit_key(small())) is None
