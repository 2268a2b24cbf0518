"""The tables of an audit, for readers and as plain rows, without any texts or notes; pure."""

from collections.abc import Sequence
from typing import Any

from synthsweep.audit.items import SAMPLE
from synthsweep.audit.report.parts import margins, parts_of, ranged
from synthsweep.audit.stats.findings import ALL, Findings, Part
from synthsweep.audit.stats.prediction_powered import FEWEST, PredictionPowered
from synthsweep.audit.stats.shares import Share
from synthsweep.pages.numbers import DASH, counted, number, percent
from synthsweep.pages.tables.table import Table

GROUPS = {"llm": "by LLM", "prompt": "by prompt", "criterion": "by criterion", "cell": "by cell"}
KINDS = {"planted": "labels planted wrong, called wrong", "real": "real texts, called right for a label of their own"}
UNDEFINED = f"{DASH}: undefined, never 0: nothing there has a verdict"
# Shares come before counts, because a phone only shows the first columns.
SHARES = ("right, %", "labels leave something out, %")
COUNTS = ("judged", "right", "open", "texts in the pools")
INTERVAL = ("", "_low", "_high")
COLUMNS = {
    "parts": (
        "group", "name", "llm", "prompt", "criterion", "pool", "sampled", "right", "wrong", "open",
        *(f"correctness{end}" for end in (*INTERVAL, "_uncovered")), *(f"omission{end}" for end in (*INTERVAL, "_uncovered")),
        *(f"powered{end}" for end in (*INTERVAL, "_weight", "_judge", "_texts", "_pool")),
    ),
    "agreement": ("criterion", "items", "alpha", "kappa", "marks_alpha"),
    "controls": ("kind", "items", "judged", "passed", "share", "share_low", "share_high"),
    "answers": ("item", "example", "kind", "llm", "prompt", "criterion", "expected", "rater", "verdict", "shows"),
}  # fmt: skip


def parts_table(findings: Findings) -> Table:
    """All texts, then one row per LLM, per prompt and per criterion."""
    parts: list[Part | str] = [findings.whole]
    for group, members in margins(findings).items():
        parts += [GROUPS[group], *members]
    caption = "How many labels are right, and how many texts show what their labels leave out, with 95 % intervals"
    return _shares_table(findings, "parts", caption, parts)


def cells_table(findings: Findings) -> Table:
    """One row per LLM, prompt and criterion together."""
    cells = parts_of(findings, "cell")
    return _shares_table(findings, "cells", f"The same for each of {len(cells)} cells", cells)


def _shares_table(findings: Findings, name: str, caption: str, parts: Sequence[Part | str]) -> Table:
    own = [part for part in parts if isinstance(part, Part)]
    joined = any(part.powered for part in own)
    return Table(
        name,
        caption,
        ("part", *SHARES, *(("right, joined with the judge, %",) if joined else ()), *COUNTS),
        "lrrrrrr" + "r" * joined,
        tuple((part,) if isinstance(part, str) else _part_row(findings, part, joined) for part in parts),
        _part_notes(findings, own, joined),
    )


def _part_row(findings: Findings, part: Part, joined: bool) -> tuple[str, ...]:
    counts = (part.right + part.wrong, part.right, part.open, part.pool)
    shares = (part.correctness, part.omission, *((part.powered,) if joined else ()))
    return (_part_name(findings, part), *map(ranged, shares), *(f"{count:,}" for count in counts))


def _part_name(findings: Findings, part: Part) -> str:
    return named(findings, part.name) if part.group == "criterion" else "all texts" if part.group == ALL else part.name


def named(findings: Findings, label: str) -> str:
    """A criterion by its id and name, or by its id alone if it has no other name."""
    return findings.audit.labels[label].title


def _part_notes(findings: Findings, parts: Sequence[Part], joined: bool) -> tuple[str, ...]:
    notes = [
        "Right: the raters confirm the label. Open: nobody answered, those who did were unsure, or raters disagree. Shares "
        "are weighted by how many texts of the pools each cell has, so they may differ from right by judged."
    ]
    if joined:
        notes.append(
            f"Joined with {findings.judge}: its verdicts on every text, corrected by how they differ from the raters' "
            "(prediction-powered inference)."
        )
    missed = [
        f"{_part_name(findings, part)} {percent(part.correctness.uncovered)}"
        for part in parts
        if 0 < part.correctness.uncovered < 1
    ]
    if missed:
        notes.append(f"Not covered, as cells there have no verdict: {', '.join(missed)}.")
    undefined = any(part.correctness.value is None or (joined and part.powered is None) for part in parts)
    too_few = f", or judge and raters have fewer than {FEWEST} texts in common" if joined else ""
    return (*notes, *([f"{UNDEFINED}{too_few}."] if undefined else []))


def omitted_table(findings: Findings) -> Table:
    """One row per criterion: how many texts of the sample show it, and how many of these lack that label."""
    judged = [one for one in findings.opinions.values() if one.item.kind == SAMPLE and one.verdict is not None]
    rows = []
    for label in findings.audit.labels.ids:
        seen = [one for one in judged if label in one.seen]
        without = sum(label not in one.item.labels for one in seen)
        counts = (f"{len(seen):,}", f"{without:,}") if judged else (DASH, DASH)
        rows.append((named(findings, label), *counts))
    note = f"Of {counted(len(judged), 'judged text')}, whatever criterion was asked for; counts of the sample, not weighted."
    return Table(
        "omitted", "Criteria that raters see", ("criterion", "texts that show it", "of them without that label"), "lrr",
        tuple(rows), (note,),
    )  # fmt: skip


def agreement_table(findings: Findings) -> Table:
    """All verdicts, then one row per criterion; none with fewer than two raters."""
    rows = [
        (
            named(findings, one.name) if place else "all verdicts",
            f"{one.items:,}", number(one.alpha), number(one.kappa), number(one.marks) if place else "",
        )
        for place, one in enumerate(findings.agreement)
    ]  # fmt: skip
    undefined = any(DASH in row for row in rows)
    notes = (
        "Krippendorff's alpha and Cohen's kappa (of more than two raters, the mean over pairs): 1 is full agreement, 0 what "
        "chance would give. Seen at all: alpha of whether a rater sees the criterion, in every text. Unsure answers are left "
        "out.",
        *([f"{DASH}: undefined, as no two verdicts meet there, or all are the same."] if undefined else []),
    )
    heads = ("verdicts on", "items of two raters", "alpha", "kappa", "seen at all, alpha")
    return Table("agreement", "How far raters agree beyond chance", heads, "lrrrr", tuple(rows), notes)


def controls_table(findings: Findings) -> Table:
    """One row per kind of control."""
    rows = tuple(
        (KINDS[one.kind], ranged(one.passed), f"{one.passed.texts:,}", _passed(one.passed), f"{one.items:,}")
        for one in findings.controls
    )
    heads = ("controls", "as expected, %", "judged", "as expected", "items")
    return Table("controls", "Items whose verdict was known", heads, "lrrrr", rows)


def _passed(share: Share) -> str:
    return DASH if share.value is None else f"{round(share.value * share.texts):,}"


def progress_table(findings: Findings) -> Table:
    """One row per rater."""
    items = len(findings.audit.items)
    rows = tuple(
        (one.rater, f"{one.answered:,}", f"{items - one.answered:,}", f"{one.unsure:,}", percent(one.unsure / one.answered))
        for one in findings.progress
    )
    heads = ("rater", "answers", "not answered", "unsure", "of their answers")
    return Table("progress", f"How far raters got with {items:,} items, controls among them", heads, "lrrrr", rows)


def records(findings: Findings) -> dict[str, list[dict[str, Any]]]:
    """Maps file names to unrounded rows, with the columns of COLUMNS; None is undefined."""
    rows: dict[str, list[tuple[Any, ...]]] = {
        "parts": [_part_record(part) for part in findings.parts],
        "agreement": [(one.name, one.items, one.alpha, one.kappa, one.marks) for one in findings.agreement],
        "controls": [
            (
                one.kind, one.items, one.passed.texts,
                None if one.passed.value is None else round(one.passed.value * one.passed.texts), *_interval(one.passed),
            )
            for one in findings.controls
        ],
        "answers": _answer_records(findings),
    }  # fmt: skip
    return {name: [dict(zip(COLUMNS[name], row, strict=True)) for row in of] for name, of in rows.items()}


def _part_record(part: Part) -> tuple[Any, ...]:
    own = part.strata[0] if part.group == "cell" else ("", "", "")
    margin = tuple(part.name if part.group == group else name for group, name in zip(GROUPS, own, strict=False))
    return (
        part.group, part.name, *margin, part.pool, part.sampled, part.right, part.wrong, part.open,
        *_interval(part.correctness), part.correctness.uncovered, *_interval(part.omission), part.omission.uncovered,
        *_powered(part.powered),
    )  # fmt: skip


def _interval(share: Share) -> tuple[float | None, ...]:
    return share.value, share.low, share.high


def _powered(powered: PredictionPowered | None) -> tuple[Any, ...]:
    if powered is None:
        return (None,) * 7
    return powered.value, powered.low, powered.high, powered.weight, powered.judge, powered.texts, powered.pool


def _answer_records(findings: Findings) -> list[tuple[Any, ...]]:
    items = {item.id: item for item in findings.audit.items}
    return [
        (
            item.id, item.example, item.kind, item.llm, item.prompt, item.criterion, item.expected,
            answer.rater, answer.verdict, " | ".join(sorted(answer.shows)),
        )
        for answer in findings.answers
        if (item := items.get(answer.item))
    ]  # fmt: skip
