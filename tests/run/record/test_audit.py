"""An audit as a run: one per set of answers, whole or FAILED, with texts only of public corpora."""

import json
from dataclasses import replace

import pytest

from support import findings
from support.builders import store_of
from synthsweep.audit.stats.findings import Findings
from synthsweep.errors import TrackingError
from synthsweep.run.record.audit import audit_key, judged_examples, track_audit
from synthsweep.track.writer import IN_MEMORY, RecordingTracker


def small(*, public: bool = False) -> Findings:
    found = findings.full()
    return replace(found, audit=replace(found.audit, public=public))


@pytest.mark.slow
def test_a_run_has_the_numbers_the_tables_the_figures_and_the_feedback() -> None:
    """The same answers again open no second run."""

    found, tracker = small(), RecordingTracker()

    first = track_audit(found, store_of(tracker))
    metrics = list(tracker.metrics)
    again = track_audit(found, store_of(tracker))

    assert (first, again, tracker.status) == (IN_MEMORY, IN_MEMORY, "FINISHED")
    assert tracker.metrics == metrics
    assert metrics[0][1]["audit/correctness/all"] == found.whole.correctness.value
    assert {"tables/parts.csv", "tables/answers.csv"} < set(tracker.files)
    assert any(name.endswith(".png") for name in tracker.files)
    assert len(tracker.judged) == len(found.opinions)
    assert "example-label pairs are right" in tracker.summary


@pytest.mark.parametrize("public", [True, False])
def test_texts_and_notes_are_kept_only_of_a_public_corpus(public: bool) -> None:
    """A note may quote its text."""

    examples = judged_examples(small(public=public))
    kept = json.dumps([(example.shown, [feedback.note for feedback in example.feedback]) for example in examples])

    assert (findings.SECRET in kept) == public
    assert (findings.SECRET_NOTE in kept) == public


def test_each_rater_gives_feedback_of_their_own() -> None:
    """With the verdict, and every criterion that they see."""

    found = small()
    item = found.audit.items[0]

    first = next(one for one in judged_examples(found) if one.shown["example"] == item.example)

    answers = {answer.rater: answer for answer in found.answers if answer.item == item.id}
    assert [(feedback.rater, feedback.values) for feedback in first.feedback] == [
        (rater, {"verdict": answer.verdict, "seen": ", ".join(sorted(answer.seen(item))) or "none"})
        for rater, answer in answers.items()
    ]


def test_the_key_follows_the_answers_and_not_their_order() -> None:
    """Another set of answers, another note or another judge makes another run."""

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
def test_a_store_that_fails_leaves_a_failed_run_that_is_not_reused() -> None:
    tracker = Full()

    with pytest.raises(TrackingError, match="the disk is full"):
        track_audit(small(), store_of(tracker))

    assert tracker.status == "FAILED"
    assert tracker.find_finished(audit_key(small())) is None
