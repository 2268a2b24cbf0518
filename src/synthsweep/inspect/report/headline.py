"""The headline of the page: what is remarkable, in plain sentences; pure."""

import math
from collections.abc import Iterator

import numpy as np

from synthsweep.inspect.inspection import Inspection
from synthsweep.messages import listing
from synthsweep.pages.numbers import counted, number, percent_of

# Two values are similar if they differ by less than this share of the real one.
ALIKE = 0.05
# Two cosines are similar if they differ by less than this.
NEAR = 0.02
# Shares of texts without a criterion are similar if they differ by less than this.
EMPTY = 0.1
DIVERSITY = "vendi_q1"
COPIES = {"near_duplicates_lexical": "by words", "near_duplicates_semantic": "by meaning"}
LEAKS = {"leak_share_lexical": "by words", "leak_share_semantic": "by meaning"}


def headline(inspection: Inspection) -> tuple[str, ...]:
    """The size of the pool, what curation dropped, then each way in which the pool differs from the real texts."""
    return (
        *_size(inspection),
        *_curation(inspection),
        *_leaks(inspection),
        *_length(inspection),
        *_diversity(inspection),
        *_copies(inspection),
        *_nearness(inspection),
        *_labels(inspection),
    )


def _size(inspection: Inspection) -> Iterator[str]:
    planted = inspection.curation.planted
    faults = ", ".join(f"{name.replace('_', ' ')} in {count:,}" for name, count in planted.items())
    real = counted(inspection.real.count, "real training text")
    planted_faults = f" Planted: {faults}." if planted else ""
    yield f"{counted(inspection.synthetic.count, 'text')} of {inspection.pool} beside {real}.{planted_faults}"


def _curation(inspection: Inspection) -> Iterator[str]:
    curation = inspection.curation
    lost = curation.written - inspection.synthetic.count
    if lost:
        steps = ", ".join(f"{step.replace('_', ' ')} {count:,}" for step, count in curation.counts.items() if count)
        yield f"Curation dropped {lost:,} of {counted(curation.written, 'text')} ({steps})."
    else:
        yield f"Curation dropped none of {counted(curation.written, 'text')}."
    if curation.relabelled:
        yield f"The label check gave {counted(curation.relabelled, 'text')} other labels."


def _leaks(inspection: Inspection) -> Iterator[str]:
    leaked = inspection.curation.leaked
    if leaked:
        one, several = "text repeats a dev or test text: it never trains", "texts repeat dev or test texts: they never train"
        yield f"{leaked:,} {one if leaked == 1 else several}."
    else:
        yield "The leak gate found no copy of a dev or test text."
    shares = inspection.synthetic.pool
    near = [f"{percent_of(shares[name])} {how}" for name, how in LEAKS.items() if shares.get(name)]
    if near:
        shown = ", ".join(near)
        yield f"Of the texts that are left, some are near a dev or test text: {shown}. curation=near drops such texts."


def _length(inspection: Inspection) -> Iterator[str]:
    ours, theirs = _medians(inspection, "length")
    if not ours or not theirs:
        return
    change = ours / theirs - 1
    longer = f"{percent_of(abs(change))} {'longer' if change > 0 else 'shorter'} than"
    way = "about as long as" if abs(change) < ALIKE else longer
    yield f"They are {way} real texts: a median of {number(ours, 0)} words against {number(theirs, 0)}."


def _diversity(inspection: Inspection) -> Iterator[str]:
    if DIVERSITY not in inspection.synthetic.even or DIVERSITY not in inspection.real.even:
        return
    ours, theirs = inspection.synthetic.even[DIVERSITY], inspection.real.even[DIVERSITY]
    change = ours / theirs - 1
    way = "about as" if abs(change) < ALIKE else "more" if change > 0 else "less"
    count = f"{inspection.even:,}"
    end = "as" if way == "about as" else "than"
    yield (
        f"They are {way} diverse {end} real texts: {count} of them are worth {number(ours, 1)} wholly different texts, "
        f"as many real ones {number(theirs, 1)} (Vendi score)."
    )


def _copies(inspection: Inspection) -> Iterator[str]:
    shares = [side.even.get(name, 0.0) for name in COPIES for side in (inspection.synthetic, inspection.real)]
    if not any(shares):
        return
    both = [
        f"{percent_of(inspection.synthetic.even[name])} {how} (of real ones {percent_of(inspection.real.even[name])})"
        for name, how in COPIES.items()
        if name in inspection.synthetic.even and name in inspection.real.even
    ]
    if both:
        yield f"Of {inspection.even:,} of them, these shares have a near copy among the others: {', '.join(both)}."


def _nearness(inspection: Inspection) -> Iterator[str]:
    ours, theirs = _medians(inspection, "nearest_real")
    if ours is None or theirs is None:
        return
    way = "as near to" if abs(ours - theirs) < NEAR else "nearer to" if ours > theirs else "farther from"
    than = "as" if way == "as near to" else "than"
    yield (
        f"They are {way} the real texts {than} those are to one another: the nearest real text is at a median cosine of "
        f"{number(ours)}, among real texts of {number(theirs)}."
    )


def _labels(inspection: Inspection) -> Iterator[str]:
    sides = (inspection.synthetic, inspection.real)
    ours, theirs = (float(side.labels.sum(axis=1).mean()) if side.count else math.nan for side in sides)
    yield f"A synthetic text carries {number(ours)} criteria on average, a real one {number(theirs)}."
    without, real_without = (float((side.labels.sum(axis=1) == 0).mean()) for side in sides)
    if abs(without - real_without) > EMPTY:
        first, second = (percent_of(one) if one else "none" for one in (without, real_without))
        yield f"Texts without any criterion: of the synthetic ones {first}, of the real ones {second}."
    if inspection.undecided:
        yield (
            f"In {counted(inspection.undecided, 'real text')} nobody decided on some criteria: all numbers of criteria in real "
            "texts count only those that are known, so they are too low."
        )
    missing = [label for place, label in enumerate(inspection.criteria) if not inspection.synthetic.labels[:, place].any()]
    if missing:
        yield f"No synthetic text carries {listing(missing, 8)}."


def _medians(inspection: Inspection, name: str) -> tuple[float | None, float | None]:
    return _median(inspection.synthetic.texts.get(name)), _median(inspection.real.texts.get(name))


def _median(values: np.ndarray | None) -> float | None:
    defined = np.empty(0) if values is None else values[~np.isnan(values)]
    return float(np.median(defined)) if len(defined) else None
