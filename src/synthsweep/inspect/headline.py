"""The first lines of the page: what stands out, in plain sentences; pure."""

import math
from collections.abc import Iterator

import numpy as np

from synthsweep.inspect.inspection import Inspection
from synthsweep.messages import listing
from synthsweep.pages.numbers import counted, number, share

# Less than this is alike, as a share of the real value.
ALIKE = 0.05
# Cosines differ by more than this, or are alike.
NEAR = 0.02
# Shares of texts without a criterion differ by more than this, or are alike.
EMPTY = 0.1
DIVERSITY = "vendi_q1"
COPIES = {"near_duplicates_lexical": "by words", "near_duplicates_semantic": "by meaning"}
LEAKS = {"leak_share_lexical": "by words", "leak_share_semantic": "by meaning"}


def headline(found: Inspection) -> tuple[str, ...]:
    """What there is, what curation dropped, then each way in which the pool differs from the real texts."""
    return (
        *_size(found),
        *_curation(found),
        *_leaks(found),
        *_length(found),
        *_diversity(found),
        *_copies(found),
        *_nearness(found),
        *_labels(found),
    )


def _size(found: Inspection) -> Iterator[str]:
    planted = found.curation.planted
    faults = ", ".join(f"{name.replace('_', ' ')} in {count:,}" for name, count in planted.items())
    real = counted(found.real.count, "real training text")
    message = f" Planted: {faults}." if planted else ""
    yield f"{counted(found.synthetic.count, 'text')} of {found.pool} beside {real}.{message}"


def _curation(found: Inspection) -> Iterator[str]:
    curation = found.curation
    lost = curation.written - found.synthetic.count
    if lost:
        steps = ", ".join(f"{step.replace('_', ' ')} {count:,}" for step, count in curation.counts.items() if count)
        yield f"Curation dropped {lost:,} of {counted(curation.written, 'text')} ({steps})."
    else:
        yield f"Curation dropped none of {counted(curation.written, 'text')}."
    if curation.relabelled:
        yield f"The label check gave {counted(curation.relabelled, 'text')} other labels."


def _leaks(found: Inspection) -> Iterator[str]:
    leaked = found.curation.leaked
    if leaked:
        texts = (
            "text repeats a dev or test text: it never trains"
            if leaked == 1
            else "texts repeat dev or test texts: they never train"
        )
        yield f"{leaked:,} {texts}."
    else:
        yield "The leak gate found no copy of a dev or test text."
    left = [f"{share(found.synthetic.pool[name], 1)} {how}" for name, how in LEAKS.items() if found.synthetic.pool.get(name)]
    if left:
        yield f"Of what is left, some still stand near a dev or test text: {', '.join(left)}. curation=near drops such texts."


def _length(found: Inspection) -> Iterator[str]:
    ours, theirs = _median(found.synthetic.texts.get("length")), _median(found.real.texts.get("length"))
    if not ours or not theirs:
        return
    change = ours / theirs - 1
    way = "about as long as" if abs(change) < ALIKE else f"{share(abs(change), 1)} {'longer' if change > 0 else 'shorter'} than"
    yield f"They are {way} real texts: a median of {number(ours, 0)} words against {number(theirs, 0)}."


def _diversity(found: Inspection) -> Iterator[str]:
    if DIVERSITY not in found.synthetic.even or DIVERSITY not in found.real.even:
        return
    ours, theirs = found.synthetic.even[DIVERSITY], found.real.even[DIVERSITY]
    change = ours / theirs - 1
    way = "about as" if abs(change) < ALIKE else "more" if change > 0 else "less"
    end = "as" if way == "about as" else "than"
    yield (
        f"They are {way} diverse {end} real texts: {found.even:,} of them are worth {number(ours, 1)} wholly different texts, "
        f"as many real ones {number(theirs, 1)} (Vendi score)."
    )


def _copies(found: Inspection) -> Iterator[str]:
    shares = [side.even.get(name, 0.0) for name in COPIES for side in (found.synthetic, found.real)]
    if not any(shares):
        return
    message = [
        f"{share(found.synthetic.even[name], 1)} {how} (of real ones {share(found.real.even[name], 1)})"
        for name, how in COPIES.items()
        if name in found.synthetic.even and name in found.real.even
    ]
    if message:
        yield f"Of {found.even:,} of them, so many have a near copy among the others: {', '.join(message)}."


def _nearness(found: Inspection) -> Iterator[str]:
    ours, theirs = _median(found.synthetic.texts.get("nearest_real")), _median(found.real.texts.get("nearest_real"))
    if ours is None or theirs is None:
        return
    way = "as near to" if abs(ours - theirs) < NEAR else "nearer to" if ours > theirs else "farther from"
    than = "as" if way == "as near to" else "than"
    yield (
        f"They are {way} the real texts {than} those are to one another: the nearest real text is at a median cosine of "
        f"{number(ours)}, among real texts of {number(theirs)}."
    )


def _labels(found: Inspection) -> Iterator[str]:
    ours, theirs = (float(side.labels.sum(axis=1).mean()) if side.count else math.nan for side in (found.synthetic, found.real))
    yield f"A synthetic text carries {number(ours)} criteria on average, a real one {number(theirs)}."
    without, real_without = (float((side.labels.sum(axis=1) == 0).mean()) for side in (found.synthetic, found.real))
    if abs(without - real_without) > EMPTY:
        message = [share(one, 1) if one else "none" for one in (without, real_without)]
        yield f"Texts without any criterion: of the synthetic ones {message[0]}, of the real ones {message[1]}."
    missing = [label for place, label in enumerate(found.criteria) if not found.synthetic.labels[:, place].any()]
    if missing:
        yield f"No synthetic text carries {listing(missing, 8)}."


def _median(values: np.ndarray | None) -> float | None:
    defined = np.empty(0) if values is None else values[~np.isnan(values)]
    return float(np.median(defined)) if len(defined) else None
