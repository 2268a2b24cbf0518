"""Keeps an audit as a run: numbers, tables, figures, feedback on each example; texts only of public corpora."""

import tempfile
from pathlib import Path

from synthsweep.audit.items import SAMPLE, Answer, Item
from synthsweep.audit.report.headline import headline
from synthsweep.audit.report.metrics import metrics
from synthsweep.audit.report.page import write_tracked
from synthsweep.audit.stats.consensus import by_item
from synthsweep.audit.stats.findings import Findings
from synthsweep.examples import digest_of
from synthsweep.track.choose import TrackingStore
from synthsweep.track.environment import version_tags
from synthsweep.track.writer import Feedback, JudgedExample, RunStart, Tracker

# Increase it when the same answers may give other numbers.
VERSION = 1


def track_audit(found: Findings, store: TrackingStore) -> str:
    """Keeps the findings as a run, and returns its id; findings from the same answers are kept once.

    Raises:
        TrackingError: the store rejects them.
    """
    key = audit_key(found)
    kept = store.finished.find_finished(key, with_predictions=False)
    return kept.run_id if kept is not None else _write_audit(found, key, store.tracker)


def _write_audit(found: Findings, key: str, tracker: Tracker) -> str:
    audit = found.audit
    parameters = {
        "audit.name": audit.name,
        "audit.n": len(audit.of_kind(SAMPLE)),
        "audit.controls": len(audit.items) - len(audit.of_kind(SAMPLE)),
        "seed": audit.seed,
        "labels": ", ".join(audit.labels.ids),
        "llms": ", ".join(dict.fromkeys(stratum.llm for stratum in audit.sizes)),
        "prompts": ", ".join(dict.fromkeys(stratum.prompt for stratum in audit.sizes)),
    }
    tags = {"kind": "audit", "audit": audit.name, "run_key": key, **version_tags()}
    run_id = tracker.start(RunStart(f"audit {audit.name}", parameters, tags))
    try:
        tracker.log_metrics(metrics(found))
        with tempfile.TemporaryDirectory(prefix="synthsweep-") as folder:
            write_tracked(found, Path(folder))
            tracker.log_files(Path(folder))
        tracker.log_feedback(judged_examples(found))
    except BaseException:
        tracker.finish("FAILED", reason="the findings were not kept whole: the same command keeps them again")
        raise
    tracker.finish("FINISHED", summary="\n\n".join(headline(found)))
    return run_id


def audit_key(found: Findings) -> str:
    """32 hexadecimal digits that depend on the sample, the answers and the judge."""
    answers = sorted([one.item, one.rater, one.verdict, sorted(one.shows), one.note] for one in found.answers)
    powered = [part.powered and [part.powered.value, part.powered.judge] for part in found.parts]
    return digest_of([VERSION, found.audit.name, found.audit.public, found.audit.digest, answers, found.judge, powered])[:32]


def judged_examples(found: Findings) -> list[JudgedExample]:
    """Each item with an answer, with the feedback of each rater."""
    answers = by_item(found.answers)
    public = found.audit.public
    return [
        JudgedExample(
            f"audit {found.audit.name}",
            {"example": item.example, "criterion": item.criterion, **({"text": item.text} if public else {})},
            {"labels": sorted(item.labels), "kind": item.kind, "llm": item.llm, "prompt": item.prompt},
            tuple(_feedback(answer, item, public=public) for answer in answers[item.id]),
        )
        for item in found.audit.items
        if item.id in answers
    ]


def _feedback(answer: Answer, item: Item, *, public: bool) -> Feedback:
    # A note may quote its text.
    return Feedback(
        answer.rater,
        {"verdict": answer.verdict, "seen": ", ".join(sorted(answer.seen(item))) or "none"},
        answer.note if public else "",
    )
