"""Computes everything that an audit reports from its answers; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.audit.items import PLANTED, REAL, SAMPLE, UNSURE, Answer, Audit, Stratum
from synthsweep.audit.stats.agreement import cohen_kappa, krippendorff_alpha
from synthsweep.audit.stats.consensus import Opinion, by_stratum, marks_by_rater, opinions, raters_of, verdicts_by_rater
from synthsweep.audit.stats.prediction_powered import PredictionPowered, prediction_powered_share
from synthsweep.audit.stats.shares import Share, share_of, weighted_share
from synthsweep.examples import text_key

ALL = "all"
MARGINS = Stratum._fields


@dataclass(frozen=True)
class Part:
    """A part of the sample: `group` is all, llm, prompt, criterion or cell, `name` is its value.

    `right` and `wrong` count texts whose label the raters confirm or deny, `open` those without a verdict: nobody answered, or
    the raters were unsure or evenly split. `omission` is the share of texts that show a criterion which their labels omit.
    """

    group: str
    name: str
    strata: tuple[Stratum, ...]
    pool: int
    sampled: int
    right: int
    wrong: int
    open: int
    correctness: Share
    omission: Share
    powered: PredictionPowered | None = None


@dataclass(frozen=True)
class Agreement:
    """The agreement of raters on one criterion, or on all verdicts; None is undefined.

    `alpha` and `kappa` are for the verdicts on the criterion's own items; `marks` is alpha for whether any text shows it.
    """

    name: str
    items: int
    alpha: float | None
    kappa: float | None
    marks: float | None = None


@dataclass(frozen=True)
class Control:
    """Items with a known verdict: real texts with their labels, or labels that were planted wrong."""

    kind: str
    items: int
    passed: Share


@dataclass(frozen=True)
class RaterProgress:
    """How many items a rater answered, and how often they were unsure."""

    rater: str
    answered: int
    unsure: int


@dataclass(frozen=True)
class Findings:
    """An audit with its results; `opinions` are by item, `judge` is the name of the LLM judge of the whole pools, if any."""

    audit: Audit
    answers: tuple[Answer, ...]
    opinions: Mapping[str, Opinion]
    parts: tuple[Part, ...]
    agreement: tuple[Agreement, ...]
    controls: tuple[Control, ...]
    progress: tuple[RaterProgress, ...]
    judge: str = ""

    def part(self, group: str, name: str = "") -> Part:
        return next(part for part in self.parts if (part.group, part.name) == (group, name))

    @property
    def whole(self) -> Part:
        return self.part(ALL, ALL)


@dataclass(frozen=True)
class Judged:
    """A judge's verdicts on whole pools: maps a text's key to whether the judge confirms its requested label."""

    name: str
    verdicts: Mapping[Stratum, Mapping[str, bool]]


def compute_findings(audit: Audit, answers: Iterable[Answer], judged: Judged | None = None) -> Findings:
    """The results for the sample, for each LLM, prompt, criterion and cell, and for the raters."""
    answers = tuple(answers)
    by_item = opinions(audit, answers)
    return Findings(
        audit=audit,
        answers=answers,
        opinions=by_item,
        parts=tuple(_part(audit, by_item, judged, *group) for group in groups_of(audit)),
        agreement=_agreement(audit, answers),
        controls=tuple(_control(audit, by_item, kind) for kind in (REAL, PLANTED) if audit.of_kind(kind)),
        progress=_progress(answers),
        judge=judged.name if judged else "",
    )


def groups_of(audit: Audit) -> list[tuple[str, str, tuple[Stratum, ...]]]:
    """Group, name and strata of every part; groups with one member are left out, as they equal the whole."""
    strata = tuple(audit.sizes)
    parts = [(ALL, ALL, strata)]
    divisions = 0
    for place, group in enumerate(MARGINS):
        names = list(dict.fromkeys(stratum[place] for stratum in strata))
        if len(names) > 1:
            divisions += 1
            parts += [(group, name, tuple(s for s in strata if s[place] == name)) for name in names]
    cells = [("cell", " / ".join(filter(None, stratum)), (stratum,)) for stratum in strata]
    return [*parts, *(cells if divisions > 1 else [])]


def _part(
    audit: Audit, by_item: Mapping[str, Opinion], judged: Judged | None, group: str, name: str, strata: tuple[Stratum, ...]
) -> Part:
    items = [item for item in audit.of_kind(SAMPLE) if item.stratum in strata]
    decided = [opinion for item in items if (opinion := by_item.get(item.id)) and opinion.verdict is not None]
    sizes = {stratum: audit.sizes[stratum] for stratum in strata}
    own = by_stratum(decided)
    correct = {stratum: [bool(one.correct) for one in own.get(stratum, [])] for stratum in strata}
    omits = {stratum: [bool(one.omits) for one in own.get(stratum, [])] for stratum in strata}
    right = sum(map(sum, correct.values()))
    return Part(
        group, name, strata, sum(sizes.values()), len(items), right, len(decided) - right, len(items) - len(decided),
        weighted_share(correct, sizes), weighted_share(omits, sizes), _prediction_powered(sizes, decided, judged),
    )  # fmt: skip


def _prediction_powered(
    sizes: Mapping[Stratum, int], decided: Sequence[Opinion], judged: Judged | None
) -> PredictionPowered | None:
    if judged is None:
        return None
    keys = {one.item.id: text_key(one.item.text) for one in decided}
    both = [one for one in decided if keys[one.item.id] in judged.verdicts.get(one.item.stratum, {})]
    own = by_stratum(both)
    # A stratum without texts that both have judged cannot be corrected: it is excluded from both terms of the estimate.
    covered = {stratum: judged.verdicts[stratum] for stratum in sizes if stratum in own}
    return prediction_powered_share(
        truth=np.array([bool(one.correct) for one in both], dtype=float),
        judged=np.array([judged.verdicts[one.item.stratum][keys[one.item.id]] for one in both], dtype=float),
        weights=np.array([sizes[one.item.stratum] / len(own[one.item.stratum]) for one in both], dtype=float),
        judged_pool=np.array([verdict for texts in covered.values() for verdict in texts.values()], dtype=float),
        pool_weights=np.array([sizes[stratum] / len(texts) for stratum, texts in covered.items() for _ in texts], dtype=float),
    )


def _agreement(audit: Audit, answers: Sequence[Answer]) -> tuple[Agreement, ...]:
    if len(raters_of(answers)) < 2:
        return ()
    rows = []
    for label in (None, *audit.labels.ids):
        verdicts = verdicts_by_rater(audit, answers, label)
        raters = Counter(item for own in verdicts.values() for item in own)
        shared = sum(count > 1 for count in raters.values())
        marks = None if label is None else krippendorff_alpha(marks_by_rater(audit, answers, label))
        rows.append(Agreement(label or ALL, shared, krippendorff_alpha(verdicts), cohen_kappa(verdicts), marks))
    return tuple(rows)


def _control(audit: Audit, by_item: Mapping[str, Opinion], kind: str) -> Control:
    items = audit.of_kind(kind)
    decided = [one for item in items if (one := by_item.get(item.id)) and one.verdict is not None]
    passed = [bool(one.correct) for one in decided]
    return Control(kind, len(items), share_of(passed))


def _progress(answers: Sequence[Answer]) -> tuple[RaterProgress, ...]:
    own = {rater: [answer for answer in answers if answer.rater == rater] for rater in raters_of(answers)}
    return tuple(RaterProgress(rater, len(given), sum(a.verdict == UNSURE for a in given)) for rater, given in own.items())
