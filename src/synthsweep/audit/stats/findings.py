"""Everything that an audit says, as values; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synthsweep.audit.items import PLANTED, REAL, SAMPLE, UNSURE, Answer, Audit, Stratum
from synthsweep.audit.stats.agreement import cohen_kappa, krippendorff_alpha
from synthsweep.audit.stats.consensus import Opinion, by_stratum, marks_of, opinions, raters_of, values_of
from synthsweep.audit.stats.prediction_powered import PredictionPowered, prediction_powered_share
from synthsweep.audit.stats.shares import Share, share_of, weighted_share
from synthsweep.examples import text_key

ALL = "all"
# A part of the sample, and what a stratum is called in it.
MARGINS = Stratum._fields


@dataclass(frozen=True)
class Part:
    """A part of the sample: `group` is all, llm, prompt, criterion or cell, `name` which of them.

    `right` and `wrong` count texts whose labels the raters bear out or not, `open` those without a verdict: nobody answered, or
    those who did were unsure or of two minds. `omission` is the share that shows a criterion which its labels leave out.
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
    """How far raters agree on a criterion, or on all verdicts; None is undefined.

    `alpha` and `kappa` are of the verdicts on texts that ask for it, `marks` is alpha of whether it is seen, in every text.
    """

    name: str
    items: int
    alpha: float | None
    kappa: float | None
    marks: float | None = None


@dataclass(frozen=True)
class Control:
    """Items whose verdict was known: real texts with their labels, or labels that were planted wrong."""

    kind: str
    items: int
    passed: Share


@dataclass(frozen=True)
class RaterProgress:
    """How far a rater got, and how often they were unsure."""

    rater: str
    answered: int
    unsure: int


@dataclass(frozen=True)
class Findings:
    """The audit and what became of it; `opinions` are by item, `judge` names who judged the whole pool, if anybody."""

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
    """A judge's verdicts on whole pools: the key of a text to whether it bears out the label that was asked for."""

    name: str
    verdicts: Mapping[Stratum, Mapping[str, bool]]


def compute_findings(audit: Audit, answers: Iterable[Answer], judged: Judged | None = None) -> Findings:
    """What the answers say of the sample, of each LLM, prompt, criterion and cell, and of the raters."""
    given = tuple(answers)
    said = opinions(audit, given)
    return Findings(
        audit=audit,
        answers=given,
        opinions=said,
        parts=tuple(_part(audit, said, judged, *group) for group in groups_of(audit)),
        agreement=_agreement(audit, given),
        controls=tuple(_control(audit, said, kind) for kind in (REAL, PLANTED) if audit.of_kind(kind)),
        progress=_progress(given),
        judge=judged.name if judged else "",
    )


def groups_of(audit: Audit) -> list[tuple[str, str, tuple[Stratum, ...]]]:
    """Group, name and strata of every part; a division that has one member says no more than the whole, and is left out."""
    strata = tuple(audit.sizes)
    found = [(ALL, ALL, strata)]
    divisions = 0
    for place, group in enumerate(MARGINS):
        names = list(dict.fromkeys(stratum[place] for stratum in strata))
        if len(names) > 1:
            divisions += 1
            found += [(group, name, tuple(s for s in strata if s[place] == name)) for name in names]
    cells = [("cell", " / ".join(filter(None, stratum)), (stratum,)) for stratum in strata]
    return [*found, *(cells if divisions > 1 else [])]


def _part(
    audit: Audit, said: Mapping[str, Opinion], judged: Judged | None, group: str, name: str, strata: tuple[Stratum, ...]
) -> Part:
    items = [item for item in audit.of_kind(SAMPLE) if item.stratum in strata]
    there = [opinion for item in items if (opinion := said.get(item.id)) and opinion.verdict is not None]
    sizes = {stratum: audit.sizes[stratum] for stratum in strata}
    own = by_stratum(there)
    correct = {stratum: [bool(one.correct) for one in own.get(stratum, [])] for stratum in strata}
    omits = {stratum: [bool(one.omits) for one in own.get(stratum, [])] for stratum in strata}
    right = sum(map(sum, correct.values()))
    return Part(
        group, name, strata, sum(sizes.values()), len(items), right, len(there) - right, len(items) - len(there),
        weighted_share(correct, sizes), weighted_share(omits, sizes), _powered(sizes, there, judged),
    )  # fmt: skip


def _powered(sizes: Mapping[Stratum, int], said: Sequence[Opinion], judged: Judged | None) -> PredictionPowered | None:
    if judged is None:
        return None
    keys = {one.item.id: text_key(one.item.text) for one in said}
    both = [one for one in said if keys[one.item.id] in judged.verdicts.get(one.item.stratum, {})]
    own = by_stratum(both)
    # A stratum where nobody can put the judge right is in neither part of the estimate.
    covered = {stratum: judged.verdicts[stratum] for stratum in sizes if stratum in own}
    return prediction_powered_share(
        np.array([bool(one.correct) for one in both], dtype=float),
        np.array([judged.verdicts[one.item.stratum][keys[one.item.id]] for one in both], dtype=float),
        np.array([sizes[one.item.stratum] / len(own[one.item.stratum]) for one in both], dtype=float),
        np.array([verdict for of in covered.values() for verdict in of.values()], dtype=float),
        np.array([sizes[stratum] / len(of) for stratum, of in covered.items() for _ in of], dtype=float),
    )


def _agreement(audit: Audit, answers: Sequence[Answer]) -> tuple[Agreement, ...]:
    if len(raters_of(answers)) < 2:
        return ()
    rows = []
    for label in (None, *audit.labels.ids):
        values = values_of(audit, answers, label)
        twice = [unit for unit in {u for of in values.values() for u in of} if sum(unit in of for of in values.values()) > 1]
        marks = None if label is None else krippendorff_alpha(marks_of(audit, answers, label))
        rows.append(Agreement(label or ALL, len(twice), krippendorff_alpha(values), cohen_kappa(values), marks))
    return tuple(rows)


def _control(audit: Audit, said: Mapping[str, Opinion], kind: str) -> Control:
    items = audit.of_kind(kind)
    passed = [bool(said[item.id].correct) for item in items if item.id in said and said[item.id].verdict is not None]
    return Control(kind, len(items), share_of(passed))


def _progress(answers: Sequence[Answer]) -> tuple[RaterProgress, ...]:
    own = {rater: [answer for answer in answers if answer.rater == rater] for rater in raters_of(answers)}
    return tuple(RaterProgress(rater, len(of), sum(a.verdict == UNSURE for a in of)) for rater, of in own.items())
